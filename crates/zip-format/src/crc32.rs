//! CRC-32 as ZIP uses it (APPNOTE 4.4.7): one accumulator, one byte step, and `combine`.
//!
//! A field of the format, needed below the cipher (one byte at a time) and above the pool
//! (checksums of chunks combined), so it lives here and nowhere else.

/// A running CRC-32.
///
/// ```
/// use zip_format::crc32::Crc32;
/// let mut crc = Crc32::new();
/// crc.update(b"1234");
/// crc.update(b"56789");
/// assert_eq!(crc.value(), 0xcbf4_3926);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Crc32(crc32fast::Hasher);

impl Crc32 {
    /// The checksum of no bytes: zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The state after `len` bytes whose checksum was `value`: a sum that goes on, or one half of
    /// a [`Crc32::combine`].
    #[must_use]
    pub fn resume(value: u32, len: u64) -> Self {
        Self(crc32fast::Hasher::new_with_initial_len(value, len))
    }

    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes so far. More may follow.
    #[must_use]
    pub fn value(&self) -> u32 {
        // Cloning is a copy of three words; the hasher only gives its value by move.
        self.0.clone().finalize()
    }

    /// Takes in a run of bytes that was summed elsewhere: afterwards this is the checksum of
    /// what was here followed by what was there.
    pub fn combine(&mut self, later: &Self) {
        self.0.combine(&later.0);
    }
}

/// The checksum of one slice.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// The table-driven step for one byte, without the inversions at both ends: what the key
/// schedule of traditional encryption (APPNOTE 6.1.5) calls `crc32(old, char)`.
#[must_use]
pub const fn step(state: u32, byte: u8) -> u32 {
    let index = (state ^ byte as u32) & 0xff;
    // The mask keeps the index below 256, the table's length.
    TABLE[index as usize] ^ (state >> 8)
}

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut value = n as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[n] = value;
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stepping_byte_by_byte_is_the_same_checksum() {
        let state = b"123456789".iter().fold(!0, |state, &byte| step(state, byte));
        assert_eq!(!state, crc32(b"123456789"), "check value of the CRC catalogue");
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn combining_two_runs_is_summing_their_bytes() {
        let bytes: alloc::vec::Vec<u8> = (0..=255).collect();
        for cut in 0..bytes.len() {
            let (mut left, mut right) = (Crc32::new(), Crc32::new());
            left.update(&bytes[..cut]);
            right.update(&bytes[cut..]);
            left.combine(&right);
            assert_eq!(left.value(), crc32(&bytes), "cut at {cut}");
            let mut resumed = Crc32::resume(crc32(&bytes[..cut]), cut as u64);
            resumed.combine(&Crc32::resume(right.value(), (bytes.len() - cut) as u64));
            assert_eq!(resumed.value(), crc32(&bytes), "resumed at {cut}");
        }
    }
}
