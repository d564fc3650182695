//! `fuzz`: runs one fuzz target of `fuzz/` for a while.

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, files, has_extension};

const DEFAULT_SECONDS: &str = "60";
/// The words of the format, and where the engine gives up: memory in MiB, one input's
/// seconds. The targets have closer ceilings of their own. Scoped threads may still be ending when
/// leaks are looked for, and what they have registered to be dropped is then told to be one.
const ENGINE: [&str; 5] = [
    "-dict=fuzz/zip.dict",
    "-rss_limit_mb=3072",
    "-malloc_limit_mb=1024",
    "-timeout=60",
    "-detect_leaks=0",
];

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let (target, seconds) = match args {
        [target] => (target, DEFAULT_SECONDS),
        [target, seconds] if seconds.parse::<u32>().is_ok() => (target, seconds.as_str()),
        _ => {
            return Err(Failure::Usage(format!(
                "fuzz TARGET [SECONDS]; targets: {}",
                targets(workspace)?
            )));
        }
    };
    if !workspace.root.join(format!("fuzz/fuzz_targets/{target}.rs")).is_file() {
        return Err(Failure::Usage(format!(
            "no fuzz target {target}; there are: {}",
            targets(workspace)?
        )));
    }
    if Cmd::new("cargo fuzz --version").ask(&workspace.root).is_none() {
        let hint = "cargo fuzz is not installed: `cargo install cargo-fuzz`, and \
                    `rustup toolchain install nightly` for its sanitizers";
        return Err(Failure::Usage(hint.into()));
    }
    let cmd = match nightly(workspace) {
        Nightly::Default => Cmd::new("cargo fuzz run"),
        Nightly::Installed => Cmd::new("cargo +nightly fuzz run"),
        Nightly::Absent => {
            println!(
                "No nightly toolchain: fuzzing without the address sanitizer. \
                 `rustup toolchain install nightly` brings it."
            );
            Cmd::new("cargo fuzz run --sanitizer none")
        }
    };
    Cmd::new("cargo run --quiet --manifest-path fuzz/Cargo.toml --no-default-features")
        .args(["--example", "seeds"])
        .run(&workspace.root)?;
    // cargo-fuzz looks for `fuzz/` below the directory it is started in.
    cmd.arg(target)
        .arg("--")
        .args(ENGINE)
        .arg(format!("-max_total_time={seconds}"))
        .run(&workspace.root)
}

enum Nightly {
    Default,
    Installed,
    Absent,
}

fn nightly(workspace: &Workspace) -> Nightly {
    let answer = |line: &str| Cmd::new(line).ask(&workspace.root).unwrap_or_default();
    if answer("rustc --version").contains("nightly") {
        Nightly::Default
    } else if answer("rustup toolchain list").contains("nightly") {
        Nightly::Installed
    } else {
        Nightly::Absent
    }
}

/// The names of the targets, for the help text.
fn targets(workspace: &Workspace) -> Result<String> {
    let mut names = Vec::new();
    for path in files(&workspace.root.join("fuzz/fuzz_targets"))? {
        if has_extension(&path, "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    Ok(if names.is_empty() { "none yet".to_owned() } else { names.join(", ") })
}
