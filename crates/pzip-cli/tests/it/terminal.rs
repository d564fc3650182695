//! Passwords typed at a terminal: asked for without echo, twice for what is new.
//!
//! Python's `pty` plays the terminal. It types each answer once a question stands there and the
//! terminal no longer echoes, so a password that is shown was shown by us.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use zip_testkit::oracle::Tool;

use crate::run::{Run, names_in};

const TERMINAL: &str = r"
import os, pty, sys, termios
answers, program = sys.argv[1].split('|') if sys.argv[1] else [], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execv(program[0], program)

def more():
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b''

shown, unseen = b'', b''
for answer in answers:
    while b': ' not in unseen:
        piece = more()
        if not piece:
            break
        shown, unseen = shown + piece, unseen + piece
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        os.sched_yield()
    unseen = b''
    os.write(terminal, answer.encode() + b'\n')
while piece := more():
    shown += piece
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

/// Runs the binary at a terminal where somebody types these lines; `None` without Python.
fn typed(directory: &Path, args: &[&str], answers: &[&str]) -> Option<Run> {
    Tool::Python.or_skip()?;
    let mut python = Command::new("python3");
    python.args(["-c", TERMINAL, &answers.join("|"), env!("CARGO_BIN_EXE_pzip")]).args(args);
    let output = python.current_dir(directory).output().expect("Python starts");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    let run = Run { code: output.status.code(), out: output.stdout, err };
    for answer in answers.iter().filter(|answer| !answer.is_empty()) {
        assert!(!run.text().contains(answer), "{args:?} shows a password: {}", run.text());
    }
    Some(run)
}

fn planted() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("file"), "contents").expect("room");
    directory
}

#[test]
fn entries_are_encrypted_with_what_is_typed_twice_and_opened_with_what_is_typed_once() {
    let directory = planted();
    let at = directory.path();
    for verb in ["create", "stream"] {
        let archive = format!("{verb}.zip");
        let write = [verb, &archive, "file", "--encrypt"];
        let Some(run) = typed(at, &write, &["correct horse", "battery staple"]) else { return };
        let run = run.expect(2);
        assert!(run.text().contains("differ"), "{}", run.text());
        assert_eq!(names_in(at).iter().filter(|name| **name == archive).count(), 0);
        let run = typed(at, &write, &["correct horse", "correct horse"]).expect("asked above");
        let run = run.expect(0);
        let text = run.text();
        assert!(text.contains("New password: ") && text.contains("The same again: "), "{text}");

        let extract = ["extract", &archive, "-C", verb];
        let run = typed(at, &extract, &["correct horse"]).expect("asked above").expect(0);
        assert!(run.text().contains(&format!("Password for the entries of {archive}: ")));
        assert_eq!(fs::read(at.join(verb).join("file")).expect("extracted"), b"contents");
        let run = typed(at, &["test", &archive], &["battery staple"]).expect("asked above");
        assert!(run.expect(6).text().contains("wrong password"));
        // Names need none, so nobody is asked.
        typed(at, &["list", &archive], &[]).expect("asked above").expect(0);
    }
}

#[test]
fn archives_are_sealed_and_opened_the_same_way() {
    let directory = planted();
    let at = directory.path();
    let create = ["create", "sealed", "file", "--seal"];
    let Some(run) = typed(at, &create, &["", ""]) else { return };
    assert!(run.expect(2).text().contains("empty password"));
    let twice = ["correct horse", "correct horse"];
    typed(at, &create, &twice).expect("asked above").expect(0);
    let run = typed(at, &["list", "sealed"], &["correct horse"]).expect("asked above").expect(0);
    assert!(run.text().contains("Password for sealed: ") && run.text().contains("file"));
    let run = typed(at, &["list", "sealed"], &["battery staple"]).expect("asked above");
    assert!(run.expect(6).text().contains("wrong password"));
}
