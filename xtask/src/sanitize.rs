//! `sanitize`: the crates with rooms for `unsafe` under AddressSanitizer and valgrind.
//!
//! Miri runs none of them: one room maps files, one calls C, one is instructions it does not know.

use std::path::PathBuf;

use crate::command::{Cmd, find};
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// A crate with such a room, and the tests of it that valgrind gets, which is fifty times slower,
/// and has no instructions for SHA-1.
const ROOMS: [(&str, Option<&str>); 3] =
    [("zip-codec", Some("deflate::")), ("zip-crypto", None), ("zip-mmap-reader", Some("map"))];
const TARGET: &str = "x86_64-unknown-linux-gnu";

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    if !args.is_empty() {
        return Err(Failure::Usage("sanitize takes no argument".into()));
    }
    let toolchains = Cmd::new("rustup toolchain list").ask(&workspace.root).unwrap_or_default();
    if toolchains.contains("nightly") {
        for (package, _) in ROOMS {
            // Two copies of one C table, in two parts of libdeflate, are no finding; and threads of
            // a pool live to the end.
            Cmd::new("cargo +nightly test --lib --tests --target")
                .arg(TARGET)
                .args(["--target-dir", "target/sanitize", "--package", package])
                .env("RUSTFLAGS", "-Zsanitizer=address")
                // Without it, tests of many allocations take minutes each.
                .env("CARGO_PROFILE_DEV_OPT_LEVEL", "2")
                .env("ASAN_OPTIONS", "detect_odr_violation=0:detect_leaks=0")
                .run(&workspace.root)?;
        }
    } else {
        println!("skipped: AddressSanitizer needs a nightly toolchain");
    }
    if find("valgrind").is_none() {
        println!("skipped: valgrind is not installed");
        return Ok(());
    }
    for (package, tests) in ROOMS {
        let Some(tests) = tests else { continue };
        let binary = unit_tests(workspace, package)?;
        Cmd::new("valgrind --quiet --error-exitcode=1")
            .arg(binary.to_string_lossy())
            .args(["--test-threads=1", tests])
            .run(&workspace.root)?;
    }
    Ok(())
}

/// The built unit tests of a crate.
fn unit_tests(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    let build = Cmd::new("cargo test --lib --no-run --message-format=json --package").arg(package);
    let told = build
        .ask(&workspace.root)
        .ok_or_else(|| Failure::Command { line: build.to_string(), code: None })?;
    let path = told.lines().filter(|line| line.contains("\"executable\":\"")).find_map(|line| {
        let rest = line.split("\"executable\":\"").nth(1)?;
        rest.split('"').next().map(PathBuf::from)
    });
    path.ok_or_else(|| Failure::Usage(format!("{package} has no unit tests")))
}
