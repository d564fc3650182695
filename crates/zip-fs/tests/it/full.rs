//! Disks that are full at any point, or not to be written to. They are small memory file systems,
//! mounted in a namespace of a child's own; where the system gives none, the tests say so.

use std::fs;
use std::path::Path;
use std::process::Command;

use zip_format::error::Category;
use zip_fs::{Outcome, Policy, extract};
use zip_mmap_reader::Parallel;
use zip_testkit::data::{self, Kind};
use zip_testkit::lay::LaidEntry;

use crate::common::{lay, listing};

/// Set for the child, to the place that is mounted.
const CHILD: &str = "PZIP_TEST_MOUNTED";
const SMALL: usize = 40;

fn contents(number: usize) -> Vec<u8> {
    let len = if number == SMALL { 20 << 20 } else { 16 << 10 };
    data::payload(Kind::Text, len, number as u64)
}

/// Runs this test again, with a file system of such options mounted for it.
fn mounted(test: &str, options: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let script = "mount -t tmpfs -o \"$0\" tmpfs \"$1\" || exit 77; exec \"$2\" --exact \"$3\"";
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", script, options])
        .arg(directory.path())
        .arg(std::env::current_exe().expect("this binary"))
        .arg(test)
        .env(CHILD, directory.path())
        .output();
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) if matches!(output.status.code(), Some(1 | 77)) => {
            println!("skipped: no mounts here: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output) => panic!(
            "{options}: {}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => println!("skipped: no unshare here: {error}"),
    }
}

#[test]
fn a_full_disk_leaves_complete_files_and_nothing_else() {
    let Some(place) = std::env::var_os(CHILD) else {
        for kib in [16, 64, 100, 256, 700, 1 << 10, 4 << 10, 12 << 10, 20 << 10, 24 << 10] {
            let test = "full::a_full_disk_leaves_complete_files_and_nothing_else";
            mounted(test, &format!("size={kib}k"));
        }
        return;
    };
    let place = Path::new(&place);
    let name = |number| format!("d{}/{number}", number % 3);
    let archive =
        lay((0..=SMALL).map(|number| LaidEntry::deflated(name(number), contents(number))));
    let all: Vec<usize> = (0..archive.len()).collect();
    for threads in [1, 2] {
        let destination = place.join(format!("out-{threads}"));
        let run =
            extract(&archive, &all, &destination, &Policy::default(), Parallel::threads(threads));
        match run {
            Ok(report) => {
                for (number, outcome) in report.outcomes.iter().enumerate() {
                    let found = fs::read(destination.join(name(number)));
                    match outcome {
                        Outcome::Written(_) => assert!(found.unwrap() == contents(number)),
                        Outcome::Failed(error) => {
                            assert_eq!(error.category(), Category::Io, "{error}");
                            assert!(found.is_err(), "{number} failed and is there");
                        }
                        other => panic!("{other:?}"),
                    }
                }
                assert_eq!(report.written + report.failed, all.len());
            }
            Err(error) => assert_eq!(error.category(), Category::Io, "{error}"),
        }
        let left = listing(&destination);
        assert!(left.iter().all(|name| !name.contains(".pzip-")), "{left:?}");
        let _ = fs::remove_dir_all(&destination);
    }
}

#[test]
fn every_size_of_a_small_disk() {
    let Some(place) = std::env::var_os(CHILD) else {
        return mounted("full::every_size_of_a_small_disk", "size=4k");
    };
    let place = Path::new(&place);
    let entries: Vec<(String, Vec<u8>)> = (0..24_u64)
        .map(|number| (format!("{}/{number}", number % 3), 1_000 + number as usize * 700))
        .map(|(name, len)| (name, data::payload(Kind::Text, len, 1)))
        .collect();
    let archive =
        lay(entries.iter().map(|(name, contents)| LaidEntry::stored(name, contents.clone())));
    let all: Vec<usize> = (0..archive.len()).collect();
    let (mut failed, mut written) = (0, 0);
    for kib in (4..=320).step_by(4) {
        let size = format!("remount,size={kib}k");
        let mount = Command::new("mount").args(["-o", &size]).arg(place).status();
        assert!(mount.is_ok_and(|status| status.success()), "{size}");
        let destination = place.join("out");
        let run = extract(&archive, &all, &destination, &Policy::default(), Parallel::threads(2));
        for (number, outcome) in run.iter().flat_map(|report| report.outcomes.iter().enumerate()) {
            let (name, contents) = &entries[number];
            let found = fs::read(destination.join(name));
            match outcome {
                Outcome::Written(_) => assert!(found.unwrap() == *contents, "{kib}: {name}"),
                _ => assert!(found.is_err(), "{kib}: {name} failed and is there"),
            }
            failed += usize::from(matches!(outcome, Outcome::Failed(_)));
            written += usize::from(matches!(outcome, Outcome::Written(_)));
        }
        let left = listing(&destination);
        assert!(left.iter().all(|name| !name.contains(".pzip-")), "{kib}: {left:?}");
        let _ = fs::remove_dir_all(&destination);
    }
    assert!(failed > 0 && written > 0, "{failed} failed, {written} written");
}

#[test]
fn a_directory_that_is_not_to_be_written_to() {
    let Some(place) = std::env::var_os(CHILD) else {
        return mounted("full::a_directory_that_is_not_to_be_written_to", "size=64k,ro");
    };
    let archive = lay([LaidEntry::stored("x", "x"), LaidEntry::stored("d/y", "y")]);
    let place = Path::new(&place);
    let report =
        extract(&archive, &[0, 1], place, &Policy::default(), Parallel::threads(2)).unwrap();
    assert_eq!((report.failed, report.worst()), (2, Some(Category::Io)), "{report:?}");
    let below = place.join("below");
    let error = extract(&archive, &[0, 1], &below, &Policy::default(), Parallel::threads(2));
    assert_eq!(error.unwrap_err().category(), Category::Io);
    assert_eq!(listing(place), [""; 0]);
}
