//! Entries of other archives: their headers and payloads as they are.

use zip_format::flags::Flags;
use zip_format::method::Method;
use zip_io::file::{FileSink, FileSource};
use zip_mmap_reader::{Archive, Options as Reading};
use zip_parallel_writer::{Item, OnFailure, Options, ParallelWriter};
use zip_testkit::data::{Kind, payload};
use zip_testkit::lay::{LaidEntry, Lay};
use zip_testkit::oracle::Tool;

use crate::common::{contents, read_back};

fn carry_all<'a, S: zip_io::Source>(archive: &'a Archive<S>) -> Vec<Item<'a>> {
    let carried = |entry: zip_mmap_reader::EntryRef<'a, S>| {
        Item::carried(&entry, archive.source(), entry.offset()).unwrap()
    };
    archive.entries().map(carried).collect()
}

fn write(items: Vec<Item<'_>>) -> Vec<u8> {
    let options = Options { threads: 2, on_failure: OnFailure::Stop, ..Options::default() };
    ParallelWriter::new(options).write(Vec::new(), items).unwrap().0
}

#[test]
fn what_is_carried_is_the_same_entry() {
    let items = vec![
        Item::directory("d").with_mode(0o700).with_modified(1_700_000_000),
        Item::bytes("d/text", payload(Kind::Text, 300_000, 1)).with_comment("a comment"),
        Item::bytes("d/noise", payload(Kind::Noise, 300_000, 1)).with_mode(0o600),
        Item::bytes("größe", "UTF-8").with_modified(-5),
        Item::symlink("link", "d/text"),
    ];
    let (original, _) = ParallelWriter::default().write(Vec::new(), items).unwrap();
    let archive = Archive::new(&original[..], Reading::default()).unwrap();
    assert!(write(carry_all(&archive)) == original, "what this crate wrote, byte for byte");
}

#[test]
fn descriptors_and_unknown_records_of_others() {
    let original = Lay::of([
        LaidEntry::deflated("plain", payload(Kind::Text, 200_000, 3)),
        LaidEntry::deflated("streamed", payload(Kind::Text, 5_000, 4))
            .with_descriptor(zip_testkit::lay::DescriptorForm::Signed32),
    ])
    .build();
    let archive = Archive::new(&original[..], Reading::default()).unwrap();
    let streamed = archive.by_name("streamed").unwrap();
    assert!(streamed.flags().contains(Flags::DESCRIPTOR), "the point of this test");
    let entries = read_back(&write(carry_all(&archive)));
    assert!(contents(&entries, "streamed") == payload(Kind::Text, 5_000, 4));
    assert!(contents(&entries, "plain") == payload(Kind::Text, 200_000, 3));
}

#[test]
fn entries_are_renamed() {
    let original = Lay::of([LaidEntry::deflated("old", "some text, some text")]).build();
    let archive = Archive::new(&original[..], Reading::default()).unwrap();
    for name in ["new", "größer", "dir/new"] {
        let items = carry_all(&archive).into_iter().map(|item| item.with_name(name)).collect();
        let bytes = write(items);
        let entries = read_back(&bytes);
        assert_eq!(entries[0].0, name);
        let archive = Archive::new(&bytes[..], Reading::default()).unwrap();
        assert_eq!(archive.entry(0).unwrap().flags().contains(Flags::UTF8), !name.is_ascii());
    }
    let items = carry_all(&archive).into_iter().map(|item| item.with_name("../up")).collect();
    let items: Vec<Item<'_>> = items;
    let options = Options { on_failure: OnFailure::Stop, ..Options::default() };
    assert!(ParallelWriter::new(options).write(Vec::new(), items).is_err());
}

/// From file to file, where the system may copy by itself.
#[test]
fn an_archive_takes_its_own_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    let large = payload(Kind::Noise, 9 << 20, 7);
    let items = vec![
        Item::bytes("first", "1"),
        Item::bytes("large", large.clone()),
        Item::bytes("gone", payload(Kind::Text, 50_000, 1)),
        Item::bytes("last", "2"),
    ];
    ParallelWriter::default().write(FileSink::create(&path).unwrap(), items).unwrap();
    let archive = Archive::new(FileSource::open(&path).unwrap(), Reading::default()).unwrap();
    let kept = carry_all(&archive).into_iter().filter(|item| item.name != b"gone");
    let added = [Item::bytes("added", "3")];
    let sink = FileSink::create(&path).unwrap();
    let (_, report) = ParallelWriter::default().write(sink, kept.chain(added)).unwrap();
    assert_eq!(report.written.len(), 4);
    assert_eq!(report.written[1].method, Method::STORED);
    let entries = read_back(&std::fs::read(&path).unwrap());
    assert!(contents(&entries, "large") == large && contents(&entries, "added") == b"3");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
}

/// A source that ends before its directory says so: nothing takes the place of the old file.
#[test]
fn a_source_that_is_cut_off_meanwhile_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let (old, new) = (directory.path().join("old.zip"), directory.path().join("new.zip"));
    let items = vec![Item::bytes("large", payload(Kind::Noise, 9 << 20, 7))];
    ParallelWriter::default().write(FileSink::create(&old).unwrap(), items).unwrap();
    let archive = Archive::new(FileSource::open(&old).unwrap(), Reading::default()).unwrap();
    let items = carry_all(&archive);
    std::fs::OpenOptions::new().write(true).open(&old).unwrap().set_len(1 << 20).unwrap();
    let options = Options { on_failure: OnFailure::Stop, ..Options::default() };
    let sink = FileSink::create(&new).unwrap();
    assert!(ParallelWriter::new(options).write(sink, items).is_err());
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1, "only the old file is there");
}

/// Encrypted by others, not decrypted here: the payload is what it was.
#[test]
fn encryption_stays() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("secret.txt");
    std::fs::write(&path, "a secret, a secret, a secret").unwrap();
    let zip = directory.path().join("a.zip");
    let made = std::process::Command::new("zip")
        .args(["-q", "-j", "-P", "password"])
        .arg(&zip)
        .arg(&path)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return println!("skipped: zip is not installed");
    }
    let archive = Archive::new(FileSource::open(&zip).unwrap(), Reading::default()).unwrap();
    let bytes = write(carry_all(&archive));
    zip_testkit::oracle::with_file(&bytes, |path| {
        for tool in [Tool::SevenZip, Tool::Unzip] {
            let Some(tool) = tool.or_skip() else { continue };
            if let Some(verdict) = tool.test(path, Some("password")) {
                assert!(verdict.accepted, "{tool:?}: {}", verdict.errors);
            }
        }
    });
}
