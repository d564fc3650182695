//! One entry as `std::io::Read`, in bounded memory.

use std::io::{self, Read};

use zip_codec::step::Want;
use zip_format::position::Span;
use zip_io::Source;

use crate::error::Error;
use crate::job::{Decoder, Job, Proof};
use crate::member::Scratch;
use crate::options::Options;
use crate::pieces::{PIECE_BYTES, Pieces};

/// The contents of an entry, decoded as they are read.
///
/// The end of the stream (`Ok(0)`) is given only when size and CRC-32 were right; before that the
/// bytes are unproven. A reader that is dropped early has proven nothing.
///
/// Of an entry encrypted with AES the authentication code was checked before there was a reader,
/// in a first pass over the payload, so its bytes are authentic though their CRC-32 is not checked
/// yet. Traditional encryption has no such code.
///
/// *Limits*: 256 KiB and the decoder.
#[derive(Debug)]
pub struct EntryReader<'a> {
    decoder: Option<DecoderState>,
    /// An error was given; there is nothing more, and never an end.
    failed: bool,
    pieces: Pieces<'a>,
    buffer: Vec<u8>,
    /// The part of `buffer` that is not decoded yet.
    unread: std::ops::Range<usize>,
}

/// The decoder, opaque in debug output.
struct DecoderState(Decoder);

impl std::fmt::Debug for DecoderState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Decoder")
    }
}

impl<'a> EntryReader<'a> {
    pub(crate) fn new(
        job: &Job,
        source: &'a dyn Source,
        payload: Span,
        options: &Options,
    ) -> Result<Self, Error> {
        let mut codec = Scratch::for_options(options).codec;
        let proof = Proof::First;
        let decoder = job.decoder(&mut codec, options, source, payload, proof, &mut || Ok(()))?;
        Ok(Self {
            decoder: Some(DecoderState(decoder)),
            failed: false,
            pieces: Pieces::new(source, payload),
            buffer: Vec::with_capacity(PIECE_BYTES),
            unread: 0..0,
        })
    }

    fn step(&mut self, buf: &mut [u8]) -> Result<Option<usize>, Error> {
        let Some(DecoderState(decoder)) = &mut self.decoder else { return Ok(Some(0)) };
        if self.unread.is_empty() && !self.pieces.is_done() {
            self.unread = 0..self.pieces.fetch(&mut self.buffer)?;
        }
        let last = self.pieces.is_done();
        let input = self.buffer.get(self.unread.clone()).unwrap_or(&[]);
        let step = decoder.push(input, last, buf)?;
        self.unread.start += step.consumed;
        if step.want == Want::Nothing {
            self.decoder = None;
            return Ok(Some(step.produced));
        }
        Ok((step.produced > 0).then_some(step.produced))
    }
}

impl Read for EntryReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        if self.failed {
            return Err(io::Error::other("read on after an error"));
        }
        loop {
            match self.step(buf) {
                Ok(Some(read)) => return Ok(read),
                Ok(None) => {}
                Err(error) => {
                    self.failed = true;
                    return Err(into_io(error));
                }
            }
        }
    }
}

/// A reader's error as `std::io` has it: the system's own, or ours inside of `InvalidData`.
fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io { source, .. } => source,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}
