//! `bench`: our own benches, then the comparison with rivals, which lies outside the workspace.

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::workspace::{Package, Workspace, files, has_extension};

const RIVALS: &str = "benches/versus/Cargo.toml";

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let quick = args.iter().any(|arg| arg == "--quick");
    let names: Vec<&String> = args.iter().filter(|&arg| arg != "--quick").collect();
    let name = match names.as_slice() {
        [] => None,
        [name] if !name.starts_with('-') => Some(name.as_str()),
        _ => return Err(Failure::Usage("bench [NAME] [--quick]".into())),
    };
    let flags: &[&str] = if quick { &["--quick"] } else { &[] };

    let ours = benches(workspace)?;
    let chosen: Vec<&String> =
        ours.iter().filter(|&ours| name.is_none_or(|name| name == ours)).collect();
    let has_rivals = workspace.root.join(RIVALS).is_file();
    if chosen.is_empty() && !has_rivals {
        return Err(Failure::Usage(format!(
            "no such bench; there are: {}",
            if ours.is_empty() { "none yet".into() } else { ours.join(", ") }
        )));
    }
    for bench in chosen {
        let cmd = Cmd::new("cargo bench --package pzip-benches --bench").arg(bench);
        cmd.arg("--").args(flags.iter().copied()).run(&workspace.root)?;
    }
    if has_rivals {
        let cmd = Cmd::new("cargo run --release --manifest-path").args([RIVALS, "--"]);
        cmd.args(name).args(flags.iter().copied()).run(&workspace.root)?;
    }
    Ok(())
}

/// The benches the manifest names, and those cargo finds by itself.
fn benches(workspace: &Workspace) -> Result<Vec<String>> {
    let dir = workspace.root.join("benches");
    let manifest = Package::open(dir.clone())?.manifest;
    let listed = manifest.get("bench").and_then(toml::Value::as_array).into_iter().flatten();
    let mut names: Vec<String> = listed
        .filter_map(|bench| bench.get("name").and_then(toml::Value::as_str))
        .map(str::to_owned)
        .collect();
    for path in files(&dir.join("benches"))? {
        if has_extension(&path, "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}
