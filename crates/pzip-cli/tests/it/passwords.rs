//! Encrypted archives, with the right password from every place, and with others.

use std::fs;

use zip_testkit::hostile;

use crate::run::{command, names_in, pzip};

const CONTENTS: &[u8] = b"sealed bytes, more than one block\n";

/// A directory with an encrypted archive, a file of passwords, and one of wrong ones.
fn planted() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let row = hostile::named("c_aes256_ae2").expect("a row of the testkit");
    fs::write(directory.path().join("a.zip"), row.bytes).expect("room");
    fs::write(directory.path().join("right"), "no\r\ncorrect horse\n").expect("room");
    fs::write(directory.path().join("wrong"), "no\nneither\n").expect("room");
    directory
}

#[test]
fn from_a_file() {
    let directory = planted();
    let at = directory.path();
    let run = pzip(at, &["cat", "--password-file", "right", "a.zip", "x"]).expect(0);
    assert_eq!((&run.out[..], run.err.as_str()), (CONTENTS, ""));
    pzip(at, &["test", "--password-file", "right", "a.zip"]).expect(0);
    pzip(at, &["extract", "--password-file", "right", "-C", "out", "a.zip"]).expect(0);
    assert_eq!(fs::read(at.join("out/x")).expect("extracted"), CONTENTS);

    for verb in ["test", "extract"] {
        let run = pzip(at, &[verb, "--password-file", "wrong", "a.zip"]).expect(6);
        assert!(run.err.contains("wrong password"), "{}", run.err);
    }
    let run = pzip(at, &["cat", "--password-file", "wrong", "a.zip", "x"]).expect(6);
    assert!(run.out.is_empty(), "bytes under a wrong password");
    pzip(at, &["cat", "--password-file", "missing", "a.zip", "x"]).expect(9);
    fs::write(at.join("empty"), "\n").expect("room");
    pzip(at, &["cat", "--password-file", "empty", "a.zip", "x"]).expect(9);
    assert_eq!(names_in(at), ["a.zip", "empty", "out", "right", "wrong"]);
}

#[test]
fn from_the_environment_and_the_command_line() {
    let directory = planted();
    let at = directory.path();
    let mut run = command(at, &["cat", "--password-env", "SECRET", "a.zip", "x"]);
    let output = run.env("SECRET", "correct horse").output().expect("the binary starts");
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), CONTENTS));
    pzip(at, &["cat", "--password-env", "NO_SUCH_VARIABLE", "a.zip", "x"]).expect(2);

    let run = pzip(at, &["cat", "--password", "correct horse", "a.zip", "x"]).expect(0);
    assert_eq!(run.out, CONTENTS);
    assert!(run.err.contains("seen by others"), "no warning: {:?}", run.err);
    assert!(!run.err.contains("correct horse"), "the password is shown: {:?}", run.err);
}

/// Names need no password, and without a terminal nobody is asked for one.
#[test]
fn without_a_password() {
    let directory = planted();
    let run = pzip(directory.path(), &["list", "--long", "a.zip"]).expect(0);
    assert!(run.text().contains('x'));
    pzip(directory.path(), &["cat", "a.zip", "x"]).expect(6);
}

#[test]
fn damage_is_not_a_wrong_password() {
    let directory = planted();
    let at = directory.path();
    let row = hostile::named("c_aes_mac_flip").expect("a row of the testkit");
    fs::write(at.join("a.zip"), row.bytes).expect("room");
    let run = pzip(at, &["extract", "--password-file", "right", "-C", "out", "a.zip"]).expect(4);
    assert!(run.err.contains("authentication code"), "{}", run.err);
    assert!(!at.join("out/x").exists(), "a file that is not authentic");
}

#[test]
fn plain_entries_where_encryption_is_required() {
    let directory = planted();
    let at = directory.path();
    fs::write(at.join("plain"), "plain").expect("room");
    pzip(at, &["create", "p.zip", "plain"]).expect(0);
    pzip(at, &["test", "--password-file", "right", "p.zip"]).expect(0);
    let verb = ["test", "--password-file", "right", "--require-encryption", "p.zip"];
    let run = pzip(at, &verb).expect(8);
    assert!(run.err.contains("not encrypted"), "{}", run.err);
    pzip(at, &["test", "--password-file", "right", "--require-encryption", "a.zip"]).expect(0);
}

