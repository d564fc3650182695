//! End of central directory record, APPNOTE 4.3.16.
//!
//! *Shape*: signature u32, this disk u16, disk of the directory u16, entries on this disk u16,
//! entries u16, directory size u32, directory offset u32, comment length u16, comment.

use alloc::vec::Vec;

use crate::bytes::{Head, put_len, put_u16, put_u32, split_part};
use crate::error::{Record, Result};
use crate::signature;

/// Bytes before the comment.
pub const FIXED_LEN: usize = 22;

/// The record as it stands in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eocd<'a> {
    /// Number of this volume.
    pub disk: u16,
    /// Volume on which the directory starts.
    pub directory_disk: u16,
    /// Entries of the directory on this volume.
    pub entries_on_disk: u16,
    /// Entries of the directory.
    pub entries: u16,
    /// Bytes of the directory.
    pub directory_size: u32,
    /// Offset of the directory on its volume.
    pub directory_offset: u32,
    /// Archive comment, raw.
    pub comment: &'a [u8],
}

impl<'a> Eocd<'a> {
    /// Reads the record at the start of `bytes`.
    ///
    /// # Errors
    /// Another signature, or the record goes on after the bytes end.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (head, rest) = Head::<FIXED_LEN>::split(bytes, Record::Eocd)?;
        head.expect(signature::EOCD, Record::Eocd)?;
        let (comment, _) = split_part(rest, head.u16::<20>(), Record::Eocd, FIXED_LEN)?;
        Ok(Self {
            disk: head.u16::<4>(),
            directory_disk: head.u16::<6>(),
            entries_on_disk: head.u16::<8>(),
            entries: head.u16::<10>(),
            directory_size: head.u32::<12>(),
            directory_offset: head.u32::<16>(),
            comment,
        })
    }

    /// Bytes of the record.
    #[must_use]
    pub const fn len(&self) -> usize {
        FIXED_LEN + self.comment.len()
    }

    /// Never true.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Appends the record.
    ///
    /// # Errors
    /// The comment is longer than 65,535 bytes.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        put_u32(out, signature::EOCD);
        put_u16(out, self.disk);
        put_u16(out, self.directory_disk);
        put_u16(out, self.entries_on_disk);
        put_u16(out, self.entries);
        put_u32(out, self.directory_size);
        put_u32(out, self.directory_offset);
        put_len(out, self.comment, Record::Eocd)?;
        out.extend_from_slice(self.comment);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_then_parse_is_the_same_record() {
        let record = Eocd {
            disk: 1,
            directory_disk: 2,
            entries_on_disk: 3,
            entries: 4,
            directory_size: 5,
            directory_offset: 6,
            comment: b"comment",
        };
        let mut bytes = Vec::new();
        record.write(&mut bytes).unwrap();
        assert_eq!(Eocd::parse(&bytes), Ok(record));
        for cut in 0..bytes.len() {
            assert!(Eocd::parse(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Eocd { comment: &[0; 65_536], ..record }.write(&mut bytes).is_err());
    }
}
