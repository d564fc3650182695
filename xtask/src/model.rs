//! `model`: the writer's threads under a model that takes every turn itself, for as many schedules
//! as wanted.

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

const DEFAULT_SCHEDULES: &str = "200";

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let schedules = match args {
        [] => DEFAULT_SCHEDULES,
        [schedules] if schedules.parse::<usize>().is_ok() => schedules,
        _ => return Err(Failure::Usage("model [SCHEDULES]".into())),
    };
    // Another build of everything below the writer, which must not take turns with the usual one.
    Cmd::new("cargo test --target-dir target/model --package zip-parallel-writer --test model")
        .env("RUSTFLAGS", "--cfg shuttle")
        .env("PZIP_SCHEDULES", schedules)
        .run(&workspace.root)
}
