//! `cross`: what touches files compiles for the other systems too, where this machine can compile
//! for them at all; where it cannot, that is said. Checked, not linked and not run.
//!
//! A failure is one of our sources. That a target has no standard library here, that its compiler
//! does not run, or that dependencies cannot be fetched says nothing of them, and is a line.

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::features::is_installed;
use crate::workspace::Workspace;

/// Those that are built of Rust alone: a C back end would want a C compiler for each target.
const CRATES: &str = "cargo clippy --quiet --package zip-io --package zip-fs";
const TARGETS: [&str; 2] = ["x86_64-pc-windows-gnu", "aarch64-apple-darwin"];

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    if !args.is_empty() {
        return Err(Failure::Usage("cross takes no argument".into()));
    }
    for target in TARGETS {
        match obstacle(workspace, target) {
            None => {
                let cmd = Cmd::new(CRATES).args(["--target", target, "--", "-Dwarnings"]);
                cmd.run(&workspace.root)?;
            }
            Some(why) => println!("skipped: {target}: {why}"),
        }
    }
    Ok(())
}

/// Why nothing can be compiled for a target here, whatever the sources.
fn obstacle(workspace: &Workspace, target: &str) -> Option<String> {
    if !is_installed(workspace, target) {
        return Some(format!("no standard library (rustup target add {target})"));
    }
    // An empty crate, from an empty standard input, that needs nothing but `std`.
    let probe = Cmd::new("rustc --crate-name probe --crate-type lib --emit metadata=-");
    if probe.args(["--target", target, "-"]).ask(&workspace.root).is_none() {
        return Some("rustc does not compile an empty crate for it".into());
    }
    let fetch = Cmd::new("cargo fetch --quiet --locked").args(["--target", target]);
    if fetch.ask(&workspace.root).is_none() {
        return Some("its dependencies cannot be fetched (cargo fetch)".into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_nobody_has_is_an_obstacle_and_no_failure() {
        let workspace = Workspace::find(Vec::new()).expect("tests run in the workspace");
        let why = obstacle(&workspace, "sparc-unknown-nowhere");
        assert!(why.is_some_and(|why| why.contains("rustup target add")));
    }
}
