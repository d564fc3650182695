//! What was there before: never touched by default, never followed.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use zip_format::error::Category;
use zip_fs::extract::Skip;
use zip_fs::policy::{Overwrite, Symlinks};
use zip_fs::{Error, Outcome, Policy};
use zip_testkit::data::{self, Kind};
use zip_testkit::lay::LaidEntry;

use crate::common::{Place, all, failure, lay, listing, well};

fn overwrite(overwrite: Overwrite) -> Policy {
    Policy { overwrite, ..Policy::default() }
}

/// A small file, a large one and a link, each of which will find something in its place.
fn three() -> [LaidEntry; 4] {
    [
        LaidEntry::stored("small", "new"),
        LaidEntry::deflated("large", data::payload(Kind::Json, 5 << 20, 3)),
        LaidEntry::symlink("link", "small"),
        LaidEntry::stored("free", "new"),
    ]
}

#[test]
fn files_stay_by_default() {
    let place = Place::new();
    fs::create_dir(place.destination()).unwrap();
    for name in ["small", "large", "link"] {
        fs::write(place.at(name), "old").unwrap();
    }
    let before: Vec<_> =
        ["small", "large", "link"].map(|name| fs::metadata(place.at(name)).unwrap().ino()).into();
    let report = all(&lay(three()), &place, &Policy::default()).unwrap();
    assert_eq!((report.written, report.failed), (1, 3));
    for (slot, name) in ["small", "large", "link"].into_iter().enumerate() {
        match failure(&report, slot) {
            Error::Exists { path } => assert_eq!(*path, place.at(name)),
            other => panic!("{other}"),
        }
        let stat = fs::symlink_metadata(place.at(name)).unwrap();
        assert_eq!((stat.ino(), stat.len()), (before[slot], 3), "{name} is the old one");
    }
    assert_eq!(listing(&place.destination()), ["free", "large", "link", "small"]);
}

#[test]
fn files_are_replaced_and_links_not_followed() {
    for target in ["small", "large", "link"] {
        let mut place = Place::new();
        fs::create_dir(place.destination()).unwrap();
        // A file, a link to a canary, and a hard link to another.
        fs::write(place.at("small"), "old").unwrap();
        fs::remove_file(place.at(target)).ok();
        symlink(place.outside().join("canary"), place.at(target)).unwrap();
        fs::hard_link(place.outside().join("deep/canary"), place.at("free")).unwrap();
        place.remember();
        well(&lay(three()), &place, &overwrite(Overwrite::Always));
        assert_eq!(listing(&place.destination()), ["free", "large", "link@", "small"], "{target}");
        assert_eq!(fs::read(place.at("small")).unwrap(), b"new");
        assert_eq!(fs::read(place.at("free")).unwrap(), b"new");
        assert_eq!(fs::read(place.outside().join("canary")).unwrap(), b"outside/canary");
        assert_eq!(fs::read(place.outside().join("deep/canary")).unwrap(), b"outside/deep/canary");
    }
}

#[test]
fn older_files_are_replaced_and_newer_ones_kept() {
    let place = Place::new();
    fs::create_dir(place.destination()).unwrap();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in ["small", "large"] {
        fs::write(place.at(name), "old").unwrap();
    }
    fs::File::options().write(true).open(place.at("small")).unwrap().set_modified(old).unwrap();
    // The testkit's date is 2026-01-01; the large file is of today, and newer.
    let report = well(&lay(three()), &place, &overwrite(Overwrite::Newer));
    assert_eq!(fs::read(place.at("small")).unwrap(), b"new");
    assert_eq!(fs::read(place.at("large")).unwrap(), b"old");
    assert!(matches!(report.outcomes[1], Outcome::Skipped(Skip::NotOlder)));
    let again = well(&lay(three()), &place, &overwrite(Overwrite::Newer));
    assert_eq!((again.written, again.skipped), (0, 4), "nothing is newer than itself");
}

#[test]
fn a_link_in_place_of_a_directory_is_not_followed() {
    for policy in [overwrite(Overwrite::Never), overwrite(Overwrite::Always)] {
        let place = Place::new();
        fs::create_dir(place.destination()).unwrap();
        symlink(place.outside(), place.at("d")).unwrap();
        symlink("nowhere", place.at("dangling")).unwrap();
        let archive = lay([
            LaidEntry::stored("d/canary", "evil"),
            LaidEntry::directory("d/deep/").mode(0o040_777),
            LaidEntry::stored("dangling/x", "evil"),
            LaidEntry::symlink("d/link", "canary"),
            LaidEntry::stored("fine", "fine"),
        ]);
        let report = all(&archive, &place, &policy).unwrap();
        place.assert_untouched("through a link");
        assert_eq!((report.written, report.failed), (1, 4));
        for slot in 0..4 {
            assert!(
                matches!(failure(&report, slot), Error::LinkInTheWay { .. }),
                "{}",
                failure(&report, slot)
            );
        }
        assert_eq!(report.worst(), Some(Category::Unsafe));
    }
}

#[test]
fn a_directory_entry_does_not_reach_through_a_link_to_set_its_mode() {
    let place = Place::new();
    fs::create_dir(place.destination()).unwrap();
    symlink(place.outside(), place.at("d")).unwrap();
    let archive = lay([LaidEntry::directory("d/").mode(0o040_777)]);
    let report = all(&archive, &place, &overwrite(Overwrite::Always)).unwrap();
    assert!(matches!(failure(&report, 0), Error::LinkInTheWay { .. }));
    place.assert_untouched("a directory that is a link");
}

#[test]
fn a_file_in_place_of_a_directory_and_the_reverse() {
    for policy in [overwrite(Overwrite::Never), overwrite(Overwrite::Always)] {
        let place = Place::new();
        fs::create_dir_all(place.at("file/x")).unwrap();
        fs::write(place.at("d"), "old").unwrap();
        let archive = lay([LaidEntry::stored("d/x", "new"), LaidEntry::stored("file", "new")]);
        let report = all(&archive, &place, &policy).unwrap();
        assert!(matches!(failure(&report, 0), Error::NotADirectory { .. }), "{report:?}");
        assert_eq!(failure(&report, 1).category(), Category::Io);
        assert_eq!(listing(&place.destination()), ["d", "file/", "file/x/"], "as before");
    }
}

#[test]
fn directories_that_were_there_keep_their_mode_and_time() {
    let place = Place::new();
    fs::create_dir_all(place.at("d")).unwrap();
    fs::set_permissions(place.at("d"), fs::Permissions::from_mode(0o711)).unwrap();
    let archive = lay([LaidEntry::directory("d/").mode(0o040_700), LaidEntry::stored("d/x", "x")]);
    well(&archive, &place, &Policy::default());
    assert_eq!(fs::metadata(place.at("d")).unwrap().mode() & 0o7777, 0o711);
    well(&archive, &place, &overwrite(Overwrite::Always));
    assert_eq!(fs::metadata(place.at("d")).unwrap().mode() & 0o7777, 0o700);
}

#[test]
fn a_destination_that_is_a_link_is_the_callers_wish() {
    let place = Place::new();
    let real = place.outside().join("real");
    fs::create_dir(&real).unwrap();
    symlink(&real, place.destination()).unwrap();
    let policy = Policy { symlinks: Symlinks::All, ..Policy::default() };
    well(&lay([LaidEntry::stored("x", "x")]), &place, &policy);
    assert_eq!(fs::read(real.join("x")).unwrap(), b"x");
}
