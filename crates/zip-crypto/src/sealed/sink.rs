//! `SealedSink`: a sink that seals what it takes into the sink below.

use std::io;

use zeroize::Zeroizing;
use zip_format::position::Position;
use zip_io::Sink;

use crate::sealed::error::Error;
use crate::sealed::sealer::{FrameJob, Sealer};

/// Who seals the frames of a batch: the calling thread ([`Inline`]), or any closure that calls
/// [`FrameJob::seal`] on each, on threads of its own.
pub trait Run: Send {
    /// Calls [`FrameJob::seal`] on all jobs, and returns when all are done.
    fn run(&self, jobs: Vec<FrameJob<'_>>);
}

/// Seals one frame after the other on the thread that writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inline;

impl Run for Inline {
    fn run(&self, jobs: Vec<FrameJob<'_>>) {
        jobs.into_iter().for_each(FrameJob::seal);
    }
}

impl<F: Fn(Vec<FrameJob<'_>>) + Send> Run for F {
    fn run(&self, jobs: Vec<FrameJob<'_>>) {
        self(jobs);
    }
}

/// A sink that seals a whole archive, names included, into the sink below.
///
/// The sealed archive starts where the sink below is. Positions are those of the plain archive;
/// records are not kept together below, because whoever opens the archive sees all of its volumes
/// as one. These are raw cuts: a sink that would part no record is refused with the first byte.
///
/// *Limits*: two buffers of one batch: with [`SealedSink::new`] a few frames, 256 KiB or one
/// frame at least. *Errors*: after one, every further call is an error. A sink that is dropped
/// without [`Sink::finish`] leaves an archive that opens as cut off.
pub struct SealedSink<S, R = Inline> {
    sink: S,
    run: R,
    sealer: Sealer,
    batch_bytes: usize,
    /// Bytes that wait for their batch; the last frame is only known at the end.
    pending: Zeroizing<Vec<u8>>,
    /// The batch when it is sealed.
    sealed: Vec<u8>,
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

/// Plain bytes sealed at once on one thread: enough that the sink below is called rarely.
const BATCH_BYTES: usize = 256 << 10;

impl<S: Sink> SealedSink<S> {
    /// A sink above `sink` that seals on the thread that writes.
    pub fn new(sink: S, sealer: Sealer) -> Self {
        let frames = BATCH_BYTES / sealer.frame_bytes();
        Self::with_runner(sink, sealer, frames, Inline)
    }
}

impl<S: Sink, R: Run> SealedSink<S, R> {
    /// A sink above `sink` that hands `run` up to `batch_frames` frames at a time. With a rayon
    /// pool: `|jobs| pool.install(|| jobs.into_par_iter().for_each(FrameJob::seal))`.
    ///
    /// The sink keeps two buffers of `batch_frames` frames. Eight frames for each thread stay in
    /// its cache; with four times as many, two threads were measured slower.
    pub fn with_runner(sink: S, sealer: Sealer, batch_frames: usize, run: R) -> Self {
        let batch_bytes = sealer.frame_bytes().saturating_mul(batch_frames.max(1));
        let pending = Zeroizing::new(Vec::new());
        let (sealed, position, state) = (Vec::new(), 0, State::Fresh);
        Self { sink, run, sealer, batch_bytes, pending, sealed, position, state }
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
        self.sealed.resize(frames.sealed_len(), 0);
        frames.seal_with(plain, &mut self.sealed, |jobs| self.run.run(jobs))?;
        self.sink.write_all(&self.sealed)
    }

    fn seal_pending(&mut self, ends: bool) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        let result = self.seal(&pending, ends);
        self.pending = pending;
        self.pending.clear();
        result
    }

    fn take(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        // A full batch stays until more comes: it may hold the last frame.
        while !bytes.is_empty() {
            if self.pending.len() == self.batch_bytes {
                self.seal_pending(false)?;
            }
            if self.pending.is_empty() && bytes.len() > self.batch_bytes {
                let (batch, rest) = bytes.split_at(self.batch_bytes);
                self.seal(batch, false)?;
                bytes = rest;
            } else {
                let room = self.batch_bytes - self.pending.len();
                let (part, rest) = bytes.split_at(room.min(bytes.len()));
                self.keep(part);
                bytes = rest;
            }
        }
        Ok(())
    }

    /// Appends to the batch. It grows here and not by itself, so that what was copied is cleared.
    fn keep(&mut self, part: &[u8]) {
        let needed = self.pending.len() + part.len();
        if needed > self.pending.capacity() {
            let capacity = (2 * needed).min(self.batch_bytes);
            let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
            larger.extend_from_slice(&self.pending);
            self.pending = larger;
        }
        self.pending.extend_from_slice(part);
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
        self.seal_pending(true)?;
        self.sink.finish()
    }

    /// Runs `step`, after the header was written. The sink is of no more use after an error, or
    /// when the runner or the sink below has panicked.
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

impl<S: Sink, R: Run> Sink for SealedSink<S, R> {
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
