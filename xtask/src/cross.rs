//! `cross`: what touches files compiles for the other systems too, where the compiler has their
//! standard library; where it has not, that is said. Checked, not linked and not run.

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
        if is_installed(workspace, target) {
            let cmd = Cmd::new(CRATES).args(["--target", target, "--", "-Dwarnings"]);
            cmd.run(&workspace.root)?;
        } else {
            println!("skipped: {target} (rustup target add {target})");
        }
    }
    Ok(())
}
