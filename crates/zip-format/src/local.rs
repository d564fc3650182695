//! Local file header, APPNOTE 4.3.7: the record before each payload.
//!
//! *Shape*: signature u32, version needed u16, flags u16, method u16, time u16, date u16,
//! CRC-32 u32, compressed size u32, size u32, name length u16, extra length u16, name, extra.

use alloc::vec::Vec;

use crate::bytes::{Head, put_len, put_u16, put_u32, split_part};
use crate::dos_time::DosDateTime;
use crate::error::{Record, Result};
use crate::extra::zip64::{Slots, Values};
use crate::extra::{find, id};
use crate::flags::Flags;
use crate::method::Method;
use crate::signature;

/// Bytes before the name.
pub const FIXED_LEN: usize = 30;

/// A local file header as it stands in the archive.
///
/// With [`Flags::DESCRIPTOR`] the CRC and both sizes may be zero here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalHeader<'a> {
    /// Version needed to extract.
    pub version_needed: u16,
    /// General purpose flags.
    pub flags: Flags,
    /// Compression method, or [`Method::AES`].
    pub method: Method,
    /// Last modification.
    pub modified: DosDateTime,
    /// CRC-32 of the contents.
    pub crc32: u32,
    /// The 32-bit slot of the compressed size.
    pub compressed_size: u32,
    /// The 32-bit slot of the size.
    pub size: u32,
    /// Name, raw.
    pub name: &'a [u8],
    /// Extra field.
    pub extra: &'a [u8],
}

impl<'a> LocalHeader<'a> {
    /// Reads the header at the start of `bytes`; returns it and its length.
    ///
    /// # Errors
    /// Another signature, or the record goes on after the bytes end.
    pub fn parse(bytes: &'a [u8]) -> Result<(Self, usize)> {
        const RECORD: Record = Record::LocalHeader;
        let (head, rest) = Head::<FIXED_LEN>::split(bytes, RECORD)?;
        head.expect(signature::LOCAL_HEADER, RECORD)?;
        let (name, rest) = split_part(rest, head.u16::<26>(), RECORD, FIXED_LEN)?;
        let (extra, _) = split_part(rest, head.u16::<28>(), RECORD, FIXED_LEN + name.len())?;
        let header = Self {
            version_needed: head.u16::<4>(),
            flags: Flags::from_bits_retain(head.u16::<6>()),
            method: Method(head.u16::<8>()),
            modified: DosDateTime { time: head.u16::<10>(), date: head.u16::<12>() },
            crc32: head.u32::<14>(),
            compressed_size: head.u32::<18>(),
            size: head.u32::<22>(),
            name,
            extra,
        };
        Ok((header, header.len()))
    }

    /// Length of the whole header whose first [`FIXED_LEN`] bytes are given.
    ///
    /// # Errors
    /// Another signature, or fewer bytes.
    pub fn peek_len(bytes: &[u8]) -> Result<usize> {
        let (head, _) = Head::<FIXED_LEN>::split(bytes, Record::LocalHeader)?;
        head.expect(signature::LOCAL_HEADER, Record::LocalHeader)?;
        Ok(FIXED_LEN + usize::from(head.u16::<26>()) + usize::from(head.u16::<28>()))
    }

    /// Bytes of the record.
    #[must_use]
    pub const fn len(&self) -> usize {
        FIXED_LEN + self.name.len() + self.extra.len()
    }

    /// Never true; a header has at least its fixed part.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Sizes with the zip64 record merged in, and whether there is one.
    ///
    /// # Errors
    /// The zip64 record stands twice, is too short, or contradicts the slots.
    pub fn sizes(&self) -> Result<(Values, bool)> {
        let slots = self.slots();
        match find(self.extra, id::ZIP64)? {
            Some(data) => Ok((slots.merge(data)?, true)),
            None => Ok((slots.plain(), false)),
        }
    }

    /// The sizes of the slots, where there is a zip64 record of zeros that none of them asks for.
    pub(crate) fn sizes_beside_zeroed(&self) -> Option<Values> {
        let (slots, data) = (self.slots(), find(self.extra, id::ZIP64).ok()??);
        slots.is_zeroed(data).then(|| slots.plain())
    }

    const fn slots(&self) -> Slots {
        Slots { size: self.size, compressed_size: self.compressed_size, offset: None, disk: None }
    }

    /// Appends the record.
    ///
    /// # Errors
    /// Name or extra field are longer than 65,535 bytes.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        put_u32(out, signature::LOCAL_HEADER);
        put_u16(out, self.version_needed);
        put_u16(out, self.flags.bits());
        put_u16(out, self.method.0);
        put_u16(out, self.modified.time);
        put_u16(out, self.modified.date);
        put_u32(out, self.crc32);
        put_u32(out, self.compressed_size);
        put_u32(out, self.size);
        put_len(out, self.name, Record::LocalHeader)?;
        put_len(out, self.extra, Record::LocalHeader)?;
        out.extend_from_slice(self.name);
        out.extend_from_slice(self.extra);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_then_parse_is_the_same_header() {
        let header = LocalHeader {
            version_needed: 45,
            flags: Flags::from_bits_retain(0x8808),
            method: Method(4711),
            modified: DosDateTime { time: 1, date: 2 },
            crc32: 3,
            compressed_size: u32::MAX,
            size: 5,
            name: b"name",
            extra: &[1, 0, 8, 0, 9, 0, 0, 0, 0, 0, 0, 0],
        };
        let mut bytes = Vec::new();
        header.write(&mut bytes).unwrap();
        assert_eq!(LocalHeader::parse(&bytes), Ok((header, bytes.len())));
        assert_eq!(LocalHeader::peek_len(&bytes), Ok(bytes.len()));
        assert_eq!(header.sizes().unwrap().0.compressed_size, 9);
        for cut in 0..bytes.len() {
            assert!(LocalHeader::parse(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        bytes[0] = b'Q';
        assert!(LocalHeader::parse(&bytes).is_err());
    }
}
