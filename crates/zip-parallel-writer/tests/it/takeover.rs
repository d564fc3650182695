//! Payloads that were compressed elsewhere: proven right, or refused.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use zip_codec::level::Level;
use zip_codec::member::{Facts, Scratch, encode::encode_all};
use zip_format::crc32::crc32;
use zip_format::error::Category;
use zip_format::method::Method;
use zip_io::input::ReadInput;
use zip_io::memory::BytesInput;
use zip_parallel_writer::{Compressed, Error, Item, Options, ParallelWriter, Report};
use zip_testkit::data::{Kind, payload};

use crate::common::{Fake, Together, Tricky, contents, read_back};

fn deflated(contents: &[u8]) -> (Facts, Vec<u8>) {
    let mut payload = Vec::new();
    let facts =
        encode_all(&mut Scratch::new(), Method::DEFLATE, Level::FAST, contents, &mut payload)
            .unwrap();
    (facts, payload)
}

fn write(items: Vec<Item<'_>>, rewinds: bool) -> (Vec<u8>, Report) {
    let options = Options { threads: 2, ..Options::default() };
    let (sink, report) = ParallelWriter::new(options).write(Tricky::new(rewinds), items).unwrap();
    (sink.bytes, report)
}

#[test]
fn a_payload_is_taken_over_as_it_is() {
    let small = payload(Kind::Text, 10_000, 1);
    let large = payload(Kind::Mixed, 12 << 20, 2);
    for rewinds in [true, false] {
        let mut items = Vec::new();
        for (size, contents) in [("small", &small), ("large", &large)] {
            let (facts, payload) = deflated(contents);
            let both =
                [("verified", Compressed::new(facts)), ("not", Compressed::unverified(facts))];
            for (how, facts) in both {
                let name = |kind: &str| format!("{size}/{kind}/{how}");
                items.push(Item::compressed(name("lent"), facts, BytesInput(payload.clone())));
                items.push(Item::compressed(name("file"), facts, Fake::new(payload.clone())));
                let reader = ReadInput::new(io::Cursor::new(payload.clone()));
                items.push(Item::compressed(name("read"), facts, reader));
            }
        }
        let count = items.len();
        let (bytes, report) = write(items, rewinds);
        assert!(report.is_complete(), "{:?}", report.failed);
        let entries = read_back(&bytes);
        assert_eq!(entries.len(), count);
        for (name, found) in &entries {
            let expected = if name.starts_with("small") { &small } else { &large };
            assert!(found == expected, "{name}");
        }
    }
}

#[test]
fn a_payload_that_is_not_what_was_said_fails_alone() {
    let small = payload(Kind::Text, 10_000, 1);
    let large = payload(Kind::Mixed, 12 << 20, 2);
    for rewinds in [true, false] {
        let mut items = vec![Item::bytes("first", "1")];
        for contents in [&small, &large] {
            let (facts, payload) = deflated(contents);
            let wrong = [
                (Facts { crc32: !facts.crc32, ..facts }, payload.clone()),
                (Facts { size: facts.size + 1, ..facts }, payload.clone()),
                (facts, payload[..payload.len() - 1].to_vec()),
                (facts, [&payload[..], b"x"].concat()),
                (facts, [&payload[..9_000.min(payload.len() - 9)], &[0; 9]].concat()),
            ];
            for (facts, payload) in wrong {
                let name = |items: &Vec<_>| format!("{}", items.len());
                let facts = Compressed::new(facts);
                items.push(Item::compressed(name(&items), facts, BytesInput(payload.clone())));
                items.push(Item::compressed(name(&items), facts, Fake::new(payload.clone())));
                let reader = ReadInput::new(io::Cursor::new(payload));
                items.push(Item::compressed(name(&items), facts, reader));
            }
        }
        items.push(Item::bytes("last", "2"));
        let count = items.len();
        let (bytes, report) = write(items, rewinds);
        assert_eq!(report.failed.len(), count - 2);
        for failure in &report.failed {
            assert_eq!(failure.error.category(), Category::Damaged, "{}", failure.error);
        }
        assert_eq!(read_back(&bytes).len(), 2);
    }
}

/// A gzip file of one member, laid by hand around a deflate stream.
fn gzip(contents: &[u8]) -> Vec<u8> {
    let (_, payload) = deflated(contents);
    let mut file = vec![0x1f, 0x8b, 8, 8, 0, 0x11, 0x22, 0x33, 0, 3];
    file.extend_from_slice(b"its name\0");
    file.extend_from_slice(&payload);
    file.extend_from_slice(&crc32(contents).to_le_bytes());
    file.extend_from_slice(&(contents.len() as u32).to_le_bytes());
    file
}

