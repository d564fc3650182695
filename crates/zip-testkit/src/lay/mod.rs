//! Whole archives laid down byte by byte: entries, directory, trailer records, and every lie in between.
//! APPNOTE 6.3.10, 4.3; nothing here is shared with the code under test.

mod end;
mod entry;
pub mod extra;

use std::ops::Range;

pub use end::{Eocd64Fields, EocdFields, LocatorFields, Zip64End};
pub use entry::{
    CentralFields, DATE, Descriptor, DescriptorForm, LaidEntry, LocalFields, SENTINEL16, SENTINEL32,
};

/// An archive about to be laid: plain data, turned into bytes by [`Lay::build`].
///
/// *Shape*, in the order of the bytes:
///
/// | part | field |
/// | --- | --- |
/// | bytes before the first member | `prefix` |
/// | members | `entries` (local header, payload, descriptor, `gap_after`) |
/// | gap | `gap_before_directory` |
/// | central headers | `entries`, in `directory_order`; then `directory_tail` |
/// | gap | `gap_before_eocd64` |
/// | zip64 record, gap, locator | `zip64`, `eocd64`, `gap_before_locator`, `locator` |
/// | gap | `gap_before_eocd` |
/// | end of central directory record | `eocd`, `comment` |
/// | bytes after the end | `trailing` |
#[derive(Clone, Debug, Default)]
pub struct Lay {
    /// The members, in the order of their bytes.
    pub entries: Vec<LaidEntry>,
    /// Bytes before everything else.
    pub prefix: Vec<u8>,
    /// Offsets do not count the prefix: as when a stub was put in front of a finished archive.
    pub prefix_unadjusted: bool,
    /// Bytes between the last member and the directory.
    pub gap_before_directory: Vec<u8>,
    /// Order of the central headers as indices into `entries`; an index may be missing or come twice.
    pub directory_order: Option<Vec<usize>>,
    /// Bytes after the last central header which the size of the directory counts.
    pub directory_tail: Vec<u8>,
    /// Bytes after the directory that no record counts.
    pub gap_before_eocd64: Vec<u8>,
    /// Whether the zip64 record and its locator are laid, and what the classic record says then.
    pub zip64: Zip64End,
    /// Lies of the zip64 end of central directory record.
    pub eocd64: Eocd64Fields,
    /// The zip64 record is laid (where `zip64` asks for one) but no locator.
    pub without_locator: bool,
    /// Bytes between the zip64 record and its locator.
    pub gap_before_locator: Vec<u8>,
    /// Lies of the locator.
    pub locator: LocatorFields,
    /// Bytes directly before the end of central directory record.
    pub gap_before_eocd: Vec<u8>,
    /// Lies of the end of central directory record.
    pub eocd: EocdFields,
    /// Archive comment.
    pub comment: Vec<u8>,
    /// Bytes after the end of central directory record and its comment.
    pub trailing: Vec<u8>,
}

/// Where [`Lay::build_with_map`] put each record, in bytes from the start of the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// Local headers, per entry of `Lay::entries`; `None` where none was laid.
    pub locals: Vec<Option<usize>>,
    /// Payloads, per entry; empty where no local header was laid.
    pub payloads: Vec<Range<usize>>,
    /// Descriptors, per entry; empty where there is none.
    pub descriptors: Vec<Range<usize>>,
    /// Central headers, in the order of the directory.
    pub centrals: Vec<Range<usize>>,
    /// The whole directory with its tail.
    pub directory: Range<usize>,
    /// The zip64 end of central directory record.
    pub eocd64: Option<usize>,
    /// The locator.
    pub locator: Option<usize>,
    /// The end of central directory record.
    pub eocd: usize,
    /// Length of the archive.
    pub len: usize,
}

impl Lay {
    /// An empty archive of 22 bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A valid archive of these entries.
    #[must_use]
    pub fn of(entries: impl IntoIterator<Item = LaidEntry>) -> Self {
        Self { entries: entries.into_iter().collect(), ..Self::default() }
    }

    /// The same archive with one more entry at its end.
    #[must_use]
    pub fn push(mut self, entry: LaidEntry) -> Self {
        self.entries.push(entry);
        self
    }

