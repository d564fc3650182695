//! A member's contents piece by piece, in bounded memory.

use zip_format::position::Span;
use zip_io::Source;

use crate::error::Result;
use crate::in_place;
use crate::job::{Job, Proof, drive};
use crate::member::Scratch;
use crate::options::Options;
use crate::piece::Piece;
use crate::pieces::Pieces;

/// Decodes a member through a window, giving each piece to `out` as it comes.
///
/// Pieces are not yet proven right when they are given out; `Ok` at the end says that they were.
/// Of an encrypted member they are authentic with [`Proof::First`].
pub(crate) fn stream(
    scratch: &mut Scratch,
    job: &Job,
    options: &Options,
    (source, payload): (&dyn Source, Span),
    proof: Proof,
    check: &mut dyn FnMut() -> Result<()>,
    out: &mut dyn FnMut(Piece<'_>) -> Result<()>,
) -> Result<()> {
    if job.is_in_place() {
        return in_place::pass(job, options, (source, payload), &mut scratch.payload, out);
    }
    let decoder = job.decoder(&mut scratch.codec, options, source, payload, proof, check)?;
    let window = &mut scratch.contents;
    let pieces = Pieces::new(source, payload);
    let (result, decoder) = drive(decoder, pieces, &mut scratch.payload, window, out);
    decoder.recycle(&mut scratch.codec);
    result
}
