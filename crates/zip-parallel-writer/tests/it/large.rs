//! Members too large for one buffer: the same bytes for any number of threads and any sink that
//! takes bytes back, never larger than stored, and failures in the middle.

use zip_codec::level::Level;
use zip_format::method::Method;
use zip_parallel_writer::{Item, Options, ParallelWriter};
use zip_testkit::data::{Kind, payload};

use crate::common::{Fake, Tricky, contents, read_back};

const MIB: usize = 1 << 20;

fn text() -> Vec<u8> {
    payload(Kind::Text, 7 * MIB + 12_345, 1)
}

fn noise() -> Vec<u8> {
    payload(Kind::Noise, 5 * MIB + 1, 2)
}

/// Looks compressible, and is not.
fn deceptive() -> Vec<u8> {
    let mut bytes = payload(Kind::Noise, 9 * MIB, 3);
    bytes[..300].fill(b'x');
    // One of the places looked at; the gain of it is lost to the blocks around the rest.
    bytes
}

fn items() -> Vec<Item<'static>> {
    let exact = payload(Kind::Text, 4 * MIB, 5);
    vec![
        Item::bytes("first", "small"),
        Item::input("file/text", Fake::new(text())),
        Item::input("file/noise", Fake::new(noise())),
        Item::input("file/deceptive", Fake::new(deceptive())),
        Item::input("file/exact", Fake::new(exact)),
        Item::input("file/stored", Fake::new(text())).with_method(Method::STORED),
        Item::input("file/level0", Fake::new(text())).with_level(Level::NONE),
        Item::bytes("memory/text", text()),
        Item::bytes("memory/noise", noise()),
        Item::bytes("memory/stored", text()).with_method(Method::STORED),
        Item::read("reader/text", std::io::Cursor::new(text())),
        Item::read("reader/noise", std::io::Cursor::new(noise())),
        Item::read("reader/deceptive", std::io::Cursor::new(deceptive())),
        Item::read("reader/stored", std::io::Cursor::new(text())).with_method(Method::STORED),
        Item::input("lies/short", Fake { said: Some(10), ..Fake::new(text()) }),
        Item::input("lies/long", Fake { said: Some(90 << 20), ..Fake::new(text()) }),
        Item::input("lies/stored", Fake { said: Some(90 << 20), ..Fake::new(text()) })
            .with_method(Method::STORED),
        Item::bytes("last", "small"),
    ]
}

#[test]
fn the_bytes_are_the_same_however_they_are_made() {
    let write = |threads, memory, rewinds| {
        let options = Options { threads, memory, ..Options::default() };
        let (sink, report) =
            ParallelWriter::new(options).write(Tricky::new(rewinds), items()).unwrap();
        assert!(report.is_complete(), "{:?}", report.failed);
        for written in &report.written {
            assert!(written.compressed_size <= written.size, "{written:?} is larger than stored");
        }
        sink.bytes
    };
    let expected = write(1, 0, true);
    for (threads, memory, rewinds) in [(2, 0, true), (5, 1, true), (1, 0, false), (4, 0, false)] {
        let bytes = write(threads, memory, rewinds);
        assert!(bytes == expected, "{threads} threads, memory {memory}, rewinds {rewinds}");
    }
    let entries = read_back(&expected);
    assert_eq!(entries.len(), items().len());
    for (name, found) in &entries {
        let expected = match name.rsplit('/').next().unwrap() {
            "noise" => noise(),
            "deceptive" => deceptive(),
            "exact" => payload(Kind::Text, 4 * MIB, 5),
            "first" | "last" => b"small".to_vec(),
            _ => text(),
        };
        assert!(*found == expected, "{name}");
    }
}

#[test]
fn a_failure_in_the_middle_leaves_no_trace() {
    for rewinds in [true, false] {
        for threads in [1, 3] {
            let fails = |method| {
                let fake = Fake { fails_at: Some(6 * MIB), ..Fake::new(text()) };
                Item::input(format!("fails/{method}"), fake).with_method(method)
            };
            let items = vec![
                Item::bytes("first", "small"),
                fails(Method::DEFLATE),
                Item::input("whole", Fake::new(text())),
                fails(Method::STORED),
                Item::bytes("last", "small"),
            ];
            let options = Options { threads, ..Options::default() };
            let (sink, report) =
                ParallelWriter::new(options).write(Tricky::new(rewinds), items).unwrap();
            let failed: Vec<_> = report.failed.iter().map(|failure| failure.index).collect();
            assert_eq!(failed, [1, 3]);
            let entries = read_back(&sink.bytes);
            assert_eq!(entries.len(), 3);
            assert!(contents(&entries, "whole") == text());
        }
    }
}

#[test]
fn a_sink_that_is_full_at_any_operation_is_an_error() {
    let items = || {
        vec![
            Item::bytes("first", "small"),
            Item::input("text", Fake::new(payload(Kind::Text, 3 * MIB, 1))),
            Item::input("stored", Fake::new(payload(Kind::Text, 3 * MIB, 1)))
                .with_method(Method::STORED),
            Item::input("fails", Fake { fails_at: Some(5 * MIB / 2), ..Fake::new(noise()) }),
            Item::bytes("memory", payload(Kind::Noise, 3 * MIB, 1)),
        ]
    };
    for rewinds in [true, false] {
        let write = |left, threads| {
            let mut sink = Tricky { left, ..Tricky::new(rewinds) };
            let options = Options { threads, level: Level::FAST, ..Options::default() };
            let result = ParallelWriter::new(options).write(&mut sink, items()).map(|done| done.1);
            (result, sink.operations)
        };
        let (complete, operations) = write(usize::MAX, 1);
        assert_eq!(complete.unwrap().failed.len(), 1);
        for k in 0..operations {
            let error = write(k, 1).0.expect_err("the sink failed, so the archive did");
            assert!(matches!(error, zip_parallel_writer::Error::Sink(_)), "{k}: {error}");
        }
        // With more threads, how many pieces go through a spool first depends on the moment, and
        // the number of operations with that; but one that failed is never passed over.
        let (_, operations) = write(usize::MAX, 2);
        for k in 0..operations {
            let (result, operations) = write(k, 2);
            match result {
                Err(error) => {
                    assert!(matches!(error, zip_parallel_writer::Error::Sink(_)), "{k}: {error}");
                }
                Ok(_) => assert!(operations <= k, "operation {k} of {operations} failed unnoticed"),
            }
        }
    }
}

#[test]
fn other_methods_are_one_stream() {
    if zip_codec::registry::encoder(Method::BZIP2, Level::DEFAULT).is_err() {
        return println!("skipped: no bzip2 in this build");
    }
    let items = vec![
        Item::input("text", Fake::new(text())),
        Item::input("deceptive", Fake::new(deceptive())),
        Item::read("reader", std::io::Cursor::new(text())),
    ];
    let options = Options { threads: 2, method: Method::BZIP2, ..Options::default() };
    let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
    assert_eq!(report.written[0].method, Method::BZIP2);
    for written in &report.written {
        assert!(written.compressed_size <= written.size, "{written:?}");
    }
    let entries = read_back(&bytes);
    assert!(contents(&entries, "deceptive") == deceptive());
}
