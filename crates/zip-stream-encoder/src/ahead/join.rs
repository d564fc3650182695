//! Chunks joined to an archive, in the order of their jobs.

use zip_format::position::Span;
use zip_io::Sink;

use super::chunk::{CHUNK_BYTES, Chunk, Failed, Piece};
use crate::error::{Error, Result};
use crate::machine::{Fed, Machine, Want};
use crate::out::Out;

/// Lays headers between contents, and writes both to a sink.
///
/// *Limits*: what [`Machine`] holds, and 256 KiB before the sink.
pub struct Joiner<'s> {
    machine: Machine,
    out: Out<'s>,
}

impl std::fmt::Debug for Joiner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joiner").field("machine", &self.machine).finish_non_exhaustive()
    }
}

impl<'s> Joiner<'s> {
    /// A whole archive into a sink. The machine is a new one over all of the plan that the jobs
    /// come from; it may have a cache or a cancel flag.
    ///
    /// As for [`Encoder::write_to`](crate::Encoder::write_to), a plan for split volumes needs a sink
    /// over such, and any other plan one that is not.
    #[must_use]
    pub fn new(mut machine: Machine, sink: &'s mut dyn Sink) -> Self {
        // All that fit into a chunk are in one as a whole.
        machine.seals_come_done(CHUNK_BYTES);
        Self { out: Out::new(sink, &machine), machine }
    }

    /// Takes the contents of the next chunk.
    ///
    /// # Errors
    /// What their sources say, or the sink, which is not to be finished then; [`Error::Ended`] for
    /// a chunk whose turn it is not.
    pub fn push(&mut self, chunk: &mut Chunk) -> Result<()> {
        let Chunk { buffer, pieces, .. } = chunk;
        pieces.drain(..).try_for_each(|piece| self.piece(piece, buffer))
    }

    /// Lays the directory, and finishes the sink; returns the number of bytes.
    ///
    /// # Errors
    /// As [`Joiner::push`]; [`Error::Ended`] if chunks are missing.
    pub fn finish(mut self) -> Result<u64> {
        match self.advance()? {
            Want::Done => self.out.finish(),
            _ => Err(Error::Ended),
        }
    }

    /// Lays what needs no contents.
    fn advance(&mut self) -> Result<Want> {
        loop {
            match self.machine.want()? {
                Want::Take => self.take()?,
                Want::Close => self.machine.closed(),
                want => return Ok(want),
            }
        }
    }

    fn take(&mut self) -> Result<()> {
        let ready = self.machine.ready();
        let len = ready.len();
        self.out.put(ready)?;
        self.machine.took(len);
        Ok(())
    }

    fn piece(&mut self, mut piece: Piece, buffer: &mut [u8]) -> Result<()> {
        let (entry, Span { start, end }) = (piece.place.entry, piece.place.span);
        if let Some(done) = piece.sealed.take() {
            self.machine.is_sealed(entry, done);
        }
        let want = self.advance()?;
        if start == 0 {
            let Want::Open { entry: wanted, span } = want else { return Err(Error::Ended) };
            if wanted != entry || span.start != start {
                return Err(Error::Ended);
            }
            if let Some(Failed::Open(error)) = piece.failed {
                return Err(self.machine.open_failed(error));
            }
            self.machine.opened();
        } else if !self.machine.is_at(entry, start) {
            return Err(Error::Ended);
        }
        if let Some(crc32) = piece.crc32 {
            self.machine.summed(Span { start, end }, crc32);
        }
        self.contents(&piece, buffer)?;
        if let Some(Failed::Open(error) | Failed::Read(error)) = piece.failed {
            return Err(self.machine.read_failed(error));
        }
        let is_short = (piece.read as u64) < end - start;
        if is_short || piece.place.is_last {
            // The end, or what should not be behind it.
            let behind: &[u8] = if piece.goes_on { &[0] } else { &[] };
            self.machine.feed(behind)?;
        }
        Ok(())
    }

    /// The bytes that were read, in as few writes as can be: headers of blocks are laid into the
    /// room that was left for them.
    fn contents(&mut self, piece: &Piece, buffer: &mut [u8]) -> Result<()> {
        let mut fed = 0;
        // What is next to be written begins here.
        let mut from = piece.offset(0);
        let mut to = from;
        while fed < piece.read {
            let at = piece.offset(fed);
            match self.machine.want()? {
                Want::Take => {
                    let ready = self.machine.ready();
                    let len = ready.len();
                    match buffer.get_mut(to..at) {
                        Some(room) if room.len() == len => room.copy_from_slice(ready),
                        _ => {
                            self.out.put(buffer.get(from..to).unwrap_or(&[]))?;
                            self.out.put(self.machine.ready())?;
                            from = at;
                        }
                    }
                    self.machine.took(len);
                    to = at;
                }
                Want::Input { .. } => {
                    let step = piece.step(fed, piece.read).min(piece.read - fed);
                    let bytes = buffer.get(at..at + step).unwrap_or(&[]);
                    match self.machine.feed(bytes)? {
                        Fed::Pass(len) => {
                            fed += len;
                            to = at + len;
                        }
                        // They come back encrypted.
                        Fed::Used(len) => {
                            self.out.put(buffer.get(from..to).unwrap_or(&[]))?;
                            fed += len;
                            (from, to) = (at + len, at + len);
                        }
                    }
                }
                _ => return Err(Error::Ended),
            }
        }
        self.out.put(buffer.get(from..to).unwrap_or(&[]))
    }
}
