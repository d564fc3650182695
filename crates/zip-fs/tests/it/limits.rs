//! Few open files, many directories.

use std::process::Command;

use zip_fs::Policy;
use zip_testkit::lay::LaidEntry;

use crate::common::{Place, lay, listing, well};

/// Files all over a tree of some thousand directories, deep and wide, so that handles come and go.
fn scattered() -> Vec<LaidEntry> {
    let mut entries = Vec::new();
    for round in 0..3 {
        for number in 0..300 {
            let (one, two) = (number % 20, number % 7);
            let deep = "d/".repeat(number % 24);
            entries.push(LaidEntry::stored(format!("{one}/{two}/{deep}{number}.{round}"), "x"));
        }
    }
    entries
}

#[test]
fn more_directories_than_may_be_open() {
    let archive = lay(scattered());
    let whole = Place::new();
    well(&archive, &whole, &Policy::default());
    for open_directories in [0, 1, 5, 64] {
        let place = Place::new();
        well(&archive, &place, &Policy { open_directories, ..Policy::default() });
        assert_eq!(listing(&place.destination()), listing(&whole.destination()));
    }
}

/// Set for the child of the next test.
const CHILD: &str = "PZIP_TEST_FEW_FILES";

#[test]
fn few_files_may_be_open_in_the_process() {
    if std::env::var_os(CHILD).is_some() {
        let place = Place::new();
        let archive = lay(scattered());
        let report = well(&archive, &place, &Policy::default());
        assert_eq!(report.written, 900);
        // Eight are left, fewer than directories may stay open: opens meet the limit.
        let mut hoard: Vec<_> =
            (0..).map_while(|_| std::fs::File::open("/dev/null").ok()).collect();
        hoard.truncate(hoard.len() - 8);
        let again = Policy { overwrite: zip_fs::policy::Overwrite::Always, ..Policy::default() };
        well(&archive, &place, &again);
        assert!(!hoard.is_empty());
        return;
    }
    let binary = std::env::current_exe().unwrap();
    let script = format!(
        "ulimit -n 64 && {CHILD}=1 exec '{}' --exact limits::few_files_may_be_open_in_the_process",
        binary.display()
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
