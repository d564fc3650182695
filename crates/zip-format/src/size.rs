//! Exact byte lengths of records, without writing them; and the one place that decides whether a
//! value needs zip64.

use crate::extra::zip64::{self, Values};
use crate::{central, descriptor, eocd, eocd64, local};

/// True when a size or offset cannot stand in a 32-bit slot: the sentinel itself cannot either.
#[must_use]
pub const fn needs_zip64(value: u64) -> bool {
    value >= zip64::SATURATED_32 as u64
}

/// The value of a 32-bit slot: the sentinel where it needs zip64.
pub(crate) const fn narrow(value: u64) -> u32 {
    if needs_zip64(value) { zip64::SATURATED_32 } else { value as u32 }
}

/// The two sizes of a member as the local header will show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalSizes {
    /// Bytes of the contents.
    pub size: u64,
    /// Bytes of the payload.
    pub compressed_size: u64,
}

impl LocalSizes {
    /// The local header needs a zip64 record.
    #[must_use]
    pub const fn zip64(self) -> bool {
        needs_zip64(self.size) || needs_zip64(self.compressed_size)
    }
}

/// Bytes of a local header.
#[must_use]
pub const fn local_len(name: usize, extra: usize, zip64: bool) -> u64 {
    let zip64 = if zip64 { 20 } else { 0 };
    local::FIXED_LEN as u64 + name as u64 + extra as u64 + zip64
}

/// Bytes of a data descriptor with signature, the only form written.
#[must_use]
pub const fn descriptor_len(zip64: bool) -> u64 {
    descriptor::Form { signature: true, wide: zip64 }.len() as u64
}

/// Bytes of a central header.
#[must_use]
pub fn central_len(name: usize, extra: usize, comment: usize, values: &Values) -> u64 {
    (central::FIXED_LEN + name + extra + comment) as u64 + u64::from(zip64::central_len(values))
}

/// Bytes of the trailer: end record and comment, with the zip64 records where a count, size or
/// offset needs them.
#[must_use]
pub const fn trailer_len(entries: u64, size: u64, offset: u64, comment: usize) -> u64 {
    let zip64 = if trailer_needs_zip64(entries, size, offset) {
        eocd64::FIXED_LEN + eocd64::LOCATOR_LEN
    } else {
        0
    };
    (eocd::FIXED_LEN + zip64 + comment) as u64
}

/// The trailer needs its zip64 records.
#[must_use]
pub const fn trailer_needs_zip64(entries: u64, size: u64, offset: u64) -> bool {
    entries >= zip64::SATURATED_16 as u64 || needs_zip64(size) || needs_zip64(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_the_sentinels_themselves() {
        assert!(!needs_zip64(u64::from(u32::MAX) - 1));
        assert!(needs_zip64(u64::from(u32::MAX)));
        assert!(!trailer_needs_zip64(65_534, 0, 0));
        assert!(trailer_needs_zip64(65_535, 0, 0));
        assert_eq!(trailer_len(0, 0, 0, 0), 22);
        assert_eq!(trailer_len(65_535, 0, 0, 3), 22 + 56 + 20 + 3);
    }
}
