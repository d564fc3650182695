//! New directories of small files, which have their names when all in them is there.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use zip_format::attributes::Kind;
use zip_fs::extract::Skip;
use zip_fs::policy::Overwrite;
use zip_fs::{Error, Outcome, Policy, Report, extract};
use zip_io::{CancelToken, Observer};
use zip_mmap_reader::{Archive, Parallel};
use zip_testkit::lay::{LaidEntry, Lay};

use crate::common::{Place, all, failure, lay, listing, walk, well};

const FILES: usize = 20;

fn contents(number: usize) -> Vec<u8> {
    format!("file {number} ").repeat(number * 50).into_bytes()
}

/// `d/` with enough files to be staged, and an entry of its own.
fn archive() -> Archive<Vec<u8>> {
    let files = (0..FILES).map(|number| LaidEntry::stored(format!("d/{number}"), contents(number)));
    lay(files.chain([LaidEntry::directory("d/")]))
}

/// Does something to the disk when the work on an entry begins.
struct When<F> {
    entry: usize,
    act: F,
}

impl<F: Fn() + Send + Sync> Observer for When<F> {
    fn start(&self, index: usize, _name: &dyn Fn() -> String) {
        if index == self.entry {
            (self.act)();
        }
    }
}

/// Extracts on one thread, with `act` between the tenth file and the next.
fn meanwhile(place: &Place, act: impl Fn() + Send + Sync) -> Report {
    let all: Vec<usize> = (0..=FILES).collect();
    let observer = When { entry: 10, act };
    let parallel = Parallel { observer: &observer, ..Parallel::threads(1) };
    extract(&archive(), &all, &place.destination(), &Policy::default(), parallel).unwrap()
}

fn temporaries(place: &Place) -> Vec<PathBuf> {
    let found = walk(&place.destination()).into_iter().map(|(path, _)| path);
    found.filter(|path| path.to_string_lossy().contains(".pzip-")).collect()
}

fn is_right(path: &Path, number: usize) -> bool {
    fs::read(path).is_ok_and(|found| found == contents(number))
}

#[test]
fn nothing_has_a_name_before_all_is_there() {
    let place = Place::new();
    let seen = std::sync::Mutex::new(Vec::new());
    let report = meanwhile(&place, || {
        *seen.lock().unwrap() = listing(&place.destination());
    });
    assert_eq!((report.written, report.failed), (FILES + 1, 0));
    let seen = seen.into_inner().unwrap();
    assert!(seen.iter().any(|name| name.contains(".pzip-")), "{seen:?}");
    assert!(!seen.iter().any(|name| name.starts_with("d/")), "{seen:?}");
    assert_eq!(temporaries(&place), Vec::<PathBuf>::new());
    assert!((0..FILES).all(|number| is_right(&place.at(&format!("d/{number}")), number)));
}

/// Another run with the same directories is faster: both have their files there.
#[test]
fn a_directory_that_somebody_makes_meanwhile_is_shared() {
    let place = Place::new();
    let report = meanwhile(&place, || {
        fs::create_dir(place.at("d")).unwrap();
        for name in ["d/3", "d/15", "d/other"] {
            fs::write(place.at(name), "theirs").unwrap();
        }
    });
    assert_eq!((report.written, report.failed), (FILES - 1, 2));
    for number in 0..FILES {
        let path = place.at(&format!("d/{number}"));
        match number {
            3 | 15 => {
                assert!(
                    matches!(failure(&report, number), Error::Exists { path: told } if *told == path)
                );
                assert_eq!(fs::read(&path).unwrap(), b"theirs");
            }
            _ => assert!(is_right(&path, number), "{number}"),
        }
    }
    assert_eq!(fs::read(place.at("d/other")).unwrap(), b"theirs");
    assert_eq!(temporaries(&place), Vec::<PathBuf>::new());
}