    /// The same archive after `change`: "as valid, but".
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The bytes of the archive.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        self.build_with_map().0
    }

    /// The bytes of the archive, and where each record of it begins.
    ///
    /// Offsets, counts and sizes are the true ones unless a field says otherwise; a true value too wide for its
    /// field is cut to the low bits, which is what careless writers do.
    #[must_use]
    pub fn build_with_map(&self) -> (Vec<u8>, Map) {
        let mut out = self.prefix.clone();
        let mut map = Map::default();
        let base = if self.prefix_unadjusted { self.prefix.len() } else { 0 };

        let mut offsets = Vec::with_capacity(self.entries.len());
        let mut last = 0;
        for entry in &self.entries {
            let start = out.len();
            if entry.has_local {
                last = start - base;
                entry.local.lay(&mut out);
            }
            offsets.push(last);
            map.locals.push(entry.has_local.then_some(start));
            let payload = out.len();
            if entry.has_local {
                out.extend_from_slice(&entry.payload);
            }
            map.payloads.push(payload..out.len());
            let descriptor = out.len();
            if let Some(fields) = entry.descriptor.as_ref().filter(|_| entry.has_local) {
                fields.lay(&mut out);
            }
            map.descriptors.push(descriptor..out.len());
            out.extend_from_slice(&entry.gap_after);
        }

        out.extend_from_slice(&self.gap_before_directory);
        let directory = out.len();
        let natural: Vec<usize> = (0..self.entries.len()).collect();
        for &index in self.directory_order.as_ref().unwrap_or(&natural) {
            let entry = &self.entries[index];
            if entry.has_central {
                let start = out.len();
                entry.central.lay(&mut out, offsets[index] as u64);
                map.centrals.push(start..out.len());
            }
        }
        out.extend_from_slice(&self.directory_tail);
        map.directory = directory..out.len();

        let truth = end::Truth {
            entries: map.centrals.len() as u64,
            directory_size: map.directory.len() as u64,
            directory_offset: (directory - base) as u64,
        };
        out.extend_from_slice(&self.gap_before_eocd64);
        if self.zip64 != Zip64End::Absent {
            let record = out.len();
            map.eocd64 = Some(record);
            self.eocd64.lay(&mut out, &truth);
            out.extend_from_slice(&self.gap_before_locator);
            if !self.without_locator {
                map.locator = Some(out.len());
                self.locator.lay(&mut out, (record - base) as u64);
            }
        }
        out.extend_from_slice(&self.gap_before_eocd);
        map.eocd = out.len();
        self.eocd.lay(&mut out, &truth, self.zip64, &self.comment);
        out.extend_from_slice(&self.trailing);
        map.len = out.len();
        (out, map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_archive_is_one_record() {
        let bytes = Lay::new().build();
        let mut expected = b"PK\x05\x06".to_vec();
        expected.resize(22, 0);
        assert_eq!(bytes, expected, "an empty archive is the end record alone");
    }

    #[test]
    fn stored_entry_byte_by_byte() {
        let (bytes, map) = Lay::of([LaidEntry::stored("a", "hello")]).build_with_map();
        let crc = 0x3610_a686_u32.to_le_bytes();
        let mut expected = Vec::new();
        expected.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\x5c");
        expected.extend_from_slice(&crc);
        expected.extend_from_slice(b"\x05\0\0\0\x05\0\0\0\x01\0\0\0ahello");
        expected.extend_from_slice(b"PK\x01\x02\x14\x03\x14\0\0\0\0\0\0\0\x21\x5c");
        expected.extend_from_slice(&crc);
        expected.extend_from_slice(b"\x05\0\0\0\x05\0\0\0\x01\0\0\0\0\0\0\0\0\0");
        expected.extend_from_slice(b"\0\0\xa4\x81\0\0\0\0a");
        expected.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x24\0\0\0\0\0");
        assert_eq!(bytes, expected, "every byte by the record layouts");
        assert_eq!(map.locals, [Some(0)]);
        assert_eq!(map.payloads[0], 31..36);
        assert_eq!(map.directory, 36..83);
        assert_eq!(map.eocd, 83);
        assert_eq!(map.len, 105);
    }

    #[test]
    fn map_points_at_signatures() {
        let (bytes, map) = Lay::of([
            LaidEntry::deflated("a", "a".repeat(100)).with_descriptor(DescriptorForm::Signed64),
            LaidEntry::directory("d/"),
        ])
        .with(|lay| {
            lay.prefix = b"#!/bin/sh\n".to_vec();
            lay.zip64 = Zip64End::Sentinels;
            lay.gap_before_locator = vec![0; 3];
        })
        .build_with_map();
        for &at in map.locals.iter().flatten() {
            assert_eq!(&bytes[at..at + 4], b"PK\x03\x04");
        }
        assert_eq!(&bytes[map.descriptors[0].clone()][..4], b"PK\x07\x08");
        assert_eq!(map.descriptors[0].len(), 24, "signature, CRC, two 64-bit sizes");
        for central in &map.centrals {
            assert_eq!(&bytes[central.start..central.start + 4], b"PK\x01\x02");
        }
        let eocd64 = map.eocd64.expect("asked for");
        let locator = map.locator.expect("asked for");
        assert_eq!(&bytes[eocd64..eocd64 + 4], b"PK\x06\x06");
        assert_eq!(locator, eocd64 + 56 + 3);
        assert_eq!(&bytes[locator..locator + 4], b"PK\x06\x07");
        assert_eq!(map.eocd, locator + 20);
        assert_eq!(map.len, map.eocd + 22);
    }
}
