//! A member's contents piece by piece, in bounded memory.

use zip_format::position::Span;
use zip_io::Source;

use crate::error::Result;
use crate::job::{Job, Proof, drive};
use crate::member::Scratch;
use crate::options::Options;
use crate::pieces::{PIECE_BYTES, Pieces};

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
    out: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let decoder = job.decoder(&mut scratch.codec, options, source, payload, proof, check)?;
    let contents = &mut scratch.contents;
    if contents.len() < PIECE_BYTES {
        contents.resize(PIECE_BYTES, 0);
    }
    let window = contents.get_mut(..PIECE_BYTES).unwrap_or(&mut []);
    let pieces = Pieces::new(source, payload);
    let (result, decoder) = drive(decoder, pieces, &mut scratch.payload, window, out);
    decoder.recycle(&mut scratch.codec);
    result
}
