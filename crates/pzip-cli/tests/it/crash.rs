//! A process that dies, and a disk that is full: the old archive stays, and nothing beside it
//! takes its name.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{names_in, pzip};

/// The system calls that touch files: where a death could matter. Some are not on every machine.
const CALLS: [&str; 12] = [
    "openat",
    "write",
    "pwrite64",
    "copy_file_range",
    "ftruncate",
    "fsync",
    "linkat",
    "rename",
    "renameat",
    "renameat2",
    "unlinkat",
    "close",
];

fn prepare(at: &Path) {
    fs::write(at.join("a"), "a of old".repeat(5_000)).unwrap();
    fs::write(at.join("b"), "b of old").unwrap();
    pzip(at, &["create", "-q", "x.zip", "a", "b"]).expect(0);
    fs::write(at.join("b"), "b of new").unwrap();
    fs::write(at.join("c"), "c of new").unwrap();
}

/// `pzip update`, killed when a thread makes such a call for the `n`-th time; whether it died of
/// that.
fn killed_at(at: &Path, call: &str, n: usize) -> Option<bool> {
    let status = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &format!("trace=?{call}")])
        .arg("-e")
        .arg(format!("inject=?{call}:signal=SIGKILL:when={n}"))
        .arg(env!("CARGO_BIN_EXE_pzip"))
        .args(["update", "-q", "-j", "1", "x.zip", "b", "c"])
        .current_dir(at)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    Some(!status.success())
}

/// With SIGKILL at each call in turn, until the command outlives them all.
#[test]
fn an_update_that_is_killed_leaves_the_old_archive_or_the_new() {
    let can_trace = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    if !can_trace.is_ok_and(|status| status.success()) {
        return println!("skipped: strace is not installed, or may not trace");
    }
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    prepare(at);
    let old = fs::read(at.join("x.zip")).unwrap();
    let (mut olds, mut news) = (0, 0);
    for call in CALLS {
        // More than it makes of any.
        for n in 1..500 {
            fs::write(at.join("x.zip"), &old).unwrap();
            let died = killed_at(at, call, n).expect("strace was there");
            let found = fs::read(at.join("x.zip")).expect("there is always an archive");
            pzip(at, &["test", "-q", "x.zip"]).expect(0);
            if found == old {
                olds += 1;
                assert!(died, "{call} {n}: a success that changed nothing");
            } else {
                news += 1;
                let contents = pzip(at, &["cat", "x.zip", "b"]).expect(0).text();
                assert_eq!(contents, "b of new", "{call} {n}");
            }
            // What a killed process leaves has another name, and is in nobody's way.
            for name in names_in(at) {
                if !["a", "b", "c", "x.zip"].contains(&name.as_str()) {
                    fs::remove_file(at.join(name)).unwrap();
                }
            }
            if !died {
                break;
            }
        }
    }
    assert!(olds > 15 && news > 0, "{olds} times the old archive, {news} times the new one");
}

/// A limit on the size of files stands for a full disk: every write beyond it fails.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_archive_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    prepare(at);
    fs::write(at.join("c"), zip_testkit::data::payload(zip_testkit::data::Kind::Noise, 90_000, 1))
        .unwrap();
    let old = fs::read(at.join("x.zip")).unwrap();
    for blocks in [0, 1, 30, 100, 170] {
        for arguments in [&["update", "-q", "x.zip", "b", "c"][..], &["create", "-q", "x.zip", "c"]]
        {
            let script = r#"trap '' XFSZ; ulimit -f "$1" || exit 0; shift; exec "$@""#;
            let status = Command::new("sh")
                .args(["-c", script, "sh", &blocks.to_string(), env!("CARGO_BIN_EXE_pzip")])
                .args(arguments)
                .current_dir(at)
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            assert!(!status.success(), "{blocks} blocks, {arguments:?}");
            assert!(fs::read(at.join("x.zip")).unwrap() == old, "{blocks} blocks, {arguments:?}");
            assert_eq!(names_in(at), ["a", "b", "c", "x.zip"], "{blocks} blocks, {arguments:?}");
        }
    }
}
