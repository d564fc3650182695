//! Entries encrypted by `create`, `update` and `stream`; left as they are by what edits; and a
//! password that nothing would use.

use std::fs;
use std::path::Path;

use zip_testkit::oracle::Tool;

use crate::run::{command, names_in, pzip};

const MARK: &str = "a sentence that no cipher gives out by chance";

fn planted() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    fs::create_dir(at.join("d")).expect("room");
    fs::write(at.join("d/text"), MARK.repeat(100)).expect("room");
    fs::write(at.join("d/empty"), "").expect("room");
    fs::write(at.join("other"), format!("another file: {MARK}")).expect("room");
    fs::write(at.join("pw"), "correct horse\n").expect("room");
    fs::write(at.join("pw2"), "another horse\n").expect("room");
    fs::write(at.join("wrong"), "battery staple\n").expect("room");
    directory
}

/// The entries open with the right passwords, fail with others, and show nothing without.
fn check(at: &Path, archive: &str, passwords: &[&str]) {
    let bytes = fs::read(at.join(archive)).expect("written");
    let mark = MARK.as_bytes();
    assert!(!bytes.windows(mark.len()).any(|window| window == mark), "contents are readable");
    let given: Vec<String> = passwords.iter().map(|pw| format!("--password-file={pw}")).collect();
    let mut test = vec!["test", archive, "--require-encryption"];
    test.extend(given.iter().map(String::as_str));
    pzip(at, &test).expect(0);
    let run = pzip(at, &["test", archive, "--password-file", "wrong"]).expect(6);
    assert!(run.err.contains("wrong password"), "{}", run.err);
    pzip(at, &["test", archive]).expect(6);
}

#[test]
fn created_in_every_strength() {
    let directory = planted();
    let at = directory.path();
    let kinds: [&[&str]; 4] = [
        &["--encrypt"],
        &["--encrypt", "--encryption", "aes192"],
        &["--encrypt", "--encryption=aes128", "--store"],
        &["--encrypt", "--encryption=aes256", "-j1"],
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let archive = format!("{number}.zip");
        let create = ["create", "-q", &archive, "d", "other", "--password-file", "pw"];
        pzip(at, &[&create[..], kind].concat()).expect(0);
        check(at, &archive, &["pw"]);
        let cat = ["cat", &archive, "d/text", "--password-file", "pw"];
        assert_eq!(pzip(at, &cat).expect(0).out, MARK.repeat(100).as_bytes());
    }
    let sizes: Vec<u64> = (0..4)
        .map(|number| fs::metadata(at.join(format!("{number}.zip"))).expect("written").len())
        .collect();
    // Salts are 16, 12 and 8 bytes, of three files each.
    assert_eq!((sizes[0] - sizes[1], sizes[0]), (12, sizes[3]));

    let mut run = command(at, &["create", "-q", "env.zip", "d", "--encrypt", "--password-env=PW"]);
    assert!(run.env("PW", "correct horse").status().expect("it starts").success());
    check(at, "env.zip", &["pw"]);
    let encrypt = ["create", "seen.zip", "d", "--encrypt", "--password", "correct horse"];
    let run = pzip(at, &encrypt).expect(0);
    assert_eq!(run.err.matches("can be seen by others").count(), 1, "{}", run.err);
}

/// Salt, body and code may each lie on two volumes.
#[test]
fn created_in_volumes() {
    let directory = planted();
    let at = directory.path();
    fs::write(at.join("noise"), zip_testkit::data::noise(200_000, 5)).expect("room");
    let create = ["create", "-q", "v.zip", "noise", "d", "other", "--encrypt"];
    let more = ["--password-file=pw", "--segment-size=64K"];
    pzip(at, &[&create[..], &more].concat()).expect(0);
    assert!(at.join("v.z03").exists(), "{:?}", names_in(at));
    check(at, "v.zip", &["pw"]);
    for (password, right) in [("correct horse", true), ("battery staple", false)] {
        let Some(verdict) = Tool::SevenZip.test(&at.join("v.zip"), Some(password)) else { break };
        assert_eq!(verdict.accepted, right, "{}", verdict.errors);
    }
}

#[test]
fn the_broken_way_has_to_be_called_by_its_name() {
    let directory = planted();
    let at = directory.path();
    let create = ["create", "-q", "t.zip", "d/text", "--insecure-traditional"];
    pzip(at, &[&create[..], &["--password-file=pw"]].concat()).expect(0);
    let cat = ["cat", "t.zip", "d/text", "--password-file", "pw"];
    assert_eq!(pzip(at, &cat).expect(0).out, MARK.repeat(100).as_bytes());
    let both = ["create", "u.zip", "d", "--insecure-traditional", "--encrypt"];
    pzip(at, &[&both[..], &["--password-file=pw"]].concat()).expect(2);
    assert!(!at.join("u.zip").exists());
}

