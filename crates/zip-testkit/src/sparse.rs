//! Archives of several GiB held as spans of bytes that are not zero: the borders of 32-bit sizes and offsets.
//!
//! The zip64 extra records are laid here by hand, since `lay` keeps whole payloads in memory. APPNOTE 6.3.10, 4.5.3.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::lay::{CentralFields, LaidEntry, LocalFields, SENTINEL32, extra};
use crate::zeros::{crc32_of_zeros, deflate_zeros};

/// Sizes around the 32-bit sentinel: the last that fits, the sentinel itself, the first that needs 33 bits.
pub const BORDER_SIZES: [u64; 3] = [(1 << 32) - 2, (1 << 32) - 1, 1 << 32];

/// A file of `len` bytes, zero but for its spans.
#[derive(Clone, Debug, Default)]
pub struct Sparse {
    /// Length in bytes.
    pub len: u64,
    /// Offset to bytes. Spans do not overlap.
    pub spans: BTreeMap<u64, Vec<u8>>,
}

/// One entry of a sparse archive, and what a right reader says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparseEntry {
    /// Its name.
    pub name: Vec<u8>,
    /// Compression method.
    pub method: u16,
    /// Offset of its local header.
    pub offset: u64,
    /// Offset of its payload.
    pub payload: u64,
    /// Compressed size.
    pub compressed_size: u64,
    /// Uncompressed size.
    pub uncompressed_size: u64,
    /// CRC-32 of its contents.
    pub crc32: u32,
}

impl Sparse {
    /// Copies what is at `at` into `buf`: as much as there is before the end. 0 at and behind the end.
    pub fn read_at(&self, buf: &mut [u8], at: u64) -> usize {
        let left = self.len.saturating_sub(at);
        let count = usize::try_from(left).map_or(buf.len(), |left| left.min(buf.len()));
        let out = &mut buf[..count];
        out.fill(0);
        let end = at + count as u64;
        // A span before `at` may reach into the range, so one more than those which begin in it.
        let first = self.spans.range(..=at).next_back().map_or(at, |(&s, _)| s);
        for (&start, bytes) in self.spans.range(first..end) {
            let stop = start + bytes.len() as u64;
            let (from, to) = (start.max(at), stop.min(end));
            if from < to {
                let source = &bytes[(from - start) as usize..(to - start) as usize];
                out[(from - at) as usize..(to - at) as usize].copy_from_slice(source);
            }
        }
        count
    }

    /// A reader over it.
    #[must_use]
    pub fn reader(&self) -> SparseReader<'_> {
        SparseReader { file: self, at: 0 }
    }

    /// Writes it as a file with holes, for foreign tools.
    ///
    /// # Errors
    /// Those of the file system; a file system without holes may run full.
    pub fn write_to(&self, path: &Path) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.set_len(self.len)?;
        for (&at, bytes) in &self.spans {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(bytes)?;
        }
        file.flush()
    }

    fn put(&mut self, bytes: Vec<u8>) {
        let at = self.len;
        self.len += bytes.len() as u64;
        self.spans.insert(at, bytes);
    }
}

/// `Read` and `Seek` over a [`Sparse`].
#[derive(Clone, Debug)]
pub struct SparseReader<'a> {
    file: &'a Sparse,
    at: u64,
}

impl Read for SparseReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buf, self.at);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for SparseReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.len.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// An archive of a stored entry `zeros` of `size` zero bytes, and a small stored entry `after` behind it whose offset
/// is `size + 35`, or `size + 55` where the first local header needs zip64 sizes.
#[must_use]
pub fn stored_zeros_then_small(size: u64) -> (Sparse, Vec<SparseEntry>) {
    let mut builder = Builder::default();
    builder.zeros("zeros", size, Form::Known);
    builder.small("after", b"behind the border\n");
    builder.finish()
}

/// The same archive as a stream writer lays it: bit 3, zip64 sentinels in the local header, 64-bit descriptor.
#[must_use]
pub fn streamed_zeros_then_small(size: u64) -> (Sparse, Vec<SparseEntry>) {
    let mut builder = Builder::default();
    builder.zeros("zeros", size, Form::Streamed);
    builder.small("after", b"behind the border\n");
    builder.finish()
}

/// An archive of one deflated entry of `size` zero bytes (a payload of `size / 1031` bytes) and a small one behind it:
/// the uncompressed size alone is beyond 32 bits.
#[must_use]
pub fn deflated_zeros_then_small(size: u64) -> (Sparse, Vec<SparseEntry>) {
    let mut builder = Builder::default();
    builder.zeros("zeros", size, Form::Deflated);
    builder.small("after", b"behind the border\n");
    builder.finish()
}

