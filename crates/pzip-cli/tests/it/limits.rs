//! Limits, and what honest files need of them.

use std::fs;

use zip_testkit::hostile;
use zip_testkit::lay::{LaidEntry, Lay};

use crate::run::pzip;

#[test]
fn zeros_that_we_wrote_come_back() {
    let directory = tempfile::tempdir().unwrap();
    for mb in [2, 10, 60] {
        let size = mb * 1_000_000;
        fs::File::create(directory.path().join("zeros")).unwrap().set_len(size).unwrap();
        pzip(directory.path(), &["create", "-q", "a.zip", "zeros"]).expect(0);
        pzip(directory.path(), &["test", "-q", "a.zip"]).expect(0);
        fs::remove_file(directory.path().join("zeros")).unwrap();
        pzip(directory.path(), &["extract", "-q", "a.zip"]).expect(0);
        let back = fs::read(directory.path().join("zeros")).unwrap();
        assert!(back.len() as u64 == size && back.iter().all(|&byte| byte == 0), "{mb} MB");
        for file in ["a.zip", "zeros"] {
            fs::remove_file(directory.path().join(file)).unwrap();
        }
    }
}

#[test]
fn limits_are_raised_and_lowered_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let write = |bytes: &[u8]| fs::write(directory.path().join("a.zip"), bytes).unwrap();
    let test = |limits: &[&str], code| {
        let limits = limits.iter().flat_map(|limit| ["--limit", limit]);
        let args: Vec<&str> = ["test", "-q", "a.zip"].into_iter().chain(limits).collect();
        pzip(directory.path(), &args).expect(code)
    };
    write(&hostile::named("b_ratio_256m").unwrap().bytes);
    assert!(test(&[], 7).err.contains("ratio"));
    test(&["ratio=1100"], 0);
    test(&["ratio=none"], 0);
    test(&["none"], 0);

    write(&Lay::of(["a", "b"].map(|name| LaidEntry::stored(name, [7; 2_000]))).build());
    test(&[], 0);
    for limit in ["entries=1", "directory=90", "entry=1K", "total=3K", "name=0"] {
        test(&[limit], 7);
    }
    test(&["entries=2,entry=2K", "total=4000"], 0);
    for wrong in ["depth=1", "ratio", "ratio=much"] {
        assert!(test(&[wrong], 2).err.contains(wrong));
    }
}

/// What a progress bar counts up to is added up from sizes that nobody has checked.
#[test]
fn claimed_sizes_beyond_all_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let row = hostile::named("z_sizes_sum_wrap").unwrap();
    fs::write(directory.path().join("a.zip"), row.bytes).unwrap();
    for verb in ["test", "extract"] {
        pzip(directory.path(), &[verb, "a.zip"]).expect(7);
    }
    pzip(directory.path(), &["list", "--long", "a.zip"]).expect(0);
}

/// A system that gives no threads: the work is done by the one there is.
#[test]
fn no_more_threads() {
    let directory = tempfile::tempdir().unwrap();
    let entries = (0..40).map(|n| LaidEntry::deflated(format!("{n}"), vec![n; 100_000]));
    fs::write(directory.path().join("a.zip"), Lay::of(entries).build()).unwrap();
    let mut command = crate::run::command(directory.path(), &["test", "-j", "4", "a.zip"]);
    // No room for such a stack, so no thread starts.
    let output = command.env("RUST_MIN_STACK", (1_u64 << 50).to_string()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
}

/// Opening a pipe that nobody writes to would wait for ever.
#[test]
#[cfg(unix)]
fn a_pipe_is_no_archive() {
    let directory = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo").arg(directory.path().join("pipe")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
    let run = pzip(directory.path(), &["test", "pipe"]).expect(9);
    assert!(run.err.contains("not a regular file"), "{}", run.err);
}
