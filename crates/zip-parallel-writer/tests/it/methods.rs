//! Members of every method this build has, whole and as a stream: what peers that know the method
//! say of them.

use std::io::Cursor;

use zip_codec::level::Level;
use zip_codec::registry;
use zip_format::method::Method;
use zip_parallel_writer::{Item, Options, ParallelWriter};
use zip_testkit::data::{Kind, payload};
use zip_testkit::oracle::{Tool, with_file};

use crate::common::ours;

/// Methods, and who reads them in the versions that Debian 12 and later have.
const READ_BY: [(Method, &[Tool]); 6] = [
    (Method::DEFLATE, &Tool::ALL),
    (Method::BZIP2, &Tool::ALL),
    (Method::LZMA, &[Tool::Python, Tool::SevenZip, Tool::Bsdtar]),
    (Method::XZ, &[Tool::SevenZip, Tool::Bsdtar]),
    // libarchive 3.6 calls large members truncated, those of zstd's own command as well.
    (Method::ZSTD, &[Tool::SevenZip]),
    (Method::PPMD, &[Tool::SevenZip]),
];

#[test]
fn peers_read_every_method_they_know() {
    for (method, tools) in READ_BY {
        if registry::encoder(method, Level::FAST).is_err() {
            println!("skipped: {method:?} is not in this build");
            continue;
        }
        let large = payload(Kind::Text, 3 << 20, 9);
        let items = vec![
            Item::bytes("small", payload(Kind::Text, 5_000, 1)),
            Item::bytes("one", "x"),
            Item::bytes("empty", ""),
            Item::bytes("noise", payload(Kind::Noise, 100_000, 2)),
            Item::bytes("whole", payload(Kind::Mixed, 700_000, 3)),
            Item::read("streamed", Cursor::new(large.clone())),
        ];
        let level = Level::try_from(3).unwrap();
        let options = Options { threads: 2, method, level, ..Options::default() };
        let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
        assert!(report.is_complete(), "{method:?}: {:?}", report.failed);
        let methods: Vec<_> = report.written.iter().map(|written| written.method).collect();
        for number in [0, 4, 5] {
            assert_eq!(methods[number], method, "item {number}");
        }
        for number in [1, 2, 3] {
            assert_eq!(methods[number], Method::STORED, "item {number}");
        }
        assert!(ours(&bytes)[5].1 == large, "{method:?}");
        with_file(&bytes, |path| {
            for tool in tools {
                let Some(verdict) = tool.test(path, None) else { continue };
                assert!(verdict.accepted, "{method:?}, {tool:?}: {}", verdict.errors);
            }
        });
    }
}
