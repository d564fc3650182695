//! `SealedSink`: a sink that seals what it takes into the sink below.

use std::io;

use zeroize::Zeroizing;
use zip_format::position::Position;
use zip_io::Sink;

use crate::sealed::ahead::{Ahead, Buffers, PieceJob};
use crate::sealed::error::Error;
use crate::sealed::sealer::Sealer;

/// Who seals pieces of the archive: the thread that writes ([`Inline`]), or any closure that has
/// [`PieceJob::seal`] called on some thread, sooner or later.
pub trait Spawn: Send {
    /// Has the job done, and does not wait for it.
    fn spawn(&self, job: PieceJob);
}

/// Seals one frame after the other on the thread that writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inline;

impl Spawn for Inline {
    fn spawn(&self, job: PieceJob) {
        job.seal();
    }
}

impl<F: Fn(PieceJob) + Send> Spawn for F {
    fn spawn(&self, job: PieceJob) {
        self(job);
    }
}

/// A sink that seals a whole archive, names included, into the sink below.
///
/// The sealed archive starts where the sink below is. Positions are those of the plain archive;
/// records are not kept together below, because whoever opens the archive sees all of its volumes
/// as one. These are raw cuts: a sink that would part no record is refused with the first byte.
///
/// *Limits*: two buffers of one piece, which is a few frames, 256 KiB or one frame at least; with
/// [`SealedSink::with_spawner`] so many for each piece on its way and the one that is gathered.
/// *Errors*: after one, every further call is an error. With pieces on their way an error of the
/// sink below comes so many pieces later, and always from the first piece that failed. A sink that
/// is dropped without [`Sink::finish`] leaves an archive that opens as cut off.
pub struct SealedSink<S, R = Inline> {
    sink: S,
    spawn: R,
    sealer: Sealer,
    piece_bytes: usize,
    /// Bytes that wait for the rest of their piece, because the last frame is only known at the
    /// end; and room for the piece when it is sealed.
    pending: Buffers,
    /// Pieces that are sealed meanwhile, and how many there may be; 0 on the thread that writes.
    ahead: Ahead,
    most_ahead: usize,
    /// Of pieces that were written.
    spare: Vec<Buffers>,
    position: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The header was not written.
    Fresh,
    Open,
    Finished,
    Failed,
}

impl<S: std::fmt::Debug, R> std::fmt::Debug for SealedSink<S, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("SealedSink");
        debug.field("sink", &self.sink).field("sealer", &self.sealer);
        debug.field("position", &self.position).field("state", &self.state);
        debug.finish_non_exhaustive()
    }
}

/// Plain bytes of a piece: enough that the sink below is called rarely, few enough that they stay
/// in a near cache.
const PIECE_BYTES: usize = 256 << 10;

impl<S: Sink> SealedSink<S> {
    /// A sink above `sink` that seals on the thread that writes.
    pub fn new(sink: S, sealer: Sealer) -> Self {
        let frames = PIECE_BYTES / sealer.frame_bytes();
        Self::sealing(sink, sealer, frames, 0, Inline)
    }
}

impl<S: Sink, R: Spawn> SealedSink<S, R> {
    /// A sink above `sink` that gathers pieces of `piece_frames` frames and gives each to `spawn`
    /// while it gathers the next; up to `ahead` are on their way. Before there are more it waits for
    /// the oldest to be sealed, writes it, and seals others meanwhile that nobody has begun with,
    /// so the thread that writes is one of those that seal. The bytes are the same whoever does.
    ///
    /// With a rayon pool: `|job| pool.spawn(move || job.seal())`. Pieces of 4 frames of 64 KiB,
    /// and two for each thread, keep all threads busy and stay in their caches.
    pub fn with_spawner(
        sink: S,
        sealer: Sealer,
        piece_frames: usize,
        ahead: usize,
        spawn: R,
    ) -> Self {
        Self::sealing(sink, sealer, piece_frames, ahead.max(1), spawn)
    }

    fn sealing(sink: S, sealer: Sealer, frames: usize, most_ahead: usize, spawn: R) -> Self {
        Self {
            sink,
            spawn,
            piece_bytes: sealer.frame_bytes().saturating_mul(frames.max(1)),
            sealer,
            pending: Buffers::default(),
            ahead: Ahead::default(),
            most_ahead,
            spare: Vec::new(),
            position: 0,
            state: State::Fresh,
        }
    }

