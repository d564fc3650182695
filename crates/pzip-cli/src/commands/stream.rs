//! `pzip stream`: an archive written forwards only, whose size is known before its first byte.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pzip::format::error::Category;
use pzip::format::position::Span;
use pzip::fs::collect::{CollectOptions, FileId, collect};
use pzip::io::file::FileSink;
use pzip::io::write::WriteSink;
use pzip::io::{Input, Sink, Source};
use pzip::stream::ahead::{Chunk, Job, Jobs, Joiner};
use pzip::stream::content::{Content, Opened};
use pzip::stream::{Contents, Encoder, Entry, Machine, Plan, Wrap};
use pzip::writer::Item;

use crate::args::{Common, Stream};
use crate::exit::{Failure, Outcome, SOME_FAILED};
use crate::output::{binary_stdout, complain};
use crate::pipeline;
use crate::progress::cancel_on_interrupt;

/// Runs the command.
pub(crate) fn run(args: &Stream, common: &Common) -> Outcome {
    let to_stdout = args.archive == Path::new("-");
    if !to_stdout && !args.force && args.archive.exists() {
        let text = format_args!("{} is there already; --force replaces it", args.archive.display());
        return Err(Failure::new(Category::Io, text));
    }
    let items = gather(args)?;
    let plan = Arc::new(plan(args, &items)?);
    let span = match &args.range {
        Some(range) => range_of(range, plan.len())?,
        None => Span { start: 0, end: plan.len() },
    };
    if args.size {
        say_size(span.len(), to_stdout)?;
    }
    let input = |item: Item<'static>| File(item.contents.map(Mutex::new));
    let files: Vec<File> = items.into_iter().map(input).collect();
    let write = |sink: &mut dyn Sink| {
        let machine = Machine::over(Arc::clone(&plan), span)?.with_cancel(cancel_on_interrupt());
        if args.range.is_some() {
            let written = Encoder::with(machine, &files[..]).write_to(sink);
            return written.map(drop).map_err(failure_of);
        }
        write_all(machine, &plan, &files, common.resolved_threads(), sink)
    };
    if to_stdout {
        let stdout = binary_stdout().map_err(|error| Failure::output(&error))?;
        write(&mut WriteSink::new(stdout))?;
    } else {
        let path = args.archive.display();
        let fail = |error| Failure::new(Category::Io, format_args!("{path}: {error}"));
        let mut sink = FileSink::create(&args.archive).map_err(fail)?;
        write(&mut sink)?;
        if !common.quiet {
            complain(format_args!("{path}: {} entries, {} bytes", plan.entries(), span.len()));
        }
    }
    Ok(())
}

/// The items of the trees. Where one is missing nothing is written: its size cannot be promised.
fn gather(args: &Stream) -> Result<Vec<Item<'static>>, Failure> {
    let options = CollectOptions {
        follow: args.dereference,
        exclude_file: FileId::of(&args.archive).ok(),
        ..CollectOptions::default()
    };
    let collected = collect(&args.paths, &options);
    for (path, error) in &collected.failures {
        complain(format_args!("{}: {error}", path.display()));
    }
    if collected.failures.is_empty() {
        Ok(collected.items)
    } else {
        Err(Failure::silent(SOME_FAILED))
    }
}

fn plan(args: &Stream, items: &[Item<'_>]) -> Result<Plan, Failure> {
    let wrap = if args.store { Wrap::Stored } else { Wrap::DeflateStored };
    let mut plan = if args.encrypt {
        Plan::encrypted(args.encryption.strength(), args.passwords.for_entries()?)
    } else if args.passwords.is_given() {
        return Err(Failure::usage("a password, and nothing to use it for; add --encrypt"));
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
    Ok(plan.finish())
}

/// The contents of an item, for any thread.
struct File(Option<Mutex<Box<dyn Input>>>);

impl File {
    fn ask<T>(&self, question: impl FnOnce(&dyn Input) -> Option<T>) -> Option<T> {
        let input = self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        question(&**input)
    }
}

impl Content for File {
    fn open(&self, span: Span) -> io::Result<Opened> {
        let opened = self.ask(|input| match input.as_slice() {
            // The target of a link; files are not in memory.
            Some(bytes) => {
                let from = usize::try_from(span.start).unwrap_or(usize::MAX);
                let rest = bytes.get(from..).unwrap_or(&[]).to_vec();
                Some(Ok(Opened::Read(Box::new(io::Cursor::new(rest)))))
            }
            None => input.reopen(span.start).map(|opened| opened.map(Opened::Read)),
        });
        opened.unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()))
    }

    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        self.ask(|input| input.share())
    }
}

/// The whole archive: files are read and summed on all threads, and written in their order.
fn write_all(
    machine: Machine,
    plan: &Plan,
    files: &[File],
    threads: usize,
    sink: &mut dyn Sink,
) -> Outcome {
    let mut jobs = Jobs::new(plan, files);
    let mut joiner = Joiner::new(machine, sink);
    let take = |chunk: &mut Chunk| Ok(jobs.next(chunk));
    let work = |job: Job<'_, File>, chunk: &mut Chunk| {
        job.read(chunk);
        Ok(())
    };
    pipeline::run(threads, take, work, |chunk| joiner.push(chunk).map_err(failure_of))?;
    joiner.finish().map(drop).map_err(failure_of)
}

fn failure_of(error: pzip::stream::Error) -> Failure {
    match error {
        pzip::stream::Error::Sink(error) => Failure::output(&error),
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
