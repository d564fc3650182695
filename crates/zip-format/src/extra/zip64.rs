//! Zip64 extended information, 0x0001 (APPNOTE 4.5.3).
//!
//! *Shape*: only those of `size u64, compressed_size u64, offset u64, disk u32` whose 32-bit (or
//! 16-bit) slot in the header is saturated, in this order. Real writers also leave values whose
//! slot is not saturated (8 bytes that a copier kept beside the slots it narrowed, or the full 16, 24
//! or 28); they are accepted where they repeat the slot's value and a reader that ignores them comes
//! to the same, and refused where not: two readers would see two archives. A local header always has
//! both sizes.

use alloc::vec::Vec;

use super::id;
use crate::bytes::{Cursor, put_u16, put_u32, put_u64};
use crate::error::{Error, ErrorKind, Field, Result};

/// Value of a 32-bit slot that refers to the zip64 record.
pub const SATURATED_32: u32 = u32::MAX;
/// Value of a 16-bit slot that refers to the zip64 record.
pub const SATURATED_16: u16 = u16::MAX;

/// The four values a header and its zip64 record hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Values {
    /// Uncompressed size.
    pub size: u64,
    /// Compressed size.
    pub compressed_size: u64,
    /// Offset of the local header on its volume.
    pub offset: u64,
    /// Volume of the local header.
    pub disk: u32,
}

/// The slots of a header, as they stand there. A local header has no offset and no disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots {
    pub(crate) size: u32,
    pub(crate) compressed_size: u32,
    pub(crate) offset: Option<u32>,
    pub(crate) disk: Option<u16>,
}

impl Slots {
    #[inline]
    pub(crate) const fn any_saturated(&self) -> bool {
        self.size == SATURATED_32
            || self.compressed_size == SATURATED_32
            || matches!(self.offset, Some(SATURATED_32))
            || matches!(self.disk, Some(SATURATED_16))
    }

    /// The values without a zip64 record: a saturated slot is then a plain number.
    #[inline]
    pub(crate) fn plain(&self) -> Values {
        Values {
            size: self.size.into(),
            compressed_size: self.compressed_size.into(),
            offset: self.offset.unwrap_or(0).into(),
            disk: self.disk.unwrap_or(0).into(),
        }
    }

    /// Merges the slots with the data of a zip64 record.
    pub(crate) fn merge(&self, data: &[u8]) -> Result<Values> {
        let bad = Error::new(ErrorKind::BadExtra { id: id::ZIP64 }, 0);
        let (exact, rest) = self.read(data, false).ok_or(bad)?;
        if rest == 0 {
            return Ok(exact);
        }
        // Surplus bytes: the record must be the full form, as far as it goes, and agree with every
        // plain slot.
        let (values, rest) = self.read(data, true).ok_or(bad)?;
        if rest != 0 {
            return Err(bad);
        }
        let plain = self.plain();
        let check = |slot_is_plain: bool, field, expected: u64, found: u64| {
            if slot_is_plain && expected != found {
                Err(Error::new(ErrorKind::Mismatch { field, expected, found }, 0))
            } else {
                Ok(())
            }
        };
        check(self.size != SATURATED_32, Field::Size, plain.size, values.size)?;
        check(
            self.compressed_size != SATURATED_32,
            Field::CompressedSize,
            plain.compressed_size,
            values.compressed_size,
        )?;
        check(
            self.offset.is_some_and(|slot| slot != SATURATED_32),
            Field::LocalOffset,
            plain.offset,
            values.offset,
        )?;
        check(
            self.disk.is_some_and(|slot| slot != SATURATED_16),
            Field::Disk,
            plain.disk.into(),
            values.disk.into(),
        )?;
        // Who takes the specification at its word and ignores the surplus must come to the same
        // values. Only in a local header is the full form the word.
        if self.offset.is_some() && exact != values {
            return Err(bad);
        }
        Ok(values)
    }

    /// The data are zeros and no slot asks for them: GDAL and others leave room for a record that
    /// they never fill in.
    pub(crate) fn is_zeroed(&self, data: &[u8]) -> bool {
        let is_form = matches!(data.len(), 8 | 16 | 24 | 28);
        !self.any_saturated() && is_form && data.iter().all(|&byte| byte == 0)
    }

    /// Reads the record: only the saturated fields, or (`full`) all of them as far as the data
    /// goes. Returns the values and the number of bytes left over; `None` if it is too short.
    fn read(&self, data: &[u8], full: bool) -> Option<(Values, usize)> {
        let mut cursor = Cursor(data);
        let mut values = self.plain();
        if full || self.size == SATURATED_32 {
            values.size = cursor.u64()?;
        }
        if self.compressed_size == SATURATED_32 || full && cursor.0.len() >= 8 {
            values.compressed_size = cursor.u64()?;
        }
        if self.offset == Some(SATURATED_32) || full && cursor.0.len() >= 8 {
            let offset = cursor.u64()?;
            if self.offset.is_some() {
                values.offset = offset;
            }
        }
        if self.disk == Some(SATURATED_16) || full && cursor.0.len() == 4 {
            let disk = cursor.u32()?;
            if self.disk.is_some() {
                values.disk = disk;
            }
        }
        Some((values, cursor.0.len()))
    }
}

