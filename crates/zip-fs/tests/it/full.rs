//! Disks that are full at any point, or not to be written to.

use std::fs;
use std::process::Command;

use zip_format::error::Category;
use zip_fs::{Outcome, Policy, extract};
use zip_mmap_reader::Parallel;
use zip_testkit::data::{self, Kind};
use zip_testkit::lay::LaidEntry;
use zip_testkit::mounted::mounted;

use crate::common::{lay, listing};

const SMALL: usize = 40;

fn contents(number: usize) -> Vec<u8> {
    let len = if number == SMALL { 20 << 20 } else { 16 << 10 };
    data::payload(Kind::Text, len, number as u64)
}

#[test]
fn a_full_disk_leaves_complete_files_and_nothing_else() {
    let kib = [16, 64, 100, 256, 700, 1 << 10, 4 << 10, 12 << 10, 20 << 10, 24 << 10];
    let sizes = kib.map(|kib| format!("size={kib}k"));
    let test = "full::a_full_disk_leaves_complete_files_and_nothing_else";
    let Some(place) = mounted(test, &sizes.each_ref().map(String::as_str)) else { return };
    let place = &place;
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
    let Some(place) = mounted("full::every_size_of_a_small_disk", &["size=4k"]) else { return };
    let place = &place;
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
    let Some(place) = mounted("full::a_directory_that_is_not_to_be_written_to", &["size=64k,ro"])
    else {
        return;
    };
    let archive = lay([LaidEntry::stored("x", "x"), LaidEntry::stored("d/y", "y")]);
    let place = &place;
    let report =
        extract(&archive, &[0, 1], place, &Policy::default(), Parallel::threads(2)).unwrap();
    assert_eq!((report.failed, report.worst()), (2, Some(Category::Io)), "{report:?}");
    let below = place.join("below");
    let error = extract(&archive, &[0, 1], &below, &Policy::default(), Parallel::threads(2));
    assert_eq!(error.unwrap_err().category(), Category::Io);
    assert_eq!(listing(place), [""; 0]);
}
