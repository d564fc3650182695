//! `test`: everything that must hold before a change goes in, in one command.

use std::time::{Duration, Instant};

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{cross, deps, faults, features, floors, model, peers, tidy};

type Check = fn(&Workspace) -> Result<()>;

/// The cheap checks of the text first, so that a slip is told in seconds.
const STEPS: [(&str, Check); 16] = [
    ("peers", |workspace| peers::run(workspace, &[])),
    ("fmt", |workspace| cargo(workspace, "fmt --all --check")),
    ("tidy", |workspace| tidy::run(workspace, &[])),
    ("floors", |workspace| floors::run(workspace, &[])),
    ("deps", |workspace| deps::run(workspace, &[])),
    ("clippy", |workspace| {
        cargo(workspace, "clippy --workspace --all-targets --all-features -- -D warnings")
    }),
    ("doc", doc),
    ("release", |workspace| cargo(workspace, "build --release --package pzip-cli")),
    ("test", |workspace| cargo(workspace, "test --workspace --all-features --no-fail-fast")),
    ("model", |workspace| model::run(workspace, &["40".into()])),
    ("faults", |workspace| faults::run(workspace, &["20".into()])),
    ("examples", examples),
    ("seeds", |workspace| {
        cargo(workspace, "test --manifest-path fuzz/Cargo.toml --no-default-features")
    }),
    ("features", |workspace| features::run(workspace, &[])),
    ("cross", |workspace| cross::run(workspace, &[])),
    ("deny", deny),
];

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    if !args.is_empty() {
        return Err(Failure::Usage("test takes no argument".into()));
    }
    // All of them, whatever fails: one run tells everything that is to be mended.
    let mut ended = Vec::new();
    for (name, check) in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        let failure = check(workspace).err();
        if let Some(failure) = &failure {
            println!("failed: {failure}");
        }
        ended.push(Ended { name, time: start.elapsed(), ok: failure.is_none() });
    }
    summary(&ended);
    let failed: Vec<&str> = ended.iter().filter(|step| !step.ok).map(|step| step.name).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failure::Steps(failed)) }
}

struct Ended {
    name: &'static str,
    time: Duration,
    ok: bool,
}

/// Those of the umbrella; the other crates run theirs as tests.
fn examples(workspace: &Workspace) -> Result<()> {
    let archive = std::env::temp_dir().join(format!("pzip-examples-{}.zip", std::process::id()));
    let path = archive.to_string_lossy().into_owned();
    let run = |example: &str| {
        Cmd::new("cargo run --quiet --package pzip --example").arg(example).arg("--").arg(&path)
    };
    let result = run("create")
        .arg("README.md")
        .run(&workspace.root)
        .and_then(|()| run("checksums").run(&workspace.root));
    // Absent when the first one failed.
    let _ = std::fs::remove_file(archive);
    result
}

fn cargo(workspace: &Workspace, args: &str) -> Result<()> {
    Cmd::new(&format!("cargo {args}")).run(&workspace.root)
}

fn doc(workspace: &Workspace) -> Result<()> {
    let cmd = Cmd::new("cargo doc --workspace --no-deps --all-features");
    cmd.env("RUSTDOCFLAGS", "-Dwarnings").run(&workspace.root)
}

fn deny(workspace: &Workspace) -> Result<()> {
    if Cmd::new("cargo deny --version").ask(&workspace.root).is_none() {
        println!("skipped: cargo deny is not installed");
        return Ok(());
    }
    // Advisories come from a database on the network, which a test run must not depend on.
    println!("not part of the tests: cargo deny check advisories");
    cargo(workspace, "deny --all-features check bans licenses sources")
}

fn summary(steps: &[Ended]) {
    println!("\n== summary");
    for step in steps {
        let end = if step.ok { "ok" } else { "failed" };
        println!("{:<10} {:>7.1} s  {end}", step.name, step.time.as_secs_f64());
    }
    let total: Duration = steps.iter().map(|step| step.time).sum();
    println!("{:<10} {:>7.1} s", "total", total.as_secs_f64());
}