/// Sealed with a password from every place; what is in it need not be encrypted once more.
#[test]
fn sealed_with_a_password() {
    let directory = planted();
    let at = directory.path();
    fs::write(at.join("plain"), "plain").expect("room");
    fs::write(at.join("one"), "correct horse\n").expect("room");
    pzip(at, &["create", "-q", "p.zip", "plain"]).expect(0);
    pzip(at, &["seal", "p.zip", "sealed", "--password-file", "one"]).expect(0);
    pzip(at, &["create", "-q", "direct", "plain", "--seal", "--password-file", "one"]).expect(0);
    for archive in ["sealed", "direct"] {
        // The file has another one before it.
        for passwords in ["one", "right"] {
            let run = pzip(at, &["cat", archive, "plain", "--password-file", passwords]).expect(0);
            assert_eq!((&run.out[..], run.err.as_str()), (&b"plain"[..], ""));
        }
        pzip(at, &["test", archive, "--password-file", "one", "--require-encryption"]).expect(0);
        let run = pzip(at, &["list", archive, "--password-file", "wrong"]).expect(6);
        assert!(run.err.contains("wrong password") && run.out.is_empty(), "{}", run.err);
        let run = pzip(at, &["list", archive]).expect(6);
        assert!(run.err.contains("--password-file"), "{}", run.err);
    }
    let mut run = command(at, &["unseal", "sealed", "u", "--password-env", "SECRET"]);
    let output = run.env("SECRET", "correct horse").output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(fs::read(at.join("u")).expect("room"), fs::read(at.join("p.zip")).expect("room"));
    pzip(at, &["unseal", "sealed", "v", "--password-file", "wrong"]).expect(6);
    assert!(!at.join("v").exists());
}

/// One password opens the seal, and one the entries below it.
#[test]
fn encrypted_entries_in_a_sealed_archive_in_volumes() {
    let directory = planted();
    let at = directory.path();
    fs::write(at.join("seal"), "of the seal\n").expect("room");
    fs::write(at.join("both"), "of the seal\ncorrect horse\n").expect("room");
    pzip(at, &["seal", "a.zip", "sealed", "--password-file", "seal"]).expect(0);
    let sealed = fs::read(at.join("sealed")).expect("room");
    let (first, second) = sealed.split_at(sealed.len() / 2);
    fs::write(at.join("v.zip.001"), first).expect("room");
    fs::write(at.join("v.zip.002"), second).expect("room");
    for archive in ["sealed", "v.zip.001", "v.zip.002"] {
        let run = pzip(at, &["cat", archive, "x", "--password-file", "both"]).expect(0);
        assert_eq!(run.out, CONTENTS, "{archive}");
        pzip(at, &["list", archive, "--password-file", "seal"]).expect(0);
        let run = pzip(at, &["cat", archive, "x", "--password-file", "seal"]).expect(6);
        assert!(run.out.is_empty(), "{archive}");
    }
    // Without the last of them it is damaged, and the rest opens nothing.
    fs::remove_file(at.join("v.zip.002")).expect("it is there");
    pzip(at, &["list", "v.zip.001", "--password-file", "seal"]).expect(4);

    let noise = zip_testkit::data::noise(200_000, 3);
    fs::write(at.join("noise"), &noise).expect("room");
    let create = ["create", "w.zip", "noise", "--seal", "--raw-volumes", "--segment-size=64K"];
    pzip(at, &[&create[..], &["--password-file", "seal"]].concat()).expect(0);
    let run = pzip(at, &["cat", "w.zip.002", "noise", "--password-file", "seal"]).expect(0);
    assert!(run.out == noise);
    // Cuts of anything else are as they were: no archive ends in them.
    fs::write(at.join("n.zip.001"), &noise).expect("room");
    let run = pzip(at, &["list", "n.zip.001"]).expect(9);
    assert!(run.err.contains("no archive ends in it"), "{}", run.err);
}

#[test]
fn secrets_that_do_not_go_together() {
    let directory = planted();
    let at = directory.path();
    fs::write(at.join("key"), [7; 32]).expect("room");
    fs::write(at.join("one"), "correct horse\n").expect("room");
    let refused = |args: &[&str], code: i32, word: &str| {
        let run = pzip(at, args).expect(code);
        assert!(run.err.contains(word), "{:?} lacks {word:?}", run.err);
    };
    let (key, one) = ("--key-file=key", "--password-file=one");
    refused(&["seal", "a.zip", "s", key, one], 2, "a key and a password");
    refused(&["seal", "a.zip", "s", "--password-file=right"], 2, "several passwords");
    refused(&["create", "c", "one", one], 2, "--seal");
    pzip(at, &["seal", "a.zip", "keyed", key]).expect(0);
    pzip(at, &["seal", "a.zip", "worded", one]).expect(0);
    refused(&["list", "keyed", one], 6, "--key-file");
    refused(&["list", "worded", key], 6, "sealed with a password");
    // Each takes what fits it; entries take the password too.
    for archive in ["keyed", "worded"] {
        let run = pzip(at, &["cat", archive, "x", key, one]).expect(0);
        assert_eq!(run.out, CONTENTS);
    }
}

/// Rewriting needs no password; checking all contents before does.
#[test]
fn split_with_a_check() {
    let directory = planted();
    let at = directory.path();
    let split = ["split", "a.zip", "s.zip", "-s", "64K", "--check"];
    pzip(at, &split).expect(6);
    let run = pzip(at, &[&split[..], &["--password-file", "right"]].concat()).expect(0);
    assert!(!run.err.contains("password"), "{}", run.err);
}
