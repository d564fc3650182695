//! Method 8 through libdeflate: the fastest, for whole buffers.
//!
//! # The exact end
//!
//! A member is only sound if its payload ends where its deflate stream does. libdeflate's safe
//! face returns how much came out, not how much went in, so bytes after the stream would pass.
//! Its gzip decoder, however, reads a trailer directly behind the stream (RFC 1952, 2.3.1): CRC-32
//! and size of the contents. Both are known here from the directory, so
//!
//! ```text
//! 1f 8b 08 .. (10 bytes) | payload | CRC-32 | size modulo 2^32
//! ```
//!
//! is decoded as gzip. It succeeds only if the eight bytes behind the stream equal the trailer
//! `T`. With the stream ending early, at `e` before the payload's end, that takes the bytes of
//! `T` at `e` in `payload | T`. So if `T` occurs in `payload | T` nowhere but at its end, success
//! proves three facts at once: the stream ends exactly with the payload, its size is right, and so
//! is its checksum. If it does occur earlier (once in 2^64 for honest data), the exact back end
//! decides, as it does for the reason whenever libdeflate refuses.
//!
//! The price is a copy of the payload and one search of it: 0.4 to 1.1 % of the time, against 17 to
//! 32 % for the exact back end (members of 4 KB to 1 MB). The checksum is not paid twice.

use libdeflater::{CompressionError, CompressionLvl, Compressor, Decompressor};

use super::blocks::Walker;
use super::zlib_rs;
use crate::coder::{Decode, Encode};
use crate::error::Result;
use crate::level::Level;
use crate::step::Step;

/// Payloads beyond this are not copied: first touches of that much memory cost what is gained.
const ENVELOPE_BYTES: usize = 16 << 20;

/// ID, method 8, no flags, no time, no extra flags, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

const TRAILER_BYTES: usize = 8;

/// An empty stored block, with a byte for its first bits.
const FLUSH_BYTES: usize = 5;

/// Decodes verified whole buffers with libdeflate, all else with zlib-rs.
///
/// *Limits*: besides the state of both, one copy of the largest payload of up to 16 MiB seen.
pub struct Decoder {
    fast: Decompressor,
    exact: zlib_rs::Decoder,
    /// The exact back end has seen some of a stream; else it needs no reset.
    exact_used: bool,
    envelope: Vec<u8>,
}

/// Encodes whole buffers with libdeflate, streams with zlib-rs.
///
/// *Limits*: 0.1 to 1 MiB of state up to level 8, about 9 MiB at level 9; the stream's state
/// comes with the first push.
pub struct Encoder {
    whole: Compressor,
    stream: Option<zlib_rs::Encoder>,
    /// For pieces.
    walker: Option<Walker>,
    level: Level,
}

impl Decoder {
    /// A decoder ready for its first stream.
    #[must_use]
    pub fn new() -> Self {
        let (fast, exact) = (Decompressor::new(), zlib_rs::Decoder::new());
        Self { fast, exact, exact_used: false, envelope: Vec::new() }
    }

