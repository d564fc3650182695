//! Stored entries in place: read, sought, opened as archives themselves.

use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};

use zip_format::error::Category;
use zip_io::Source;
use zip_mmap_reader::{Archive, Options};
use zip_testkit::data;
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay};

use crate::common::sources;

type AnyArchive = Archive<Box<dyn Source>>;

fn archives(lay: &Lay) -> impl Iterator<Item = (&'static str, AnyArchive)> {
    let open = |source| Archive::new(source, Options::default()).expect("valid");
    sources(&lay.build()).into_iter().map(move |(name, source)| (name, open(source)))
}

#[test]
fn a_stored_entry_is_read_at_any_position() {
    let contents = data::noise(300_000, 1);
    let lay = Lay::of([
        LaidEntry::stored("a", "before"),
        LaidEntry::stored("b", &contents).with_descriptor(DescriptorForm::Signed32),
        LaidEntry::stored("c", ""),
    ]);
    for (name, archive) in archives(&lay) {
        let entry = archive.entry(1).expect("three");
        let verified = entry.stored_reader().expect("right").expect("stored");
        let unverified = entry.stored_reader_unverified().expect("right").expect("stored");
        for mut reader in [verified, unverified] {
            assert_eq!((reader.len(), reader.is_empty()), (300_000, false), "{name}");
            let mut read = Vec::new();
            reader.read_to_end(&mut read).expect("whole");
            assert!(read == contents, "{name}");
            assert_eq!(reader.stream_position().expect("kept"), 300_000);
            for (to, at) in [
                (SeekFrom::Start(7), 7),
                (SeekFrom::End(-3), 299_997),
                (SeekFrom::Current(-100), 299_900),
            ] {
                reader.seek(to).expect("inside");
                let mut three = [0; 3];
                reader.read_exact(&mut three).expect("inside");
                assert_eq!(three, contents[at..at + 3], "{name} {to:?}");
            }
            let mut clone = reader.clone();
            clone.seek(SeekFrom::Start(u64::MAX)).expect("as of a file");
            assert_eq!(clone.read(&mut [0; 8]).expect("nothing there"), 0);
            assert!(clone.seek(SeekFrom::Current(1)).is_err(), "beyond all offsets");
            assert_eq!(reader.stream_position().expect("its own"), 299_903);
            for to in [SeekFrom::End(-300_001), SeekFrom::Current(-299_904)] {
                let error = reader.seek(to).expect_err("before the first byte");
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
            }
            assert_eq!(reader.stream_position().expect("unmoved"), 299_903);
            // The descriptor behind the payload is not given out.
            let mut over = [0xaa; 10];
            let read = reader.read_at(&mut over, 299_999).expect("one byte");
            assert_eq!((read, over[0]), (1, contents[299_999]));
            assert_eq!(reader.read_at(&mut over, 300_000).expect("the end"), 0);
            assert_eq!(reader.read_at(&mut over, u64::MAX).expect("the end"), 0);
            assert_eq!(reader.as_slice().is_some(), name == "slice");
            assert!(reader.as_slice().is_none_or(|slice| slice == contents));
        }
        let empty = archive.entry(2).expect("three").stored_reader().expect("right");
        assert!(empty.expect("stored").is_empty());
    }
}

#[test]
fn only_the_unverified_one_takes_a_wrong_crc() {
    for size in [5, 300_000] {
        let lay = Lay::of([LaidEntry::stored("a", data::zeros(size)).crc32(1)]);
        for (name, archive) in archives(&lay) {
            let entry = archive.entry(0).expect("one");
            let error = entry.stored_reader().expect_err("wrong CRC");
            let expected = entry.read().expect_err("wrong CRC");
            assert_eq!(error.to_string(), expected.to_string(), "{name}");
            let mut reader = entry.stored_reader_unverified().expect("asked for").expect("stored");
            let mut read = Vec::new();
            reader.read_to_end(&mut read).expect("whole");
            assert!(read == data::zeros(size), "{name}");
        }
    }
}

