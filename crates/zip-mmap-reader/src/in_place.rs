//! Contents that are their payload: read where they are wanted, and summed piece by piece, while a
//! piece is still in the cache. No coder, and no copy from one buffer to another.

use zip_codec::error::Error as CodecError;
use zip_codec::guard;
use zip_format::crc32::Crc32;
use zip_format::position::Span;
use zip_io::Source;

use crate::error::Result;
use crate::job::Job;
use crate::open::read_exact;
use crate::options::Options;
use crate::piece::Piece;
use crate::pieces::{Pieces, cut_piece};

/// Fills `out`, as long as the contents, from a source that is read by position.
pub(crate) fn fill(
    job: &Job,
    options: &Options,
    (source, mut payload): (&dyn Source, Span),
    out: &mut [u8],
) -> Result<()> {
    admit(job, options, payload)?;
    let (mut crc, mut rest) = (Crc32::new(), out);
    while !payload.is_empty() {
        let span = cut_piece(&mut payload);
        // All pieces are as long as the contents, and those as `out`.
        let Some((piece, later)) = rest.split_at_mut_checked(span.len() as usize) else { break };
        read_exact(source, piece, span.start)?;
        crc.update(piece);
        rest = later;
    }
    check(job, &crc)
}

/// Gives the contents to `out` piece by piece, read into `buffer` unless the source has them in
/// memory.
pub(crate) fn pass(
    job: &Job,
    options: &Options,
    (source, payload): (&dyn Source, Span),
    buffer: &mut Vec<u8>,
    out: &mut dyn FnMut(Piece<'_>) -> Result<()>,
) -> Result<()> {
    admit(job, options, payload)?;
    let (mut crc, mut pieces) = (Crc32::new(), Pieces::new(source, payload));
    while !pieces.is_done() {
        let piece = pieces.next_piece(buffer)?;
        crc.update(piece.as_slice());
        out(piece)?;
    }
    check(job, &crc)
}

/// The limits allow it, and the payload is as long as the contents.
fn admit(job: &Job, options: &Options, payload: Span) -> Result<()> {
    let (expected, found) = (job.spec.size, payload.len());
    guard::admit(expected, job.spec.compressed_size, &options.limits)?;
    if expected == found {
        Ok(())
    } else {
        Err(CodecError::SizeMismatch { expected, found }.into())
    }
}

fn check(job: &Job, crc: &Crc32) -> Result<()> {
    match (job.spec.crc32, crc.value()) {
        (Some(expected), found) if expected != found => {
            Err(CodecError::CrcMismatch { expected, found }.into())
        }
        _ => Ok(()),
    }
}
