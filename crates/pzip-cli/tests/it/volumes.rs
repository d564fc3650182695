//! Archives in volumes, as a user makes, reads, splits and joins them.

use std::fs;
use std::path::Path;

use crate::run::{names_in, pzip};

/// Contents that no coder makes shorter.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(step).collect()
}

/// A directory with inputs of some 300 KB.
fn inputs() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("in");
    fs::create_dir(&tree).unwrap();
    fs::write(tree.join("big"), noise(300_000)).unwrap();
    fs::write(tree.join("small"), b"some text").unwrap();
    directory
}

fn volumes_of(directory: &Path, stem: &str) -> Vec<String> {
    names_in(directory).into_iter().filter(|name| name.starts_with(stem)).collect()
}

#[test]
fn created_in_volumes_and_read_given_any_of_them() {
    let directory = inputs();
    let at = directory.path();
    pzip(at, &["create", "--segment-size", "100K", "a.zip", "in"]).expect(0);
    assert_eq!(volumes_of(at, "a."), ["a.z01", "a.z02", "a.zip"]);
    let raw = ["create", "--segment-size", "100KB", "--raw-volumes", "r.zip", "in"];
    pzip(at, &raw).expect(0);
    assert_eq!(volumes_of(at, "r."), ["r.zip.001", "r.zip.002", "r.zip.003", "r.zip.004"]);
    for (number, volume) in
        ["a.z01", "a.z02", "a.zip", "r.zip.001", "r.zip.003", "r.zip.004"].iter().enumerate()
    {
        assert!(pzip(at, &["list", volume]).expect(0).text().contains("in/big"), "{volume}");
        pzip(at, &["test", volume]).expect(0);
        let lint = pzip(at, &["lint", volume]).expect(0).text();
        assert!(lint.contains("nothing unusual"), "{volume}: {lint}");
        assert_eq!(pzip(at, &["cat", volume, "in/small"]).expect(0).out, b"some text");
        let out = format!("out{number}");
        pzip(at, &["extract", volume, "-C", &out]).expect(0);
        assert_eq!(fs::read(at.join(out).join("in/big")).unwrap(), noise(300_000));
    }
    let again = pzip(at, &["create", "--segment-size", "100K", "a.zip", "in"]).expect(2);
    assert!(again.err.contains("a.z01 is there already"), "{}", again.err);
}

#[test]
fn split_join_and_back() {
    let directory = inputs();
    let at = directory.path();
    pzip(at, &["create", "plain.zip", "in"]).expect(0);
    let plain = fs::read(at.join("plain.zip")).unwrap();
    pzip(at, &["split", "plain.zip", "s.zip", "-s", "64K", "--check"]).expect(0);
    assert_eq!(volumes_of(at, "s.").len(), 5);
    pzip(at, &["split", "s.z02", "t.zip", "-s", "150000"]).expect(0);
    pzip(at, &["split", "t.zip", "u.zip", "-s", "50000", "--raw-volumes"]).expect(0);
    for (volume, joined) in [("s.z03", "1.zip"), ("t.z01", "2.zip"), ("u.zip.004", "3.zip")] {
        pzip(at, &["join", volume, joined, "--check"]).expect(0);
        assert_eq!(fs::read(at.join(joined)).unwrap(), plain, "{volume}");
    }
    let same = pzip(at, &["join", "s.z01", "s.zip"]).expect(2);
    assert!(same.err.contains("choose another name"), "{}", same.err);
    // In place: the new volumes appear when the old archive was read.
    pzip(at, &["split", "plain.zip", "plain.zip", "-s", "100K"]).expect(0);
    assert_eq!(volumes_of(at, "plain."), ["plain.z01", "plain.z02", "plain.zip"]);
    pzip(at, &["test", "plain.z01"]).expect(0);
}

#[test]
fn what_is_wrong_with_volumes_is_said_of_the_volume() {
    let directory = inputs();
    let at = directory.path();
    pzip(at, &["create", "--segment-size", "100K", "a.zip", "in"]).expect(0);
    fs::rename(at.join("a.z02"), at.join("elsewhere")).unwrap();
    assert_eq!(pzip(at, &["cat", "a.z01", "in/small"]).expect(0).out, b"some text");
    let run = pzip(at, &["test", "a.z01"]).expect(9);
    assert!(run.err.contains("a.z02 is missing"), "{}", run.err);
    let run = pzip(at, &["join", "a.z01", "b.zip"]).expect(9);
    assert!(run.err.contains("a.z02 is missing"), "{}", run.err);
    assert!(!at.join("b.zip").exists());
    fs::copy(at.join("a.z01"), at.join("a.z02")).unwrap();
    let run = pzip(at, &["test", "a.z01"]).expect(4);
    assert!(run.err.contains("a.z02") && run.err.contains("same bytes"), "{}", run.err);
    fs::remove_file(at.join("a.zip")).unwrap();
    let run = pzip(at, &["list", "a.z01"]).expect(9);
    assert!(run.err.contains("a.zip is missing: it is the last volume"), "{}", run.err);
}

