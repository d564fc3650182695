//! `pzip create`: files and directories into a new archive.

use std::io::{self, Write};
use std::path::Path;

use pzip::codec::level::Level;
use pzip::fs::collect::Collected;
use pzip::io::file::FileSink;
use pzip::io::write::WriteSink;
use pzip::writer::{Item, OnFailure, Options, ParallelWriter, Report};
use serde_json::json;

use crate::args::{Common, Create};
use crate::exit::{Failure, Outcome, SOME_FAILED};
use crate::gather::gather;
use crate::output::complain;
use crate::progress::{Progress, cancel_on_interrupt};

/// Runs the command.
pub(crate) fn run(args: &Create, common: &Common) -> Outcome {
    let collected = gather(args)?;
    let mut failed = collected.failures.len();
    complain_of(&collected);
    if collected.items.is_empty() && failed > 0 {
        // Nothing at all to write: an empty archive would hide that.
        return Err(Failure::new(
            pzip::format::error::Category::Io,
            "none of the inputs can be read; no archive was written",
        ));
    }
    if failed > 0 && args.stop_on_error {
        return Err(Failure::silent(SOME_FAILED));
    }
    let changes = collected.changes.clone();
    let cancel = cancel_on_interrupt();
    let total = collected.items.iter().filter_map(Item::len_hint).sum();
    let progress = Progress::new(total, common.quiet);
    let options = Options {
        threads: common.threads.into(),
        level: level_of(args)?,
        on_failure: if args.stop_on_error { OnFailure::Stop } else { OnFailure::Skip },
        comment: args.comment.clone().into_bytes(),
        cancel: Some(&cancel),
        observer: &progress,
        ..Options::default()
    };
    let writer = ParallelWriter::new(options);
    let report = if args.archive == Path::new("-") {
        writer.write(WriteSink::new(io::stdout()), collected.items)?.1
    } else {
        to_file(&writer, &args.archive, collected.items)?
    };
    drop(progress);
    for path in changes.take() {
        complain(format_args!("{}: changed while it was read", path.display()));
        failed += 1;
    }
    for failure in &report.failed {
        complain(format_args!("{}: {}", failure.name, failure.error));
    }
    failed += report.failed.len();
    summarise(args, common, &report, failed)?;
    if failed == 0 { Ok(()) } else { Err(Failure::silent(SOME_FAILED)) }
}

/// Names what could not be collected.
fn complain_of(collected: &Collected) {
    for (path, error) in &collected.failures {
        complain(format_args!("{}: {error}", path.display()));
    }
}

fn to_file(
    writer: &ParallelWriter<'_>,
    path: &Path,
    items: Vec<Item<'static>>,
) -> Result<Report, Failure> {
    let io_failure = |error: &dyn std::fmt::Display| {
        let text = format!("{}: {error}", path.display());
        Failure::new(pzip::format::error::Category::Io, text)
    };
    let sink = FileSink::create(path).map_err(|error| io_failure(&error))?;
    match writer.write(sink, items) {
        Ok((_, report)) => Ok(report),
        Err(error) => {
            Err(Failure::new(error.category(), format_args!("{}: {error}", path.display())))
        }
    }
}

fn level_of(args: &Create) -> Result<Level, Failure> {
    let number = if args.store { 0 } else { args.level };
    Level::try_from(number).map_err(Failure::usage)
}

fn summarise(args: &Create, common: &Common, report: &Report, failed: usize) -> Outcome {
    let count = report.written.len();
    let (bytes_in, bytes_out) = (report.bytes_in, report.bytes_out);
    if args.json {
        let summary = json!({
            "archive": args.archive.display().to_string(),
            "entries": count,
            "failed": failed,
            "bytes_in": bytes_in,
            "bytes_out": bytes_out,
        });
        let line = format!("{summary}\n");
        return io::stdout().write_all(line.as_bytes()).map_err(|error| Failure::output(&error));
    }
    if !common.quiet {
        let path = args.archive.display();
        complain(format_args!("{path}: {count} entries, {bytes_in} bytes in {bytes_out}"));
    }
    Ok(())
}
