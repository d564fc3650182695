//! Runs of zero bytes, far too long to make: their CRC-32 and their deflate stream. RFC 1951, 3.2.7.
//!
//! The stream is written by hand, because a bomb should not cost the test the time to inflate and deflate it.

use crc32fast::Hasher;

/// CRC-32 of `len` zero bytes, in time logarithmic in `len`.
#[must_use]
pub fn crc32_of_zeros(len: u64) -> u32 {
    let mut whole = Hasher::new();
    let mut power = Hasher::new_with_initial_len(crc32fast::hash(&[0]), 1);
    let mut rest = len;
    while rest > 0 {
        if rest & 1 == 1 {
            whole.combine(&power);
        }
        let twice = power.clone();
        power.combine(&twice);
        rest >>= 1;
    }
    whole.finalize()
}

/// A deflate stream of `len` zero bytes: one dynamic block in which 258 bytes cost two bits, about 1031 to 1.
///
/// *Shape*: three literal/length codes (zero byte: 10, end of block: 11, length 258: 0) and one distance code
/// (1: 0), so that a match is two zero bits and a long run of matches is a run of zero bytes.
#[must_use]
pub fn deflate_zeros(len: u64) -> Vec<u8> {
    if len == 0 {
        return vec![0x03, 0x00];
    }
    let mut bits = Bits::default();
    bits.put(1, 1); // BFINAL
    bits.put(2, 2); // BTYPE: dynamic
    bits.put(29, 5); // HLIT: 286 literal/length codes
    bits.put(0, 5); // HDIST: 1 distance code
    bits.put(14, 4); // HCLEN: 18 code length codes
    // In the order 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1: symbol 18 has one bit, 2 and 1 have two.
    for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] {
        bits.put(length, 3);
    }
    bits.code(0b11, 2); // literal 0: two bits
    bits.code(0, 1); // 138 zeros
    bits.put(138 - 11, 7);
    bits.code(0, 1); // 117 zeros
    bits.put(117 - 11, 7);
    bits.code(0b11, 2); // end of block: two bits
    bits.code(0, 1); // 28 zeros
    bits.put(28 - 11, 7);
    bits.code(0b10, 2); // length 258: one bit
    bits.code(0b10, 2); // distance 1: one bit

    bits.code(0b10, 2);
    let matches = (len - 1) / 258;
    bits.zeros(matches * 2);
    for _ in 0..(len - 1) % 258 {
        bits.code(0b10, 2);
    }
    bits.code(0b11, 2);
    bits.bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u64,
}

impl Bits {
    fn bit(&mut self, bit: u32) {
        let at = self.used % 8;
        if at == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= (bit as u8 & 1) << at;
        }
        self.used += 1;
    }

    /// A number, least significant bit first.
    fn put(&mut self, value: u32, width: u32) {
        for i in 0..width {
            self.bit(value >> i);
        }
    }

    /// A Huffman code, most significant bit first.
    fn code(&mut self, code: u32, width: u32) {
        for i in (0..width).rev() {
            self.bit(code >> i);
        }
    }

    fn zeros(&mut self, count: u64) {
        self.used += count;
        self.bytes.resize(self.used.div_ceil(8) as usize, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_of_zeros_matches_the_plain_way() {
        for len in [0, 1, 2, 3, 255, 256, 65_537, 1_000_001] {
            let plain = crc32fast::hash(&vec![0; len]);
            assert_eq!(crc32_of_zeros(len as u64), plain, "{len} zero bytes");
        }
        assert_eq!(crc32_of_zeros(64 << 20), 0xb2eb_30ed, "64 MiB, by Python's zlib");
    }

    #[test]
    fn stream_inflates_to_zeros() {
        for len in [0, 1, 2, 258, 259, 260, 516, 517, 518, 100_000, 1 << 20] {
            let stream = deflate_zeros(len);
            let out = miniz_oxide::inflate::decompress_to_vec(&stream)
                .unwrap_or_else(|e| panic!("{len} zero bytes: {e}"));
            assert_eq!(out.len() as u64, len, "{len} zero bytes");
            assert!(out.iter().all(|&b| b == 0), "{len} zero bytes");
        }
    }
}
