//! `features`: every crate builds with each of its features alone, with none, and with all; the
//! crate that needs no operating system builds for targets that have none.

use std::path::Path;

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::workspace::{Package, Workspace};

/// Clippy and not `check`, because it turns the warnings of our crates into errors without
/// building their dependencies a second time, as `RUSTFLAGS` would.
const BUILD: &str = "cargo clippy --quiet --package";

/// Crates without the standard library, and targets that prove it: one with an allocator and no
/// system, one with neither.
const BARE_CRATES: [&str; 1] = ["zip-format"];
const BARE_TARGETS: [&str; 2] = ["wasm32-unknown-unknown", "thumbv7em-none-eabi"];

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let packages = workspace.crates()?;
    if let Some(unknown) =
        args.iter().find(|&arg| !packages.iter().any(|package| package.name == *arg))
    {
        return Err(Failure::Usage(format!("features: {unknown} is no crate of ours")));
    }
    // Every build, whatever fails: one run tells everything that is to be mended.
    let mut failed = 0;
    let mut tell = |result: Result<()>| {
        if let Err(failure) = result {
            println!("{failure}");
            failed += 1;
        }
    };
    for package in packages {
        if args.is_empty() || args.contains(&package.name) {
            for selection in selections(&package) {
                let cmd =
                    Cmd::new(BUILD).arg(&package.name).args(selection).args(["--", "-Dwarnings"]);
                tell(cmd.run(&workspace.root));
            }
            tell(bare_builds(workspace, &package));
        }
    }
    if failed == 0 { Ok(()) } else { Err(Failure::Findings { verb: "features", count: failed }) }
}

/// The feature arguments of one build each.
fn selections(package: &Package) -> Vec<Vec<String>> {
    let features = features(&package.manifest);
    let none = vec!["--no-default-features".to_owned()];
    if features.is_empty() {
        return vec![Vec::new()];
    }
    let mut selections = vec![none.clone()];
    for feature in features {
        let mut alone = none.clone();
        alone.extend(["--features".to_owned(), feature]);
        selections.push(alone);
    }
    selections.push(vec!["--all-features".to_owned()]);
    selections
}

/// Public features: those of the table, and optional dependencies that nobody names with `dep:`.
fn features(manifest: &toml::Table) -> Vec<String> {
    let empty = toml::Table::new();
    let table = |name: &str| manifest.get(name).and_then(toml::Value::as_table).unwrap_or(&empty);
    let listed = table("features");
    let hidden: Vec<&str> = listed
        .values()
        .filter_map(toml::Value::as_array)
        .flatten()
        .filter_map(toml::Value::as_str)
        .filter_map(|value| value.strip_prefix("dep:"))
        .collect();
    let optional = table("dependencies").iter().filter(|(name, value)| {
        let is_optional = value.get("optional").and_then(toml::Value::as_bool) == Some(true);
        is_optional && !hidden.contains(&name.as_str())
    });
    let mut features: Vec<String> =
        listed.keys().chain(optional.map(|(name, _)| name)).cloned().collect();
    features.retain(|feature| !feature.starts_with("__"));
    features.sort();
    features
}

fn bare_builds(workspace: &Workspace, package: &Package) -> Result<()> {
    if !BARE_CRATES.contains(&package.name.as_str()) {
        return Ok(());
    }
    for target in BARE_TARGETS {
        if is_installed(workspace, target) {
            let cmd = Cmd::new("cargo check --quiet --package").arg(&package.name);
            cmd.args(["--no-default-features", "--target", target]).run(&workspace.root)?;
        } else {
            println!("skipped: {} for {target} (rustup target add {target})", package.name);
        }
    }
    Ok(())
}

pub(crate) fn is_installed(workspace: &Workspace, target: &str) -> bool {
    let sysroot = Cmd::new("rustc --print sysroot").ask(&workspace.root);
    sysroot.is_some_and(|sysroot| {
        Path::new(sysroot.trim()).join("lib/rustlib").join(target).join("lib").is_dir()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_listed_or_implied() {
        let manifest = r#"
            [features]
            default = ["std"]
            std = []
            deflate = ["dep:zlib"]
            __test = []
            [dependencies]
            zlib = { version = "1", optional = true }
            rand = { version = "1", optional = true }
            once = "1"
        "#;
        let manifest: toml::Table = manifest.parse().expect("the text above is TOML");
        assert_eq!(features(&manifest), ["default", "deflate", "rand", "std"]);
    }

    #[test]
    fn none_each_and_all_are_built() {
        let package = |text: &str| Package {
            name: "x".into(),
            dir: ".".into(),
            manifest: text.parse().expect("TOML"),
        };
        assert_eq!(selections(&package("")), [Vec::<String>::new()]);
        let selections = selections(&package("[features]\na = []\nb = []"));
        let lines: Vec<_> = selections.iter().map(|args| args.join(" ")).collect();
        assert_eq!(
            lines,
            [
                "--no-default-features",
                "--no-default-features --features a",
                "--no-default-features --features b",
                "--all-features"
            ]
        );
    }
}
