//! `pzip create`: files and directories into a new archive.

use std::io::{self, Write};
use std::path::Path;

use pzip::codec::level::Level;
use pzip::crypto::sealed::{PieceJob, SealOptions, SealedSink, Sealer};
use pzip::format::error::Category;
use pzip::fs::collect::Collected;
use pzip::io::Sink;
use pzip::io::file::FileSink;
use pzip::io::write::WriteSink;
use pzip::writer::{Item, OnFailure, Options, ParallelWriter, Report};
use serde_json::json;

use crate::args::{Common, Create};
use crate::commands::rewrite::sink_of_volumes;
use crate::exit::{Failure, Outcome, SOME_FAILED};
use crate::gather::gather;
use crate::output::{block_stdout, complain};
use crate::progress::{Progress, cancel_on_interrupt};
use crate::reproducible::{settle, without_encryption};
use crate::sealed::io_failure;

/// Runs the command.
pub(crate) fn run(args: &Create, common: &Common) -> Outcome {
    let is_encrypted = args.seal || args.encrypt.is_asked_for();
    without_encryption(args.reproducible, is_encrypted)?;
    let sealer = sealer_of(args)?;
    let encryption = args.encrypt.encryption(&args.passwords)?;
    let mut collected = gather(args)?;
    settle(&mut collected.items, args.reproducible)?;
    let mut failed = collected.failures.len();
    complain_of(&collected);
    if collected.items.is_empty() && failed > 0 {
        // Nothing at all to write: an empty archive would hide that.
        return Err(Failure::new(
            Category::Io,
            "none of the inputs can be read; no archive was written",
        ));
    }
    if failed > 0 && args.stop_on_error {
        return Err(Failure::silent(SOME_FAILED));
    }
    let changes = collected.changes.clone();
    let cancel = cancel_on_interrupt();
    let total = collected.items.iter().filter_map(Item::len_hint).fold(0, u64::saturating_add);
    let progress = Progress::new(total, common.quiet);
    let options = Options {
        threads: common.threads.into(),
        level: level_of(args)?,
        encryption,
        on_failure: if args.stop_on_error { OnFailure::Stop } else { OnFailure::Skip },
        comment: args.comment.clone().into_bytes(),
        cancel: Some(&cancel),
        observer: &progress,
        ..Options::default()
    };
    let writer = ParallelWriter::new(options);
    let target = Target { writer: &writer, sealer, threads: common.resolved_threads() };
    let report = if args.archive == Path::new("-") {
        if args.volumes.segment_size.is_some() {
            return Err(Failure::usage("volumes are files; standard output takes one archive"));
        }
        let out = block_stdout().map_err(|error| Failure::output(&error))?;
        target.write(WriteSink::new(out), collected.items)?
    } else if let Some(policy) = args.volumes.policy()? {
        if args.seal && !args.volumes.raw_volumes {
            return Err(Failure::usage("a sealed archive is cut raw; add --raw-volumes"));
        }
        let sink = sink_of_volumes(&args.archive, policy)?;
        let written = target.write(sink, collected.items);
        written.map_err(|failure| failure.about(&args.archive))?
    } else {
        to_file(target, &args.archive, collected.items)?
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

/// The sealer, if the archive is to be sealed.
fn sealer_of(args: &Create) -> Result<Option<Sealer>, Failure> {
    if !args.seal {
        if args.key.key_file.is_some() {
            return Err(Failure::usage("--key-file is for sealed archives; add --seal"));
        }
        if args.passwords.is_given() && !args.encrypt.is_asked_for() {
            return Err(Failure::usage(
                "a password, and nothing to use it for; add --encrypt to encrypt the contents of \
                 entries, or --seal to hide their names as well",
            ));
        }
        return Ok(None);
    }
    args.key.sealer(&SealOptions::default(), &args.passwords).map(Some)
}

/// How the archive is written.
struct Target<'w> {
    writer: &'w ParallelWriter<'w>,
    sealer: Option<Sealer>,
    threads: usize,
}

impl Target<'_> {
    /// Writes into a sink, sealed or not. The report counts the bytes that were really written.
    fn write<S: Sink>(self, sink: S, items: Vec<Item<'static>>) -> Result<Report, Failure> {
        let Some(sealer) = self.sealer else { return Ok(self.writer.write(sink, items)?.1) };
        // The thread that writes seals what nobody has begun, so it is one of them.
        let others = self.threads - 1;
        if others == 0 {
            let (sealed, report) = self.writer.write(SealedSink::new(sink, sealer), items)?;
            return Ok(Report { bytes_out: sealed.sealer().sealed_len(), ..report });
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(others).build();
        let pool = pool.map_err(|error| Failure::new(Category::Io, error))?;
        let spawn = |job: PieceJob| pool.spawn(move || job.seal());
        let sealed = SealedSink::with_spawner(sink, sealer, 4, 2 * self.threads, spawn);
        let (sealed, report) = self.writer.write(sealed, items)?;
        Ok(Report { bytes_out: sealed.sealer().sealed_len(), ..report })
    }
}

fn to_file(target: Target<'_>, path: &Path, items: Vec<Item<'static>>) -> Result<Report, Failure> {
    let sink = FileSink::create(path).map_err(|error| io_failure(path, &error))?;
    target.write(sink, items).map_err(|failure| failure.about(path))
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
