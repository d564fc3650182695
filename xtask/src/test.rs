//! `test`: everything that must hold before a change goes in, in one command.

use std::time::{Duration, Instant};

use crate::command::Cmd;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{cross, features, floors, peers, tidy};

type Check = fn(&Workspace) -> Result<()>;

/// The cheap checks of the text first, so that a slip is told in seconds.
const STEPS: [(&str, Check); 12] = [
    ("peers", |workspace| peers::run(workspace, &[])),
    ("fmt", |workspace| cargo(workspace, "fmt --all --check")),
    ("tidy", |workspace| tidy::run(workspace, &[])),
    ("floors", |workspace| floors::run(workspace, &[])),
    ("clippy", |workspace| {
        cargo(workspace, "clippy --workspace --all-targets --all-features -- -D warnings")
    }),
    ("doc", doc),
    ("release", |workspace| cargo(workspace, "build --release --package pzip-cli")),
    ("test", |workspace| cargo(workspace, "test --workspace --all-features")),
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
    let mut times = Vec::new();
    for (name, check) in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        let result = check(workspace);
        times.push((name, start.elapsed()));
        if let Err(source) = result {
            summary(&times, "failed");
            return Err(Failure::Step { name, source: Box::new(source) });
        }
    }
    summary(&times, "ok");
    Ok(())
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

/// `last` is how the last step ended; those before it ended well.
fn summary(times: &[(&str, Duration)], last: &str) {
    println!("\n== summary");
    for (index, (name, time)) in times.iter().enumerate() {
        let end = if index + 1 == times.len() { last } else { "ok" };
        println!("{name:<10} {:>7.1} s  {end}", time.as_secs_f64());
    }
    let total: Duration = times.iter().map(|(_, time)| time).sum();
    println!("{:<10} {:>7.1} s", "total", total.as_secs_f64());
}
