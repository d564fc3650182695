//! Where the last block of a deflate stream starts and ends (RFC 1951, 3.2.3): a walk over its
//! codewords that decodes nothing.
//!
//! libdeflate closes every stream with a final block and has no flush, so a piece of a longer
//! stream needs one bit cleared in the header of its last block, and to know behind which bit the
//! next header goes. Blocks begin at any bit and have no length, so only a walk over all codewords
//! finds them. It needs no output and no window, and one look into a table passes a run of
//! literals, so it costs a small part of what compressing did: see
//! `docs/decisions/0003-deflate-back-ends.md`.

/// Bits of codewords that one look passes, literals and lengths.
const LITLEN_BITS: u32 = 11;
/// The same of distances.
const DISTANCE_BITS: u32 = 9;
/// RFC 1951, 3.2.7: no codeword is longer.
const MAX_BITS: usize = 15;
/// Literals, end of block, lengths; two more exist in the fixed code alone.
const LITLEN_SYMBOLS: usize = 288;
/// The end of a block.
const END: usize = 256;

/// A look that ends in literals: more of the same follows.
const LITERALS: u16 = 0 << 8;
/// A look that ends in a length: a distance follows.
const LENGTH: u16 = 1 << 8;
/// A look that ends the block.
const STOP: u16 = 2 << 8;
/// A codeword longer than the table is wide, or none at all.
const LONG: u16 = 3 << 8;

/// The last block of a stream, in bits from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastBlock {
    /// Its first bit: the one that says that it is the last.
    pub(crate) header: usize,
    /// The bit behind its last.
    pub(crate) end: usize,
}

/// The tables of one walker; reused, never freed.
pub(crate) struct Walker {
    litlen: Code,
    distance: Code,
}

/// A canonical code and what its codewords pass.
struct Code {
    /// By the next bits: how many to pass, and what then.
    table: Vec<u16>,
    /// Codewords of each length.
    count: [u16; MAX_BITS + 1],
    /// Symbols in the order of their codewords.
    symbols: [u16; LITLEN_SYMBOLS],
}

/// Bits of a stream, from the lowest of its first byte.
struct Bits<'s> {
    stream: &'s [u8],
    at: usize,
}

impl Walker {
    pub(crate) fn new() -> Self {
        Self { litlen: Code::new(LITLEN_BITS), distance: Code::new(DISTANCE_BITS) }
    }

    /// The last block of a stream that ends with `stream`; `None` if it is no such stream.
    pub(crate) fn last_block(&mut self, stream: &[u8]) -> Option<LastBlock> {
        let mut bits = Bits { stream, at: 0 };
        loop {
            let header = bits.at;
            let word = bits.peek();
            bits.at += 3;
            match word >> 1 & 3 {
                0 => {
                    bits.at = bits.at.next_multiple_of(8);
                    let lengths = bits.peek();
                    let (len, check) = (lengths as u16, (lengths >> 16) as u16);
                    if len != !check {
                        return None;
                    }
                    bits.at += 32 + 8 * usize::from(len);
                }
                1 => {
                    self.fixed();
                    self.pass(&mut bits)?;
                }
                2 => {
                    self.dynamic(&mut bits)?;
                    self.pass(&mut bits)?;
                }
                _ => return None,
            }
            if bits.at > 8 * stream.len() {
                return None;
            }
            if word & 1 == 1 {
                let whole = bits.at.div_ceil(8) == stream.len();
                return whole.then_some(LastBlock { header, end: bits.at });
            }
        }
    }

    /// RFC 1951, 3.2.6.
    fn fixed(&mut self) {
        let mut lengths = [8; LITLEN_SYMBOLS];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        self.litlen.build(&lengths, litlen_entry);
        self.litlen.join_literals();
        self.distance.build(&[5; 30], distance_entry);
    }

