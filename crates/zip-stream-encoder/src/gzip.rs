//! A gzip object as an entry: its deflate stream is the payload, its trailer has the checksum.
//!
//! *Shape*, RFC 1952: a header of ten bytes and optional fields, one deflate stream, CRC-32 u32,
//! size modulo 2^32 u32. Files of several members, one behind the other, are not told from files
//! of one without decoding them; their maker has to know.

use zip_format::method::Method;

use crate::content::Within;
use crate::entry::Contents;

/// Header and trailer of a gzip object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gzip {
    header_len: u64,
    object_len: u64,
    crc32: u32,
    /// The low half of the size.
    size: u32,
}

/// Deflate makes at most 1,032 bytes out of one.
const MAX_RATIO: u64 = 1_032;
const TRAILER_BYTES: u64 = 8;

const HEADER_CRC: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0xe0;

impl Gzip {
    /// Reads the first bytes of an object of `object_len` bytes, as many as its header has or
    /// more, and its last eight. `None` if they are not those of gzip.
    #[must_use]
    pub fn read(head: &[u8], trailer: [u8; 8], object_len: u64) -> Option<Self> {
        let (&[0x1f, 0x8b, 8, flags, ..], mut rest) = head.split_first_chunk::<10>()? else {
            return None;
        };
        if flags & RESERVED != 0 {
            return None;
        }
        if flags & EXTRA != 0 {
            let (len, after) = rest.split_first_chunk::<2>()?;
            rest = after.get(usize::from(u16::from_le_bytes(*len))..)?;
        }
        for text in [NAME, COMMENT] {
            if flags & text != 0 {
                let end = rest.iter().position(|&byte| byte == 0)?;
                rest = rest.get(end + 1..)?;
            }
        }
        if flags & HEADER_CRC != 0 {
            rest = rest.get(2..)?;
        }
        let header_len = (head.len() - rest.len()) as u64;
        if object_len <= header_len.saturating_add(TRAILER_BYTES) {
            return None;
        }
        let [a, b, c, d, e, f, g, h] = trailer;
        let (crc32, size) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        Some(Self { header_len, object_len, crc32, size })
    }

    /// What is known of the contents. Their size is `size`, where the caller knows it; the trailer
    /// has only its low half, which is enough where the object is too small for 4 GiB. `None`
    /// where it is not, or where the two contradict each other.
    #[must_use]
    pub fn contents(&self, size: Option<u64>) -> Option<Contents> {
        let compressed_size = self.object_len - self.header_len - TRAILER_BYTES;
        let is_small = compressed_size.saturating_mul(MAX_RATIO) <= u64::from(u32::MAX);
        let size = match size {
            Some(size) if size as u32 == self.size => size,
            None if is_small => self.size.into(),
            _ => return None,
        };
        let (method, crc32) = (Method::DEFLATE, self.crc32);
        Some(Contents::Raw { method, compressed_size, size, crc32 })
    }

    /// The payload in the object.
    pub const fn payload<C>(&self, object: C) -> Within<C> {
        let end = self.object_len - TRAILER_BYTES;
        Within { content: object, start: self.header_len, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAILER: [u8; 8] = [1, 2, 3, 4, 5, 0, 0, 0];

    #[test]
    fn every_optional_field_is_passed_over() {
        let fixed = |flags| vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3];
        let all = [&fixed(0x1e)[..], &[2, 0, 9, 9], b"name\0", b"comment\0", &[7, 7]].concat();
        for (head, len) in [(fixed(0), 10), (all.clone(), 10 + 4 + 5 + 8 + 2)] {
            let object = [&head[..], b"payload", &TRAILER].concat();
            let gzip = Gzip::read(&object, TRAILER, object.len() as u64).unwrap();
            assert_eq!(gzip.header_len, len);
            let within = gzip.payload(());
            assert_eq!((within.start, within.end), (len, len + 7));
        }
        for cut in 0..all.len() {
            assert_eq!(Gzip::read(&all[..cut], TRAILER, 100), None, "cut at {cut}");
        }
        assert_eq!(Gzip::read(&fixed(0x20), TRAILER, 100), None, "of a later version");
        assert_eq!(Gzip::read(&fixed(0), TRAILER, 18), None, "no room for a payload");
        assert_eq!(Gzip::read(b"PK\x03\x04567890", TRAILER, 100), None);
    }

    #[test]
    fn the_size_is_known_or_not() {
        let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        let small = Gzip::read(&head, TRAILER, 1_018).unwrap();
        let known = Contents::Raw {
            method: Method::DEFLATE,
            compressed_size: 1_000,
            size: 5,
            crc32: 0x0403_0201,
        };
        assert_eq!(small.contents(None), Some(known));
        assert_eq!(small.contents(Some(6)), None);
        let large = Gzip::read(&head, TRAILER, 5 << 20).unwrap();
        assert_eq!(large.contents(None), None, "5 bytes, or 4 GiB more");
        let size = Some((1 << 32) + 5);
        assert_eq!(large.contents(size).map(|contents| contents.size()), size);
    }
}
