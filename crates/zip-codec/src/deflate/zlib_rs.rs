//! Method 8 through zlib-rs: pure Rust, suspends anywhere, and knows where its stream ended.

use zip_format::method::Method;
use zlib_rs::{Deflate, DeflateError, DeflateFlush, Inflate, InflateError, InflateFlush, Status};

use crate::coder::{Decode, Encode};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::step::{Step, Want};

/// RFC 1951: distances reach back 2^15 bytes.
const WINDOW_BITS: u8 = 15;

/// Decodes whole buffers and streams.
///
/// *Limits*: about 45 KiB of state, the window included.
pub struct Decoder(Inflate);

/// Encodes whole buffers and streams.
///
/// *Limits*: about 270 KiB of state.
pub struct Encoder {
    state: Deflate,
    level: Level,
    /// Some of a stream was encoded, and not all of it delivered.
    unfinished: bool,
}

impl Decoder {
    /// A decoder ready for its first stream.
    #[must_use]
    pub fn new() -> Self {
        Self(Inflate::new(false, WINDOW_BITS))
    }

    fn error(&self, error: InflateError) -> Error {
        let method = Method::DEFLATE;
        match error {
            InflateError::DataError => {
                let what = self.0.error_message().unwrap_or("invalid data");
                Error::Damaged { method, what, at: self.0.total_in() }
            }
            other => Error::BackEnd { method, what: other.as_str() },
        }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        // `Finish` spares the window where one call decodes everything; the other calls suspend.
        let flush = if last { InflateFlush::Finish } else { InflateFlush::NoFlush };
        let (mut consumed, mut produced) = (0, 0);
        loop {
            let before = (self.0.total_in(), self.0.total_out());
            let status = self
                .0
                .decompress(&input[consumed..], &mut output[produced..], flush)
                .map_err(|error| self.error(error))?;
            // Differences of two totals of one call, which are bounded by the slices.
            let used = (self.0.total_in() - before.0) as usize;
            let made = (self.0.total_out() - before.1) as usize;
            consumed += used;
            produced += made;
            let want = if status == Status::StreamEnd {
                Want::Nothing
            } else if produced == output.len() {
                Want::Output
            } else if used > 0 || made > 0 {
                // One call takes and gives at most 4 GiB.
                continue;
            } else if last {
                return Err(Error::TruncatedPayload);
            } else {
                Want::Input
            };
            return Ok(Step { consumed, produced, want });
        }
    }

    fn reset(&mut self) {
        self.0.reset(false);
    }
}

impl Encoder {
    /// An encoder ready for its first stream.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self { state: fresh(level), level, unfinished: false }
    }
}

impl Encode for Encoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let flush = if last { DeflateFlush::Finish } else { DeflateFlush::NoFlush };
        let (mut consumed, mut produced) = (0, 0);
        self.unfinished = true;
        loop {
            let before = (self.state.total_in(), self.state.total_out());
            let status = self
                .state
                .compress(&input[consumed..], &mut output[produced..], flush)
                .map_err(failed)?;
            let used = (self.state.total_in() - before.0) as usize;
            let made = (self.state.total_out() - before.1) as usize;
            consumed += used;
            produced += made;
            let want = if status == Status::StreamEnd {
                self.unfinished = false;
                Want::Nothing
            } else if produced == output.len() {
                Want::Output
            } else if used > 0 || made > 0 {
                continue;
            } else {
                Want::Input
            };
            return Ok(Step { consumed, produced, want });
        }
    }

    fn encode_piece(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        let (mut consumed, mut produced) = (0, 0);
        // Its stream has no end, so the next one starts afresh.
        self.unfinished = true;
        loop {
            let before = (self.state.total_in(), self.state.total_out());
            self.state
                .compress(&input[consumed..], &mut output[produced..], DeflateFlush::SyncFlush)
                .map_err(failed)?;
            consumed += (self.state.total_in() - before.0) as usize;
            produced += (self.state.total_out() - before.1) as usize;
            // A flush is complete once there is room left behind it.
            if produced == output.len() {
                return Ok(None);
            }
            if consumed == input.len() {
                return Ok(Some(produced));
            }
        }
    }

    fn reset(&mut self) {
        if self.unfinished {
            // zlib-rs 0.6.8 forgets on reset how much output is pending, but not where in its buffer
            // that began; the next stream then overruns the buffer, which panics. Abandoned streams
            // are rare: they are those that did not get smaller.
            self.state = fresh(self.level);
            self.unfinished = false;
        } else {
            self.state.reset();
        }
    }
}

fn fresh(level: Level) -> Deflate {
    Deflate::new(i32::from(level.get()), false, WINDOW_BITS)
}

fn failed(error: DeflateError) -> Error {
    Error::BackEnd { method: Method::DEFLATE, what: error.as_str() }
}
