//! Contents that were read, with room between them for the headers of blocks.

use std::io::{self, Read};

use zip_codec::deflate_stored::{BLOCK_BYTES, HEADER_BYTES};
use zip_format::crc32::Crc32;

use super::place::Place;
use crate::content::read_some;
use crate::copy::PAGE;
use crate::plan::Plan;
use crate::seal::{Done, Early};

/// Contents of a chunk at most: whole blocks, so that each part of an entry begins with one.
pub(super) const CHUNK_BYTES: u64 = 16 * BLOCK_BYTES as u64;
/// Entries of a chunk at most.
pub(super) const MAX_PIECES: usize = 64;
/// Every piece may begin with a header that its bytes did not need for themselves.
const BUFFER: usize = CHUNK_BYTES as usize + (16 + MAX_PIECES) * HEADER_BYTES + 2 * PAGE;
/// Read and summed at once.
const STEP_BYTES: usize = 128 << 10;

/// Contents that were read and summed, and sealed where the plan says so.
///
/// *Limits*: 1 MiB, allocated at the first use and used again; keys of up to 64 entries, which are
/// overwritten.
#[derive(Debug, Default)]
pub struct Chunk {
    pub(super) buffer: Vec<u8>,
    filled: usize,
    pub(super) pieces: Vec<Piece>,
    early: Early,
}

/// The bytes of one entry in a chunk.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) place: Place,
    /// Where in the buffer they begin, with the first header's room if there is one.
    pub(super) at: usize,
    /// Bytes that were read, headers not counted.
    pub(super) read: usize,
    /// There is a byte behind the contents.
    pub(super) goes_on: bool,
    pub(super) crc32: Option<u32>,
    pub(super) failed: Option<Failed>,
    /// They are enciphered.
    pub(super) sealed: Option<Done>,
}

#[derive(Debug)]
pub(super) enum Failed {
    Open(io::Error),
    Read(io::Error),
}

impl Piece {
    const fn new(place: Place, at: usize) -> Self {
        Self { place, at, read: 0, goes_on: false, crc32: None, failed: None, sealed: None }
    }

    /// All that the plan promises of an entry, and no more.
    fn is_whole(&self) -> bool {
        let Place { span, is_last, .. } = self.place;
        let is_all = span.start == 0 && is_last && self.read as u64 == span.len();
        is_all && !self.goes_on && self.failed.is_none()
    }

    /// Contents up to the next header, or `most` where there is none.
    pub(super) const fn step(&self, fed: usize, most: usize) -> usize {
        if self.place.blocks { BLOCK_BYTES - fed % BLOCK_BYTES } else { most }
    }

    /// Where the byte `fed` of the contents lies in the buffer.
    pub(super) const fn offset(&self, fed: usize) -> usize {
        let headers = if self.place.blocks { (fed / BLOCK_BYTES + 1) * HEADER_BYTES } else { 0 };
        self.at + headers + fed
    }
}

impl Chunk {
    pub(super) fn clear(&mut self) {
        self.buffer.resize(BUFFER, 0);
        self.filled = 0;
        self.pieces.clear();
    }

    /// Contents that could not be opened.
    pub(super) fn refuse(&mut self, place: Place, error: io::Error) {
        let failed = Some(Failed::Open(error));
        self.pieces.push(Piece { failed, ..Piece::new(place, self.filled) });
    }

    /// Reads the bytes of a place.
    pub(super) fn fill(&mut self, place: Place, reader: &mut dyn Read) {
        if place.span.len() >= STEP_BYTES as u64 && self.pieces.is_empty() {
            self.filled = self.alignment(&place);
        }
        let mut piece = Piece::new(place, self.filled);
        if let Err(error) = self.read(&mut piece, reader) {
            piece.failed = Some(Failed::Read(error));
        }
        self.filled = piece.offset(piece.read);
        self.pieces.push(piece);
    }

    /// Enciphers the entries that are in the chunk as a whole; keys are made together.
    ///
    /// Of a larger one the code takes all bytes in their order, so it waits for its turn.
    pub(super) fn seal(&mut self, plan: &Plan) {
        let Some(lock) = plan.lock() else { return };
        let Self { buffer, pieces, early, .. } = self;
        let salt_of = |piece: &Piece| plan.salted(piece.place.entry).filter(|_| piece.is_whole());
        early.prepare(lock, pieces.iter().filter_map(salt_of));
        for piece in pieces {
            let Some(salt) = salt_of(piece) else { continue };
            let at = piece.offset(0);
            if let Some(body) = buffer.get_mut(at..at + piece.read) {
                piece.sealed = early.seal(lock, salt, body);
            }
        }
    }

    fn read(&mut self, piece: &mut Piece, reader: &mut dyn Read) -> io::Result<()> {
        let len = usize::try_from(piece.place.span.len()).unwrap_or(usize::MAX);
        let mut crc = Crc32::new();
        while piece.read < len {
            let at = piece.offset(piece.read);
            let most = piece.step(piece.read, STEP_BYTES).min(len - piece.read);
            let room = self.buffer.get_mut(at..at + most).unwrap_or_default();
            let read = read_some(reader, room)?;
            if read == 0 {
                return Ok(());
            }
            if piece.place.sum {
                // While the bytes are in the cache of this thread.
                crc.update(room.get(..read).unwrap_or(&[]));
            }
            piece.read += read;
        }
        if piece.place.sum {
            piece.crc32 = Some(crc.value());
        }
        if piece.place.is_last {
            piece.goes_on = read_some(reader, &mut [0])? > 0;
        }
        Ok(())
    }

    /// Where to begin, so that the system copies from the pages of a file quickly: to the same
    /// place in pages of ours, or between headers far from it.
    fn alignment(&self, place: &Place) -> usize {
        let shift = if place.blocks { PAGE / 2 } else { 0 };
        let from = (place.span.start % PAGE as u64) as usize;
        let here = self.buffer.as_ptr().addr() % PAGE;
        (from + shift + PAGE - here) % PAGE
    }
}
