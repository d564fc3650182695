//! Archives at the borders of 2^31 and 2^32, streamed into sparse files and read by foreign tools.
//!
//! The archives have 2 to 4 GiB each, and every reader reads all of it: many minutes. So they are
//! asked for by name: `cargo test -p zip-stream-encoder -- --ignored border`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use zip_format::position::Span;
use zip_io::write::WriteSink;
use zip_stream_encoder::content::Opened;
use zip_stream_encoder::{Contents, Encoder, Entry, Plan, Wrap};
use zip_testkit::oracle::Tool;
use zip_testkit::zeros::crc32_of_zeros;

use crate::foreign::{Found, Reader};

const SMALL: &[u8] = b"behind the border";

/// A file in which pages of zeros are holes.
struct Holes(File, u64);

impl Write for Holes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const PAGE: usize = 4 << 10;
        // Up to the end of the page.
        let len = bytes.len().min(PAGE - (self.1 % PAGE as u64) as usize);
        let (page, _) = bytes.split_at(len);
        if page.iter().all(|&byte| byte == 0) {
            self.0.seek(SeekFrom::Current(len as i64))?;
        } else {
            self.0.write_all(page)?;
        }
        self.1 += len as u64;
        Ok(len)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.set_len(self.1)
    }
}

/// Streams zeros, and a small file behind them where one is wanted.
fn stream(plan: &Arc<Plan>, size: u64, path: &Path) {
    let open = |entry, span: Span| {
        Ok(match entry {
            0 => Opened::Read(Box::new(io::repeat(0).take(size - span.start))),
            _ => Opened::Bytes(Bytes::from_static(SMALL)),
        })
    };
    let mut sink = WriteSink::new(Holes(File::create(path).expect("a file"), 0));
    let written = Encoder::new(Arc::clone(plan), open).write_to(&mut sink).expect("room");
    assert_eq!(written, plan.len(), "planned is produced");
    assert_eq!(path.metadata().expect("there").len(), plan.len());
}

fn check(contents: Contents, after: bool, what: &str) {
    let size = contents.size();
    let mut plan = Plan::builder();
    plan.push(&Entry::file(b"zeros", contents)).unwrap();
    let mut expected = BTreeSet::new();
    expected.insert(Found { name: "zeros".into(), size, crc32: crc32_of_zeros(size) });
    if after {
        plan.push(&Entry::file(b"after", Contents::of(SMALL))).unwrap();
        let crc32 = zip_format::crc32::crc32(SMALL);
        expected.insert(Found { name: "after".into(), size: SMALL.len() as u64, crc32 });
    }
    let plan = Arc::new(plan.finish());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("border.zip");
    stream(&plan, size, &path);
    const SENTINEL: u64 = u32::MAX as u64;
    let in_blocks = matches!(contents, Contents::Sized { wrap: Wrap::DeflateStored, .. });
    let compressed = if in_blocks { zip_codec::deflate_stored::exact_len(size) } else { size };
    let is_stored_with_descriptor = matches!(contents, Contents::Sized { wrap: Wrap::Stored, .. });
    for reader in Reader::ALL {
        // They say so themselves: nothing tells them where such an entry ends.
        if is_stored_with_descriptor && matches!(reader, Reader::StreamUnzip | Reader::JavaPipe) {
            continue;
        }
        // docs/format-notes.md, Zip64: it takes the size before for a sentinel.
        let reaches_it = size == SENTINEL || compressed == SENTINEL;
        if after && reaches_it && reader == Reader::Tool(Tool::Unzip) {
            continue;
        }
        // The same place: it takes the wide descriptor of such a payload for a narrow one.
        if in_blocks && compressed == SENTINEL && reader == Reader::JavaPipe {
            continue;
        }
        if let Some(answer) = reader.read(&path, &expected) {
            println!("{what}, {size} bytes, archive of {}: {reader:?}: {answer:?}", plan.len());
            assert_eq!(answer, Ok(()), "{what}, {size} bytes: {reader:?}");
        }
    }
}

fn around(border: u64) -> [u64; 3] {
    [border - 1, border, border + 1]
}

fn known(size: u64) -> Contents {
    Contents::Known { size, crc32: crc32_of_zeros(size) }
}

fn sizes(border: u64, contents: fn(u64) -> Contents, what: &str) {
    for size in around(border) {
        check(contents(size), true, what);
    }
}

#[test]
#[ignore = "minutes"]
fn border_of_2_gib_known() {
    sizes(1 << 31, known, "known");
}

#[test]
#[ignore = "minutes"]
fn border_of_4_gib_known() {
    sizes(1 << 32, known, "known");
}

#[test]
#[ignore = "minutes"]
fn border_of_2_gib_blocks() {
    sizes(1 << 31, Contents::sized, "blocks");
}

#[test]
#[ignore = "minutes"]
fn border_of_4_gib_blocks() {
    sizes(1 << 32, Contents::sized, "blocks");
}

/// Where it is the compressed size that crosses the border, and the size does not.
#[test]
#[ignore = "minutes"]
fn border_of_4_gib_compressed() {
    let border = u64::from(u32::MAX);
    let blocks = border.div_ceil(65_540) * 5;
    for size in around(border - blocks) {
        check(Contents::sized(size), true, "compressed");
    }
}

#[test]
#[ignore = "minutes"]
fn border_of_4_gib_stored() {
    let stored = |size| Contents::Sized { size, wrap: Wrap::Stored };
    sizes(1 << 32, stored, "stored with a descriptor");
}

/// Offset of a local header, and of the directory.
#[test]
#[ignore = "minutes"]
fn border_of_offsets() {
    let header = |size| {
        let mut plan = Plan::builder();
        plan.push(&Entry::file(b"zeros", known(size))).unwrap();
        plan.finish().directory_span().start - size
    };
    for border in [1 << 31, 1 << 32] {
        for offset in around(border) {
            let size = offset - header(offset - 100);
            check(known(size), true, "offset of a local header");
            check(known(size), false, "offset of the directory");
        }
    }
}

#[test]
#[ignore = "a minute"]
fn border_of_counts() {
    for entries in [65_534, 65_535, 65_536] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("border.zip");
        std::fs::write(&path, crate::many::archive_of(entries)).unwrap();
        let crc32 = zip_format::crc32::crc32(b"x");
        let found = |n| Found { name: format!("{n:06}"), size: 1, crc32 };
        let expected: BTreeSet<Found> = (0..entries).map(found).collect();
        for reader in Reader::ALL {
            if let Some(answer) = reader.read(&path, &expected) {
                println!("{entries} entries: {reader:?}: {}", answer.is_ok());
                // Not the sets, which are long.
                assert!(answer.is_ok(), "{entries} entries: {reader:?}");
            }
        }
    }
}

#[test]
fn all_of_them_read_a_small_one() {
    for contents in [known(100_000), Contents::sized(100_000), Contents::sized(0)] {
        check(contents, true, "small");
    }
}
