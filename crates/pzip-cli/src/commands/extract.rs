//! `pzip extract`: entries to files beneath a directory.

use std::io::{self, BufWriter, Write};

use pzip::format::path::NamePolicy;
use pzip::format::profile::Relax;
use pzip::fs::extract::{Outcome as Entry, Report, Skip, extract};
use pzip::fs::policy::{self, Layout, OnRefusal, Policy};
use pzip::reader::Parallel;
use serde_json::json;

use crate::args::{Common, Extract, Names, Overwrite, Symlinks};
use crate::exit::{Failure, Outcome};
use crate::output::json_line;
use crate::progress::{Progress, cancel_on_interrupt};
use crate::select::{contents_size, leave_out, named, open_relaxed, report_failures, select};

/// Runs the command.
pub(crate) fn run(args: &Extract, common: &Common) -> Outcome {
    let also = if args.allow_duplicates { Relax::DUPLICATES } else { Relax::empty() };
    let archive = open_relaxed(&args.input, also)?;
    let mut selected = select(&archive, &args.names)?;
    leave_out(&archive, &mut selected, &args.files.exclude);
    if args.files.to_stdout {
        return super::print::run(&args.input, &archive, &selected);
    }
    let total = contents_size(&archive, &selected);
    let cancel = cancel_on_interrupt();
    let progress = Progress::new(total, common.quiet);
    let parallel =
        Parallel { threads: common.threads.into(), cancel: Some(&cancel), observer: &progress };
    let policy = policy_of(args);
    let report = extract(&archive, &selected, &args.directory, &policy, parallel)
        .map_err(|error| named(&args.input, error.category(), &error))?;
    drop(progress);
    if args.json {
        let names =
            selected.iter().map(|&index| archive.entry(index).map(|e| e.name().to_string()));
        print_json(names, &report)?;
    }
    let errors = report.failures().map(|(_, error)| (error.category(), error));
    let outcome = report_failures(&args.input, errors);
    if report.cancelled {
        return Err(pzip::reader::Error::Cancelled.into());
    }
    outcome
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
    policy.names = match args.names_fit {
        Names::Portable => NamePolicy::Portable,
        Names::Unix => NamePolicy::Unix,
    };
    policy.layout = match &args.files {
        files if files.flatten => Layout::Flat,
        files if files.unwrap => Layout::Unwrap,
        files if files.strip_components > 0 => Layout::Strip(files.strip_components),
        _ => Layout::AsNamed,
    };
    policy.owners = args.files.set_owners;
    policy.duplicates = args.allow_duplicates;
    policy.case_collisions = args.allow_case_collisions;
    if args.partial {
        policy.on_refusal = OnRefusal::Partial;
    }
    policy
}

fn print_json(names: impl Iterator<Item = Option<String>>, report: &Report) -> Outcome {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = names.zip(&report.outcomes).try_for_each(|(name, outcome)| {
        let (what, error) = match outcome {
            Entry::Written(kind) => (kind.name(), None),
            Entry::Skipped(why) => ("skipped", Some(reason(*why).to_owned())),
            Entry::Failed(error) => ("failed", Some(error.to_string())),
            _ => ("unknown", None),
        };
        json_line(&mut out, &json!({ "name": name, "outcome": what, "error": error }))
    });
    written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
}

const fn reason(skip: Skip) -> &'static str {
    match skip {
        Skip::Root => "the destination itself",
        Skip::Layout => "no name is left of it",
        Skip::Symlink => "links were not asked for",
        Skip::NotOlder => "the file there is not older",
        Skip::Superseded => "a later entry has the same name",
        Skip::Cancelled => "cancelled",
        _ => "skipped",
    }
}