/// Appends the record of a local header: both sizes, always (APPNOTE 4.5.3).
pub fn push_local(out: &mut Vec<u8>, size: u64, compressed_size: u64) {
    put_u16(out, id::ZIP64);
    put_u16(out, 16);
    put_u64(out, size);
    put_u64(out, compressed_size);
}

/// Appends the record of a central header: the values that do not fit their slots, or nothing.
pub fn push_central(out: &mut Vec<u8>, values: &Values) {
    let len = central_len(values);
    if len == 0 {
        return;
    }
    put_u16(out, id::ZIP64);
    put_u16(out, len - 4);
    for value in [values.size, values.compressed_size, values.offset] {
        if value >= u64::from(SATURATED_32) {
            put_u64(out, value);
        }
    }
    if values.disk >= u32::from(SATURATED_16) {
        put_u32(out, values.disk);
    }
}

/// Bytes [`push_central`] appends.
#[must_use]
pub fn central_len(values: &Values) -> u16 {
    let wide = [values.size, values.compressed_size, values.offset]
        .into_iter()
        .filter(|&value| value >= u64::from(SATURATED_32))
        .count() as u16;
    let disk = if values.disk >= u32::from(SATURATED_16) { 4 } else { 0 };
    match wide * 8 + disk {
        0 => 0,
        data => data + 4,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    const S: u32 = SATURATED_32;

    fn slots(size: u32, compressed_size: u32, offset: u32, disk: u16) -> Slots {
        Slots { size, compressed_size, offset: Some(offset), disk: Some(disk) }
    }

    fn words(words: &[u64], disk: Option<u32>) -> Vec<u8> {
        let mut data: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        data.extend(disk.into_iter().flat_map(u32::to_le_bytes));
        data
    }

    #[test]
    fn every_combination_of_saturated_slots_round_trips() {
        let big = 1 << 40;
        for bits in 0..16u32 {
            let pick =
                |bit: u32, wide: u64, plain: u64| if bits >> bit & 1 == 1 { wide } else { plain };
            let values = Values {
                size: pick(0, big, 1),
                compressed_size: pick(1, u64::from(S), 2),
                offset: pick(2, big + 2, 3),
                disk: pick(3, 70_000, 4) as u32,
            };
            let mut out = vec![];
            push_central(&mut out, &values);
            assert_eq!(out.len(), usize::from(central_len(&values)));
            let narrow = |value: u64| u32::try_from(value).unwrap_or(S);
            let slots = slots(
                narrow(values.size),
                narrow(values.compressed_size),
                narrow(values.offset),
                u16::try_from(values.disk).unwrap_or(u16::MAX),
            );
            let read = if out.is_empty() { slots.plain() } else { slots.merge(&out[4..]).unwrap() };
            assert_eq!(read, values, "{bits:04b}");
        }
    }

    #[test]
    fn surplus_fields_must_repeat_the_slots() {
        let plain = slots(5, 6, 7, 0);
        assert!(plain.merge(&[]).is_ok(), "an empty record says nothing");
        assert!(plain.merge(&words(&[5], None)).is_ok(), "of a size that was narrowed");
        assert!(plain.merge(&words(&[6], None)).is_err(), "another size alone");
        assert!(plain.merge(&words(&[5], Some(0))).is_ok(), "a size and a volume");
        assert!(plain.merge(&words(&[5], Some(1))).is_err(), "another volume");
        assert!(plain.merge(&words(&[5, 6], None)).is_ok());
        assert!(plain.merge(&words(&[5, 6, 7], Some(0))).is_ok());
        assert!(plain.merge(&words(&[5, 9], None)).is_err(), "another size");
        assert!(plain.merge(&words(&[5, 6, 7, 8], None)).is_err(), "longer than 28 bytes");
        assert!(slots(S, S, 7, 0).merge(&words(&[5], None)).is_err(), "too short");
        assert!(slots(S, S, 7, 0).merge(&[0; 4]).is_err());
        let only_offset = slots(5, 6, S, 0);
        assert_eq!(only_offset.merge(&words(&[9], None)).unwrap().offset, 9);
        assert!(only_offset.merge(&words(&[5, 6, 9], None)).is_err(), "is it 5, or 9?");
        assert!(slots(S, 6, 7, 0).merge(&words(&[9, 6], None)).is_ok(), "one reading");
        assert!(slots(5, S, 7, 0).merge(&words(&[5, 9], None)).is_err(), "is it 5, or 9?");
        assert!(plain.is_zeroed(&words(&[0, 0], None)) && plain.is_zeroed(&words(&[0], None)));
        assert!(!plain.is_zeroed(&words(&[0, 1], None)) && !plain.is_zeroed(&[0; 12]));
        assert!(!only_offset.is_zeroed(&words(&[0], None)), "zero is its offset");
        let local = Slots { size: 5, compressed_size: S, offset: None, disk: None };
        assert_eq!(local.merge(&words(&[5, 9], None)).unwrap().compressed_size, 9);
    }
}
