//! Zip64 end of central directory record and its locator, APPNOTE 4.3.14 and 4.3.15.
//!
//! *Shape* of the record: signature u32, size of the rest u64 (44 plus extensible data), made by
//! u16, version needed u16, this disk u32, disk of the directory u32, entries on this disk u64,
//! entries u64, directory size u64, directory offset u64, extensible data.
//!
//! *Shape* of the locator: signature u32, disk of the record u32, offset of the record u64,
//! number of disks u32. It stands directly before the end of central directory record.

use alloc::vec::Vec;

use crate::bytes::{Head, put_u16, put_u32, put_u64};
use crate::error::{Error, ErrorKind, Record, Result};
use crate::signature;
use crate::version::{MadeBy, NEEDED_ZIP64};

/// Bytes of the record without extensible data.
pub const FIXED_LEN: usize = 56;
/// Bytes of the locator.
pub const LOCATOR_LEN: usize = 20;
/// Bytes of the record that its size field does not count.
const UNCOUNTED: u64 = 12;

/// The record as it stands in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eocd64 {
    /// Bytes of extensible data after the fixed part.
    pub extensible_len: u64,
    /// Version made by.
    pub made_by: MadeBy,
    /// Version needed to extract.
    pub version_needed: u16,
    /// Number of this volume.
    pub disk: u32,
    /// Volume on which the directory starts.
    pub directory_disk: u32,
    /// Entries of the directory on this volume.
    pub entries_on_disk: u64,
    /// Entries of the directory.
    pub entries: u64,
    /// Bytes of the directory.
    pub directory_size: u64,
    /// Offset of the directory on its volume.
    pub directory_offset: u64,
}

impl Eocd64 {
    /// Reads the fixed part at the start of `bytes`.
    ///
    /// # Errors
    /// Another signature, fewer bytes, or a size field below the fixed part or past 2^64.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let (head, _) = Head::<FIXED_LEN>::split(bytes, Record::Eocd64)?;
        head.expect(signature::EOCD64, Record::Eocd64)?;
        let claimed = head.u64::<4>();
        let fixed = FIXED_LEN as u64 - UNCOUNTED;
        // The second test keeps `len` below 2^64.
        let extensible_len = claimed
            .checked_sub(fixed)
            .filter(|len| len.checked_add(FIXED_LEN as u64).is_some())
            .ok_or(Error::new(ErrorKind::Length { record: Record::Eocd64, claimed }, 0))?;
        Ok(Self {
            extensible_len,
            made_by: MadeBy(head.u16::<12>()),
            version_needed: head.u16::<14>(),
            disk: head.u32::<16>(),
            directory_disk: head.u32::<20>(),
            entries_on_disk: head.u64::<24>(),
            entries: head.u64::<32>(),
            directory_size: head.u64::<40>(),
            directory_offset: head.u64::<48>(),
        })
    }

    /// Bytes of the record, extensible data included.
    #[must_use]
    pub const fn len(&self) -> u64 {
        (FIXED_LEN as u64).saturating_add(self.extensible_len)
    }

    /// Never true.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// The record of a directory written by this library.
    #[must_use]
    pub const fn new(disk: u32, directory_disk: u32, entries: u64, size: u64, offset: u64) -> Self {
        Self {
            extensible_len: 0,
            made_by: MadeBy::PZIP,
            version_needed: NEEDED_ZIP64,
            disk,
            directory_disk,
            entries_on_disk: entries,
            entries,
            directory_size: size,
            directory_offset: offset,
        }
    }

    /// Appends the fixed part; extensible data is the caller's.
    pub fn write(&self, out: &mut Vec<u8>) {
        put_u32(out, signature::EOCD64);
        put_u64(out, self.len().saturating_sub(UNCOUNTED));
        put_u16(out, self.made_by.0);
        put_u16(out, self.version_needed);
        put_u32(out, self.disk);
        put_u32(out, self.directory_disk);
        put_u64(out, self.entries_on_disk);
        put_u64(out, self.entries);
        put_u64(out, self.directory_size);
        put_u64(out, self.directory_offset);
    }
}

/// The locator as it stands in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eocd64Locator {
    /// Volume of the record.
    pub disk: u32,
    /// Offset of the record on that volume.
    pub offset: u64,
    /// Number of volumes; some writers put 0 for one.
    pub disks: u32,
}

impl Eocd64Locator {
    /// Reads the locator at the start of `bytes`.
    ///
    /// # Errors
    /// Another signature, or fewer bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let (head, _) = Head::<LOCATOR_LEN>::split(bytes, Record::Eocd64Locator)?;
        head.expect(signature::EOCD64_LOCATOR, Record::Eocd64Locator)?;
        Ok(Self { disk: head.u32::<4>(), offset: head.u64::<8>(), disks: head.u32::<16>() })
    }

    /// Appends the locator.
    pub fn write(&self, out: &mut Vec<u8>) {
        put_u32(out, signature::EOCD64_LOCATOR);
        put_u32(out, self.disk);
        put_u64(out, self.offset);
        put_u32(out, self.disks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_then_parse_is_the_same_record() {
        let record = Eocd64::new(1, 2, 3, 4, 5);
        let mut bytes = Vec::new();
        record.write(&mut bytes);
        assert_eq!((Eocd64::parse(&bytes), bytes.len()), (Ok(record), FIXED_LEN));
        for (claimed, ok) in [(43, false), (44, true), (u64::MAX, false), (u64::MAX - 12, true)] {
            bytes[4..12].copy_from_slice(&u64::to_le_bytes(claimed));
            assert_eq!(Eocd64::parse(&bytes).is_ok(), ok, "size field {claimed}");
        }
        for cut in 0..FIXED_LEN {
            assert!(Eocd64::parse(&bytes[..cut]).is_err());
        }

        let locator = Eocd64Locator { disk: 1, offset: 2, disks: 3 };
        let mut bytes = Vec::new();
        locator.write(&mut bytes);
        assert_eq!((Eocd64Locator::parse(&bytes), bytes.len()), (Ok(locator), LOCATOR_LEN));
    }
}