    /// True if `input` is one exact stream of `output`, now decoded; false if someone else must
    /// look.
    fn decode_sealed(&mut self, input: &[u8], output: &mut [u8], crc32: u32) -> bool {
        let mut trailer = [0; TRAILER_BYTES];
        trailer[..4].copy_from_slice(&crc32.to_le_bytes());
        // The field holds the size modulo 2^32.
        trailer[4..].copy_from_slice(&(output.len() as u32).to_le_bytes());
        self.envelope.clear();
        self.envelope.reserve(HEADER.len() + input.len() + TRAILER_BYTES);
        self.envelope.extend_from_slice(&HEADER);
        self.envelope.extend_from_slice(input);
        self.envelope.extend_from_slice(&trailer);
        let before_the_end = &self.envelope[HEADER.len()..self.envelope.len() - 1];
        if contains(before_the_end, trailer) {
            return false;
        }
        self.fast.gzip_decompress(&self.envelope, output) == Ok(output.len())
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

    fn decode_verified(&mut self, input: &[u8], output: &mut [u8], crc32: u32) -> Result<()> {
        if input.len() <= ENVELOPE_BYTES && self.decode_sealed(input, output, crc32) {
            return Ok(());
        }
        self.exact_used = true;
        self.exact.decode_verified(input, output, crc32)
    }
}

impl Encoder {
    /// An encoder ready for its first stream.
    #[must_use]
    pub fn new(level: Level) -> Self {
        let number = match level.get() {
            9 => 10,
            other => i32::from(other),
        };
        let level_of_back_end = CompressionLvl::new(number).expect("0 to 12 are its levels");
        Self { whole: Compressor::new(level_of_back_end), stream: None, walker: None, level }
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
        match self.whole.deflate_compress(input, output) {
            Ok(produced) => Ok(Some(produced)),
            Err(CompressionError::InsufficientSpace) => Ok(None),
        }
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

/// Whether `needle` occurs in `bytes`. Compressed bytes are as good as random, so one block in a
/// thousand gets the second look.
fn contains(bytes: &[u8], needle: [u8; TRAILER_BYTES]) -> bool {
    const BLOCK: usize = 64;
    let [first, second, ..] = needle;
    let mut at = 0;
    while at + BLOCK < bytes.len() {
        let (here, next) = (&bytes[at..at + BLOCK], &bytes[at + 1..at + 1 + BLOCK]);
        // Without branches, so that it becomes a few vector instructions.
        let hits = here
            .iter()
            .zip(next)
            .fold(0, |hits, (&a, &b)| hits | (u8::from(a == first) & u8::from(b == second)));
        let end = bytes.len().min(at + BLOCK + TRAILER_BYTES - 1);
        if hits != 0 && bytes[at..end].windows(TRAILER_BYTES).any(|window| window == needle) {
            return true;
        }
        at += BLOCK;
    }
    bytes[at..].windows(TRAILER_BYTES).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use zip_format::crc32::crc32;

    #[test]
    fn the_search_finds_every_position() {
        let needle = *b"12345678";
        for length in [8, 9, 63, 64, 65, 71, 72, 73, 127, 128, 129, 200] {
            let mut bytes = vec![b'1'; length];
            assert!(!contains(&bytes, needle), "{length}");
            for at in 0..=length - 8 {
                bytes[at..at + 8].copy_from_slice(&needle);
                assert!(contains(&bytes, needle), "{at} of {length}");
                bytes[at..at + 8].fill(b'1');
            }
        }
    }

    /// The attack on the envelope: bytes behind the stream that look like the trailer.
    #[test]
    fn a_trailer_behind_the_stream_does_not_pass_for_its_end() {
        let contents = [0; 300];
        let mut payload = vec![0; 300];
        let mut encoder = Encoder::new(Level::DEFAULT);
        let length = encoder.encode_all(&contents, &mut payload).expect("whole").expect("smaller");
        payload.truncate(length);
        let mut output = [0; 300];
        let mut trailer = crc32(&contents).to_le_bytes().to_vec();
        trailer.extend_from_slice(&300_u32.to_le_bytes());
        let mut decoder = Decoder::new();
        for unused in [8, 9, 12, 16, 24] {
            let behind = trailer.iter().copied().cycle().take(unused);
            let longer: Vec<u8> = payload.iter().copied().chain(behind).collect();
            decoder.reset();
            let found = decoder.decode_verified(&longer, &mut output, crc32(&contents));
            assert_eq!(found, Err(Error::TrailingBytes { unused: unused as u64 }));
        }
    }

    /// The same with fewer than eight bytes, which takes a trailer that repeats itself.
    #[test]
    fn a_periodic_trailer_does_not_pass_for_its_end() {
        // Four bytes whose CRC-32 is 4 as well: the trailer is the same four bytes twice.
        let contents: [u8; 4] = four_bytes_with_crc(4);
        let payload: Vec<u8> =
            [1, 4, 0, 0xfb, 0xff].iter().chain(&contents).chain(&[4, 0, 0, 0]).copied().collect();
        let mut output = [0; 4];
        let mut decoder = Decoder::new();
        let found = decoder.decode_verified(&payload, &mut output, 4);
        assert_eq!(found, Err(Error::TrailingBytes { unused: 4 }));
        decoder.reset();
        assert_eq!(decoder.decode_verified(&payload[..9], &mut output, 4), Ok(()));
    }

    /// CRC-32 of four bytes is a bijection; its linear parts are found bit by bit.
    fn four_bytes_with_crc(wanted: u32) -> [u8; 4] {
        let zero = crc32(&[0; 4]);
        // Gaussian elimination over the images of the 32 single bits.
        let mut rows: Vec<(u32, u32)> =
            (0..32).map(|bit| (crc32(&(1_u32 << bit).to_le_bytes()) ^ zero, 1 << bit)).collect();
        let mut left = wanted ^ zero;
        let mut bits = 0;
        for column in (0..32).rev() {
            let mask = 1 << column;
            let pivot = rows.iter().position(|row| row.0 & mask != 0).expect("a bijection");
            let (image, source) = rows.swap_remove(pivot);
            for row in &mut rows {
                if row.0 & mask != 0 {
                    *row = (row.0 ^ image, row.1 ^ source);
                }
            }
            if left & mask != 0 {
                (left, bits) = (left ^ image, bits ^ source);
            }
        }
        bits.to_le_bytes()
    }
}
