//! `pzip extract`: entries to files beneath a directory.

use std::io::{self, BufWriter, Write};

use pzip::fs::extract::{Outcome as Entry, Report, extract};
use pzip::fs::policy::{self, Policy};
use pzip::reader::Parallel;
use serde_json::json;

use crate::args::{Common, Extract, Overwrite, Symlinks};
use crate::exit::{Failure, Outcome, gravest};
use crate::output::{complain, json_line};
use crate::progress::{Progress, cancel_on_interrupt};
use crate::select::{open, select};

/// Runs the command.
pub fn run(args: &Extract, common: &Common) -> Outcome {
    let archive = open(&args.input, false)?;
    let selected = select(&archive, &args.names)?;
    let total = selected.iter().filter_map(|&index| archive.entry(index)).map(|e| e.size()).sum();
    let cancel = cancel_on_interrupt();
    let progress = Progress::new(total, common.quiet);
    let parallel = Parallel {
        threads: common.threads.into(),
        cancel: Some(&cancel),
        observer: &progress,
    };
    let policy = policy_of(args);
    let path = args.input.archive.display();
    let report = extract(&archive, &selected, &args.directory, &policy, parallel)
        .map_err(|error| Failure::new(error.category(), format_args!("{path}: {error}")))?;
    drop(progress);
    if args.json {
        let names = selected.iter().map(|&index| archive.entry(index).map(|e| e.name().to_string()));
        print_json(names, &report)?;
    }
    let failures: Vec<_> = report.failures().collect();
    for error in &failures {
        complain(format_args!("{path}: {error}"));
    }
    if report.cancelled {
        return Err(pzip::reader::Error::Cancelled.into());
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failure::silent(gravest(failures.iter().map(|error| error.category()))))
}

fn policy_of(args: &Extract) -> Policy {
    let mut policy = Policy::default();
    policy.overwrite = match args.overwrite {
        Overwrite::Never => policy::Overwrite::Never,
        Overwrite::Always => policy::Overwrite::Always,
        Overwrite::Newer => policy::Overwrite::Newer,
    };
    policy.symlinks = match args.symlinks {
        Symlinks::None => policy::Symlinks::None,
        Symlinks::Inside => policy::Symlinks::Inside,
        Symlinks::All => policy::Symlinks::All,
    };
    policy
}

fn print_json(names: impl Iterator<Item = Option<String>>, report: &Report) -> Outcome {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = names.zip(&report.outcomes).try_for_each(|(name, outcome)| {
        let (what, error) = match outcome {
            Entry::Written(kind) => (kind.name(), None),
            Entry::Skipped(why) => ("skipped", Some(why.to_string())),
            Entry::Failed(error) => ("failed", Some(error.to_string())),
        };
        json_line(&mut out, &json!({ "name": name, "outcome": what, "error": error }))
    });
    written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
}
