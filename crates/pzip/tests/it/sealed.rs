//! Archives written through a sealing sink and read through an unsealing source.

use std::io;

use pzip::crypto::sealed::{RawKey, SealOptions, SealedSink, SealedSource, Sealer, Secret};
use pzip::format::error::Category;
use pzip::io::file::{FileSink, FileSource};
use pzip::io::{Sink, Source};
use pzip::reader::{Archive, Options, Parallel};
use pzip::writer::{Item, ParallelWriter};

fn items() -> Vec<Item<'static>> {
    let texts = (0..300).map(|number: usize| {
        let text = format!("contents of file {number}\n").repeat(number);
        Item::bytes(format!("directory/file-{number}"), text)
    });
    let large = Item::bytes("large", zip_testkit::data::noise(2_000_000, 3));
    texts.chain([large, Item::directory("empty")]).collect()
}

fn contents_of<S: Source>(archive: &Archive<S>, threads: usize) -> Vec<(String, Vec<u8>)> {
    let all: Vec<usize> = (0..archive.len()).collect();
    let contents = archive.read_many(&all, Parallel::threads(threads));
    let names = archive.entries().map(|entry| entry.name().to_string());
    names.zip(contents.into_iter().map(Result::unwrap)).collect()
}

fn seal_into<S: Sink>(sink: S, key: &RawKey, frame_bytes: u32) -> SealedSink<S> {
    let options = SealOptions { frame_bytes, ..SealOptions::default() };
    let sealer = Sealer::new(Secret::Key(key), &options).unwrap();
    ParallelWriter::default().write(SealedSink::new(sink, sealer), items()).unwrap().0
}

#[test]
fn sealed_archives_hold_what_plain_ones_do() {
    let (plain, report) = ParallelWriter::default().write(Vec::new(), items()).unwrap();
    let expected = contents_of(&Archive::new(&plain[..], Options::default()).unwrap(), 1);
    let key = RawKey::generate().unwrap();
    for frame_bytes in [64, 1_000, 65_536, 1 << 24] {
        let sink = seal_into(Vec::new(), &key, frame_bytes);
        assert_eq!(sink.sealer().plain_len(), report.bytes_out);
        let sealed = sink.into_inner();
        assert!(!sealed.windows(10).any(|window| window == b"directory/"), "a name is seen");
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sealed");
        seal_into(FileSink::create(&path).unwrap(), &key, frame_bytes);

        let open = |source: Box<dyn Source>| {
            let source =
                SealedSource::open(source, Secret::Key(&key), &Default::default()).unwrap();
            Archive::new(source, Options::default()).unwrap()
        };
        for threads in [1, 3] {
            let memory = open(Box::new(sealed.clone()));
            assert!(contents_of(&memory, threads) == expected, "{frame_bytes}");
            let file = open(Box::new(FileSource::open(&path).unwrap()));
            assert!(contents_of(&file, threads) == expected, "{frame_bytes}");
        }
        assert!(Archive::new(&sealed[..], Options::default()).is_err(), "no ZIP to others");
    }
}

#[test]
fn a_damaged_frame_damages_the_entries_in_it_and_no_others() {
    let key = RawKey::generate().unwrap();
    let good = seal_into(Vec::new(), &key, 4_096).into_inner();
    let open = |sealed: Vec<u8>| {
        let source = SealedSource::open(sealed, Secret::Key(&key), &Default::default()).unwrap();
        Archive::new(source, Options::default())
    };
    let intact = open(good.clone()).unwrap();
    let expected = contents_of(&intact, 1);
    let mut sealed = good;
    sealed[80 + 4_112 * 2 + 7] ^= 0x10;
    let archive = open(sealed).unwrap();
    let all: Vec<usize> = (0..archive.len()).collect();
    for threads in [1, 2] {
        let read = archive.read_many(&all, Parallel::threads(threads));
        let mut damaged = 0;
        for (result, (name, contents)) in read.into_iter().zip(&expected) {
            match result {
                Ok(read) => assert!(read == *contents, "{name}"),
                Err(error) => {
                    assert_eq!(error.category(), Category::Damaged, "{error}");
                    assert!(error.to_string().contains("frame 2 (at offset 8304)"), "{error}");
                    damaged += 1;
                }
            }
        }
        assert!((1..100).contains(&damaged), "{damaged}");
    }
}

/// The writer's errors go through, and what is left behind does not open.
#[test]
fn a_full_disk_leaves_no_archive_that_opens() {
    #[derive(Debug)]
    struct Full(Vec<u8>, usize);
    impl Sink for Full {
        fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            if self.0.len() + bytes.len() > self.1 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.extend_from_slice(bytes);
            Ok(())
        }
        fn position(&self) -> pzip::format::position::Position {
            pzip::format::position::Position::on_first(self.0.len() as u64)
        }
        fn finish(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let key = RawKey::generate().unwrap();
    let len = seal_into(Vec::new(), &key, 65_536).into_inner().len();
    for room in [0, 79, 80, 100_000, len - 1] {
        let mut below = Full(Vec::new(), room);
        let sealer = Sealer::new(Secret::Key(&key), &SealOptions::default()).unwrap();
        let sink = SealedSink::new(&mut below, sealer);
        let error = ParallelWriter::default().write(sink, items()).unwrap_err();
        assert_eq!(error.category(), Category::Io, "{error}");
        let opened = SealedSource::open(below.0, Secret::Key(&key), &Default::default());
        assert!(opened.is_err(), "{room}");
    }
}