#[test]
fn a_gzip_file_becomes_a_member() {
    let small = payload(Kind::Text, 10_000, 1);
    let large = payload(Kind::Mixed, 12 << 20, 2);
    let mut items = vec![
        Item::gzip("small", BytesInput(gzip(&small))),
        Item::gzip("large", BytesInput(gzip(&large))),
        Item::gzip("read", ReadInput::new(io::Cursor::new(gzip(&large)))),
    ];
    // One that a foreign tool has made.
    if let Some(file) = foreign_gzip(&small) {
        items.push(Item::gzip("foreign", BytesInput(file)));
    }
    let (bytes, report) = write(items, false);
    assert!(report.is_complete(), "{:?}", report.failed);
    assert_eq!(report.written[0].method, Method::DEFLATE);
    let entries = read_back(&bytes);
    assert!(contents(&entries, "small") == small);
    assert!(contents(&entries, "large") == large && contents(&entries, "read") == large);
    let archive = zip_mmap_reader::Archive::new(bytes, Default::default()).unwrap();
    let seconds = archive.by_name("small").unwrap().modified().seconds;
    assert_eq!(seconds, 0x3322_1100, "the time in the header");
}

fn foreign_gzip(contents: &[u8]) -> Option<Vec<u8>> {
    let spawned =
        Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: gzip is not installed");
        return None;
    };
    child.stdin.take()?.write_all(contents).ok()?;
    Some(child.wait_with_output().ok()?.stdout)
}

#[test]
fn what_is_no_single_gzip_member_is_refused() {
    let contents = payload(Kind::Text, 10_000, 1);
    let whole = gzip(&contents);
    let two = [&whole[..], &whole[..]].concat();
    let mut wrong_crc = whole.clone();
    let at = wrong_crc.len() - 8;
    wrong_crc[at] ^= 1;
    let mut wrong_size = whole.clone();
    let at = wrong_size.len() - 4;
    wrong_size[at] ^= 1;
    let mut items = vec![
        Item::gzip("two", BytesInput(two)),
        Item::gzip("crc", BytesInput(wrong_crc)),
        Item::gzip("size", BytesInput(wrong_size)),
        Item::gzip("none", BytesInput("no gzip at all")),
    ];
    for cut in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        items.push(Item::gzip(format!("cut/{cut}"), BytesInput(whole[..cut].to_vec())));
    }
    let count = items.len();
    items.push(Item::bytes("sound", "so that there is an archive to look at"));
    let (bytes, report) = write(items, true);
    assert_eq!(report.failed.len(), count);
    assert_eq!(read_back(&bytes).len(), 1);
}

/// If they were not all read at once, this would never end: neither a reader's memory nor a
/// processor is held by an input that waits.
#[test]
fn slow_payloads_overlap_all_of_them() {
    let contents = payload(Kind::Mixed, 600_000, 1);
    let (facts, payload) = deflated(&contents);
    let file = gzip(&contents);
    assert!((200_000..512 << 10).contains(&file.len()));
    let compressed = Together::new(64, &payload).enumerate().map(|(n, reader)| {
        Item::compressed(format!("{n}"), Compressed::new(facts), ReadInput::new(reader))
    });
    let gzipped = Together::new(64, &file)
        .enumerate()
        .map(|(n, reader)| Item::gzip(format!("gzip/{n}"), ReadInput::new(reader)));
    let options = Options { threads: 16, ..Options::default() };
    let items = compressed.chain(gzipped);
    let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
    assert!(report.is_complete(), "{:?}", report.failed);
    let entries = read_back(&bytes);
    assert!(entries.len() == 128 && entries.iter().all(|entry| entry.1 == contents));
}

/// Gives zeros without end, and counts them.
struct Endless<'c>(&'c AtomicUsize);

impl Read for Endless<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        buf.fill(0);
        self.0.fetch_add(buf.len(), Ordering::Relaxed);
        Ok(buf.len())
    }
}

/// One byte more than its facts say is enough to refuse a payload.
#[test]
fn a_payload_that_is_longer_than_said_is_not_read_to_its_end() {
    for size in [0, 100, 3 << 20] {
        let read = AtomicUsize::new(0);
        let facts = Facts { method: Method::STORED, crc32: 0, size, compressed_size: size };
        let input = ReadInput::new(Endless(&read));
        let item = Item::compressed("longer", Compressed::unverified(facts), input);
        let run = ParallelWriter::default().run(Vec::new(), [item]);
        assert!(matches!(run.report.failed[0].error, Error::PayloadLength { .. }));
        assert_eq!(read.into_inner() as u64, size + 1);
    }
}

/// The window of a payload that is verified is bounded, whichever way the payload comes.
#[cfg(feature = "zstd")]
#[test]
fn a_payload_that_asks_for_too_much_memory_is_refused() {
    // A frame of Zstandard with a window of 1 GiB, and five bytes as they are.
    let payload = *b"\x28\xb5\x2f\xfd\x00\xa0\x29\x00\x00hello";
    let compressed_size = payload.len() as u64;
    let facts = Facts { method: Method::ZSTD, crc32: crc32(b"hello"), size: 5, compressed_size };
    let facts = Compressed::new(facts);
    let items = vec![
        Item::compressed("lent", facts, BytesInput(payload)),
        Item::compressed("file", facts, Fake::new(payload.to_vec())),
        Item::compressed("read", facts, ReadInput::new(io::Cursor::new(payload))),
    ];
    let (_, report) = write(items, false);
    assert_eq!(report.failed.len(), 3);
    for failure in &report.failed {
        assert_eq!(failure.error.category(), Category::Limit, "{}", failure.error);
    }
}