    /// The sealer, with the header.
    pub const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// The sink below. Call [`Sink::finish`] first, or the archive has no end.
    pub fn into_inner(self) -> S {
        self.sink
    }

    /// Seals and writes whole frames, or the last ones.
    fn seal(&mut self, plain: &[u8], ends: bool) -> io::Result<()> {
        let frames = self.sealer.take(plain.len(), ends)?;
        frames.seal_into(plain, &mut self.pending.sealed)?;
        self.sink.write_all(&self.pending.sealed)
    }

    /// The piece that was gathered: sealed and written, or sent on its way.
    fn end_piece(&mut self, ends: bool) -> io::Result<()> {
        if self.most_ahead == 0 {
            let plain = std::mem::take(&mut self.pending.plain);
            let result = self.seal(&plain, ends);
            self.pending.plain = plain;
            self.pending.plain.clear();
            return result;
        }
        while self.ahead.len() >= self.most_ahead {
            self.write_oldest()?;
        }
        let frames = self.sealer.take(self.pending.plain.len(), ends)?;
        let next = self.spare.pop().unwrap_or_default();
        let job = self.ahead.push(frames, std::mem::replace(&mut self.pending, next));
        self.spawn.spawn(job);
        Ok(())
    }

    /// Writes the oldest piece on its way; `false` if there is none.
    fn write_oldest(&mut self) -> io::Result<bool> {
        let Some(mut buffers) = self.ahead.pop()? else { return Ok(false) };
        self.sink.write_all(&buffers.sealed)?;
        buffers.plain.clear();
        self.spare.push(buffers);
        Ok(true)
    }

    fn take(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        // A full piece stays until more comes: it may hold the last frame.
        while !bytes.is_empty() {
            if self.pending.plain.len() == self.piece_bytes {
                self.end_piece(false)?;
            }
            let is_apart = self.most_ahead == 0 && self.pending.plain.is_empty();
            if is_apart && bytes.len() > self.piece_bytes {
                let (piece, rest) = bytes.split_at(self.piece_bytes);
                self.seal(piece, false)?;
                bytes = rest;
            } else {
                let room = self.piece_bytes - self.pending.plain.len();
                let (part, rest) = bytes.split_at(room.min(bytes.len()));
                self.keep(part);
                bytes = rest;
            }
        }
        Ok(())
    }

    /// Appends to the piece. It grows here and not by itself, so that what was copied is cleared.
    fn keep(&mut self, part: &[u8]) {
        let plain = &mut self.pending.plain;
        let needed = plain.len() + part.len();
        if needed > plain.capacity() {
            let capacity = (2 * needed).min(self.piece_bytes);
            let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
            larger.extend_from_slice(plain);
            *plain = larger;
        }
        plain.extend_from_slice(part);
    }

    fn start(&mut self) -> io::Result<()> {
        if self.sink.room() != u64::MAX {
            let text = "a sealed archive has no records for volumes to name; cut it raw";
            return Err(Error::Usage(text).into());
        }
        let header = self.sealer.header().as_bytes();
        self.sink.reserve(header.len() as u64)?;
        self.sink.write_all(header)
    }

    fn end(&mut self) -> io::Result<()> {
        self.end_piece(true)?;
        while self.write_oldest()? {}
        self.sink.finish()
    }

    /// Runs `step`, after the header was written. The sink is of no more use after an error, or
    /// when the spawner or the sink below has panicked.
    fn guarded(
        &mut self,
        step: impl FnOnce(&mut Self) -> io::Result<()>,
        then: State,
    ) -> io::Result<()> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Fresh => self.start()?,
            State::Open => {}
            State::Failed => return Err(Error::Usage("the sink has failed before").into()),
            State::Finished => {
                self.state = State::Finished;
                return Err(Error::Usage("the archive was finished before").into());
            }
        }
        step(self)?;
        self.state = then;
        Ok(())
    }
}

impl<S: Sink, R: Spawn> Sink for SealedSink<S, R> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.guarded(|sink| sink.take(bytes), State::Open)?;
        self.position = self.position.saturating_add(bytes.len() as u64);
        Ok(())
    }

    /// In the plain archive.
    fn position(&self) -> Position {
        Position::on_first(self.position)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.guarded(Self::end, State::Finished)
    }
}
