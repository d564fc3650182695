//! Encoders that only know how to write: what they wrote waits here until it is asked for.

use std::io;

use zip_format::method::Method;

use crate::error::{Error, Result};
use crate::step::{Step, Want};

/// Contents given to a writer at once, which bounds what it can spill at once.
const CHUNK_BYTES: usize = 64 << 10;

/// A writer that compresses into a vector.
pub(crate) trait Spill: io::Write {
    /// The vector, as far as it is filled.
    fn spilled(&mut self) -> &mut Vec<u8>;

    /// Ends the stream.
    fn close(self) -> io::Result<Vec<u8>>;
}

/// One stream through a writer.
pub(crate) struct Spilling<W> {
    writer: Option<W>,
    ready: Vec<u8>,
    delivered: usize,
    closed: bool,
}

impl<W> Spilling<W> {
    pub(crate) const fn new() -> Self {
        Self { writer: None, ready: Vec::new(), delivered: 0, closed: false }
    }

    pub(crate) fn reset(&mut self) {
        self.writer = None;
        self.ready.clear();
        (self.delivered, self.closed) = (0, false);
    }
}

impl<W: Spill> Spilling<W> {
    /// One push; `open` makes the writer on the first one, given a vector to write to.
    pub(crate) fn push(
        &mut self,
        method: Method,
        input: &[u8],
        last: bool,
        output: &mut [u8],
        open: impl FnOnce(Vec<u8>) -> io::Result<W>,
    ) -> Result<Step> {
        self.advance(input, last, output, open).map_err(|_: io::Error| {
            // A vector takes everything, so this is the encoder's own complaint.
            Error::BackEnd { method, what: "the encoder refused" }
        })
    }

    fn advance(
        &mut self,
        input: &[u8],
        last: bool,
        output: &mut [u8],
        open: impl FnOnce(Vec<u8>) -> io::Result<W>,
    ) -> io::Result<Step> {
        if self.writer.is_none() && !self.closed {
            self.writer = Some(open(core::mem::take(&mut self.ready))?);
        }
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