    /// RFC 1951, 3.2.7: the code of the code lengths, then the lengths of both codes.
    fn dynamic(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        const ORDER: [usize; 19] =
            [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let litlens = 257 + bits.take(5);
        let distances = 1 + bits.take(5);
        let codes = 4 + bits.take(4);
        if litlens > 286 || distances > 30 {
            return None;
        }
        let mut short = [0; 19];
        for &symbol in ORDER.get(..codes)? {
            short[symbol] = bits.take(3) as u8;
        }
        // The table of the distances is free until their lengths are known.
        self.distance.build(&short, |symbol, len| LITERALS | (symbol << 10) | len);
        let mut lengths = [0; 286 + 30];
        let all = litlens + distances;
        let mut filled = 0;
        while filled < all {
            let entry = self.distance.look(bits.peek());
            if entry & LONG == LONG {
                return None;
            }
            bits.at += usize::from(entry & 0xf);
            let symbol = entry >> 10;
            let (len, times) = match symbol {
                0..=15 => (symbol as u8, 1),
                16 => (*lengths.get(filled.checked_sub(1)?)?, 3 + bits.take(2)),
                17 => (0, 3 + bits.take(3)),
                _ => (0, 11 + bits.take(7)),
            };
            lengths.get_mut(filled..filled + times)?.fill(len);
            filled += times;
        }
        if filled != all {
            return None;
        }
        self.litlen.build(lengths.get(..litlens)?, litlen_entry);
        self.litlen.join_literals();
        self.distance.build(lengths.get(litlens..all)?, distance_entry);
        Some(())
    }

    /// Passes the codewords of a block up to and with its end.
    fn pass(&self, bits: &mut Bits<'_>) -> Option<()> {
        // `word` holds `have` bits that are counted, and above them what the next load brings again.
        let mut word = bits.peek();
        let mut have = 56 - (bits.at % 8) as u32;
        let mut byte = bits.at / 8 + 7;
        // Every round takes a bit at least, so a stream that never ends is left behind.
        while byte <= bits.stream.len() + 8 {
            // 56 bits or more: enough for the longest length and distance.
            word |= bits.load(byte) << have;
            byte += (63 - have as usize) / 8;
            have |= 56;

            let mut entry = self.litlen.look(word);
            if entry & LONG == LONG {
                let (symbol, len) = self.litlen.search(word)?;
                entry = litlen_entry(symbol, len);
            }
            let passed = entry & 0xff;
            word >>= passed;
            have -= u32::from(passed);
            if entry & STOP != 0 {
                bits.at = 8 * byte - have as usize;
                return Some(());
            }
            // Whether a distance follows nobody can guess, so none is looked up and masked out
            // rather than branched around: that is twice as fast.
            let mask = 0_u16.wrapping_sub(entry >> 8);
            let mut entry = self.distance.look(word) & mask;
            if entry & LONG == LONG {
                let (symbol, len) = self.distance.search(word)?;
                entry = distance_entry(symbol, len);
            }
            let passed = entry & 0xff;
            word >>= passed;
            have -= u32::from(passed);
        }
        None
    }
}

/// What a codeword of `len` bits for a literal, a length or the end passes.
fn litlen_entry(symbol: u16, len: u16) -> u16 {
    // RFC 1951, 3.2.5: 265 to 284 have one to five more bits, in fours.
    match usize::from(symbol) {
        ..END => LITERALS | len,
        END => STOP | len,
        265..285 => LENGTH | (len + (symbol - 261) / 4),
        _ => LENGTH | len,
    }
}

/// What a codeword of `len` bits for a distance passes.
fn distance_entry(symbol: u16, len: u16) -> u16 {
    let more = if symbol < 4 { 0 } else { symbol / 2 - 1 };
    LITERALS | (len + more)
}

impl Code {
    fn new(bits: u32) -> Self {
        Self { table: vec![LONG; 1 << bits], count: [0; 16], symbols: [0; LITLEN_SYMBOLS] }
    }

    const fn width(&self) -> u32 {
        self.table.len().trailing_zeros()
    }

    fn look(&self, word: u64) -> u16 {
        let mask = self.table.len() - 1;
        self.table.get(word as usize & mask).copied().unwrap_or(LONG)
    }

    /// Fills the table from the lengths of the codewords.
    fn build(&mut self, lengths: &[u8], entry: impl Fn(u16, u16) -> u16) {
        self.count = [0; 16];
        for &len in lengths {
            self.count[usize::from(len & 15)] += 1;
        }
        self.count[0] = 0;
        let mut offsets = [0_u16; MAX_BITS + 2];
        let mut next = [0_u32; MAX_BITS + 2];
        for len in 1..=MAX_BITS {
            offsets[len + 1] = offsets[len] + self.count[len];
            next[len + 1] = (next[len] + u32::from(self.count[len])) << 1;
        }
        self.table.fill(LONG);
        let width = self.width();
        for (symbol, &len) in (0_u16..).zip(lengths) {
            let len = usize::from(len & 15);
            if len == 0 {
                continue;
            }
            if let Some(place) = self.symbols.get_mut(usize::from(offsets[len])) {
                *place = symbol;
            }
            offsets[len] += 1;
            let code = next[len];
            next[len] += 1;
            if len as u32 <= width {
                // Codewords stand with their highest bit first.
                let first = (code.reverse_bits() >> (32 - len as u32)) as usize;
                let entry = entry(symbol, len as u16);
                for slot in self.table.iter_mut().skip(first).step_by(1 << len) {
                    *slot = entry;
                }
            }
        }
    }

    /// Lets one look pass as many codewords as it has bits for, if all but the last are literals.
    fn join_literals(&mut self) {
        let width = self.width() as u16;
        // From the highest index down: what follows a literal has a lower index, or the same one,
        // and still stands for one codeword.
        for index in (0..self.table.len()).rev() {
            let mut total = self.table[index];
            while total & LONG == LITERALS {
                let passed = total & 0xff;
                let following = self.table[index >> passed];
                // The shift brought in zeros; a codeword counts if it ends before them.
                if following & LONG == LONG || passed + (following & 0xff) > width {
                    break;
                }
                total = (following & LONG) | (passed + (following & 0xff));
            }
            self.table[index] = total;
        }
    }

