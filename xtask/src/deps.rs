//! `deps`: how many packages each crate of ours brings into a build, against `docs/deps.toml`.
//!
//! Counted are normal and build dependencies on this target, without our own crates, as `cargo tree`
//! tells them: with the default features, and with all.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, read_toml};

const FILE: &str = "docs/deps.toml";

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let print = match args {
        [] => false,
        [flag] if flag == "--print" => true,
        _ => return Err(Failure::Usage("deps [--print]".into())),
    };
    let packages = workspace.crates()?;
    let own: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut counted = String::new();
    let mut wrong = Vec::new();
    let noted = if print { toml::Table::new() } else { read_toml(&workspace.root.join(FILE))? };
    for package in &packages {
        let name = &package.name;
        let default = count(workspace, name, false, &own)?;
        let all = count(workspace, name, true, &own)?;
        let _ = writeln!(counted, "{name} = {{ default = {default}, all = {all} }}");
        let noted = |key: &str| {
            let counts = noted.get(name.as_str()).and_then(toml::Value::as_table)?;
            counts.get(key).and_then(toml::Value::as_integer)
        };
        if !print && (noted("default"), noted("all")) != (Some(default), Some(all)) {
            wrong.push(format!("{name}: default = {default}, all = {all}"));
        }
    }
    if print {
        println!("{counted}");
    } else if !wrong.is_empty() {
        let wrong = wrong.join("; ");
        let what = format!(
            "{FILE} says otherwise than `cargo tree`: {wrong}. Fewer is good: note it. More wants a \
             reason in docs/decisions/0002-dependencies.md. `cargo xtask deps --print` gives the lines"
        );
        return Err(Failure::Usage(what));
    } else {
        println!("{} crates, as {FILE} says", packages.len());
    }
    Ok(())
}

fn count(workspace: &Workspace, package: &str, all: bool, own: &[&str]) -> Result<i64> {
    let cmd = Cmd::new("cargo tree --locked --prefix none --format {p} --edges normal,build");
    let cmd = cmd.args(["--package", package]);
    let cmd = if all { cmd.arg("--all-features") } else { cmd };
    let tree = cmd
        .ask(&workspace.root)
        .ok_or_else(|| Failure::Command { line: cmd.to_string(), code: None })?;
    let packages: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| {
            line.split(' ').next().is_some_and(|name| !name.is_empty() && !own.contains(&name))
        })
        .collect();
    Ok(packages.len() as i64)
}
