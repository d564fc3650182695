//! The trailer records: zip64 end of central directory record, its locator, end of central directory record.
//! APPNOTE 6.3.10, 4.3.14 to 4.3.16. `None` in a field means: the true value.

use super::entry::{SENTINEL16, SENTINEL32};

/// Whether an archive has the zip64 trailer records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zip64End {
    /// Neither record nor locator.
    #[default]
    Absent,
    /// Both, and the classic record holds sentinels in counts, size and offset.
    Sentinels,
    /// Both, and the classic record repeats the true values.
    Copies,
}

/// What the records are about, before any lie.
pub(super) struct Truth {
    pub(super) entries: u64,
    pub(super) directory_size: u64,
    pub(super) directory_offset: u64,
}

/// Overrides of the end of central directory record.
#[derive(Clone, Debug, Default)]
pub struct EocdFields {
    /// The record is not laid at all.
    pub absent: bool,
    /// End of central directory signature.
    pub signature: Option<[u8; 4]>,
    /// Number of this disk.
    pub disk: Option<u16>,
    /// Number of the disk with the start of the directory.
    pub directory_disk: Option<u16>,
    /// Entries on this disk.
    pub entries_on_disk: Option<u16>,
    /// Entries in total.
    pub entries: Option<u16>,
    /// Size of the directory.
    pub directory_size: Option<u32>,
    /// Offset of the directory.
    pub directory_offset: Option<u32>,
    /// Length of the archive comment.
    pub comment_len: Option<u16>,
}

impl EocdFields {
    pub(super) fn lay(&self, out: &mut Vec<u8>, truth: &Truth, zip64: Zip64End, comment: &[u8]) {
        if self.absent {
            return;
        }
        let saturated = zip64 == Zip64End::Sentinels;
        let count = if saturated { SENTINEL16 } else { truth.entries as u16 };
        let wide = |value: u64| {
            if saturated { SENTINEL32 } else { value as u32 }
        };
        out.extend_from_slice(&self.signature.unwrap_or(*b"PK\x05\x06"));
        out.extend_from_slice(&self.disk.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&self.directory_disk.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&self.entries_on_disk.unwrap_or(count).to_le_bytes());
        out.extend_from_slice(&self.entries.unwrap_or(count).to_le_bytes());
        let size = self.directory_size.unwrap_or(wide(truth.directory_size));
        out.extend_from_slice(&size.to_le_bytes());
        let offset = self.directory_offset.unwrap_or(wide(truth.directory_offset));
        out.extend_from_slice(&offset.to_le_bytes());
        let comment_len = self.comment_len.unwrap_or(comment.len() as u16);
        out.extend_from_slice(&comment_len.to_le_bytes());
        out.extend_from_slice(comment);
    }
}

/// Overrides of the zip64 end of central directory record.
#[derive(Clone, Debug, Default)]
pub struct Eocd64Fields {
    /// Zip64 end of central directory signature.
    pub signature: Option<[u8; 4]>,
    /// Size of the record without its first twelve bytes; 44 plus `extensible` if true.
    pub record_size: Option<u64>,
    /// Version made by.
    pub version_made_by: Option<u16>,
    /// Version needed to extract.
    pub version_needed: Option<u16>,
    /// Number of this disk.
    pub disk: Option<u32>,
    /// Number of the disk with the start of the directory.
    pub directory_disk: Option<u32>,
    /// Entries on this disk.
    pub entries_on_disk: Option<u64>,
    /// Entries in total.
    pub entries: Option<u64>,
    /// Size of the directory.
    pub directory_size: Option<u64>,
    /// Offset of the directory.
    pub directory_offset: Option<u64>,
    /// Zip64 extensible data sector.
    pub extensible: Vec<u8>,
}

impl Eocd64Fields {
    pub(super) fn lay(&self, out: &mut Vec<u8>, truth: &Truth) {
        let record_size = 44 + self.extensible.len() as u64;
        out.extend_from_slice(&self.signature.unwrap_or(*b"PK\x06\x06"));
        out.extend_from_slice(&self.record_size.unwrap_or(record_size).to_le_bytes());
        out.extend_from_slice(&self.version_made_by.unwrap_or(0x032d).to_le_bytes());
        out.extend_from_slice(&self.version_needed.unwrap_or(45).to_le_bytes());
        out.extend_from_slice(&self.disk.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&self.directory_disk.unwrap_or(0).to_le_bytes());
        for (lie, value) in [
            (self.entries_on_disk, truth.entries),
            (self.entries, truth.entries),
            (self.directory_size, truth.directory_size),
            (self.directory_offset, truth.directory_offset),
        ] {
            out.extend_from_slice(&lie.unwrap_or(value).to_le_bytes());
        }
        out.extend_from_slice(&self.extensible);
    }
}

/// Overrides of the zip64 end of central directory locator.
#[derive(Clone, Debug, Default)]
pub struct LocatorFields {
    /// Locator signature.
    pub signature: Option<[u8; 4]>,
    /// Number of the disk with the zip64 record.
    pub disk: Option<u32>,
    /// Offset of the zip64 record.
    pub eocd64_offset: Option<u64>,
    /// Total number of disks; 1 if true.
    pub disks: Option<u32>,
}

impl LocatorFields {
    pub(super) fn lay(&self, out: &mut Vec<u8>, eocd64_offset: u64) {
        out.extend_from_slice(&self.signature.unwrap_or(*b"PK\x06\x07"));
        out.extend_from_slice(&self.disk.unwrap_or(0).to_le_bytes());
        let offset = self.eocd64_offset.unwrap_or(eocd64_offset);
        out.extend_from_slice(&offset.to_le_bytes());
        out.extend_from_slice(&self.disks.unwrap_or(1).to_le_bytes());
    }
}
