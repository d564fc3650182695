//! Method 8 made of stored blocks only (RFC 1951, 3.2.4): a deflate stream whose length is known
//! before its first byte.
//!
//! For streams that must announce their size and may not use method 0, and for level 0. Each block
//! has five bytes of header: BFINAL in the first, then the length and its complement.

use crate::coder::Encode;
use crate::error::Result;
use crate::step::{Step, Want};

/// Contents bytes in a full block.
pub const BLOCK_BYTES: usize = 65_535;

/// Bytes before them.
pub const HEADER_BYTES: usize = 5;

/// Length in bytes of the stream for `n` bytes of contents; saturates at `u64::MAX`.
#[must_use]
pub const fn exact_len(n: u64) -> u64 {
    let blocks = n.div_ceil(BLOCK_BYTES as u64);
    let blocks = if blocks == 0 { 1 } else { blocks };
    n.saturating_add(blocks * HEADER_BYTES as u64)
}

/// Wraps contents into stored blocks.
///
/// *Limits*: holds one block (64 KiB), because a block's header comes before its bytes and tells
/// whether it is the last.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    /// Header and contents of the block that is being filled or delivered.
    block: Vec<u8>,
    /// Bytes of `block` delivered; only used while `closed`.
    delivered: usize,
    closed: bool,
    last: bool,
}

impl Encoder {
    fn fill(&mut self, input: &[u8], last: bool) -> usize {
        if self.block.is_empty() {
            self.block.reserve_exact(HEADER_BYTES + BLOCK_BYTES);
            self.block.extend_from_slice(&[0; HEADER_BYTES]);
        }
        let n = input.len().min(HEADER_BYTES + BLOCK_BYTES - self.block.len());
        self.block.extend_from_slice(&input[..n]);
        // A full block waits for the byte after it, or for the news that there is none.
        self.last = last && n == input.len();
        self.closed = self.last || n < input.len();
        if self.closed {
            let header = header(self.block.len() - HEADER_BYTES, self.last);
            self.block[..HEADER_BYTES].copy_from_slice(&header);
        }
        n
    }
}

impl Encode for Encoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            if !self.closed {
                consumed += self.fill(&input[consumed..], last);
            }
            if !self.closed {
                break Want::Input;
            }
            let ready = &self.block[self.delivered..];
            let n = ready.len().min(output.len() - produced);
            output[produced..produced + n].copy_from_slice(&ready[..n]);
            produced += n;
            self.delivered += n;
            if self.delivered < self.block.len() {
                break Want::Output;
            }
            if self.last {
                break Want::Nothing;
            }
            self.reset();
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        self.block.clear();
        (self.delivered, self.closed, self.last) = (0, false, false);
    }

    fn encode_all(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        Ok(lay(input, true, output))
    }

    fn encode_piece(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        Ok(lay(input, false, output))
    }

    fn exact_len(&self, n: u64) -> Option<u64> {
        Some(exact_len(n))
    }
}

/// All blocks of a stream, or of a piece of one that goes on; `None` if they do not fit.
fn lay(input: &[u8], last: bool, output: &mut [u8]) -> Option<usize> {
    let length = exact_len(input.len() as u64);
    if length > output.len() as u64 {
        return None;
    }
    let mut rest = output;
    let mut at = 0;
    loop {
        let block = &input[at..input.len().min(at + BLOCK_BYTES)];
        at += block.len();
        let ends = at == input.len();
        let (to, behind) = rest.split_at_mut(HEADER_BYTES + block.len());
        to[..HEADER_BYTES].copy_from_slice(&header(block.len(), ends && last));
        to[HEADER_BYTES..].copy_from_slice(block);
        rest = behind;
        if ends {
            // It fits into the output, so it fits into usize.
            return Some(length as usize);
        }
    }
}

/// The header of a block of at most 65,535 bytes, for those who pass the contents on themselves.
#[must_use]
pub const fn header(bytes: usize, last: bool) -> [u8; HEADER_BYTES] {
    let [low, high] = (bytes as u16).to_le_bytes();
    [last as u8, low, high, !low, !high]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(n: usize) {
        let contents: Vec<u8> = (0..n).map(|i| (i / 7) as u8).collect();
        let expected = exact_len(n as u64) as usize;
        let mut whole = vec![0; expected];
        assert_eq!(Encoder::default().encode_all(&contents, &mut whole), Ok(Some(expected)));
        if n > 0 {
            assert_eq!(Encoder::default().encode_all(&contents, &mut whole[1..]), Ok(None));
        }
        let (mut encoder, mut pushed, mut piece) = (Encoder::default(), Vec::new(), [0; 999]);
        for (i, slice) in contents.chunks(1000).chain([&[][..]]).enumerate() {
            let (mut slice, last) = (slice, i * 1000 >= n);
            loop {
                let step = encoder.push(slice, last, &mut piece).expect("nothing to go wrong");
                slice = &slice[step.consumed..];
                pushed.extend_from_slice(&piece[..step.produced]);
                if step.want != Want::Output {
                    break;
                }
            }
        }
        assert!(pushed == whole, "{n} bytes: pushed and whole streams differ");
    }

    #[test]
    fn the_length_is_known_before() {
        assert_eq!(exact_len(0), 5);
        assert_eq!(exact_len(65_535), 65_540);
        assert_eq!(exact_len(65_536), 65_546);
        for n in [0, 1, 999, 65_534, 65_535, 65_536, 131_070, 131_071, 200_000] {
            check(n);
        }
    }

    #[test]
    fn the_empty_stream_is_one_empty_block() {
        let mut output = [0; 5];
        assert_eq!(Encoder::default().encode_all(&[], &mut output), Ok(Some(5)));
        assert_eq!(output, [1, 0, 0, 0xff, 0xff]);
    }
}
