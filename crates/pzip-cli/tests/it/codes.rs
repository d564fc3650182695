//! Exit codes, and what is said with them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use zip_testkit::hostile::{self, Expect};
use zip_testkit::lay::{LaidEntry, Lay};

use crate::run::{names_in, pzip};

/// Writes an archive and runs `test` and `extract` on it; nothing may be written.
fn refused(lay: &[u8], code: i32, said: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.zip"), lay).unwrap();
    for verb in ["test", "extract"] {
        let run = pzip(directory.path(), &[verb, "a.zip"]).expect(code);
        for word in said {
            assert!(run.err.contains(word), "{verb} says {:?}, not {word:?}", run.err);
        }
    }
    assert_eq!(names_in(directory.path()), ["a.zip"], "nothing was written");
}

#[test]
fn each_kind_of_bad_archive_has_its_code() {
    refused(b"", 3, &["not a ZIP"]);
    refused(b"some text that is no archive", 3, &["not a ZIP"]);
    let valid = Lay::of([LaidEntry::stored("x", b"contents")]).build();
    refused(&valid[..valid.len() - 30], 3, &[]);

    let wrong_crc = LaidEntry::stored("x", b"contents").crc32(1);
    refused(&Lay::of([wrong_crc]).build(), 4, &["x", "CRC-32", "offset 0"]);

    let mut lies = LaidEntry::deflated("x", [7; 5_000]);
    let compressed = lies.payload.len() as u32;
    lies = lies.sizes(compressed, 4_999);
    refused(&Lay::of([lies]).build(), 4, &["x"]);

    let unknown = LaidEntry::encoded("x", 4_711, b"payload", b"contents");
    refused(&Lay::of([unknown]).build(), 5, &["x", "4711"]);

    let encrypted = hostile::named("c_aes256_ae2").unwrap();
    refused(&encrypted.bytes, 6, &["encrypted", "password"]);

    let bomb = hostile::named("b_ratio_256m").unwrap();
    refused(&bomb.bytes, 7, &["limit"]);

    let escape =
        Lay::of([LaidEntry::stored("ok", b"1"), LaidEntry::stored("../out", b"2")]).build();
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("inside");
    fs::create_dir(&inside).unwrap();
    fs::write(inside.join("a.zip"), escape).unwrap();
    let run = pzip(&inside, &["extract", "a.zip"]).expect(8);
    assert!(run.err.contains("../out"), "{}", run.err);
    assert_eq!(names_in(&inside), ["a.zip"]);
    assert_eq!(names_in(directory.path()), ["inside"]);

    pzip(&inside, &["test", "missing.zip"]).expect(9);
    pzip(&inside, &["test", "."]).expect(9);
    pzip(&inside, &["frobnicate"]).expect(2);
    pzip(&inside, &["extract", "a.zip", "--relax", "everything"]).expect(2);
}

#[test]
fn inputs_that_cannot_be_read_are_named_and_the_rest_lands() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("good"), "1").unwrap();
    let run = pzip(directory.path(), &["create", "a.zip", "good", "missing"]).expect(1);
    assert!(run.err.contains("missing"), "{}", run.err);
    assert_eq!(pzip(directory.path(), &["cat", "a.zip", "good"]).expect(0).out, b"1");

    pzip(directory.path(), &["create", "b.zip", "missing"]).expect(9);
    pzip(directory.path(), &["create", "b.zip", "good", "missing", "--stop-on-error"]).expect(1);
    assert_eq!(names_in(directory.path()), ["a.zip", "good"], "no archive of nothing");
}

#[test]
fn errors_name_what_accepts_them() {
    let directory = tempfile::tempdir().unwrap();
    for (row, verb, name) in [
        ("e_trailing_1", "test", "trailing"),
        ("e_trailing_1", "extract", "trailing"),
        ("e_gap_between", "test", "gaps"),
        ("e_gap_between", "extract", "gaps"),
        ("e_hidden_behind_marker", "test", "gaps"),
        ("n_duplicate", "test", "duplicates"),
        ("e_zip_in_comment", "test", "end-in-comment"),
    ] {
        fs::write(directory.path().join("a.zip"), hostile::named(row).unwrap().bytes).unwrap();
        let run = pzip(directory.path(), &[verb, "a.zip"]).expect(4);
        let hint = format!("(--relax {name} accepts this)");
        assert!(run.err.contains(&hint), "{row}: {}", run.err);
        pzip(directory.path(), &["test", "a.zip", "--relax", name]).expect(0);
    }
    fs::write(directory.path().join("a.zip"), hostile::named("m_name").unwrap().bytes).unwrap();
    let run = pzip(directory.path(), &["test", "a.zip"]).expect(4);
    assert!(!run.err.contains("--relax"), "{}", run.err);
}

