//! `faults`: the command line killed at points spread over its run, and on disks that are full at
//! every size. Under a final name there must be the old file or a complete new one, and a run that
//! says it succeeded must have. Prints what it counted; docs/reliability.md keeps the counts.

mod full;
mod kill;
mod scene;

use crate::command::{Cmd, find};
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

const DEFAULT_KILLS: u32 = 60;

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let kills = match args {
        [] => DEFAULT_KILLS,
        [count] => count
            .parse()
            .map_err(|_| Failure::Usage("faults [KILLS]: kills of each command".into()))?,
        _ => return Err(Failure::Usage("faults [KILLS]".into())),
    };
    Cmd::new("cargo build --release --package pzip-cli").run(&workspace.root)?;
    let scene = scene::Scene::lay(workspace)?;
    for job in scene::Job::ALL {
        println!("{}", kill::sweep(&scene, job, kills)?);
    }
    if find("unshare").is_some() {
        for job in scene::Job::ALL {
            println!("{}", full::sweep(&scene, job)?);
        }
    } else {
        println!("skipped: no unshare here, so no full disks");
    }
    scene.clear()
}