#[test]
fn passwords_that_nothing_would_use_and_none_where_one_is_needed() {
    let directory = planted();
    let at = directory.path();
    let refused = |args: &[&str], word: &str| {
        let run = pzip(at, args).expect(2);
        assert!(run.err.contains(word), "{:?} lacks {word:?}", run.err);
    };
    fs::write(at.join("two"), "one\nanother\n").expect("room");
    let pw = "--password-file=pw";
    refused(&["create", "a.zip", "d", pw], "--encrypt");
    refused(&["stream", "a.zip", "d", pw], "--encrypt");
    refused(&["update", "a.zip", "d", pw], "--encrypt");
    refused(&["create", "a.zip", "d", "--encryption", "aes128", pw], "--encrypt");
    for (verb, how) in [
        ("create", "--encrypt"),
        ("create", "--seal"),
        ("create", "--insecure-traditional"),
        ("update", "--encrypt"),
    ] {
        refused(&[verb, "a.zip", "d", "--reproducible", how, pw], "every salt is new");
    }
    // Nobody sits at the terminal.
    refused(&["create", "a.zip", "d", "--encrypt"], "--password-file");
    refused(&["stream", "a.zip", "d", "--encrypt"], "--password-file");
    refused(&["create", "a.zip", "d", "--encrypt", "--password-file=two"], "several");
    refused(&["create", "a.zip", "d", "--encrypt", "--password="], "empty");
    refused(&["create", "a.zip", "d", "--encrypt", "--seal", pw], "--seal");
    refused(&["stream", "a.zip", "d", "--encrypt", "--range=0-9", pw], "--range");
    assert_eq!(names_in(at), ["d", "other", "pw", "pw2", "two", "wrong"], "nothing was written");
}

#[test]
fn edits_leave_encrypted_entries_as_they_are() {
    let directory = planted();
    let at = directory.path();
    pzip(at, &["create", "-q", "a.zip", "d", "--encrypt", "--password-file=pw"]).expect(0);
    let update = ["update", "-q", "a.zip", "other", "--encrypt", "--password-file=pw2"];
    pzip(at, &update).expect(0);
    check(at, "a.zip", &["pw", "pw2"]);
    pzip(at, &["rename", "-q", "a.zip", "d/text", "d/renamed"]).expect(0);
    pzip(at, &["delete", "-q", "a.zip", "d/empty"]).expect(0);
    check(at, "a.zip", &["pw", "pw2"]);
    let cat = ["cat", "a.zip", "d/renamed", "--password-file", "pw"];
    assert_eq!(pzip(at, &cat).expect(0).out, MARK.repeat(100).as_bytes());
    pzip(at, &["create", "-q", "b.zip", "d/text", "--encrypt", "--password-file=pw"]).expect(0);
    pzip(at, &["merge", "-q", "m.zip", "a.zip", "b.zip"]).expect(0);
    check(at, "m.zip", &["pw", "pw2"]);
    // Plain entries stay plain beside encrypted ones, and the other way round.
    pzip(at, &["update", "-q", "a.zip", "pw"]).expect(0);
    let run = pzip(at, &["cat", "a.zip", "pw"]).expect(0);
    assert_eq!(run.out, b"correct horse\n");
}

/// What was sealed as a whole would stand there readable.
#[test]
fn sealed_archives_are_not_changed() {
    let directory = planted();
    let at = directory.path();
    pzip(at, &["create", "-q", "s", "other", "--seal", "--password-file=pw"]).expect(0);
    let before = fs::read(at.join("s")).expect("written");
    let edits: [&[&str]; 4] = [
        &["update", "s", "d", "--encrypt", "--password-file=pw"],
        &["delete", "s", "other", "--password-file=pw"],
        &["rename", "s", "other", "x", "--password-file=pw"],
        &["merge", "s", "s"],
    ];
    for edit in edits {
        let run = pzip(at, edit).expect(2);
        assert!(run.err.contains("unseal it"), "{}", run.err);
        assert!(fs::read(at.join("s")).expect("still there") == before, "{edit:?}");
    }
}

#[test]
fn streamed() {
    let directory = planted();
    let at = directory.path();
    for (name, more) in [("s.zip", &["--store"][..]), ("t.zip", &["--encryption", "aes128"][..])] {
        let stream = ["stream", name, "d", "other", "--encrypt", "--size", "--password-file=pw"];
        let run = pzip(at, &[&stream[..], more].concat()).expect(0);
        let size = fs::metadata(at.join(name)).expect("written").len();
        assert_eq!(run.text().trim(), size.to_string());
        check(at, name, &["pw"]);
    }
    // To a pipe, as one goes forwards only.
    let create = ["create", "-", "d", "other", "--encrypt", "--password-file=pw"];
    let run = pzip(at, &create).expect(0);
    fs::write(at.join("piped.zip"), run.out).expect("room");
    check(at, "piped.zip", &["pw"]);
}
