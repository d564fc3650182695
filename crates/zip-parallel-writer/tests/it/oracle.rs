//! Foreign tools read what is written.

use std::process::Command;

use zip_parallel_writer::{Item, Options, ParallelWriter};
use zip_testkit::data::{Kind, payload};
use zip_testkit::oracle::{python_entries, with_file};

use crate::common::read_back;

#[test]
fn every_tool_accepts_every_kind_of_entry() {
    let long = "x".repeat(200);
    let items = vec![
        Item::directory("dir").with_mode(0o700).with_modified(1_700_000_000),
        Item::bytes("dir/empty", "").with_mode(0o600),
        Item::bytes("dir/text", payload(Kind::Text, 100_000, 1)).with_modified(1_700_000_001),
        Item::bytes("dir/noise", payload(Kind::Noise, 100_000, 1)),
        Item::read("dir/large", std::io::Cursor::new(payload(Kind::Mixed, 6 << 20, 2))),
        Item::bytes("dir/größe-日本.txt", "UTF-8 name").with_comment("Kommentar ü"),
        Item::bytes(long, "a long name"),
        Item::symlink("link", "dir/text"),
        Item::bytes("old", "before DOS").with_modified(-5),
        Item::bytes("far", "after 2038").with_modified(5_000_000_000),
    ];
    let options = Options { threads: 2, comment: b"an archive".to_vec(), ..Options::default() };
    let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
    assert!(report.is_complete());
    let entries = read_back(&bytes);
    assert_eq!(entries.len(), 10);
    with_file(&bytes, |path| {
        if let Some(entries) = python_entries(path, None) {
            let entries = entries.expect("Python reads it");
            assert!(entries.iter().any(|entry| entry.size == 6 << 20));
        }
        match Command::new("jar").arg("tf").arg(path).output() {
            Ok(output) => {
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                assert_eq!(output.stdout.iter().filter(|&&byte| byte == b'\n').count(), 10);
            }
            Err(_) => println!("skipped: jar is not installed"),
        }
    });
}
