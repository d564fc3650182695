//! Sealed archives on the command line.

use std::fs;
use std::path::Path;

use crate::run::{Run, names_in, pzip};

const KEY: &str = "--key-file=key";

/// A directory with a tree, its archive, the sealed archive and two keys.
fn prepare() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("tree")).unwrap();
    fs::write(at("tree/small.txt"), "some secret words").unwrap();
    fs::write(at("tree/large.bin"), zip_testkit::data::noise(1_600_000, 5)).unwrap();
    fs::write(at("key"), [0xb7; 32]).unwrap();
    fs::write(at("other"), "01".repeat(32)).unwrap();
    pzip(directory.path(), &["create", "-q", "plain.zip", "tree"]).expect(0);
    pzip(directory.path(), &["seal", "plain.zip", "sealed", KEY]).expect(0);
    directory
}

fn read(directory: &Path, name: &str) -> Vec<u8> {
    fs::read(directory.join(name)).unwrap()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn sealed_and_unsealed_with_any_number_of_threads() {
    let directory = prepare();
    let (path, plain) = (directory.path(), read(directory.path(), "plain.zip"));
    let frames = plain.len().div_ceil(65_536);
    assert_eq!(read(path, "sealed").len(), 80 + plain.len() + 16 * frames);
    for threads in ["1", "2", "5"] {
        pzip(path, &["seal", "plain.zip", "s", KEY, "-j", threads]).expect(0);
        pzip(path, &["unseal", "s", "u", KEY, "-j", threads]).expect(0);
        assert!(read(path, "u") == plain);
        let small = ["seal", "plain.zip", "s", KEY, "--frame-size", "64", "-j", threads];
        pzip(path, &small).expect(0);
        let out = pzip(path, &["unseal", "s", "-", KEY, "-j", threads]).expect(0).out;
        assert!(out == plain);
    }
    let piped = pzip(path, &["seal", "plain.zip", "-", KEY]).expect(0);
    fs::write(path.join("piped"), piped.out).unwrap();
    pzip(path, &["test", "piped", KEY]).expect(0);
    fs::write(path.join("empty"), "").unwrap();
    pzip(path, &["seal", "empty", "s", KEY]).expect(0);
    pzip(path, &["unseal", "s", "u", KEY]).expect(0);
    assert!(read(path, "u").is_empty());
}

#[test]
fn every_command_reads_a_sealed_archive() {
    let directory = prepare();
    let path = directory.path();
    pzip(path, &["create", "-q", "--seal", KEY, "direct", "tree"]).expect(0);
    for archive in ["sealed", "direct"] {
        let bytes = read(path, archive);
        for hidden in [&b"PK\x01\x02"[..], b"small.txt", b"secret words"] {
            assert!(!contains(&bytes, hidden), "{archive} shows what it holds");
        }
        for tool in ["list", "test", "lint"] {
            let run = pzip(path, &[tool, archive, KEY]).expect(0);
            assert_eq!(run.text().contains("small.txt"), tool == "list");
        }
        assert_eq!(
            pzip(path, &["cat", archive, "tree/small.txt", KEY]).expect(0).text(),
            "some secret words"
        );
        pzip(path, &["extract", archive, "-C", "out", KEY]).expect(0);
        assert!(read(path, "out/tree/large.bin") == read(path, "tree/large.bin"));
        fs::remove_dir_all(path.join("out")).unwrap();
    }
    // What is reported is what was written.
    let run = pzip(path, &["create", "--seal", KEY, "--json", "direct", "tree"]).expect(0);
    let len = read(path, "direct").len();
    assert!(run.text().contains(&format!("\"bytes_out\":{len}")), "{}", run.text());
    let stored = ["create", "--store", "--seal", KEY, "stored", "tree", "-j", "3"];
    pzip(path, &stored).expect(0);
    pzip(path, &["test", "stored", KEY]).expect(0);
}

fn refused(run: Run, code: i32, word: &str) {
    let run = run.expect(code);
    assert!(run.err.contains(word), "{:?} lacks {word:?}", run.err);
    assert!(run.out.is_empty(), "something was printed");
}

#[test]
fn keys_that_are_missing_wrong_or_none() {
    let directory = prepare();
    let path = directory.path();
    for verb in ["list", "test", "lint", "extract"] {
        refused(pzip(path, &[verb, "sealed"]), 6, "--key-file");
        refused(pzip(path, &[verb, "sealed", "--key-file=other"]), 6, "wrong key");
        refused(pzip(path, &[verb, "sealed", "--key-file=missing"]), 9, "missing");
        refused(pzip(path, &[verb, "sealed", "--key-file=plain.zip"]), 2, "32 bytes");
        refused(pzip(path, &[verb, "plain.zip", KEY]), 8, "not sealed");
    }
    refused(pzip(path, &["unseal", "sealed", "u"]), 6, "--key-file");
    refused(pzip(path, &["unseal", "sealed", "u", "--key-file=other"]), 6, "wrong key");
    refused(pzip(path, &["unseal", "plain.zip", "u", KEY]), 3, "not a sealed archive");
    refused(pzip(path, &["seal", "plain.zip", "u"]), 2, "--key-file");
    refused(pzip(path, &["seal", "missing", "u", KEY]), 9, "missing");
    refused(pzip(path, &["seal", "plain.zip", "u", KEY, "--frame-size=63"]), 2, "63");
    refused(pzip(path, &["create", "u", "tree", "--seal"]), 2, "--key-file");
    refused(pzip(path, &["create", "u", "tree", KEY]), 2, "--seal");
    assert_eq!(names_in(path), ["key", "other", "plain.zip", "sealed", "tree"]);
}

#[test]
fn damage_is_named_and_nothing_appears() {
    let directory = prepare();
    let path = directory.path();
    let good = read(path, "sealed");
    // In frame 20: not in the directory, which is at the end.
    let mut flipped = good.clone();
    flipped[80 + 20 * 65_552] ^= 1;
    fs::write(path.join("sealed"), flipped).unwrap();
    pzip(path, &["list", "sealed", KEY]).expect(0);
    for args in [&["test", "sealed", KEY][..], &["extract", "sealed", "-C", "out", KEY]] {
        let run = pzip(path, args).expect(4);
        assert!(run.err.contains("large.bin") && run.err.contains("frame 20"), "{}", run.err);
    }
    assert!(!path.join("out/tree/large.bin").exists());
    refused(pzip(path, &["unseal", "sealed", "u", KEY]), 4, "frame 20 (at offset 1311120)");
    assert!(!path.join("u").exists());
    // Cut off, at a frame and inside of one, and with bytes behind it.
    for changed in [&good[..80 + 5 * 65_552], &good[..1_000_000], &[&good[..], b"\n"].concat()] {
        fs::write(path.join("sealed"), changed).unwrap();
        for verb in ["list", "test", "extract"] {
            refused(pzip(path, &[verb, "sealed", KEY]), 4, "sealed");
        }
        refused(pzip(path, &["unseal", "sealed", "u", KEY]), 4, "sealed archive");
    }
}
