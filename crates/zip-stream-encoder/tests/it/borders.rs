//! Sizes and offsets at 2^31 and 2^32, one below, at, and one above: planned, streamed with
//! virtual sources, and read back by the strict reader without a byte on disk.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use zip_format::position::Span;
use zip_io::Source;
use zip_mmap_reader::{Archive, Options};
use zip_stream_encoder::content::Opened;
use zip_stream_encoder::{Contents, Encoder, Entry, Plan, Wrap};
use zip_testkit::zeros::crc32_of_zeros;

/// An archive whose bytes are made when they are asked for: of zeros and one small file.
struct Virtual {
    plan: Arc<Plan>,
}

/// Zeros, from a byte on; made in pieces of 1 MiB.
struct Zeros(u64);

impl io::Read for Zeros {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = buf.len().min(usize::try_from(self.0).unwrap_or(usize::MAX));
        buf[..len].fill(0);
        self.0 -= len as u64;
        Ok(len)
    }
}

const SMALL: &[u8] = b"behind the border";

impl Virtual {
    fn new(contents: Contents) -> Self {
        let mut plan = Plan::builder();
        plan.push(&Entry::file(b"zeros", contents)).unwrap();
        plan.push(&Entry::file(b"after", Contents::of(SMALL))).unwrap();
        Self { plan: Arc::new(plan.finish()) }
    }

    fn size(&self) -> u64 {
        self.plan.entry(0).map_or(0, |entry| entry.contents.size())
    }
}

impl Source for Virtual {
    fn len(&self) -> u64 {
        self.plan.len()
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let end = self.plan.len().min(at + buf.len() as u64);
        let size = self.size();
        let open = |entry, span: Span| {
            Ok(match entry {
                0 => Opened::Read(Box::new(Zeros(size - span.start))),
                _ => Opened::Bytes(Bytes::from_static(SMALL).slice(span.start as usize..)),
            })
        };
        let span = Span { start: at.min(end), end };
        let encoder =
            Encoder::over(Arc::clone(&self.plan), span, open).map_err(io::Error::other)?;
        let len = span.len() as usize;
        io::Read::read_exact(&mut encoder.into_reader(), &mut buf[..len])?;
        Ok(len)
    }
}

fn borders() -> impl Iterator<Item = u64> {
    [1 << 31, 1 << 32].into_iter().flat_map(|border: u64| [border - 1, border, border + 1])
}

/// The directory, both local headers and the small file are where they should be.
fn check(contents: Contents, what: &str) {
    let source = Virtual::new(contents);
    let archive = Archive::new(source, Options::default()).unwrap_or_else(|error| {
        panic!("{what}: {error}");
    });
    assert_eq!(archive.by_name("after").unwrap().read().unwrap(), SMALL, "{what}");
    let zeros = archive.by_name("zeros").unwrap();
    assert_eq!(zeros.size(), contents.size(), "{what}");
}

#[test]
fn sizes_at_the_borders() {
    for size in borders() {
        check(Contents::Known { size, crc32: crc32_of_zeros(size) }, "known");
    }
}

#[test]
fn offsets_at_the_borders() {
    for offset in borders() {
        // Of the local header of a size below the sentinel.
        let size = offset - 35;
        let known = Contents::Known { size, crc32: crc32_of_zeros(size) };
        assert_eq!(Virtual::new(known).plan.member_span(1).map(|span| span.start), Some(offset));
        check(known, "offset");
    }
}

/// Where a checksum must be computed, all bytes are: some seconds each in a debug build, so only
/// the border itself, in both framings.
#[test]
fn sizes_whose_checksum_comes_after() {
    for wrap in [Wrap::DeflateStored, Wrap::Stored] {
        let size = u64::from(u32::MAX);
        let source = Virtual::new(Contents::Sized { size, wrap });
        let open = |entry, _| {
            Ok(match entry {
                0 => Opened::Read(Box::new(Zeros(size))),
                _ => Opened::Bytes(Bytes::from_static(SMALL)),
            })
        };
        let mut tail = Tail::default();
        let written = Encoder::new(Arc::clone(&source.plan), open)
            .write_to(&mut zip_io::write::WriteSink::new(&mut tail))
            .unwrap();
        assert_eq!(written, source.plan.len());
        let crc = crc32_of_zeros(size).to_le_bytes();
        let descriptor = [b"PK\x07\x08".as_slice(), &crc].concat();
        assert!(tail.0.windows(8).any(|window| window == descriptor), "{wrap:?}");
        assert!(tail.0.windows(4).any(|window| window == b"PK\x06\x06"), "{wrap:?}: zip64");
    }
}

/// The last bytes that were written.
#[derive(Default)]
struct Tail(Vec<u8>);

impl io::Write for Tail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let kept = bytes.len().min(1_000);
        self.0.extend_from_slice(&bytes[bytes.len() - kept..]);
        let over = self.0.len().saturating_sub(1_000);
        self.0.drain(..over);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