#[test]
fn names_that_stand_twice_or_are_no_text() {
    let directory = tempfile::tempdir().unwrap();
    let twice = Lay::of(["a", "b", "a"].map(|name| LaidEntry::stored(name, name))).build();
    fs::write(directory.path().join("a.zip"), twice).unwrap();
    assert!(pzip(directory.path(), &["cat", "a.zip", "a"]).expect(4).err.contains("twice"));
    assert_eq!(pzip(directory.path(), &["cat", "a.zip", "b"]).expect(0).out, b"b");
    let relaxed = ["cat", "a.zip", "a", "--relax", "duplicates"];
    assert_eq!(pzip(directory.path(), &relaxed).expect(0).out, b"a");
    pzip(directory.path(), &["cat", "a.zip", "c"]).expect(2);

    let odd = [&b"\xff"[..], b"\\xff", b"plain"];
    let odd = Lay::of(odd.map(|name| LaidEntry::stored(name, name))).build();
    fs::write(directory.path().join("a.zip"), odd).unwrap();
    let listing = pzip(directory.path(), &["list", "a.zip"]).expect(0).text();
    assert!(listing.contains("  \\xff\n") && listing.contains("  \\\\xff\n"), "{listing}");
    for (name, contents) in [("\\\\xff", &b"\\xff"[..]), ("\\xff", b"\\xff"), ("plain", b"plain")] {
        assert_eq!(pzip(directory.path(), &["cat", "a.zip", name]).expect(0).out, contents);
        pzip(directory.path(), &["test", "a.zip", name]).expect(0);
    }
    let only = Lay::of([LaidEntry::stored(b"\xff", "raw")]).build();
    fs::write(directory.path().join("a.zip"), only).unwrap();
    assert_eq!(pzip(directory.path(), &["cat", "a.zip", "\\xff"]).expect(0).out, b"raw");
    pzip(directory.path(), &["test", "a.zip", "\\xff"]).expect(0);
}

#[test]
fn existing_files_stay_unless_told() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("x"), "new").unwrap();
    pzip(directory.path(), &["create", "a.zip", "x"]).expect(0);
    fs::write(directory.path().join("x"), "mine").unwrap();
    let run = pzip(directory.path(), &["extract", "a.zip"]);
    assert_ne!(run.code, Some(0));
    assert_eq!(fs::read(directory.path().join("x")).unwrap(), b"mine");
    pzip(directory.path(), &["extract", "a.zip", "--overwrite", "always"]).expect(0);
    assert_eq!(fs::read(directory.path().join("x")).unwrap(), b"new");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("x"), zip_testkit::data::noise(100_000, 1)).unwrap();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = crate::run::command(directory.path(), &["create", "-", "x"]);
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(9));
}

/// Every archive made to break readers, through the command line: the right verdict, and nothing
/// outside of the destination.
#[test]
fn hostile_archives() {
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("a.zip");
    let into = directory.path().join("into");
    let canary = directory.path().join("canary");
    fs::write(&canary, "untouched").unwrap();
    let sign = || {
        let stat = fs::symlink_metadata(&canary).unwrap();
        (stat.ino(), stat.mtime(), stat.mtime_nsec(), stat.mode(), stat.nlink())
    };
    let before = sign();
    for row in hostile::small() {
        fs::write(&archive, &row.bytes).unwrap();
        let tested = pzip(directory.path(), &["test", "-q", "a.zip"]);
        let extracted = pzip(directory.path(), &["extract", "-q", "a.zip", "-C", "into"]);
        let name = row.name;
        let both = format!(
            "{name}: test {:?} {}, extract {:?} {}",
            tested.code, tested.err, extracted.code, extracted.err
        );
        match row.expect {
            Expect::Accept => {
                let codes = (tested.code, extracted.code);
                let absent = row.needs.is_some() && codes.0 == Some(5);
                assert!(codes == (Some(0), Some(0)) || absent, "{both}");
                if !absent {
                    check_contents(&into, &row.entries, name);
                }
            }
            Expect::RefuseExtract => {
                // Its name ends in a slash and it has contents: damage as well.
                let damaged = name == "p_slash_only";
                assert_eq!(tested.code, Some(if damaged { 4 } else { 0 }), "{both}");
                assert_ne!(extracted.code, Some(0), "{both}");
            }
            _ => {
                assert_ne!(tested.code, Some(0), "{both}");
                assert_ne!(extracted.code, Some(0), "{both}");
            }
        }
        for run in [&tested, &extracted] {
            assert!(run.code.is_some_and(|code| code != 101), "{both}");
        }
        assert_eq!(fs::read(&canary).unwrap(), b"untouched", "{name}");
        assert_eq!(sign(), before, "{name} touched what lies outside");
        let _ = fs::remove_dir_all(&into);
        assert_eq!(names_in(directory.path()), ["a.zip", "canary"], "{name} wrote elsewhere");
    }
}

fn check_contents(into: &Path, entries: &[(Vec<u8>, Vec<u8>)], archive: &str) {
    for (name, contents) in entries {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let path = into.join(name);
        if name.ends_with('/') || path.is_symlink() {
            continue;
        }
        assert_eq!(&fs::read(&path).unwrap_or_default(), contents, "{archive}: {name}");
    }
}

#[test]
fn cat_writes_one_entry_several_or_all() {
    let directory = tempfile::tempdir().unwrap();
    let names = ["b", "a.txt", "d/c.txt"];
    let entries = names.map(|name| LaidEntry::stored(name, format!("<{name}>")));
    let lay = Lay::of(entries.into_iter().chain([LaidEntry::directory("empty/")]));
    fs::write(directory.path().join("x.zip"), lay.build()).unwrap();
    let cat = |names: &[&str]| pzip(directory.path(), &[&["cat", "x.zip"], names].concat());
    for (names, written) in [
        (&[][..], "<b><a.txt><d/c.txt>"),
        (&["d/c.txt"], "<d/c.txt>"),
        (&["a.txt", "b"], "<b><a.txt>"),
        (&["*.txt"], "<a.txt><d/c.txt>"),
        (&["d"], "<d/c.txt>"),
    ] {
        assert_eq!(cat(names).expect(0).text(), written, "{names:?}");
    }
    cat(&["a.txt", "missing"]).expect(2);
    cat(&["*.rs"]).expect(2);
}