#[test]
fn wrong_usage() {
    let directory = inputs();
    let at = directory.path();
    for args in [
        &["create", "--segment-size", "10K", "a.zip", "in"][..],
        &["create", "--segment-size", "4.7G", "a.zip", "in"],
        &["create", "--segment-size", "lots", "a.zip", "in"],
        &["create", "--segment-size", "1M", "a.jar", "in"],
        &["create", "--segment-size", "1M", "-", "in"],
        &["create", "--raw-volumes", "a.zip", "in"],
    ] {
        pzip(at, args).expect(2);
    }
    assert_eq!(names_in(at), ["in"]);
    let run = pzip(at, &["create", "--segment-size", "4.7G", "a.zip", "in"]).expect(2);
    assert!(run.err.contains("with --raw-volumes they can have any size"), "{}", run.err);
    pzip(at, &["create", "--segment-size", "4.7G", "--raw-volumes", "a.zip", "in"]).expect(0);
    assert_eq!(names_in(at), ["a.zip.001", "in"]);
    fs::write(at.join("self-extractor.zip"), {
        let mut bytes = b"#!program\n".to_vec();
        bytes.extend(fs::read(at.join("a.zip.001")).unwrap());
        bytes
    })
    .unwrap();
    let split = ["split", "self-extractor.zip", "b.zip", "-s", "100K"];
    let run = pzip(at, &split).expect(2);
    assert!(run.err.contains("the first 10 bytes"), "{}", run.err);
    assert_eq!(volumes_of(at, "b."), [""; 0]);
    pzip(at, &[&split[..], &["--drop-prefix"]].concat()).expect(0);
    pzip(at, &["test", "b.z01"]).expect(0);
}

/// A package whose signature is over the file as a whole.
#[test]
fn a_signed_package_loses_its_signature_only_when_asked() {
    let directory = inputs();
    let at = directory.path();
    pzip(at, &["create", "plain.zip", "in"]).expect(0);
    let plain = fs::read(at.join("plain.zip")).unwrap();
    fs::write(at.join("signed.apk"), signed(&plain)).unwrap();
    let split = ["split", "signed.apk", "s.zip", "-s", "100K"];
    let run = pzip(at, &split).expect(2);
    assert!(run.err.contains("APK Signing Block"), "{}", run.err);
    assert_eq!(volumes_of(at, "s."), [""; 0]);
    pzip(at, &[&split[..], &["--drop-signature"]].concat()).expect(0);
    assert_eq!(volumes_of(at, "s."), ["s.z01", "s.z02", "s.zip"]);
    pzip(at, &["join", "s.z02", "joined.zip"]).expect(0);
    assert!(fs::read(at.join("joined.zip")).unwrap() == plain, "all but the signature");
    // Cuts keep it.
    pzip(at, &["split", "signed.apk", "r.apk", "-s", "100K", "--raw-volumes"]).expect(0);
    pzip(at, &["join", "r.apk.002", "joined.apk"]).expect(0);
    assert!(fs::read(at.join("joined.apk")).unwrap() == signed(&plain));
}

/// The archive with a signing block before its directory.
fn signed(plain: &[u8]) -> Vec<u8> {
    let pair = [&14_u64.to_le_bytes()[..], &[0x77; 4], b"0123456789"].concat();
    let size = (pair.len() as u64 + 24).to_le_bytes();
    let block = [&size[..], &pair, &size, b"APK Sig Block 42"].concat();
    let end = plain.len() - 22;
    let start = u32::from_le_bytes(plain[end + 16..end + 20].try_into().unwrap());
    let (members, directory) = plain.split_at(start as usize);
    let mut signed = [members, &block, directory].concat();
    let moved = start + block.len() as u32;
    let end = signed.len() - 22;
    signed[end + 16..end + 20].copy_from_slice(&moved.to_le_bytes());
    signed
}

#[test]
fn encrypted_in_volumes() {
    let directory = inputs();
    let at = directory.path();
    fs::write(at.join("word"), "correct horse\n").unwrap();
    let password = ["--password-file", "word"];
    let create = ["create", "--encrypt", "--segment-size", "100K"];
    for (name, raw, any) in
        [("a.zip", &[][..], "a.z02"), ("r.zip", &["--raw-volumes"], "r.zip.003")]
    {
        pzip(at, &[&create[..], raw, &password, &[name, "in"]].concat()).expect(0);
        pzip(at, &[&["test", any][..], &password].concat()).expect(0);
        pzip(at, &["test", any]).expect(6);
        let run = pzip(at, &[&["cat", any, "in/big"][..], &password].concat()).expect(0);
        assert!(run.out == noise(300_000), "{any}");
        let joined = format!("{name}.joined.zip");
        pzip(at, &["join", any, &joined]).expect(0);
        pzip(at, &[&["test", &joined][..], &password].concat()).expect(0);
    }
}

#[test]
fn spelled_in_any_case() {
    let directory = inputs();
    let at = directory.path();
    pzip(at, &["create", "--segment-size", "100K", "a.zip", "in"]).expect(0);
    fs::rename(at.join("a.z01"), at.join("A.Z01")).unwrap();
    fs::rename(at.join("a.zip"), at.join("a.ZIP")).unwrap();
    for volume in ["A.Z01", "a.z02", "a.ZIP"] {
        pzip(at, &["test", volume]).expect(0);
    }
}
