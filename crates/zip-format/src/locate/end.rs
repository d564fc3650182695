//! The numbers of the end record, and what a zip64 record makes of them.

use crate::eocd::{self, Eocd};
use crate::eocd64::Eocd64;
use crate::error::{Error, ErrorKind, Field, Result};
use crate::extra::zip64::{SATURATED_16, SATURATED_32};
use crate::position::Span;

/// The end record's numbers, after zip64.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) at: u64,
    pub(super) comment: Span,
    pub(super) entries_on_disk: u64,
    pub(super) entries: u64,
    pub(super) directory_size: u64,
    pub(super) directory_offset: u64,
    pub(super) disk: u32,
    pub(super) directory_disk: u32,
    pub(super) zip64: bool,
    /// Where the directory must end: at the first record of the trailer.
    pub(super) trailer_at: u64,
    /// By how much the zip64 record was found behind its stated offset.
    pub(super) shift64: u64,
}

impl End {
    /// Those of the record at `at`, without zip64.
    pub(super) fn classic(eocd: &Eocd<'_>, at: u64) -> Self {
        Self {
            at,
            comment: Span { start: at + eocd::FIXED_LEN as u64, end: at + eocd.len() as u64 },
            entries_on_disk: eocd.entries_on_disk.into(),
            entries: eocd.entries.into(),
            directory_size: eocd.directory_size.into(),
            directory_offset: eocd.directory_offset.into(),
            disk: eocd.disk.into(),
            directory_disk: eocd.directory_disk.into(),
            zip64: false,
            trailer_at: at,
            shift64: 0,
        }
    }

    /// Merged with the zip64 record at `at`, which is `shift` behind its stated offset: every slot
    /// must be saturated or agree.
    pub(super) fn widened(self, record: &Eocd64, at: u64, shift: u64) -> Result<Self> {
        let agree = |field, slot: u64, saturated: u64, value: u64| {
            if slot == saturated || slot == value {
                return Ok(());
            }
            let kind = ErrorKind::Mismatch { field, expected: value, found: slot };
            Err(Error::new(kind, self.at))
        };
        let (s16, s32) = (u64::from(SATURATED_16), u64::from(SATURATED_32));
        agree(Field::Entries, self.entries, s16, record.entries)?;
        agree(Field::Entries, self.entries_on_disk, s16, record.entries_on_disk)?;
        agree(Field::DirectorySize, self.directory_size, s32, record.directory_size)?;
        agree(Field::DirectoryOffset, self.directory_offset, s32, record.directory_offset)?;
        agree(Field::Disk, self.disk.into(), s16, record.disk.into())?;
        agree(Field::Disk, self.directory_disk.into(), s16, record.directory_disk.into())?;
        Ok(Self {
            entries: record.entries,
            entries_on_disk: record.entries_on_disk,
            directory_size: record.directory_size,
            directory_offset: record.directory_offset,
            disk: record.disk,
            directory_disk: record.directory_disk,
            zip64: true,
            trailer_at: at,
            shift64: shift,
            ..self
        })
    }
}
