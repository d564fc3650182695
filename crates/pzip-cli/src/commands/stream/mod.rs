//! `pzip stream`: an archive written forwards only, whose size is known before its first byte.

mod files;
mod open_ended;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use pzip::format::error::Category;
use pzip::format::position::Span;
use pzip::fs::collect::{CollectOptions, FileId, collect};
use pzip::io::Sink;
use pzip::io::file::FileSink;
use pzip::io::write::WriteSink;
use pzip::segment::{Kind, Policy};
use pzip::stream::ahead::{Chunk, Job, Jobs, Joiner};
use pzip::stream::{Contents, Encoder, Entry, Machine, Plan, Wrap, plan};
use pzip::writer::Item;

use crate::args::{Common, Failing, Stream};
use crate::commands::rewrite::sink_of_volumes;
use crate::exit::{Failure, Outcome, SOME_FAILED};
use crate::output::{binary_stdout, complain};
use crate::pipeline;
use crate::progress::cancel_on_interrupt;
use files::File;

/// Runs the command.
pub(crate) fn run(args: &Stream, common: &Common) -> Outcome {
    let to_stdout = args.archive == Path::new("-");
    // Raw cuts have names of their own, and look for those themselves.
    if !to_stdout && !args.force && !args.volumes.raw_volumes && args.archive.exists() {
        let hint = match args.volumes.segment_size {
            Some(_) => "remove it first, volumes replace nothing",
            None => "--force replaces it",
        };
        let text = format_args!("{} is there already; {hint}", args.archive.display());
        return Err(Failure::new(Category::Io, text));
    }
    if args.passwords.is_given() && !args.encrypt {
        return Err(Failure::usage("a password, and nothing to use it for; add --encrypt"));
    }
    let policy = args.volumes.policy()?;
    let is_split = policy.as_ref().is_some_and(|policy| policy.kind() == Kind::Split);
    if policy.is_some() && to_stdout {
        return Err(Failure::usage("volumes are files; standard output takes one archive"));
    }
    if is_split && args.on_failure != Failing::Stop {
        return Err(Failure::usage(
            "where the size is not known beforehand volumes are cut raw; add --raw-volumes",
        ));
    }
    let (items, left_out) = gather(args)?;
    if let Some(on_failure) = open_ended::policy(args.on_failure) {
        let entries = items.len();
        let write = |sink: &mut dyn Sink| {
            open_ended::write(args, items, on_failure, &cancel_on_interrupt(), sink)
        };
        let missing = left_out + to_archive(args, policy, write)?;
        if !to_stdout && !common.quiet {
            let path = args.archive.display();
            complain(format_args!("{path}: {} entries, {missing} missing", entries + left_out));
        }
        return open_ended::outcome(missing);
    }
    let plan = plan_of(args, &items)?;
    let plan = Arc::new(match &policy {
        Some(policy) if is_split => plan.finish_in_volumes(policy.size())?,
        _ => plan.finish(),
    });
    let span = match &args.range {
        Some(range) => range_of(range, plan.len())?,
        None => Span { start: 0, end: plan.len() },
    };
    if args.size {
        say_size(span.len(), to_stdout)?;
    }
    let files: Vec<File> = items.into_iter().map(|item| File::new(item.contents)).collect();
    to_archive(args, policy, |sink| {
        let machine = Machine::over(Arc::clone(&plan), span)?.with_cancel(cancel_on_interrupt());
        if args.range.is_some() {
            let written = Encoder::with(machine, &files[..]).write_to(sink);
            return written.map(drop).map_err(|error| failure_of(error, &args.archive));
        }
        let threads = common.resolved_threads();
        write_all(machine, &plan, &files, threads, (sink, &args.archive))
    })?;
    if !to_stdout && !common.quiet {
        let path = args.archive.display();
        complain(format_args!("{path}: {} entries, {} bytes", plan.entries(), span.len()));
    }
    Ok(())
}

