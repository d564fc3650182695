//! A file that others truncate or rewrite while it is read: errors, never a signal, and never
//! contents that were in neither file.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use zip_mmap_reader::{Archive, Parallel};
use zip_testkit::data::{self, Rng};
use zip_testkit::lay::{LaidEntry, Lay};

/// Where the reading process finds its archive.
const ARCHIVE: &str = "PZIP_TEST_CHANGED_ARCHIVE";
/// Its exit code after an error.
const FAILED: i32 = 3;
/// Its exit code after contents that nobody wrote.
const MIXED: i32 = 4;

/// Entries whose contents tell which archive they are of.
fn archive(seed: u64) -> Vec<u8> {
    let contents = |n: u64| match n % 3 {
        0 => data::noise(40_000, seed * 1000 + n),
        1 => data::text(100_000, seed * 1000 + n),
        _ => data::zeros(1000 + n as usize),
    };
    Lay::of((0..40).map(|n| {
        let name = format!("entry-{n:02}");
        if n % 2 == 0 {
            LaidEntry::stored(name, contents(n))
        } else {
            LaidEntry::deflated(name, contents(n))
        }
    }))
    .build()
}

fn all_contents(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let archive = Archive::new(bytes, zip_mmap_reader::Options::default()).expect("valid");
    archive.entries().map(|entry| entry.read().expect("valid")).collect()
}

/// The reading process: the parent starts this very binary again.
#[test]
#[ignore = "started by the test below"]
fn reader_process() {
    let Some(path) = std::env::var_os(ARCHIVE) else { return };
    let known = [all_contents(archive(1)), all_contents(archive(2))];
    // What stands after the first opening is told, and from then on the file changes.
    let code = read_on(Path::new(&path), &known).err().unwrap_or(0);
    std::process::exit(code);
}

fn read_on(path: &Path, known: &[Vec<Vec<u8>>; 2]) -> Result<(), i32> {
    let mut archive = Archive::open(path).map_err(|_| FAILED)?;
    println!("\nopened");
    for round in 0..60 {
        let all: Vec<usize> = (0..archive.len()).collect();
        for result in archive.read_many(&all, Parallel::threads(2)) {
            let contents = result.map_err(|_| FAILED)?;
            if !known.iter().flatten().any(|known| *known == contents) {
                return Err(MIXED);
            }
        }
        archive.audit(Parallel::threads(2)).map_err(|_| FAILED)?;
        if round % 8 == 7 {
            archive = Archive::open(path).map_err(|_| FAILED)?;
        }
    }
    Ok(())
}

#[test]
fn a_file_that_changes_under_the_reader() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("changing.zip");
    let (one, two) = (archive(1), archive(2));
    let mut rng = Rng::new(11);
    let mut codes = Vec::new();
    for round in 0..50 {
        fs::write(&path, &one).expect("room for the archive");
        let mut child = Command::new(std::env::current_exe().expect("a path"))
            .args(["changed::reader_process", "--exact", "--ignored", "--nocapture"])
            .env(ARCHIVE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this binary once more");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut lines = output.lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "opened"), "the child opens a whole archive");
        let mut file = OpenOptions::new().write(true).open(&path).expect("the archive");
        match round % 3 {
            0 => file.set_len(rng.below(one.len() as u64)).expect("truncated"),
            1 => file.write_all(&two).expect("rewritten"),
            _ => {
                // Cut, and written again from the start.
                file.set_len(0).expect("truncated");
                file.write_all(&two[..rng.below(two.len() as u64) as usize]).expect("rewritten");
            }
        }
        let status = child.wait().expect("a status");
        let code = status.code();
        assert!(matches!(code, Some(0 | FAILED)), "round {round}: {status}");
        codes.push(code);
    }
    let failed = codes.iter().filter(|code| **code == Some(FAILED)).count();
    assert!(failed > 10, "only {failed} of 50 readers noticed; the file changed too late");
}
