//! Rules for Rust sources: heads, sizes, and what may not be named where.

use crate::lex::{code_of, line_at, without_tests, words};
use crate::paths::named_paths;
use crate::tidy::Findings;

/// From here on a file probably holds a second concept; from there on it surely does.
const LONG_LINES: usize = 600;
const TOO_LONG_LINES: usize = 1_000;

/// Crates that only ever see bytes: whoever drives them owns files, sockets, threads and clocks.
const BYTES_ONLY: [&str; 5] =
    ["zip-format", "zip-crypto", "zip-codec", "zip-stream-encoder", "zip-segment"];
/// The one folder of those crates that may open something, and what it may name.
const OPENS_FILES: &str = "crates/zip-segment/src/files/";
const FILES_AND_THREADS: [&[&str]; 2] = [&["std", "fs"], &["std", "thread"]];
const OUTSIDE_MEMORY: [&[&str]; 4] =
    [&["std", "fs"], &["std", "net"], &["std", "thread"], &["std", "time", "Instant"]];

/// Where `unsafe` may stand. A map can only be tested by mapping, hence the reader's own tests.
const UNSAFE_ALLOWED: [&str; 6] = [
    "crates/zip-crypto/src/aes/woven/x86_64.rs",
    "crates/zip-codec/src/deflate/exact_end.rs",
    "crates/zip-mmap-reader/src/map.rs",
    "crates/zip-mmap-reader/tests/",
    "crates/pzip-capi/",
    "crates/pzip-python/",
];

/// Like `todo!`, but not spelled in a way that this rule would find here.
const UNFINISHED: [&str; 2] = ["todo", "unimplemented"];

pub(super) fn check(file: &str, text: &str, findings: &mut Findings) {
    if !text.starts_with("//!") {
        findings.error(file, 1, "the file does not start with `//!`: say what lives here");
    }
    let lines = text.lines().count();
    if lines > TOO_LONG_LINES {
        findings.error(file, lines, format_args!("{lines} lines: split it by concept"));
    } else if lines > LONG_LINES {
        findings.warnings.push(format!("{file}: {lines} lines: is there a second concept inside?"));
    }

    let code = code_of(text);
    for macro_name in UNFINISHED {
        for at in words(&code, macro_name) {
            if code[at + macro_name.len()..].starts_with('!') {
                findings.error(file, line_at(text, at), format_args!("`{macro_name}!`"));
            }
        }
    }
    check_unsafe(file, text, &code, findings);
    if is_bytes_only(file) {
        let (live, _) = without_tests(&code);
        for path in named_paths(&live) {
            let is_of =
                |rooms: &[&[&str]]| rooms.iter().any(|room| starts_with(&path.segments, room));
            let may = file.starts_with(OPENS_FILES) && is_of(&FILES_AND_THREADS);
            if is_of(&OUTSIDE_MEMORY) && !may {
                let path_text = path.segments.join("::");
                let what = format_args!("`{path_text}`: this crate only sees bytes");
                findings.error(file, path.line, what);
            }
        }
    }
}

fn starts_with(segments: &[String], wanted: &[&str]) -> bool {
    segments.len() >= wanted.len()
        && segments.iter().zip(wanted).all(|(segment, want)| segment == want)
}

fn is_bytes_only(file: &str) -> bool {
    BYTES_ONLY.iter().any(|name| file.starts_with(&format!("crates/{name}/src/")))
}

fn check_unsafe(file: &str, text: &str, code: &str, findings: &mut Findings) {
    let in_product = file.starts_with("crates/") || file.starts_with("xtask/");
    let allowed = !in_product || UNSAFE_ALLOWED.iter().any(|place| file.starts_with(place));
    let lines: Vec<&str> = text.lines().collect();
    for at in words(code, "unsafe") {
        let line = line_at(text, at);
        if !allowed {
            findings.error(file, line, "`unsafe` outside its rooms (docs/decisions/0006)");
        }
        let after = code[at + "unsafe".len()..].trim_start();
        let wants_reason = after.starts_with('{') || words(after, "impl").next() == Some(0);
        if wants_reason && !has_safety_note(&lines, line - 1) {
            findings.error(file, line, "`unsafe` without a `// SAFETY:` note above it");
        }
    }
}