/// Has something written to the archive, its volumes, or standard output.
fn to_archive<T>(
    args: &Stream,
    volumes: Option<Policy>,
    write: impl FnOnce(&mut dyn Sink) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if args.archive == Path::new("-") {
        let stdout = binary_stdout().map_err(|error| Failure::output(&error))?;
        return write(&mut WriteSink::new(stdout));
    }
    if let Some(policy) = volumes {
        return write(&mut sink_of_volumes(&args.archive, policy)?);
    }
    let path = args.archive.display();
    let fail = |error| Failure::new(Category::Io, format_args!("{path}: {error}"));
    write(&mut FileSink::create(&args.archive).map_err(fail)?)
}

/// The items of the trees, and how many could not be had. Where one is missing nothing is written,
/// unless it may be: a size could not be promised.
fn gather(args: &Stream) -> Result<(Vec<Item<'static>>, usize), Failure> {
    let options = CollectOptions {
        follow: args.dereference,
        exclude_file: FileId::of(&args.archive).ok(),
        ..CollectOptions::default()
    };
    let collected = collect(&args.paths, &options);
    for (path, error) in &collected.failures {
        complain(format_args!("{}: {error}", path.display()));
    }
    if collected.failures.is_empty() || args.on_failure != Failing::Stop {
        Ok((collected.items, collected.failures.len()))
    } else {
        Err(Failure::silent(SOME_FAILED))
    }
}

fn plan_of(args: &Stream, items: &[Item<'_>]) -> Result<plan::Builder, Failure> {
    let wrap = if args.store { Wrap::Stored } else { Wrap::DeflateStored };
    let mut plan = if args.encrypt {
        Plan::encrypted(args.encryption.strength(), args.passwords.for_entries()?)
    } else {
        Plan::builder()
    };
    plan.reserve(items.len());
    plan.set_comment(args.comment.as_bytes())?;
    for item in items {
        let contents = match &item.contents {
            None => Contents::None,
            Some(input) => match input.as_slice() {
                Some(bytes) => Contents::of(bytes),
                None => Contents::Sized { size: input.len_hint().unwrap_or(0), wrap },
            },
        };
        let mut entry = Entry::file(&item.name, contents).with_comment(&item.comment);
        entry.meta.attributes = item.attributes;
        entry.meta.modified = item.modified;
        entry.meta.owner = item.owner;
        plan.push(&entry)?;
    }
    Ok(plan)
}

/// The whole archive: files are read and summed on all threads, and written in their order.
fn write_all(
    machine: Machine,
    plan: &Plan,
    files: &[File],
    threads: usize,
    (sink, archive): (&mut dyn Sink, &Path),
) -> Outcome {
    let mut jobs = Jobs::new(plan, files);
    let mut joiner = Joiner::new(machine, sink);
    let take = |chunk: &mut Chunk| Ok(jobs.next(chunk));
    let work = |job: Job<'_, File>, chunk: &mut Chunk| {
        job.read(chunk);
        Ok(())
    };
    pipeline::run(threads, take, work, |chunk| {
        joiner.push(chunk).map_err(|error| failure_of(error, archive))
    })?;
    joiner.finish().map(drop).map_err(|error| failure_of(error, archive))
}

fn failure_of(error: pzip::stream::Error, archive: &Path) -> Failure {
    match error {
        pzip::stream::Error::Sink(error) => Failure::not_written(&error, archive),
        error => error.into(),
    }
}

/// `FIRST-LAST`, `FIRST-` or `-COUNT`, as in HTTP.
fn range_of(text: &str, len: u64) -> Result<Span, Failure> {
    use pzip::http::range::{Wanted, parse};
    match parse(&format!("bytes={text}"), len) {
        Wanted::Ranges(spans) if spans.len() == 1 => {
            Ok(spans.into_iter().next().unwrap_or_default())
        }
        Wanted::Unsatisfiable => {
            Err(Failure::usage(format_args!("--range {text}: the archive has {len} bytes")))
        }
        _ => Err(Failure::usage(format_args!("--range {text}: not FIRST-LAST, FIRST- or -COUNT"))),
    }
}

fn say_size(bytes: u64, archive_on_stdout: bool) -> Outcome {
    let line = format!("{bytes}\n");
    let said = if archive_on_stdout {
        io::stderr().write_all(line.as_bytes())
    } else {
        io::stdout().write_all(line.as_bytes())
    };
    said.map_err(|error| Failure::output(&error))
}