#[test]
fn a_link_or_a_file_that_takes_the_name_meanwhile_stays_what_it_is() {
    let acts: [&(dyn Fn(&Place) + Sync); 3] = [
        &|place| symlink(place.outside(), place.at("d")).unwrap(),
        &|place| symlink("nowhere", place.at("d")).unwrap(),
        &|place| fs::write(place.at("d"), "theirs").unwrap(),
    ];
    for (number, act) in acts.into_iter().enumerate() {
        let place = Place::new();
        let report = meanwhile(&place, || act(&place));
        assert_eq!((report.written, report.failed), (0, FILES + 1), "{number}: {report:?}");
        for slot in [0, FILES] {
            match (number, failure(&report, slot)) {
                (0 | 1, Error::LinkInTheWay { path }) | (2, Error::NotADirectory { path }) => {
                    assert_eq!(*path, place.at("d"));
                }
                (_, other) => panic!("{number}: {other}"),
            }
        }
        let left = fs::symlink_metadata(place.at("d")).unwrap();
        assert_eq!((left.is_symlink(), left.is_file()), (number < 2, number == 2));
        assert_eq!(listing(&place.destination()).len(), 1, "{:?}", listing(&place.destination()));
        place.assert_untouched("a name that was taken");
    }
}

#[test]
fn after_a_cancel_what_is_complete_has_its_name() {
    let place = Place::new();
    let token = CancelToken::new();
    let observer = When { entry: 10, act: || token.cancel() };
    let parallel = Parallel { threads: 1, cancel: Some(&token), observer: &observer };
    let indices: Vec<usize> = (0..=FILES).collect();
    let report =
        extract(&archive(), &indices, &place.destination(), &Policy::default(), parallel).unwrap();
    assert!(report.cancelled);
    for (number, outcome) in report.outcomes.iter().enumerate() {
        let path = place.at(&format!("d/{number}"));
        match outcome {
            Outcome::Written(Kind::File) => assert!(is_right(&path, number), "{number}"),
            Outcome::Skipped(Skip::Cancelled) => assert!(!path.exists(), "{number}"),
            Outcome::Written(Kind::Directory) => {}
            other => panic!("{number}: {other:?}"),
        }
    }
    assert!(report.written > 0 && report.skipped > 0, "{report:?}");
    assert_eq!(temporaries(&place), Vec::<PathBuf>::new());
}

/// An entry that fails is not there; the others, and the directory's own mode and time, are.
#[test]
fn damaged_entries_are_left_out_of_a_staged_directory() {
    let mut entries = vec![LaidEntry::directory("d/").mode(0o40_750)];
    entries.extend((0..FILES).map(|n| LaidEntry::stored(format!("d/{n}"), contents(n))));
    let (mut bytes, map) = Lay::of(entries).build_with_map();
    let payload = &map.payloads[5];
    bytes[payload.start + 3] ^= 1;
    let place = Place::new();
    let report = all(&crate::common::open(bytes), &place, &Policy::default()).unwrap();
    assert_eq!((report.written, report.failed), (FILES, 1), "{report:?}");
    assert!(!place.at("d/4").exists());
    assert_eq!(fs::metadata(place.at("d")).unwrap().mode() & 0o777, 0o750);
    assert_eq!(temporaries(&place), Vec::<PathBuf>::new());
}

/// What is there already is neither staged nor renamed, and neither is what is replaced.
#[test]
fn directories_that_are_there_stay_the_same() {
    for overwrite in [Overwrite::Never, Overwrite::Always] {
        let place = Place::new();
        fs::create_dir_all(place.at("d")).unwrap();
        let before = fs::metadata(place.at("d")).unwrap().ino();
        let policy = Policy { overwrite, ..Policy::default() };
        well(&archive(), &place, &policy);
        assert_eq!(fs::metadata(place.at("d")).unwrap().ino(), before);
        assert!((0..FILES).all(|number| is_right(&place.at(&format!("d/{number}")), number)));
    }
    let place = Place::new();
    let again = |report: &Report| (report.written, report.failed);
    assert_eq!(again(&all(&archive(), &place, &Policy::default()).unwrap()), (FILES + 1, 0));
    assert_eq!(again(&all(&archive(), &place, &Policy::default()).unwrap()), (1, FILES));
}

/// A handle that is closed and opened again finds the directory under the name it has then.
#[test]
fn many_directories_at_once_with_few_open() {
    let entries = (0..FILES * 30).map(|number| {
        let (directory, file) = (number % 30, number / 30);
        LaidEntry::stored(format!("top/{directory}/{file}"), contents(file))
    });
    let place = Place::new();
    let policy = Policy { open_directories: 4, ..Policy::default() };
    well(&lay(entries), &place, &policy);
    for directory in 0..30 {
        for file in 0..FILES {
            assert!(is_right(&place.at(&format!("top/{directory}/{file}")), file));
        }
    }
    assert_eq!(temporaries(&place), Vec::<PathBuf>::new());
}
