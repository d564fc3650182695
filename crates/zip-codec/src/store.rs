//! Method 0: payload and contents are the same bytes (APPNOTE 4.4.5).

use zip_format::crc32::Crc32;

use crate::coder::{About, Decode, Encode, check_crc};
use crate::error::{Error, Result};
use crate::step::{Step, Want};

/// Bytes copied between two looks at their checksum: within the first-level cache.
const BLOCK_BYTES: usize = 16 << 10;

/// Hands the payload through.
///
/// A stored stream has no end of its own: it ends after the size given to [`Decode::begin`], or,
/// without one, where the input does.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    left: Option<u64>,
}

/// Hands the contents through.
#[derive(Clone, Debug, Default)]
pub struct Encoder;

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let most = usize::try_from(self.left.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let n = copy(&input[..input.len().min(most)], output);
        if let Some(left) = &mut self.left {
            *left -= n as u64;
        }
        let want = match self.left {
            Some(0) => Want::Nothing,
            None if last && n == input.len() => Want::Nothing,
            _ if n == output.len() => Want::Output,
            _ if last => return Err(Error::TruncatedPayload),
            _ => Want::Input,
        };
        Ok(Step { consumed: n, produced: n, want })
    }

    fn reset(&mut self) {
        self.left = None;
    }

    fn begin(&mut self, about: &About) {
        self.left = Some(about.claimed_size);
    }

    fn decode_verified(&mut self, input: &[u8], output: &mut [u8], crc32: u32) -> Result<()> {
        check_len(input.len() as u64, output.len() as u64)?;
        let mut crc = Crc32::new();
        for (from, to) in input.chunks(BLOCK_BYTES).zip(output.chunks_mut(BLOCK_BYTES)) {
            to.copy_from_slice(from);
            crc.update(to);
        }
        check_crc(crc32, crc.value())
    }
}

impl Encode for Encoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let n = copy(input, output);
        let want = if last && n == input.len() {
            Want::Nothing
        } else if n == output.len() {
            Want::Output
        } else {
            Want::Input
        };
        Ok(Step { consumed: n, produced: n, want })
    }

    fn reset(&mut self) {}

    fn exact_len(&self, n: u64) -> Option<u64> {
        Some(n)
    }
}

/// A stored payload is as long as its contents, or the headers lie.
pub(crate) const fn check_len(payload: u64, contents: u64) -> Result<()> {
    if payload == contents {
        Ok(())
    } else {
        Err(Error::SizeMismatch { expected: contents, found: payload })
    }
}

fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let n = from.len().min(to.len());
    to[..n].copy_from_slice(&from[..n]);
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_stream_ends_at_its_size() {
        let mut decoder = Decoder::default();
        decoder.begin(&About::of_size(3));
        let mut output = [0; 8];
        let step = decoder.push(b"abcdef", false, &mut output).expect("nothing to go wrong");
        assert_eq!(step, Step { consumed: 3, produced: 3, want: Want::Nothing });
        decoder.begin(&About::of_size(3));
        assert_eq!(decoder.push(b"ab", true, &mut output), Err(Error::TruncatedPayload));
    }

    #[test]
    fn lengths_are_compared_before_anything_is_copied() {
        let mut decoder = Decoder::default();
        let found = decoder.decode_verified(b"abc", &mut [0; 2], 0);
        assert_eq!(found, Err(Error::SizeMismatch { expected: 2, found: 3 }));
    }
}
