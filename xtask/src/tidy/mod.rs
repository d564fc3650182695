//! `tidy`: the rules of `docs/style.md` that no compiler knows.

mod markdown;
mod rust;
mod text;

use std::path::Path;

use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, files, has_extension, read};

/// What the rules say about one file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Findings {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn error(&mut self, file: &str, line: usize, what: impl std::fmt::Display) {
        self.errors.push(format!("{file}:{line}: {what}"));
    }
}

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    if !args.is_empty() {
        return Err(Failure::Usage("tidy takes no argument".into()));
    }
    let mut findings = Findings::default();
    for path in files(&workspace.root)? {
        check_file(workspace, &path, &mut findings)?;
    }
    for package in workspace.crates()? {
        if !package.dir.join("README.md").is_file() {
            findings.errors.push(format!("crates/{}: no README.md", package.name));
        }
    }
    if !workspace.root.join("CHANGELOG.md").is_file() {
        findings.errors.push("no CHANGELOG.md".into());
    }

    for warning in &findings.warnings {
        eprintln!("warning: {warning}");
    }
    for error in &findings.errors {
        eprintln!("{error}");
    }
    match findings.errors.len() {
        0 => Ok(()),
        count => Err(Failure::Findings { verb: "tidy", count }),
    }
}

fn check_file(workspace: &Workspace, path: &Path, findings: &mut Findings) -> Result<()> {
    let file = workspace.relative(path);
    let is = |extension| has_extension(path, extension);
    // Vectors in the test tree may have any bytes; rules are for what people write.
    if !(is("rs") || is("md") || is("toml") || file.starts_with(".ci/")) {
        return Ok(());
    }
    let text = read(path)?;
    text::check(&file, &text, findings);
    if is("rs") {
        rust::check(&file, &text, findings);
    }
    if is("md") {
        markdown::check(&file, &text, &workspace.verbs, findings);
    }
    Ok(())
}