/// An archive whose second local header begins exactly at `offset` (at least 100), and whose directory therefore lies
/// shortly behind it. The first entry is called `zeros`, with `_` behind it for twenty offsets above 4 GiB.
///
/// # Panics
/// If `offset` is below 100.
#[must_use]
pub fn small_at(offset: u64) -> (Sparse, Vec<SparseEntry>) {
    assert!(offset >= 100, "room for the first local header");
    // 30 bytes and a name of five; twenty more where the size needs zip64. In between, the name gets longer.
    let last_narrow = u64::from(SENTINEL32) - 1;
    let (pad, size) = match offset - 35 {
        fits if fits <= last_narrow => (0, fits),
        wide if wide - 20 > last_narrow => (0, wide - 20),
        between => (between - last_narrow, last_narrow),
    };
    let mut builder = Builder::default();
    let name = format!("zeros{}", "_".repeat(pad as usize));
    builder.zeros(&name, size, Form::Known);
    builder.small("after", b"behind the border\n");
    let (sparse, entries) = builder.finish();
    debug_assert_eq!(entries[1].offset, offset);
    (sparse, entries)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Known,
    Streamed,
    Deflated,
}

#[derive(Default)]
struct Builder {
    sparse: Sparse,
    entries: Vec<SparseEntry>,
    streamed: Vec<bool>,
}

impl Builder {
    fn zeros(&mut self, name: &str, size: u64, form: Form) {
        let deflated = form == Form::Deflated;
        let payload = if deflated { deflate_zeros(size) } else { Vec::new() };
        let mut entry = SparseEntry {
            name: name.into(),
            method: if deflated { 8 } else { 0 },
            offset: self.sparse.len,
            payload: 0,
            compressed_size: if deflated { payload.len() as u64 } else { size },
            uncompressed_size: size,
            crc32: crc32_of_zeros(size),
        };
        let streamed = form == Form::Streamed;
        self.sparse.put(local(&entry, streamed));
        entry.payload = self.sparse.len;
        if deflated {
            self.sparse.put(payload);
        } else {
            self.sparse.len += size;
        }
        if streamed {
            self.sparse.put(descriptor(&entry));
        }
        self.entries.push(entry);
        self.streamed.push(streamed);
    }

    fn small(&mut self, name: &str, contents: &[u8]) {
        let mut entry = SparseEntry {
            name: name.into(),
            method: 0,
            offset: self.sparse.len,
            payload: 0,
            compressed_size: contents.len() as u64,
            uncompressed_size: contents.len() as u64,
            crc32: crc32fast::hash(contents),
        };
        self.sparse.put(local(&entry, false));
        entry.payload = self.sparse.len;
        self.sparse.put(contents.to_vec());
        self.entries.push(entry);
        self.streamed.push(false);
    }

    fn finish(mut self) -> (Sparse, Vec<SparseEntry>) {
        let directory = self.sparse.len;
        let mut out = Vec::new();
        for (entry, &streamed) in self.entries.iter().zip(&self.streamed) {
            central(entry, streamed).lay(&mut out, entry.offset);
        }
        let size = out.len() as u64;
        let count = self.entries.len() as u16;
        if directory >= u64::from(SENTINEL32) {
            let record = directory + size;
            out.extend_from_slice(b"PK\x06\x06");
            out.extend_from_slice(&44u64.to_le_bytes());
            out.extend_from_slice(&[45, 3, 45, 0]);
            out.extend_from_slice(&[0; 8]);
            for value in [u64::from(count), u64::from(count), size, directory] {
                out.extend_from_slice(&value.to_le_bytes());
            }
            out.extend_from_slice(b"PK\x06\x07\0\0\0\0");
            out.extend_from_slice(&record.to_le_bytes());
            out.extend_from_slice(&1u32.to_le_bytes());
        }
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&(size as u32).to_le_bytes());
        out.extend_from_slice(&narrow(directory).to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        self.sparse.put(out);
        (self.sparse, self.entries)
    }
}

/// The low half of a field: the value, or the sentinel if it does not fit below it.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(SENTINEL32)
}

fn is_wide(value: u64) -> bool {
    narrow(value) == SENTINEL32
}

fn template(entry: &SparseEntry) -> LaidEntry {
    LaidEntry::claiming(&entry.name, entry.method, Vec::new(), entry.crc32, 0)
}

