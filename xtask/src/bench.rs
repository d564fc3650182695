//! `bench`: our own benches, then the comparison with rivals, which lies outside the workspace and
//! makes the report.

use std::env;

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::workspace::{Package, Workspace, files, has_extension};
use crate::{peers, rivals};

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
    for bench in &chosen {
        let cmd = Cmd::new("cargo bench --package pzip-benches --bench").arg(*bench);
        cmd.arg("--").args(flags.iter().copied()).run(&workspace.root)?;
    }
    if name.is_some() && !chosen.is_empty() {
        return Ok(());
    }
    // A name that is none of ours is a question to the rivals, which know theirs.
    peers::run(workspace, &[])?;
    rivals::install(workspace);
    let path = env::var_os("PATH").unwrap_or_default();
    let places = rivals::places(workspace).into_iter().chain(env::split_paths(&path));
    let joined = env::join_paths(places);
    let joined = joined.map_err(|error| Failure::Usage(error.to_string()))?;
    let cmd = Cmd::new("cargo run --release --manifest-path").args([RIVALS, "--"]);
    let cmd = cmd.args(name).args(flags.iter().copied());
    cmd.env_os("PATH", joined).run(&workspace.root)?;
    println!("the report: target/bench/index.html");
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
