//! Rules for every text file: blanks, line ends, words that have no place in the repository.

use crate::lex::{line_at, words};
use crate::tidy::Findings;

/// Put together from halves, so that this file obeys its own rule.
const NOTES_TO_SELF: [&str; 2] = [concat!("FIX", "ME"), concat!("XX", "X")];

/// Where packages come from is a matter of the machine that builds, not of the sources.
const REGISTRY_HOSTS: [&str; 6] = [
    concat!("crates", ".io"),
    concat!("//docs", ".rs"),
    concat!("//lib", ".rs"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
];

pub(super) fn check(file: &str, text: &str, findings: &mut Findings) {
    for (index, line) in text.split('\n').enumerate() {
        if line.ends_with([' ', '\t', '\r']) {
            findings.error(file, index + 1, "trailing white space");
        }
        if file.ends_with(".rs") && line.contains('\t') {
            findings.error(file, index + 1, "tab");
        }
    }
    if !text.ends_with('\n') || text.ends_with("\n\n") {
        findings.error(file, text.lines().count().max(1), "the file does not end with one newline");
    }
    for note in NOTES_TO_SELF {
        for at in words(text, note) {
            findings.error(
                file,
                line_at(text, at),
                format_args!("{note}: do it, or write down why not"),
            );
        }
    }
    for host in REGISTRY_HOSTS {
        for (at, _) in text.match_indices(host) {
            findings.error(file, line_at(text, at), format_args!("names the registry host {host}"));
        }
    }
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
    fn blanks_and_line_ends() {
        assert!(errors("a.rs", "a\n  b\n").is_empty());
        assert_eq!(errors("a.md", "a \nb\t\nc\r\n").len(), 3);
        assert_eq!(errors("a.rs", "\ta\n"), ["a.rs:1: tab"]);
        assert!(errors("a.toml", "\ta\n").is_empty());
        for text in ["", "a", "a\n\n"] {
            let found = errors("a.rs", text);
            assert_eq!(found.len(), 1, "{text:?}");
            assert!(found[0].ends_with("the file does not end with one newline"), "{found:?}");
        }
    }

    #[test]
    fn words_without_a_place() {
        let note = NOTES_TO_SELF[1];
        assert_eq!(errors("a.rs", &format!("// ok\n// {note}: later\n")).len(), 1);
        assert!(errors("a.rs", &format!("// {note}X and _{note}\n")).is_empty());
        assert_eq!(errors("a.md", &format!("see https://{}/x\n", REGISTRY_HOSTS[0])).len(), 1);
    }
}