/// Whether the statement on `lines[index]` has its note: in the comment above it, or on the line.
fn has_safety_note(lines: &[&str], index: usize) -> bool {
    const NOTE: &str = "// SAFETY:";
    if lines[index].contains(NOTE) {
        return true;
    }
    let mut in_comment = false;
    for line in lines[..index].iter().rev().map(|line| line.trim()) {
        if line.starts_with("//") {
            in_comment = true;
            if line.starts_with(NOTE) {
                return true;
            }
        } else if in_comment || line.is_empty() || line.ends_with([';', '{', '}']) {
            // The statement begins below this line.
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(file: &str, text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check(file, text, &mut findings);
        findings.errors
    }

    #[test]
    fn every_file_has_a_head() {
        assert!(errors("xtask/src/a.rs", "//! What.\n").is_empty());
        assert_eq!(errors("xtask/src/a.rs", "use std::io;\n").len(), 1);
    }

    #[test]
    fn long_files_are_told() {
        for (lines, warnings, wanted) in [(600, 0, 0), (601, 1, 0), (1_000, 1, 0), (1_001, 0, 1)] {
            let mut findings = Findings::default();
            check("crates/a/src/a.rs", &"//! x\n".repeat(lines), &mut findings);
            assert_eq!(
                (findings.warnings.len(), findings.errors.len()),
                (warnings, wanted),
                "{lines} lines"
            );
        }
    }

    #[test]
    fn some_crates_only_see_bytes() {
        let text = "//! x\nuse std::{fs::File, io, time::{Duration, Instant}};\nfn f() { std::thread::yield_now() }\n";
        assert_eq!(errors("crates/zip-codec/src/a.rs", text).len(), 3);
        assert_eq!(errors("crates/zip-segment/src/a.rs", text).len(), 3);
        // All but the clock.
        assert_eq!(errors(&format!("{OPENS_FILES}a.rs"), text).len(), 1);
        for file in ["crates/zip-io/src/a.rs", "crates/zip-codec/tests/it/a.rs"] {
            assert!(errors(file, text).is_empty(), "{file}");
        }
        let tests = "//! x\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert!(errors("crates/zip-codec/src/a.rs", tests).is_empty());
    }

    #[test]
    fn unsafe_has_rooms_and_reasons() {
        let noted = "//! x\nfn f() {\n    // SAFETY: checked above,\n    // twice.\n    let x =\n        unsafe { g() };\n}\n";
        assert!(errors(UNSAFE_ALLOWED[0], noted).is_empty());
        assert_eq!(errors("crates/zip-io/src/a.rs", noted).len(), 1);
        let bare = "//! x\n// SAFETY: of another.\nlet y = 1;\nlet x = unsafe { g() };\nunsafe impl Send for X {}\n";
        assert_eq!(errors(UNSAFE_ALLOWED[0], bare).len(), 2);
        let words = "//! unsafe\n#![forbid(unsafe_code)]\n/// unsafe { }\nlet s = \"unsafe {\";\n";
        assert!(errors("crates/zip-io/src/a.rs", words).is_empty());
        let contract = "//! x\n/// # Safety\n/// ..\npub unsafe fn map() {}\n";
        assert!(errors(UNSAFE_ALLOWED[0], contract).is_empty());
    }

    #[test]
    fn unfinished_code_is_told() {
        assert_eq!(
            errors("xtask/src/a.rs", "//! x\nfn f() { todo!() }\n// todo!\nlet todo = 1;\n").len(),
            1
        );
    }
}