    /// The symbol of a codeword of any length, bit by bit.
    #[cold]
    fn search(&self, mut word: u64) -> Option<(u16, u16)> {
        let (mut code, mut first, mut index) = (0_u32, 0_u32, 0_u32);
        for len in 1..=MAX_BITS {
            code |= (word & 1) as u32;
            word >>= 1;
            let count = u32::from(self.count[len]);
            if code < first + count {
                let symbol = self.symbols.get((index + code - first) as usize)?;
                return Some((*symbol, len as u16));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }
}

impl Bits<'_> {
    /// The next 57 bits or more; zeros behind the end.
    fn peek(&self) -> u64 {
        self.load(self.at / 8) >> (self.at % 8)
    }

    /// Eight bytes; zeros behind the end.
    #[inline]
    fn load(&self, byte: usize) -> u64 {
        match self.stream.get(byte..byte + 8) {
            Some(bytes) => u64::from_le_bytes(bytes.try_into().unwrap_or_default()),
            None => self.tail(byte),
        }
    }

    #[cold]
    fn tail(&self, byte: usize) -> u64 {
        let rest = self.stream.get(byte..).unwrap_or(&[]);
        rest.iter().take(8).rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
    }

    fn take(&mut self, count: u32) -> usize {
        let value = self.peek() & ((1 << count) - 1);
        self.at += count as usize;
        value as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coder::Encode;
    use crate::deflate::{libdeflate, zlib_rs};
    use crate::level::Level;

    fn text(bytes: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let words: Vec<String> = (0..500).map(|_| format!("{:x} ", next() % 4096)).collect();
        let mut text = Vec::new();
        while text.len() < bytes {
            // Some runs, some words, some noise: all kinds of blocks and all lengths of codewords.
            match next() % 64 {
                0 => text.extend(std::iter::repeat_n(b'r', next() as usize % 3_000)),
                1 => text.extend((0..next() % 2_000).map(|_| next() as u8)),
                _ => text.extend(words[next() as usize % words.len()].bytes()),
            }
        }
        text.truncate(bytes);
        text
    }

    /// A block of one byte behind the last block shows that the walk ended at the right bit: a
    /// decoder has to find it there.
    #[test]
    fn the_last_block_is_found_wherever_it_is() {
        let mut walker = Walker::new();
        for bytes in [1, 10, 60, 1_000, 30_000, 200_000, 1_500_000] {
            let contents = text(bytes);
            let mut output = vec![0; bytes + 1_000];
            for level in 1..=9 {
                let level = Level::try_from(level).unwrap();
                let encoders: [Box<dyn Encode>; 2] = [
                    Box::new(libdeflate::Encoder::new(level)),
                    Box::new(zlib_rs::Encoder::new(level)),
                ];
                for mut encoder in encoders {
                    let len = encoder.encode_all(&contents, &mut output).unwrap().unwrap();
                    let mut stream = output[..len].to_vec();
                    let last = walker.last_block(&stream).expect("a stream");
                    assert_eq!(last.end.div_ceil(8), len);
                    // Not the last any more, and a stored block of one byte behind it.
                    stream[last.header / 8] &= !(1 << (last.header % 8));
                    let mut bits = last.end;
                    stream.resize(len + 1, 0);
                    stream[bits / 8] |= 1 << (bits % 8);
                    bits += 3;
                    stream.truncate(bits.div_ceil(8));
                    stream.extend_from_slice(&[1, 0, 0xfe, 0xff, b'!']);
                    let mut back = vec![0; bytes + 1];
                    let mut decoder = crate::deflate::decoder().unwrap();
                    assert_eq!(decoder.decode_all(&stream, &mut back), Ok(bytes + 1));
                    assert!(back[..bytes] == contents && back[bytes] == b'!');
                }
            }
        }
    }

    #[test]
    fn what_is_no_stream_is_none() {
        let mut walker = Walker::new();
        let contents = text(3_000);
        let mut output = vec![0; 3_200];
        let mut encoder = libdeflate::Encoder::new(Level::DEFAULT);
        let len = encoder.encode_all(&contents, &mut output).unwrap().unwrap();
        for cut in 0..len {
            assert_eq!(walker.last_block(&output[..cut]), None, "cut at {cut}");
        }
        assert_eq!(walker.last_block(&output[..=len]), None, "a byte too many");
        for seed in 0..200_u32 {
            let noise: Vec<u8> = (0..400_u32)
                .map(|i| (i.wrapping_add(seed).wrapping_mul(2_654_435_761) >> 13) as u8)
                .collect();
            // Whatever it says, it comes back.
            let _ = walker.last_block(&noise);
        }
    }
}
