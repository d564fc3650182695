//! NTFS times, 0x000a (APPNOTE 4.5.5): 100-nanosecond steps since 1601, UTC.
//!
//! *Shape*: reserved u32, then attributes of tag u16, length u16, data; tag 1 has three u64:
//! modified, accessed, created.

use crate::bytes::Cursor;

/// Seconds from 1601-01-01 to 1970-01-01.
const EPOCH_SECONDS: i64 = 11_644_473_600;
/// Steps of a FILETIME in a second.
const STEPS: u64 = 10_000_000;

/// A Windows FILETIME.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileTime(pub u64);

impl FileTime {
    /// Seconds since 1970 and nanoseconds.
    #[must_use]
    pub const fn to_unix(self) -> (i64, u32) {
        let seconds = (self.0 / STEPS) as i64 - EPOCH_SECONDS;
        (seconds, (self.0 % STEPS) as u32 * 100)
    }
}

/// The times of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NtfsTimes {
    /// Last modification.
    pub modified: FileTime,
    /// Last access.
    pub accessed: FileTime,
    /// Creation.
    pub created: FileTime,
}

impl NtfsTimes {
    /// Reads the times; `None` where the record has none, or is malformed.
    #[must_use]
    pub fn parse(data: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(data);
        cursor.u32()?;
        loop {
            let (tag, len) = (cursor.u16()?, cursor.u16()?);
            let mut attribute = Cursor(cursor.take(usize::from(len))?);
            if tag == 1 {
                let mut next = || attribute.u64().map(FileTime);
                return Some(Self { modified: next()?, accessed: next()?, created: next()? });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn tag_one_behind_another_attribute() {
        let mut data = Vec::from([0, 0, 0, 0, 9, 0, 2, 0, 0xaa, 0xbb, 1, 0, 24, 0]);
        for steps in [116_444_736_000_000_000_u64 + 15_000_000, 1, 2] {
            data.extend(steps.to_le_bytes());
        }
        let times = NtfsTimes::parse(&data).unwrap();
        assert_eq!(times.modified.to_unix(), (1, 500_000_000));
        for cut in 0..data.len() {
            assert_eq!(NtfsTimes::parse(&data[..cut]), None, "cut at {cut}");
        }
        let _ = FileTime(u64::MAX).to_unix();
    }
}
