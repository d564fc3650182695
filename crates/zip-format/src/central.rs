//! Central directory header, APPNOTE 4.3.12: one per entry, in the directory.
//!
//! *Shape*: signature u32, made by u16, version needed u16, flags u16, method u16, time u16,
//! date u16, CRC-32 u32, compressed size u32, size u32, name, extra and comment length u16 each,
//! disk u16, internal attributes u16, external attributes u32, offset u32, name, extra, comment.

use alloc::vec::Vec;

use crate::attributes::Attributes;
use crate::bytes::{Head, put_len, put_u16, put_u32, truncated};
use crate::dos_time::DosDateTime;
use crate::error::{Record, Result};
use crate::extra::zip64::{SATURATED_32, Slots};
use crate::flags::Flags;
use crate::method::Method;
use crate::signature;
use crate::version::MadeBy;

/// Bytes before the name.
pub const FIXED_LEN: usize = 46;

/// What placing a member takes of its central header.
#[derive(Clone, Copy)]
pub(crate) struct Skimmed {
    /// Bytes of the header.
    pub(crate) len: usize,
    /// Offset of the member, as the header says it.
    pub(crate) offset: u32,
    /// Bytes of the name.
    pub(crate) name_len: u16,
    /// Bytes of the payload.
    pub(crate) compressed_size: u32,
}

/// A view of one central header: fields are read when they are asked for, so that a walk over
/// many headers touches only what it needs.
#[derive(Clone, Copy)]
pub struct CentralHeader<'a> {
    head: Head<'a, FIXED_LEN>,
    /// Name, extra field and comment.
    variable: &'a [u8],
}

impl<'a> CentralHeader<'a> {
    /// Reads the header at the start of `bytes`; returns it and the bytes after it.
    ///
    /// # Errors
    /// Another signature, or the record goes on after the bytes end.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8])> {
        let (head, rest) = Head::<FIXED_LEN>::split(bytes, Record::CentralHeader)?;
        head.expect(signature::CENTRAL_HEADER, Record::CentralHeader)?;
        let len = variable_len(head);
        match rest.split_at_checked(len) {
            Some((variable, rest)) => Ok((Self { head, variable }, rest)),
            None => {
                let needed = (FIXED_LEN + len) as u64;
                Err(truncated(Record::CentralHeader, needed, bytes.len() as u64))
            }
        }
    }

    /// What it takes to place the member of the header at the start of `bytes`; `None` where this
    /// is not plain to see: zip64, another volume, a fault.
    #[inline(always)]
    pub(crate) fn skim(bytes: &[u8]) -> Option<Skimmed> {
        let head = Head::<FIXED_LEN>::first(bytes)?;
        let len = FIXED_LEN + variable_len(head);
        let (compressed_size, size) = (head.u32::<20>(), head.u32::<24>());
        let (disk, offset) = (head.u16::<34>(), head.u32::<42>());
        let is_plain = head.u32::<0>() == signature::CENTRAL_HEADER
            && len <= bytes.len()
            && compressed_size != SATURATED_32
            && size != SATURATED_32
            && offset != SATURATED_32
            && disk == 0;
        let name_len = head.u16::<28>();
        is_plain.then_some(Skimmed { len, offset, name_len, compressed_size })
    }

    /// Bytes of the record.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        FIXED_LEN + self.variable.len()
    }

    /// Never true; a header has at least its fixed part.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Version made by.
    #[must_use]
    pub const fn made_by(&self) -> MadeBy {
        MadeBy(self.head.u16::<4>())
    }

    /// Version needed to extract. Many writers put nonsense here; nothing depends on it.
    #[must_use]
    pub const fn version_needed(&self) -> u16 {
        self.head.u16::<6>()
    }

    /// General purpose flags.
    #[inline]
    #[must_use]
    pub const fn flags(&self) -> Flags {
        Flags::from_bits_retain(self.head.u16::<8>())
    }

    /// Compression method, or [`Method::AES`].
    #[inline]
    #[must_use]
    pub const fn method(&self) -> Method {
        Method(self.head.u16::<10>())
    }

    /// Last modification, as a DOS time.
    #[must_use]
    pub const fn modified(&self) -> DosDateTime {
        DosDateTime { time: self.head.u16::<12>(), date: self.head.u16::<14>() }
    }

    /// CRC-32 of the contents.
    #[inline]
    #[must_use]
    pub const fn crc32(&self) -> u32 {
        self.head.u32::<16>()
    }

    /// Internal attributes; bit 0 is a guess that the contents are text.
    #[must_use]
    pub const fn internal_attributes(&self) -> u16 {
        self.head.u16::<36>()
    }

    /// External attributes.
    #[inline]
    #[must_use]
    pub const fn attributes(&self) -> Attributes {
        Attributes { external: self.head.u32::<38>(), host: self.made_by().host() }
    }

    /// The slots that a zip64 record may widen.
    #[inline]
    pub(crate) const fn slots(&self) -> Slots {
        Slots {
            compressed_size: self.head.u32::<20>(),
            size: self.head.u32::<24>(),
            disk: Some(self.head.u16::<34>()),
            offset: Some(self.head.u32::<42>()),
        }
    }

    /// Name, raw.
    #[inline]
    #[must_use]
    pub fn name(&self) -> &'a [u8] {
        self.part(0, self.head.u16::<28>())
    }

    /// Extra field.
    #[inline]
    #[must_use]
    pub fn extra(&self) -> &'a [u8] {
        self.part(self.head.u16::<28>().into(), self.head.u16::<30>())
    }

    /// Comment, raw.
    #[must_use]
    pub fn comment(&self) -> &'a [u8] {
        let before = usize::from(self.head.u16::<28>()) + usize::from(self.head.u16::<30>());
        self.part(before, self.head.u16::<32>())
    }

    #[inline]
    fn part(&self, from: usize, len: u16) -> &'a [u8] {
        // `variable` was cut to the sum of the three lengths, so the range is always there.
        self.variable.get(from..from + usize::from(len)).unwrap_or(&[])
    }

    /// All fields, for writing the header again.
    #[must_use]
    pub fn fields(&self) -> CentralFields<'a> {
        let slots = self.slots();
        CentralFields {
            made_by: self.made_by(),
            version_needed: self.version_needed(),
            flags: self.flags(),
            method: self.method(),
            modified: self.modified(),
            crc32: self.crc32(),
            compressed_size: slots.compressed_size,
            size: slots.size,
            disk: slots.disk.unwrap_or(0),
            internal_attributes: self.internal_attributes(),
            external_attributes: self.attributes().external,
            offset: slots.offset.unwrap_or(0),
            name: self.name(),
            extra: self.extra(),
            comment: self.comment(),
        }
    }
}

