//! Encoders that only know how to write: what they wrote waits here until it is asked for.

use std::io;

use zip_format::method::Method;

use crate::coder::{Encode, push_all};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::step::{Step, Want};

/// Contents given to a writer at once, which bounds what it can spill at once.
const CHUNK_BYTES: usize = 64 << 10;

/// A writer that compresses into a vector.
pub trait Spill: io::Write + Send + Sized {
    /// What it writes.
    const METHOD: Method;

    /// Begins a stream of so many contents at most, behind what `to` holds.
    ///
    /// # Errors
    /// The back end's.
    fn open(level: Level, size: usize, to: Vec<u8>) -> io::Result<Self>;

    /// The vector, as far as it is filled.
    fn spilled(&mut self) -> &mut Vec<u8>;

    /// Ends the stream.
    ///
    /// # Errors
    /// The back end's.
    fn close(self) -> io::Result<Vec<u8>>;
}

/// Encodes whole buffers and streams through a writer, which is new for each member.
pub struct Spilling<W> {
    level: Level,
    writer: Option<W>,
    ready: Vec<u8>,
    delivered: usize,
    closed: bool,
}

impl<W> Spilling<W> {
    /// An encoder ready for its first stream.
    #[must_use]
    pub const fn new(level: Level) -> Self {
        Self { level, writer: None, ready: Vec::new(), delivered: 0, closed: false }
    }
}

impl<W: Spill> Spilling<W> {
    /// The writer, made for so many contents if there is none yet.
    fn begin(&mut self, size: usize) -> io::Result<()> {
        if self.writer.is_none() && !self.closed {
            self.writer = Some(W::open(self.level, size, core::mem::take(&mut self.ready))?);
        }
        Ok(())
    }

    fn advance(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> io::Result<Step> {
        self.begin(usize::MAX)?;
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            let waiting = &self.ready[self.delivered..];
            let n = waiting.len().min(output.len() - produced);
            output[produced..produced + n].copy_from_slice(&waiting[..n]);
            produced += n;
            self.delivered += n;
            if self.delivered < self.ready.len() {
                break Want::Output;
            }
            self.ready.clear();
            self.delivered = 0;
            if consumed < input.len() {
                let end = input.len().min(consumed + CHUNK_BYTES);
                if let Some(writer) = &mut self.writer {
                    writer.write_all(&input[consumed..end])?;
                    core::mem::swap(&mut self.ready, writer.spilled());
                }
                consumed = end;
            } else if !last {
                break Want::Input;
            } else if let Some(writer) = self.writer.take() {
                self.ready = writer.close()?;
                self.closed = true;
            } else {
                break Want::Nothing;
            }
        };
        Ok(Step { consumed, produced, want })
    }
}

impl<W: Spill> Encode for Spilling<W> {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        self.advance(input, last, output).map_err(refused::<W>)
    }

    fn reset(&mut self) {
        self.writer = None;
        self.ready.clear();
        (self.delivered, self.closed) = (0, false);
    }

    fn encode_all(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        // Memory is chosen when the stream begins.
        self.begin(input.len()).map_err(refused::<W>)?;
        push_all(self, input, output)
    }
}

/// A vector takes everything, so an error is the encoder's own complaint.
fn refused<W: Spill>(_: io::Error) -> Error {
    Error::BackEnd { method: W::METHOD, what: "the encoder refused" }
}
