//! Method 8 through libdeflate: the fastest, for whole buffers.
//!
//! A payload that is one exact stream of the right size is decoded by libdeflate; whatever it
//! refuses, and every payload that goes on behind its stream, goes to the exact back end for the
//! reason.

use super::blocks::Walker;
use super::exact_end::Decompressor;
use super::whole::Whole;
use super::zlib_rs;
use crate::coder::{Decode, Encode, check_crc};
use crate::error::Result;
use crate::level::Level;
use crate::step::Step;

/// An empty stored block, with a byte for its first bits.
const FLUSH_BYTES: usize = 5;

/// Decodes whole buffers of known size with libdeflate, all else with zlib-rs.
///
/// *Limits*: the state of both, about 60 KiB.
pub struct Decoder {
    /// `None` if there was no memory for it: then it goes without.
    fast: Option<Decompressor>,
    exact: zlib_rs::Decoder,
    /// The exact back end has seen some of a stream; else it needs no reset.
    exact_used: bool,
}

/// Encodes whole buffers with libdeflate, streams with zlib-rs.
///
/// *Limits*: 0.1 to 1 MiB of state up to level 8, about 10 MiB at level 9; the stream's state
/// comes with the first push.
pub struct Encoder {
    whole: Whole,
    stream: Option<zlib_rs::Encoder>,
    /// For pieces.
    walker: Option<Walker>,
    level: Level,
}

impl Decoder {
    /// A decoder ready for its first stream.
    #[must_use]
    pub fn new() -> Self {
        Self { fast: Decompressor::new(), exact: zlib_rs::Decoder::new(), exact_used: false }
    }

    /// True if `input` is one exact stream of `output.len()` bytes, now decoded; false if the exact
    /// back end must look.
    fn fill(&mut self, input: &[u8], output: &mut [u8]) -> bool {
        self.fast.as_mut().is_some_and(|fast| fast.fill(input, output) == Some(input.len()))
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        self.exact_used = true;
        self.exact.push(input, last, output)
    }

    fn reset(&mut self) {
        if self.exact_used {
            self.exact.reset();
            self.exact_used = false;
        }
    }

    fn decode_all(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        if self.fill(input, output) {
            return Ok(output.len());
        }
        self.exact_used = true;
        self.exact.decode_all(input, output)
    }

    fn decode_verified(&mut self, input: &[u8], output: &mut [u8], crc32: u32) -> Result<()> {
        if self.fill(input, output) {
            return check_crc(crc32, libdeflater::crc32(output));
        }
        self.exact_used = true;
        self.exact.decode_verified(input, output, crc32)
    }
}

impl Encoder {
    /// An encoder ready for its first stream.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self { whole: Whole::new(level), stream: None, walker: None, level }
    }
}

impl Encode for Encoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let level = self.level;
        self.stream.get_or_insert_with(|| zlib_rs::Encoder::new(level)).push(input, last, output)
    }

    fn reset(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.reset();
        }
    }

    fn encode_all(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        Ok(self.whole.compress(input, output))
    }

    /// Compresses, clears the bit that says "last block", and appends an empty stored block, as a
    /// flush of zlib's does.
    fn encode_piece(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        let Some(room) = output.len().checked_sub(FLUSH_BYTES) else { return Ok(None) };
        let Some(length) = self.encode_all(input, &mut output[..room])? else { return Ok(None) };
        let walker = self.walker.get_or_insert_with(Walker::new);
        // `None` would be a fault of the back end; the other one then takes its place.
        let Some(last) = walker.last_block(&output[..length]) else {
            let level = self.level;
            let stream = self.stream.get_or_insert_with(|| zlib_rs::Encoder::new(level));
            return stream.encode_piece(input, output);
        };
        output[last.header / 8] &= !(1 << (last.header % 8));
        // Three bits of block header, zeros as the padding is; then zeros up to the next byte.
        let header_end = (last.end + 3).div_ceil(8);
        output[length..header_end].fill(0);
        output[header_end..header_end + 4].copy_from_slice(&[0, 0, 0xff, 0xff]);
        Ok(Some(header_end + 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use zip_format::crc32::crc32;

    #[test]
    fn bytes_behind_the_stream_are_counted() {
        let contents = [0; 300];
        let mut payload = vec![0; 300];
        let mut encoder = Encoder::new(Level::DEFAULT);
        let length = encoder.encode_all(&contents, &mut payload).expect("whole").expect("smaller");
        payload.truncate(length);
        let (mut decoder, mut output) = (Decoder::new(), [0; 300]);
        for unused in [1, 8, 9, 24] {
            let mut longer = payload.clone();
            longer.resize(length + unused, 0);
            decoder.reset();
            let found = decoder.decode_verified(&longer, &mut output, crc32(&contents));
            assert_eq!(found, Err(Error::TrailingBytes { unused: unused as u64 }));
        }
        decoder.reset();
        assert_eq!(decoder.decode_verified(&payload, &mut output, crc32(&contents)), Ok(()));
        let wrong = Err(Error::CrcMismatch { expected: 1, found: crc32(&contents) });
        assert_eq!(decoder.decode_verified(&payload, &mut output, 1), wrong);
        assert_eq!(decoder.decode_all(&payload, &mut output), Ok(300));
        decoder.reset();
        assert_eq!(decoder.decode_all(&payload, &mut [1; 400]), Ok(300), "more room than needed");
    }
}