#[test]
fn others_are_none_and_faults_are_told() {
    let lay = Lay::of([LaidEntry::deflated("a", "AAAA"), LaidEntry::stored("b", "BBBB")]);
    for (name, archive) in archives(&lay) {
        let entry = archive.entry(0).expect("two");
        assert!(entry.stored_reader().expect("no fault").is_none(), "{name}");
        assert!(entry.stored_reader_unverified().expect("no fault").is_none(), "{name}");
    }
    let wrong = lay.with(|lay| lay.entries[1].local.name = b"c".to_vec());
    for (name, archive) in archives(&wrong) {
        let entry = archive.entry(1).expect("two");
        let expected = entry.read().expect_err("another name").to_string();
        for error in [entry.stored_reader(), entry.stored_reader_unverified()] {
            assert_eq!(error.expect_err("another name").to_string(), expected, "{name}");
        }
    }
    for row in zip_testkit::hostile::small() {
        let Ok(archive) = Archive::new(row.bytes.clone(), Options::default()) else { continue };
        for entry in archive.entries() {
            match (entry.stored_reader(), entry.read()) {
                (Ok(Some(reader)), read) => {
                    assert_eq!(reader.as_slice(), read.ok().as_deref(), "{}", row.name);
                }
                (Ok(None), _) => {}
                (Err(error), read) => {
                    let read = read.expect_err(row.name);
                    assert_eq!(error.to_string(), read.to_string(), "{}", row.name);
                }
            }
        }
    }
}

#[test]
fn limits_hold_for_both() {
    let mut options = Options::default();
    options.limits.entry_bytes = 3;
    let bytes = Lay::of([LaidEntry::stored("a", "four")]).build();
    let archive = Archive::new(bytes, options).expect("valid");
    let entry = archive.entry(0).expect("one");
    for refused in [entry.stored_reader(), entry.stored_reader_unverified()] {
        assert_eq!(refused.expect_err("too long").category(), Category::Limit);
    }
}

#[test]
fn archives_within_archives() {
    let text = data::text(50_000, 1);
    let mut bytes = Lay::of([LaidEntry::deflated("text", &text)]).build();
    for _ in 0..3 {
        bytes = Lay::of([LaidEntry::stored("x", "x"), LaidEntry::stored("inner", bytes)]).build();
    }
    for (name, source) in sources(&bytes) {
        let outer = Archive::new(source, Options::default()).expect("valid");
        let inner = |archive: &AnyArchive| -> Vec<u8> {
            let first = archive.by_name("inner").expect("there");
            let first = first.stored_reader().expect("right").expect("stored");
            let second = Archive::new(first, Options::default()).expect("valid");
            let second = second.by_name("inner").expect("there");
            let second = second.stored_reader().expect("right").expect("stored");
            let third = Archive::new(second, Options::default()).expect("valid");
            let third = third.by_name("inner").expect("there");
            let third = third.stored_reader_unverified().expect("right").expect("stored");
            let last = Archive::new(third, Options::default()).expect("valid");
            last.by_name("text").expect("there").read().expect("whole")
        };
        assert!(inner(&outer) == text, "{name}");
    }
}

/// Ends where it is told to, whatever length it had.
struct Shrinking {
    bytes: Vec<u8>,
    is_cut: AtomicBool,
}

impl Source for Shrinking {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> std::io::Result<usize> {
        if self.is_cut.load(Ordering::Relaxed) { Ok(0) } else { self.bytes.read_at(buf, at) }
    }
}

#[test]
fn a_source_that_was_cut_off_is_no_end() {
    let bytes = Lay::of([LaidEntry::stored("a", "four")]).build();
    let source = Shrinking { bytes, is_cut: AtomicBool::new(false) };
    let archive = Archive::new(source, Options::default()).expect("valid");
    let entry = archive.entry(0).expect("one");
    let mut reader = entry.stored_reader().expect("right").expect("stored");
    archive.source().is_cut.store(true, Ordering::Relaxed);
    let error = reader.read(&mut [0; 2]).expect_err("cut off");
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}
