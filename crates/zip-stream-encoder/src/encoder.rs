//! The machine as an iterator of [`Bytes`]: the front door of the blocking faces.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use zip_format::position::Span;
use zip_io::Sink;

use crate::content::{Contained, Opened};
use crate::drive::Drive;
use crate::error::{Error, Result};
use crate::gather::Gather;
use crate::machine::{Fed, Machine, Want};
use crate::plan::Plan;
use crate::push;
use crate::read::Reader;

/// Bytes read from a source at once.
const READ_BYTES: usize = 128 << 10;
/// The largest piece: of what is in memory, so much is summed and given out at a time.
pub(crate) const PIECE_BYTES: usize = 256 << 10;

/// An archive being streamed from sources that are opened one at a time.
///
/// An iterator of pieces that ends after the last byte of the range, or with an error; small
/// pieces are gathered, large ones out of [`Opened::Bytes`] are passed on without a copy. Or a
/// [`Reader`], or all of it [into a sink](Encoder::write_to).
///
/// *Limits*: what [`Machine`] holds, 32 KiB of gathered pieces, and 128 KiB of what was read.
///
/// ```
/// use bytes::Bytes;
/// use std::sync::Arc;
/// use zip_stream_encoder::{Contents, Encoder, Entry, Plan};
///
/// let mut plan = Plan::builder();
/// plan.push(&Entry::file(b"a.txt", Contents::sized(5)))?;
/// let plan = Arc::new(plan.finish());
/// let pieces: Result<Vec<Bytes>, _> =
///     Encoder::new(Arc::clone(&plan), vec![Bytes::from_static(b"hello")]).collect();
/// assert_eq!(pieces?.concat().len() as u64, plan.len());
/// # Ok::<(), zip_stream_encoder::Error>(())
/// ```
#[derive(Debug)]
pub struct Encoder<C> {
    drive: Drive<C>,
    gather: Gather,
    /// What was read and not yet fed, of what is open.
    ahead: Bytes,
    buffer: BytesMut,
    /// Comes after what is gathered.
    failed: Option<Error>,
    ended: bool,
}

impl<C: Contained> Encoder<C> {
    /// The whole archive.
    pub fn new(plan: Arc<Plan>, contents: C) -> Self {
        Self::with(Machine::new(plan), contents)
    }

    /// Some bytes of the archive.
    ///
    /// # Errors
    /// [`Error::NoSuchRange`].
    pub fn over(plan: Arc<Plan>, range: Span, contents: C) -> Result<Self> {
        Ok(Self::with(Machine::over(plan, range)?, contents))
    }

    /// The bytes of a machine, which may have a cache or a cancel flag.
    pub fn with(machine: Machine, contents: C) -> Self {
        Self {
            drive: Drive::new(machine, contents),
            gather: Gather::default(),
            ahead: Bytes::new(),
            buffer: BytesMut::new(),
            failed: None,
            ended: false,
        }
    }

    /// Bytes that are still to come; exact, unless an error ends the stream.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.drive.machine.remaining().saturating_add(self.gather.len() as u64)
    }

    /// The same as a reader; to be called before the first piece, which would be lost.
    #[must_use]
    pub fn into_reader(self) -> Reader<C> {
        Reader(self.drive)
    }

    /// Writes everything to a sink and finishes it; returns the number of bytes. To be called
    /// before the first piece.
    ///
    /// A plan [for split volumes](crate::plan::Builder::finish_in_volumes) goes into a
    /// `SegmentedSink` of `zip-segment` with volumes of that size, and a range that is one volume
    /// into any other sink. Any other plan goes into one archive, or raw cuts of it; the plan's
    /// length says how many there will be.
    ///
    /// # Errors
    /// What the sources say, or the sink; it is not finished then. [`Error::VolumesBelow`] and
    /// [`Error::OtherVolumes`] before anything is written.
    pub fn write_to(mut self, sink: &mut dyn Sink) -> Result<u64> {
        push::write_to(&mut self.drive, sink)
    }

    /// Goes on until a piece is due, or there is nothing more.
    fn gather(&mut self) -> Result<()> {
        while !self.gather.is_due() {
            let want = self.drive.want()?;
            if self.drive.open.is_none() {
                // Of what was read ahead, nothing is left that belongs to the range.
                self.ahead.clear();
            }
            match want {
                Want::Take => {
                    let ready = self.drive.machine.ready();
                    let len = ready.len();
                    self.gather.copy(ready);
                    self.drive.machine.took(len);
                }
                Want::Input { .. } => self.input()?,
                Want::Done => {
                    self.ended = true;
                    break;
                }
                Want::Open { .. } | Want::Close => return Err(Error::Ended),
            }
        }
        Ok(())
    }

    /// Feeds the next bytes.
    fn input(&mut self) -> Result<()> {
        if self.ahead.is_empty() {
            self.ahead = self.read()?;
        }
        let piece = self.ahead.get(..PIECE_BYTES).unwrap_or(&self.ahead);
        match self.drive.machine.feed(piece)? {
            Fed::Pass(len) => {
                let piece = self.ahead.split_to(len);
                self.gather.pass(piece);
            }
            Fed::Used(len) => drop(self.ahead.split_to(len)),
        }
        Ok(())
    }

    /// The next bytes of what is open.
    fn read(&mut self) -> Result<Bytes> {
        if let Some(Opened::Bytes(bytes)) = &mut self.drive.open {
            return Ok(std::mem::take(bytes));
        }
        // The memory of the last piece comes back if that was dropped meanwhile.
        self.buffer.resize(READ_BYTES, 0);
        let read = self.drive.read(u64::MAX, &mut self.buffer)?;
        Ok(self.buffer.split_to(read).freeze())
    }
}

impl<C: Contained> Iterator for Encoder<C> {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.ended
            && self.failed.is_none()
            && let Err(error) = self.gather()
        {
            self.failed = Some(error);
            self.ended = true;
        }
        match self.gather.next() {
            Some(piece) => Some(Ok(piece)),
            None => self.failed.take().map(Err),
        }
    }
}