impl core::fmt::Debug for CentralHeader<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.fields().fmt(f)
    }
}

/// Bytes of the central header at the start of `bytes`, which was read before; `None` where there
/// is no room for one.
#[inline]
pub(crate) fn record_len(bytes: &[u8]) -> Option<usize> {
    Some(FIXED_LEN + variable_len(Head::<FIXED_LEN>::first(bytes)?))
}

#[inline]
fn variable_len(head: Head<'_, FIXED_LEN>) -> usize {
    usize::from(head.u16::<28>()) + usize::from(head.u16::<30>()) + usize::from(head.u16::<32>())
}

/// The fields of a central header as they stand in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CentralFields<'a> {
    /// Version made by.
    pub made_by: MadeBy,
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
    /// The 16-bit slot of the volume of the local header.
    pub disk: u16,
    /// Internal attributes.
    pub internal_attributes: u16,
    /// External attributes.
    pub external_attributes: u32,
    /// The 32-bit slot of the offset of the local header.
    pub offset: u32,
    /// Name, raw.
    pub name: &'a [u8],
    /// Extra field.
    pub extra: &'a [u8],
    /// Comment, raw.
    pub comment: &'a [u8],
}

impl CentralFields<'_> {
    /// Appends the record.
    ///
    /// # Errors
    /// Name, extra field or comment are longer than 65,535 bytes.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        const RECORD: Record = Record::CentralHeader;
        put_u32(out, signature::CENTRAL_HEADER);
        put_u16(out, self.made_by.0);
        put_u16(out, self.version_needed);
        put_u16(out, self.flags.bits());
        put_u16(out, self.method.0);
        put_u16(out, self.modified.time);
        put_u16(out, self.modified.date);
        put_u32(out, self.crc32);
        put_u32(out, self.compressed_size);
        put_u32(out, self.size);
        put_len(out, self.name, RECORD)?;
        put_len(out, self.extra, RECORD)?;
        put_len(out, self.comment, RECORD)?;
        put_u16(out, self.disk);
        put_u16(out, self.internal_attributes);
        put_u32(out, self.external_attributes);
        put_u32(out, self.offset);
        out.extend_from_slice(self.name);
        out.extend_from_slice(self.extra);
        out.extend_from_slice(self.comment);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_then_parse_is_the_same_header() {
        let fields = CentralFields {
            made_by: MadeBy(0x1234),
            version_needed: 20,
            flags: Flags::UTF8,
            method: Method::DEFLATE,
            modified: DosDateTime { time: 1, date: 2 },
            crc32: 3,
            compressed_size: 4,
            size: 5,
            disk: 6,
            internal_attributes: 7,
            external_attributes: 8,
            offset: 9,
            name: b"name",
            extra: b"\x34\x12\0\0",
            comment: b"comment",
        };
        let mut bytes = Vec::new();
        fields.write(&mut bytes).unwrap();
        bytes.extend(b"rest");
        let (header, rest) = CentralHeader::parse(&bytes).unwrap();
        assert_eq!((header.fields(), rest), (fields, &b"rest"[..]));
        assert_eq!(header.len() + 4, bytes.len());
        for cut in 0..bytes.len() - 4 {
            assert!(CentralHeader::parse(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
