//! What `update`, `delete`, `rename` and `merge` share: entries carried into a new file that takes
//! the place of the old one when it is complete.

use std::path::Path;

use pzip::crypto::sealed::{Error as SealedError, Header};
use pzip::format::error::Category;
use pzip::io::file::FileSink;
use pzip::io::{Sink, Source};
use pzip::reader::{Archive, EntryRef};
use pzip::segment::files::{ArchiveFile, open as open_file};
use pzip::writer::{Error, Item, OnFailure, Options, ParallelWriter, Report};

use crate::args::{Common, Input};
use crate::exit::{Failure, Outcome};
use crate::open::AnySource;
use crate::output::complain;
use crate::progress::{Progress, cancel_on_interrupt};
use crate::select::{not_opened, options, source_of};

/// Opens an archive that is to be changed: one plain file, since one plain file takes its place.
pub(crate) fn open_to_change(input: &Input) -> Result<Archive<AnySource>, Failure> {
    if input.archive == Path::new("-") {
        return Err(Failure::usage("an archive on standard input cannot be changed"));
    }
    if let Ok(ArchiveFile::Volumes(_)) = open_file(&input.archive) {
        return Err(Failure::usage("an archive in volumes is not changed; join it first")
            .about(&input.archive));
    }
    open_to_carry(input)
}

/// Opens an archive whose entries are carried over as they are, encrypted ones too; so nobody is
/// asked for a password. What was sealed as a whole would not be any more.
pub(crate) fn open_to_carry(input: &Input) -> Result<Archive<AnySource>, Failure> {
    let source = source_of(input)?;
    if !matches!(Header::read(&source), Err(SealedError::NotSealed)) {
        return Err(Failure::usage(
            "a sealed archive is neither changed nor merged; unseal it, and seal the result",
        )
        .about(&input.archive));
    }
    Archive::new(source, options(input)?).map_err(|error| not_opened(input, &error))
}

/// An entry as an item of the new archive, after its records were checked.
pub(crate) fn carry<'a>(
    archive: &'a Archive<AnySource>,
    entry: &EntryRef<'a, AnySource>,
) -> Result<Item<'a>, Failure> {
    entry.check()?;
    Ok(Item::carried(entry, archive.source(), entry.offset())?)
}

/// A new archive at `path`: the bytes that stand before the first entry of `old`, its comment, and
/// the items. Nothing takes the place of the old file before all of that is written.
pub(crate) fn rewrite(
    path: &Path,
    old: Option<&Archive<AnySource>>,
    items: Vec<Item<'_>>,
    options: &Options<'_>,
    common: &Common,
) -> Result<Report, Failure> {
    let named =
        |error: &Error| Failure::new(error.category(), format_args!("{}: {error}", path.display()));
    let io_failure = |error: std::io::Error| {
        Failure::new(Category::Io, format_args!("{}: {error}", path.display()))
    };
    let mut sink = FileSink::create(path).map_err(io_failure)?;
    // The marker before volumes is no program.
    if let Some(old) = old.filter(|old| old.source().volume_starts().len() < 2) {
        copy_prefix(old, &mut sink).map_err(io_failure)?;
    }
    let cancel = cancel_on_interrupt();
    let total = items.iter().filter_map(Item::len_hint).sum();
    let progress = Progress::new(total, common.quiet);
    let options = Options {
        threads: common.threads.into(),
        // An entry that cannot be carried over must not be missing in silence.
        on_failure: OnFailure::Stop,
        comment: old.map(|old| old.comment().to_vec()).unwrap_or_default(),
        cancel: Some(&cancel),
        observer: &progress,
        ..options.clone()
    };
    let written = ParallelWriter::new(options).write(sink, items);
    drop(progress);
    written.map(|(_, report)| report).map_err(|error| named(&error))
}

/// The program of a self-extractor stays in front.
fn copy_prefix(old: &Archive<AnySource>, sink: &mut FileSink) -> std::io::Result<()> {
    let (mut at, end) = (0, old.prefix_len());
    let mut buffer = vec![0; 64 << 10];
    while at < end {
        let room = (end - at).min(buffer.len() as u64) as usize;
        let piece = buffer.get_mut(..room).unwrap_or(&mut []);
        old.source().read_exact_at(piece, at)?;
        sink.write_all(piece)?;
        at += room as u64;
    }
    Ok(())
}

/// One line of what was done.
pub(crate) fn summarise(path: &Path, common: &Common, report: &Report, what: &str) -> Outcome {
    if !common.quiet {
        let count = report.written.len();
        complain(format_args!("{}: {what}, {count} entries", path.display()));
    }
    Ok(())
}
