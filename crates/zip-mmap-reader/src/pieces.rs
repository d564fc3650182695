//! The payload of a member in pieces: slices of memory, or positioned reads.

use zip_format::position::Span;
use zip_io::Source;

use crate::error::Result;
use crate::member::room;
use crate::open::{read_exact, slice_of};
use crate::piece::Piece;

/// Bytes read or decoded at a time where it is done piece by piece.
pub(crate) const PIECE_BYTES: usize = 256 << 10;

/// The payload of a member, piece by piece: slices of a window, or positioned reads.
pub(crate) struct Pieces<'s> {
    source: &'s dyn Source,
    left: Span,
}

impl<'s> Pieces<'s> {
    pub(crate) const fn new(source: &'s dyn Source, payload: Span) -> Self {
        Self { source, left: payload }
    }

    /// True after the last piece.
    pub(crate) const fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    /// The next piece, in `buffer` unless the source has it in memory.
    pub(crate) fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<&'b [u8]>
    where
        's: 'b,
    {
        let span = self.advance();
        if let Some(all) = self.source.as_slice() {
            return Ok(slice_of(all, span));
        }
        // At most `PIECE_BYTES`.
        let piece = room(buffer, span.len() as usize)?;
        read_exact(self.source, piece, span.start)?;
        Ok(piece)
    }

    /// The same, as a piece of contents that are their payload.
    pub(crate) fn next_piece<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Piece<'b>>
    where
        's: 'b,
    {
        if self.source.as_slice().is_some() {
            return Ok(self.next(buffer)?.into());
        }
        let len = self.next(buffer)?.len();
        Ok(Piece::own(buffer, len))
    }

    /// The next piece, copied into `buffer` in any case; returns its length.
    pub(crate) fn fetch(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        let span = self.advance();
        buffer.resize(span.len() as usize, 0);
        read_exact(self.source, buffer, span.start)?;
        Ok(buffer.len())
    }

    fn advance(&mut self) -> Span {
        cut_piece(&mut self.left)
    }
}

/// Cuts the next piece off what is left of a span.
pub(crate) fn cut_piece(left: &mut Span) -> Span {
    let end = left.end.min(left.start.saturating_add(PIECE_BYTES as u64));
    let span = Span { start: left.start, end };
    left.start = end;
    span
}

impl std::fmt::Debug for Pieces<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pieces").field("left", &self.left).finish_non_exhaustive()
    }
}
