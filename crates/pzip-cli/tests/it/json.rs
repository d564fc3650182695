//! What programs read.

use std::fs;

use serde_json::Value;
use zip_testkit::lay::{LaidEntry, Lay};

use crate::run::pzip;

#[test]
fn one_object_a_line_with_every_field() {
    let directory = tempfile::tempdir().unwrap();
    let mut odd = LaidEntry::stored("odd", b"x");
    odd.local.name = b"a\xff\\".to_vec();
    odd.central.name = b"a\xff\\".to_vec();
    let lay = Lay::of([
        LaidEntry::directory("d/"),
        LaidEntry::deflated("d/text", [b'a'; 1_000]),
        LaidEntry::symlink("link", "d/text"),
        odd,
    ]);
    fs::write(directory.path().join("a.zip"), lay.build()).unwrap();
    let text = pzip(directory.path(), &["list", "--json", "a.zip"]).expect(0).text();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["dir", "file", "symlink", "file"]);
    let file = &lines[1];
    assert_eq!(file["name"], "d/text");
    assert_eq!(file["size"], 1_000);
    assert_eq!(file["method"], "deflate");
    assert_eq!(file["encrypted"], false);
    assert_eq!(file["crc32"].as_str().unwrap().len(), 8);
    assert!(file["compressed_size"].as_u64().unwrap() < 1_000);
    assert!(file["modified"].as_str().unwrap().contains('T'));
    assert!(file["offset"].is_u64() && file["mode"].is_string());
    assert!(file.get("name_bytes").is_none());
    assert_eq!(lines[3]["name"], "a\\xff\\\\", "escaped without loss");
    assert_eq!(lines[3]["name_bytes"], "61ff5c");
}

#[test]
fn a_listing_cannot_steer_the_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let lay = Lay::of([LaidEntry::stored("a\u{1b}[2J\u{202e}b", b"x")]);
    fs::write(directory.path().join("a.zip"), lay.build()).unwrap();
    for args in [&["list", "a.zip"][..], &["list", "--long", "a.zip"], &["extract", "a.zip"]] {
        let run = pzip(directory.path(), args);
        let all = run.text() + &run.err;
        assert!(!all.contains('\u{1b}') && !all.contains('\u{202e}'), "{args:?}: {all:?}");
    }
}

#[test]
fn names_in_the_encoding_the_user_knows() {
    let directory = tempfile::tempdir().unwrap();
    // "\u{65e5}\u{672c}.txt" in Shift_JIS, as Japanese Windows wrote it: no flag, host FAT.
    let name = [&[0x93, 0xfa, 0x96, 0x7b][..], b".txt"].concat();
    let mut entry = LaidEntry::stored("x", b"contents");
    entry.local.name = name.clone();
    entry.central.name = name;
    entry.central.version_made_by = 20;
    fs::write(directory.path().join("a.zip"), Lay::of([entry]).build()).unwrap();
    let list = |args: &[&str]| pzip(directory.path(), args).expect(0).text();
    assert!(!list(&["list", "a.zip"]).contains("日本.txt"));
    assert!(list(&["list", "--encoding", "shift_jis", "a.zip"]).contains("日本.txt"));
    let cat = ["cat", "--encoding", "shift_jis", "a.zip", "日本.txt"];
    assert_eq!(pzip(directory.path(), &cat).expect(0).out, b"contents");
    pzip(directory.path(), &["extract", "-q", "--encoding", "sjis", "a.zip"]).expect(0);
    assert_eq!(fs::read(directory.path().join("日本.txt")).unwrap(), b"contents");
    pzip(directory.path(), &["list", "--encoding", "klingon", "a.zip"]).expect(2);
}

#[test]
fn findings_are_fields() {
    let directory = tempfile::tempdir().unwrap();
    let lint = |lay: Vec<u8>, code| {
        fs::write(directory.path().join("a.zip"), lay).unwrap();
        let text = pzip(directory.path(), &["lint", "--json", "a.zip"]).expect(code).text();
        let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        text.lines().map(parse).collect::<Vec<_>>()
    };
    let differs = LaidEntry::stored("a", b"contents").with(|a| a.local.uncompressed_size = 9);
    let (bytes, map) = Lay::of([LaidEntry::stored("b", b"x"), differs]).build_with_map();
    let found = lint(bytes, 4);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["offset"], map.locals[1].unwrap());
    assert_eq!(found[0]["record"], "local file header");
    assert_eq!(found[0]["field"], "uncompressed size");
    assert_eq!((&found[0]["expected"], &found[0]["found"]), (&8.into(), &9.into()));
    assert!(found[0]["needs"].is_null());

    let cut = Lay::of([LaidEntry::stored("a", b"x")]).with(|lay| lay.eocd.entries = Some(2));
    let found = lint(cut.build(), 4);
    assert_eq!(found.len(), 1, "what does not open is a finding too");
    assert!(found[0]["entry"].is_null() && found[0]["field"] == "number of entries", "{found:?}");
    assert_eq!(lint(b"no archive".to_vec(), 3).len(), 1);

    let names = ["ok", "../out", "x/a", "X/A", "aux"].map(|name| LaidEntry::stored(name, name));
    let found = lint(Lay::of(names).build(), 8);
    let entries: Vec<_> = found.iter().map(|line| line["entry"].as_u64().unwrap()).collect();
    assert_eq!(entries, [1, 3, 4], "{found:?}");
    assert!(found[0]["message"].as_str().unwrap().contains("climbs out"));
}
