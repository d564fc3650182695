//! Method 98: PPMd, variant I, revision 1 (APPNOTE 5.10).
//!
//! Two bytes of parameters come first, little-endian: order minus one in 4 bits, model memory in
//! MiB minus one in 8, restoration method in 4. An end marker closes the stream.
//!
//! # Streams out of a back end that reads
//!
//! The back end pulls its input and cannot be told to wait. But the input it may take for one byte
//! of contents is bounded: at most 17 escapes and a symbol, each of which divides the range once
//! and shifts out fewer than 8 bytes. So it is asked for no more contents than what
//! waits in the queue is sure to suffice for, except at the end of the payload.

use std::io::{self, Read, Write};

use ppmd_rust::{Ppmd8Decoder, Ppmd8Encoder, RestoreMethod};
use zip_format::method::Method;

use crate::coder::{About, Decode};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::spill::{Spill, Spilling};
use crate::step::{Step, Want};

const PARAMETER_BYTES: usize = 2;

/// More payload than any one byte of contents can take.
const MOST_PER_BYTE: usize = 18 * 8;

const MEBIBYTE: usize = 1 << 20;

/// Payload that waits to be decoded.
const QUEUE_BYTES: usize = 32 << 10;

/// Decodes whole buffers and streams.
///
/// *Limits*: the model memory the payload asks for, 1 to 256 MiB, at most
/// `Limits::window_bytes`; new for each member.
pub struct Decoder {
    queue: Queue,
    body: Option<Box<Ppmd8Decoder<Queue>>>,
    window_bytes: u64,
    ended: bool,
}

/// Encodes whole buffers and streams.
///
/// *Limits*: 1 to 256 MiB of model memory by level, for whole buffers about 16 times their size
/// at most; new for each member.
pub type Encoder = Spilling<Ppmd8Encoder<Vec<u8>>>;

/// Payload between the pushes and the back end.
#[derive(Default)]
struct Queue {
    bytes: Vec<u8>,
    at: usize,
    consumed: u64,
    /// The back end asked for a byte that was not there.
    starved: bool,
}

impl Queue {
    fn waiting(&self) -> usize {
        self.bytes.len() - self.at
    }

    fn fill(&mut self, input: &[u8]) -> usize {
        let n = input.len().min(QUEUE_BYTES - self.waiting());
        if n > 0 && self.bytes.len() + n > QUEUE_BYTES {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        self.bytes.extend_from_slice(&input[..n]);
        n
    }
}

impl Read for Queue {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = buffer.len().min(self.waiting());
        buffer[..n].copy_from_slice(&self.bytes[self.at..self.at + n]);
        self.at += n;
        self.consumed += n as u64;
        self.starved |= n < buffer.len();
        Ok(n)
    }
}

impl Decoder {
    /// A decoder ready for its first stream.
    #[must_use]
    pub fn new() -> Self {
        let window_bytes = About::of_size(0).window_bytes;
        Self { queue: Queue::default(), body: None, window_bytes, ended: false }
    }

    fn queue(&mut self) -> &mut Queue {
        self.body.as_mut().map_or(&mut self.queue, |body| body.get_mut())
    }

    /// Reads the parameters and makes the model.
    fn open(&mut self) -> Result<()> {
        let damaged = |what| Error::Damaged { method: Method::PPMD, what, at: 0 };
        let mut parameters = [0; PARAMETER_BYTES];
        self.queue.read_exact(&mut parameters).map_err(|_| Error::TruncatedPayload)?;
        let parameters = u16::from_le_bytes(parameters);
        let order = u32::from(parameters & 15) + 1;
        let mebibytes = u32::from(parameters >> 4 & 255) + 1;
        let restore = match parameters >> 12 {
            0 => RestoreMethod::Restart,
            1 => RestoreMethod::CutOff,
            _ => return Err(damaged("unknown model restoration method")),
        };
        let (limit, found) = (self.window_bytes, u64::from(mebibytes) << 20);
        if found > limit {
            return Err(Error::Limit { what: "PPMd model memory in bytes", limit, found });
        }
        let queue = core::mem::take(&mut self.queue);
        let body = Ppmd8Decoder::new(queue, order, mebibytes << 20, restore);
        let body = body.map_err(|error| match error {
            ppmd_rust::Error::IoError(_) => Error::TruncatedPayload,
            ppmd_rust::Error::MemoryAllocation => {
                Error::BackEnd { method: Method::PPMD, what: "out of memory" }
            }
            _ => damaged("the parameters are out of range"),
        })?;
        self.body = Some(Box::new(body));
        Ok(())
    }

    /// Decodes as much as the queue is sure to suffice for, or all of it.
    fn read(&mut self, all: bool, output: &mut [u8]) -> Result<usize> {
        let sure = self.queue().waiting() / MOST_PER_BYTE;
        let room = if all { output.len() } else { output.len().min(sure) };
        let Some(body) = &mut self.body else { return Ok(0) };
        if room == 0 {
            return Ok(0);
        }
        let result = body.read(&mut output[..room]);
        let at = body.get_ref().consumed;
        if body.get_ref().starved {
            return Err(Error::TruncatedPayload);
        }
        let n = result.map_err(|_| Error::Damaged {
            method: Method::PPMD,
            what: "invalid data",
            at,
        })?;
        self.ended = n < room;
        Ok(n)
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            if self.ended {
                let unused = self.queue().waiting();
                if unused > consumed {
                    let unused = (unused + input.len() - consumed) as u64;
                    return Err(Error::TrailingBytes { unused });
                }
                consumed -= unused;
                break Want::Nothing;
            }
            consumed += self.queue().fill(&input[consumed..]);
            let all = last && consumed == input.len();
            if self.body.is_none() {
                if !all && self.queue.waiting() < PARAMETER_BYTES + 4 {
                    break Want::Input;
                }
                self.open()?;
            }
            if produced == output.len() {
                break Want::Output;
            }
            let n = self.read(all, &mut output[produced..])?;
            produced += n;
            if n == 0 && !self.ended && consumed == input.len() {
                break Want::Input;
            }
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        *self = Self::new();
    }

    fn begin(&mut self, about: &About) {
        self.reset();
        self.window_bytes = about.window_bytes;
    }
}

impl Spill for Ppmd8Encoder<Vec<u8>> {
    const METHOD: Method = Method::PPMD;

    fn open(level: Level, size: usize, mut to: Vec<u8>) -> io::Result<Self> {
        let level = u32::from(level.get()).max(1);
        // Order, memory and restoration of 7-Zip's levels; like there, no more memory than 16
        // times the contents can fill.
        let useful = (size.div_ceil(MEBIBYTE / 16)).clamp(1, 256).next_power_of_two() as u32;
        let (order, mebibytes) = (3 + level, (1 << (level - 1)).min(useful));
        let restore = if level < 7 { RestoreMethod::Restart } else { RestoreMethod::CutOff };
        // Within 16 bits: 4 for the order, 8 for the memory, 4 for the method.
        let parameters = (order - 1) | (mebibytes - 1) << 4 | (restore as u32) << 12;
        to.write_all(&(parameters as u16).to_le_bytes())?;
        Self::new(to, order, mebibytes << 20, restore)
            .map_err(|error| io::Error::other(error.to_string()))
    }

    fn spilled(&mut self) -> &mut Vec<u8> {
        self.get_mut()
    }

    fn close(self) -> io::Result<Vec<u8>> {
        self.finish(true)
    }
}
