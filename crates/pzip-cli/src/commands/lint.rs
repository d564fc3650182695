//! `pzip lint`: everything about an archive that deviates, with offsets, and what it would take to
//! accept it.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};

use pzip::format::profile::Relax;
use pzip::reader::Parallel;
use pzip::reader::check::{Audit, Finding};
use serde_json::json;

use crate::args::{Common, Lint};
use crate::exit::{Failure, Outcome, gravest};
use crate::output::{Escaped, json_line};
use crate::progress::cancel_on_interrupt;
use crate::select::open;

/// Runs the command.
pub(crate) fn run(args: &Lint, common: &Common) -> Outcome {
    let archive = open(&args.input, true)?;
    let cancel = cancel_on_interrupt();
    let parallel =
        Parallel { threads: common.threads.into(), cancel: Some(&cancel), ..Parallel::default() };
    let audit = archive.audit(parallel)?;
    let name_of = |finding: &Finding| {
        let entry = finding.entry.and_then(|index| archive.entry(index));
        entry.map(|entry| entry.name().to_string())
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = audit.findings.iter().try_for_each(|finding| {
        let name = name_of(finding);
        let name = name.as_deref();
        if args.json { print_json(finding, name, &mut out) } else { print(finding, name, &mut out) }
    });
    let written = written.and_then(|()| summarise(args, common, &audit, &mut out));
    written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))?;
    let accepted = archive_relax(args)?;
    let refused: Vec<_> = audit.refused(accepted).map(|f| f.error.category()).collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Failure::silent(gravest(refused.into_iter())))
}

/// What would be accepted by `test` and `extract` with the same options.
fn archive_relax(args: &Lint) -> Result<Relax, Failure> {
    Ok(crate::select::options(&args.input)?.relax)
}

fn needs_of(finding: &Finding) -> Option<String> {
    let names: Vec<_> = finding.needs.names().collect();
    (!names.is_empty()).then(|| names.join(","))
}

fn print(finding: &Finding, name: Option<&str>, out: &mut impl Write) -> io::Result<()> {
    let what = needs_of(finding).map_or("error".to_owned(), |needs| format!("needs {needs}"));
    let name = name.map_or(String::new(), |name| format!("{name}: "));
    let text = format!("offset {}: {name}{} [{what}]", finding.at, finding.error);
    writeln!(out, "{}", Escaped(&text))
}

fn print_json(finding: &Finding, name: Option<&str>, out: &mut impl Write) -> io::Result<()> {
    let line = json!({
        "entry": finding.entry,
        "name": name,
        "offset": finding.at,
        "needs": needs_of(finding),
        "message": finding.error.to_string(),
    });
    json_line(out, &line)
}

fn summarise(args: &Lint, common: &Common, audit: &Audit, out: &mut impl Write) -> io::Result<()> {
    if args.json || common.quiet {
        return Ok(());
    }
    let path = args.input.archive.display();
    let errors = audit.findings.iter().filter(|finding| finding.needs.is_empty()).count();
    let relax: BTreeSet<_> = audit.needs().names().collect();
    let relax: Vec<_> = relax.into_iter().collect();
    match (errors, relax.is_empty()) {
        (0, true) => writeln!(out, "{path}: nothing unusual"),
        (0, false) => writeln!(out, "{path}: accepted with --relax {}", relax.join(",")),
        _ => writeln!(out, "{path}: {errors} errors that no option accepts"),
    }
}