fn local(entry: &SparseEntry, streamed: bool) -> Vec<u8> {
    let mut fields: LocalFields = template(entry).local;
    let (size, compressed) = (entry.uncompressed_size, entry.compressed_size);
    if streamed {
        fields.flags |= 1 << 3;
        fields.crc32 = 0;
        fields.extra = extra::zip64(&[0, 0]);
    } else if is_wide(size) || is_wide(compressed) {
        fields.extra = extra::zip64(&[size, compressed]);
    }
    if fields.extra.is_empty() {
        fields.uncompressed_size = narrow(size);
        fields.compressed_size = narrow(compressed);
    } else {
        // In a local header both sizes go into the extra record, and so both are sentinels.
        fields.uncompressed_size = SENTINEL32;
        fields.compressed_size = SENTINEL32;
        fields.version_needed = 45;
    }
    let mut out = Vec::new();
    fields.lay(&mut out);
    out
}

fn descriptor(entry: &SparseEntry) -> Vec<u8> {
    let mut out = b"PK\x07\x08".to_vec();
    out.extend_from_slice(&entry.crc32.to_le_bytes());
    out.extend_from_slice(&entry.compressed_size.to_le_bytes());
    out.extend_from_slice(&entry.uncompressed_size.to_le_bytes());
    out
}

fn central(entry: &SparseEntry, streamed: bool) -> CentralFields {
    let mut fields = template(entry).central;
    if streamed {
        fields.flags |= 1 << 3;
        fields.version_needed = 45;
    }
    fields.uncompressed_size = narrow(entry.uncompressed_size);
    fields.compressed_size = narrow(entry.compressed_size);
    fields.offset = Some(narrow(entry.offset));
    let wide: Vec<u64> = [entry.uncompressed_size, entry.compressed_size, entry.offset]
        .into_iter()
        .filter(|&value| is_wide(value))
        .collect();
    if !wide.is_empty() {
        fields.extra = extra::zip64(&wide);
        fields.version_needed = 45;
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{Tool, python_entries};

    #[test]
    fn spans_are_found_from_any_side() {
        let mut sparse = Sparse { len: 100, ..Sparse::default() };
        sparse.spans.insert(10, b"0123456789".to_vec());
        sparse.spans.insert(20, b"abc".to_vec());
        sparse.spans.insert(90, b"zzzzzzzzzz".to_vec());
        let mut whole = vec![0xff; 120];
        assert_eq!(sparse.read_at(&mut whole, 0), 100);
        assert_eq!(&whole[9..25], b"\x000123456789abc\0\0");
        for at in 0..110 {
            for len in [0, 1, 5, 30, 200] {
                let mut buf = vec![0xee; len];
                let count = sparse.read_at(&mut buf, at as u64);
                let expected = &whole[at.min(100)..(at + len).min(100).max(at.min(100))];
                assert_eq!(&buf[..count], expected, "{len} bytes at {at}");
            }
        }
        assert_eq!(sparse.read_at(&mut whole, u64::MAX), 0);
    }

    #[test]
    fn records_are_where_the_list_says() {
        for size in BORDER_SIZES {
            for (sparse, entries) in [
                stored_zeros_then_small(size),
                streamed_zeros_then_small(size),
                deflated_zeros_then_small(size),
            ] {
                for entry in &entries {
                    let mut signature = [0; 4];
                    sparse.read_at(&mut signature, entry.offset);
                    assert_eq!(&signature, b"PK\x03\x04", "{size}: {entry:?}");
                }
                let mut text = [0; 18];
                sparse.read_at(&mut text, entries[1].payload);
                assert_eq!(&text, b"behind the border\n");
            }
        }
        for offset in [(1 << 31) - 1, 1 << 31].into_iter().chain((1 << 32) - 30..(1 << 32) + 70) {
            assert_eq!(small_at(offset).1[1].offset, offset);
        }
    }

    /// Python reads the whole of the small ones and lists the large ones; reading 4 GiB of zeros would take too long.
    #[test]
    fn python_lists_the_borders() {
        let (small, entries) = stored_zeros_then_small(1000);
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sparse.zip");
        small.write_to(&path).expect("a small file");
        let Some(listed) = python_entries(&path, None) else {
            return;
        };
        let listed = listed.expect("a valid archive");
        assert_eq!(listed[0].crc32, entries[0].crc32);

        for size in BORDER_SIZES {
            for (sparse, _) in
                [stored_zeros_then_small(size), streamed_zeros_then_small(size), small_at(size)]
            {
                sparse.write_to(&path).expect("a file with holes");
                let (verdict, names) = Tool::Python.names(&path).expect("asked before");
                assert!(verdict.accepted, "{size}: {}", verdict.errors);
                assert_eq!(names, [&b"zeros"[..], b"after"], "{size}");
            }
        }
    }
}
