//! `pzip stream --on-failure skip|placeholder`: an archive whose size nobody promises, so that
//! files which cannot be read may be missing from it.

use std::path::Path;

use pzip::codec::level::Level;
use pzip::format::position::Span;
use pzip::io::{CancelToken, Sink};
use pzip::stream::content::{Content as _, Opened};
use pzip::stream::open_ended::{self, OnFailure, OpenEnded};
use pzip::writer::Item;

use super::files::File;
use crate::args::{Failing, Stream};
use crate::exit::{Failure, Outcome, SOME_FAILED};
use crate::output::complain;

/// A file of fewer bytes is held to [`GROWN`], so that its descriptor can be narrow, which more
/// readers of pipes understand.
const SMALL: u64 = 1 << 31;
/// Bytes that such a file may have grown to when its end is reached; more end the archive.
const GROWN: u64 = 4_000_000_000;

/// What the library calls it; `None` where a size is promised.
pub(super) const fn policy(failing: Failing) -> Option<OnFailure> {
    match failing {
        Failing::Stop => None,
        Failing::Skip => Some(OnFailure::Skip),
        Failing::Placeholder => Some(OnFailure::Placeholder),
    }
}

/// Writes all entries that can be had; what was missing is named, and the failure at the end.
pub(super) fn write(
    args: &Stream,
    items: Vec<Item<'static>>,
    on_failure: OnFailure,
    cancel: &CancelToken,
    sink: &mut dyn Sink,
) -> Result<usize, Failure> {
    let archive = OpenEnded::new(items.into_iter().map(entry));
    let archive = archive.with_level(Level::NONE).on_failure(on_failure);
    let mut archive = archive.with_comment(args.comment.as_bytes())?;
    let written = write_pieces(&mut archive, cancel, (sink, &args.archive));
    // Also where the archive came to nothing, perhaps because of them.
    for missing in archive.missing() {
        complain(format_args!("{}: {}", missing.name, missing.error));
    }
    written?;
    Ok(archive.missing().len())
}

fn write_pieces(
    pieces: impl Iterator<Item = pzip::stream::Result<impl AsRef<[u8]>>>,
    cancel: &CancelToken,
    (sink, path): (&mut dyn Sink, &Path),
) -> Outcome {
    for piece in pieces {
        let piece = piece?;
        if cancel.is_cancelled() {
            return Err(pzip::stream::Error::Cancelled.into());
        }
        sink.write_all(piece.as_ref()).map_err(|error| Failure::not_written(&error, path))?;
    }
    sink.finish().map_err(|error| Failure::not_written(&error, path))
}

/// Something is missing: told by the exit code, when all the rest was written.
pub(super) fn outcome(missing: usize) -> Outcome {
    if missing == 0 { Ok(()) } else { Err(Failure::silent(SOME_FAILED)) }
}

fn entry(item: Item<'static>) -> open_ended::Item<'static> {
    let hint = item.contents.as_ref().and_then(|input| input.len_hint());
    let at_most = if hint.is_some_and(|bytes| bytes < SMALL) { GROWN } else { u64::MAX };
    let open = item.contents.map(|input| {
        let file = File::new(Some(input));
        let open: open_ended::Open<'static> =
            Box::new(move || match file.open(Span { start: 0, end: 0 })? {
                Opened::Read(reader) => Ok(reader),
                Opened::Bytes(bytes) => Ok(Box::new(std::io::Cursor::new(bytes))),
            });
        open
    });
    open_ended::Item {
        name: item.name,
        comment: item.comment,
        modified: item.modified,
        attributes: item.attributes,
        owner: item.owner,
        at_most,
        open,
    }
}
