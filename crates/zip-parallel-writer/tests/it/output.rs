//! What is written: the same bytes for any number of threads, the items' own wishes, the report.

use std::io::Read;

use zip_codec::level::Level;
use zip_format::method::Method;
use zip_io::Input;
use zip_parallel_writer::{Item, Options, ParallelWriter, Report};
use zip_testkit::data::{Kind, payload};

/// Items of every size class: empty, small, at and around the whole-buffer limit, streamed.
fn items() -> Vec<Item<'static>> {
    let sizes = [0, 1, 100, 4_096, 70_000, 1 << 20, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, 9 << 20];
    let mut items = vec![Item::directory("d"), Item::symlink("link", "d")];
    for (number, size) in sizes.into_iter().enumerate() {
        for (kind, name) in [(Kind::Text, "text"), (Kind::Noise, "noise"), (Kind::Zeros, "zeros")] {
            let contents = payload(kind, size, number as u64);
            let path = format!("d/{name}-{size}");
            items.push(match number % 3 {
                0 => Item::bytes(path, contents),
                // A reader of unknown length.
                1 => Item::read(path, std::io::Cursor::new(contents)),
                // A short-reading one that knows its length.
                _ => Item::input(path, Short(contents)),
            });
        }
    }
    for number in 0..500 {
        items.push(Item::bytes(format!("many/{number}"), payload(Kind::Json, 700, number)));
    }
    items
}

/// Gives at most 1,000 bytes at a time.
struct Short(Vec<u8>);

impl Input for Short {
    fn len_hint(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
    fn open(&mut self) -> std::io::Result<Box<dyn Read + Send + '_>> {
        struct Pieces<'p>(&'p [u8]);
        impl Read for Pieces<'_> {
            fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
                let len = buf.len().min(1_000);
                self.0.read(&mut buf[..len])
            }
        }
        Ok(Box::new(Pieces(&self.0)))
    }
}

fn write(items: Vec<Item<'_>>, options: Options<'_>) -> (Vec<u8>, Report) {
    ParallelWriter::new(options).write(Vec::new(), items).unwrap()
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_memory() {
    let (expected, report) = write(items(), Options { threads: 1, ..Options::default() });
    assert!(report.is_complete());
    assert_eq!(report.bytes_out, expected.len() as u64);
    assert_eq!(report.written.len(), items().len());
    for (threads, memory) in [(2, 32 << 20), (3, 1), (16, 1 << 20), (64, 1 << 30)] {
        let (bytes, _) = write(items(), Options { threads, memory, ..Options::default() });
        assert!(bytes == expected, "{threads} threads and {memory} bytes give other bytes");
    }
}

#[test]
fn never_larger_than_stored_in_one_piece() {
    let noise = payload(Kind::Noise, 1 << 20, 7);
    let (_, report) = write(vec![Item::bytes("n", noise)], Options::default());
    let written = report.written[0];
    assert_eq!((written.method, written.compressed_size), (Method::STORED, 1 << 20));

    let streamed = payload(Kind::Noise, 20 << 20, 7);
    let (_, report) = write(vec![Item::bytes("n", streamed)], Options::default());
    let written = report.written[0];
    assert_eq!((written.method, written.compressed_size), (Method::STORED, 20 << 20));
}

#[test]
fn items_have_their_own_method_and_level() {
    let text = payload(Kind::Text, 50_000, 1);
    let items = vec![
        Item::bytes("stored", text.clone()).with_method(Method::STORED),
        Item::bytes("fast", text.clone()).with_level(Level::FAST),
        Item::bytes("best", text.clone()).with_level(Level::BEST),
        Item::bytes("unknown", text).with_method(Method(4_711)),
    ];
    let (_, report) = write(items, Options::default());
    let sizes: Vec<_> = report.written.iter().map(|written| written.compressed_size).collect();
    assert_eq!(sizes[0], 50_000);
    assert!(sizes[1] > sizes[2], "fast {} best {}", sizes[1], sizes[2]);
    assert_eq!(report.failed.len(), 1, "an unknown method fails its own item");
    assert_eq!(report.failed[0].name, "unknown");
}

#[test]
fn an_empty_archive_is_an_archive() {
    let (bytes, report) = write(Vec::new(), Options::default());
    assert_eq!((bytes.len(), report.bytes_out), (22, 22));
}

#[test]
fn more_than_65_535_entries_bring_zip64() {
    let items = (0..65_536).map(|number| Item::bytes(format!("{number}"), ""));
    let (bytes, report) = write(items.collect(), Options::default());
    assert_eq!(report.written.len(), 65_536);
    let archive = zip_testkit::oracle::with_file(&bytes, |path| {
        zip_testkit::oracle::Tool::Python.names(path)
    });
    if let Some((verdict, names)) = archive {
        assert!(verdict.accepted, "{}", verdict.errors);
        assert_eq!(names.len(), 65_536);
    }
}

#[test]
fn a_comment_that_no_archive_can_have_is_told_before_anything_is_read() {
    let watched = || std::iter::from_fn(|| -> Option<Item<'_>> { panic!("an item was asked for") });
    for comment in [vec![b'c'; 65_536], b"an end PK\x05\x06 in it".to_vec()] {
        let writer = ParallelWriter::new(Options { comment, ..Options::default() });
        let error = writer.write(Vec::new(), watched()).expect_err("no comment");
        assert!(matches!(error, zip_parallel_writer::Error::Format(_)), "{error}");
    }
}

/// Neither in one name is the end of the archive, nor in the comment of an item.
#[test]
fn names_that_read_like_the_end_of_the_archive() {
    // The count of the entries is the length of the would-be comment, ten bytes later.
    let mut items: Vec<_> = (0..9).map(|name| Item::bytes(name.to_string(), "text")).collect();
    items.push(Item::bytes("PK\x05\x06sixmor", "text"));
    let (bytes, report) = write(items, Options::default());
    assert!(report.is_complete());
    let archive = zip_mmap_reader::Archive::new(bytes, zip_mmap_reader::Options::default());
    assert_eq!(archive.expect("strict").len(), 10);
}
