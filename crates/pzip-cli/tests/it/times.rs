//! DOS times are local times of whoever reads.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use zip_testkit::lay::{LaidEntry, Lay, extra};
use zip_testkit::oracle::Tool;

use crate::run::command;

/// New York, as a rule that needs no database.
const NEW_YORK: &str = "EST5EDT,M3.2.0,M11.1.0";
/// 1 July 2026, at noon.
const SUMMER: (u16, u16) = ((2026 - 1980) << 9 | 7 << 5 | 1, 12 << 11);

fn archive(directory: &Path) {
    let known = LaidEntry::stored("known", "x").extra(&extra::timestamp(1, &[1_700_000_000]));
    let summer = LaidEntry::stored("summer", "x").with(|entry| {
        (entry.local.date, entry.local.time) = SUMMER;
        (entry.central.date, entry.central.time) = SUMMER;
    });
    let lay = Lay::of([LaidEntry::stored("winter", "x"), summer, known]);
    fs::write(directory.join("a.zip"), lay.build()).unwrap();
}

fn pzip_in(zone: &str, directory: &Path, args: &[&str]) -> String {
    let output = command(directory, args).env("TZ", zone).output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn times_in(directory: &Path) -> [u64; 3] {
    ["winter", "summer", "known"].map(|name| {
        let modified = fs::metadata(directory.join(name)).unwrap().modified().unwrap();
        modified.duration_since(UNIX_EPOCH).unwrap().as_secs()
    })
}

#[test]
fn a_listing_shows_local_times() {
    let directory = tempfile::tempdir().unwrap();
    archive(directory.path());
    for (zone, known) in [("UTC0", "2023-11-14 22:13:20"), (NEW_YORK, "2023-11-14 17:13:20")] {
        let text = pzip_in(zone, directory.path(), &["list", "a.zip"]);
        // What the clock showed is shown, wherever it is read; an instant is shown by this clock.
        for shown in ["2026-01-01 00:00:00  winter", "2026-07-01 12:00:00  summer"] {
            assert!(text.contains(shown), "{zone}: {text}");
        }
        assert!(text.contains(&format!("{known}  known")), "{zone}: {text}");
    }
    let json = |zone| pzip_in(zone, directory.path(), &["list", "--json", "a.zip"]);
    assert_eq!(json(NEW_YORK), json("UTC0"), "for programs, the same everywhere");
    assert!(json("UTC0").contains("\"2023-11-14T22:13:20Z\""));
    assert!(json("UTC0").contains("\"2026-01-01T00:00:00\""), "of no known zone");
}

#[test]
fn extraction_sets_what_unzip_sets() {
    let directory = tempfile::tempdir().unwrap();
    archive(directory.path());
    let utc = [1_767_225_600, 1_782_907_200, 1_700_000_000];
    let new_york = [utc[0] + 5 * 3_600, utc[1] + 4 * 3_600, utc[2]];
    for (zone, times) in [("UTC0", utc), (NEW_YORK, new_york)] {
        let ours = tempfile::tempdir_in(directory.path()).unwrap();
        let into = ours.path().to_str().unwrap();
        pzip_in(zone, directory.path(), &["extract", "a.zip", "-C", into]);
        assert_eq!(times_in(ours.path()), times, "{zone}");
        let Some(unzip) = Tool::Unzip.or_skip() else { continue };
        let theirs = tempfile::tempdir_in(directory.path()).unwrap();
        let mut command = std::process::Command::new(unzip.command());
        command.args(["-q", "a.zip", "-d"]).arg(theirs.path()).env("TZ", zone);
        let status = command.current_dir(directory.path()).status().expect("unzip starts");
        assert!(status.success());
        assert_eq!(times_in(theirs.path()), times, "unzip, {zone}");
    }
}
