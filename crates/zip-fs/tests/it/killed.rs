//! Killed in the middle: what has its name is complete.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use zip_fs::{Policy, extract};
use zip_mmap_reader::{Archive, Parallel};
use zip_testkit::lay::{LaidEntry, Lay};

use crate::common::{Place, walk};

/// Set for the child, to where it extracts, and what.
const CHILD: &str = "PZIP_TEST_KILLED";
const ARCHIVE: &str = "PZIP_TEST_KILLED_ARCHIVE";
const FILES: usize = 3_000;

fn contents(name: &str) -> Vec<u8> {
    match name {
        "large" => vec![7; 20 << 20],
        _ => name.repeat(400).into_bytes(),
    }
}

fn entries() -> Vec<LaidEntry> {
    let mut entries: Vec<_> = (0..FILES)
        .map(|number| format!("{}/{number}", number % 7))
        .map(|name| LaidEntry::stored(&name, contents(&name)))
        .collect();
    // Those have no name before they are complete, whatever directory they are in.
    entries.extend((0..FILES / 4).map(|number| {
        let name = format!("small-{number}");
        LaidEntry::stored(&name, contents(&name))
    }));
    entries.push(LaidEntry::stored("large", contents("large")));
    entries
}

fn child(archive: &Path, destination: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "killed::no_name_is_given_to_half_a_file"])
        .env(CHILD, destination)
        .env(ARCHIVE, archive)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// Files below the destination that have their own names, as `1/234`.
fn named(destination: &Path) -> Vec<String> {
    let found = walk(destination).into_iter().filter(|(_, stat)| stat.is_file());
    let names = found.map(|(path, _)| path.to_string_lossy().into_owned());
    names.filter(|name| !name.contains(".pzip-")).collect()
}

/// How much is below a directory in which others are at work.
fn count(directory: &Path) -> usize {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    entries.flatten().map(|entry| 1 + count(&entry.path())).sum()
}

#[test]
fn no_name_is_given_to_half_a_file() {
    if let Some(destination) = std::env::var_os(CHILD) {
        let archive = Archive::open(std::env::var_os(ARCHIVE).expect("an archive")).expect("opens");
        let all: Vec<usize> = (0..archive.len()).collect();
        let _ = extract(
            &archive,
            &all,
            Path::new(&destination),
            &Policy::default(),
            Parallel::threads(2),
        );
        return;
    }
    let laid = tempfile::NamedTempFile::new().expect("a file");
    fs::write(laid.path(), Lay::of(entries()).build()).expect("written");
    let (mut complete, mut cut_short) = (0, 0);
    for round in 0..12 {
        let place = Place::new();
        let mut child = child(laid.path(), &place.destination());
        // Somewhere else each time: once so many entries of directories are there.
        let enough = 1 + round * 280;
        let ended = loop {
            if child.try_wait().expect("a child").is_some() {
                break true;
            }
            // Those in directories that have no name yet as well.
            let seen = count(&place.destination());
            if seen >= enough {
                break false;
            }
            std::thread::yield_now();
        };
        // SIGKILL, on Unix.
        let _ = child.kill();
        child.wait().expect("a child");
        let names = named(&place.destination());
        cut_short += usize::from(!ended && names.len() <= FILES);
        complete += names.len();
        for name in names {
            let found = fs::read(place.at(&name)).expect("readable");
            assert!(found == contents(&name), "round {round}: {name} has {} bytes", found.len());
        }
        place.assert_untouched("killed");
    }
    assert!(complete > 0 && cut_short > 0, "{complete} files, cut short {cut_short} times");
}
