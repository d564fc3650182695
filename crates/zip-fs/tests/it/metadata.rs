//! Modes, times and owners on disk.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use zip_format::error::Category;
use zip_fs::Policy;
use zip_testkit::data::{self, Kind};
use zip_testkit::lay::{LaidEntry, extra};

use crate::common::{Place, all, lay, well};

fn mode(place: &Place, name: &str) -> u32 {
    fs::symlink_metadata(place.at(name)).unwrap().mode() & 0o7777
}

fn times(entry: LaidEntry, seconds: i32) -> LaidEntry {
    entry.extra(&extra::timestamp(1, &[seconds]))
}

#[test]
fn modes_are_exact_but_for_the_special_bits() {
    let large = data::payload(Kind::Text, 5 << 20, 1);
    let archive = lay([
        LaidEntry::stored("private", "").mode(0o100_600),
        LaidEntry::stored("open", "").mode(0o100_777),
        LaidEntry::stored("none", "x").mode(0o100_000),
        LaidEntry::stored("suid", "").mode(0o104_755),
        LaidEntry::stored("sgid", "").mode(0o102_711),
        LaidEntry::stored("sticky", "").mode(0o101_666),
        LaidEntry::deflated("large", &large).mode(0o106_751),
        LaidEntry::directory("d/").mode(0o043_777),
        LaidEntry::directory("shut/").mode(0o040_500),
        LaidEntry::stored("shut/x", "x").mode(0o100_400),
        LaidEntry::directory("shut/in/").mode(0o040_000),
        LaidEntry::stored("shut/in/x", "x"),
    ]);
    let place = Place::new();
    well(&archive, &place, &Policy::default());
    for (name, expected) in [
        ("private", 0o600),
        ("open", 0o777),
        ("none", 0),
        ("suid", 0o755),
        ("sgid", 0o711),
        ("sticky", 0o666),
        ("large", 0o751),
        ("d", 0o777),
        ("shut", 0o500),
        ("shut/x", 0o400),
        ("shut/in", 0),
    ] {
        assert_eq!(mode(&place, name), expected, "{name}");
    }
    // So that others than root can clean up.
    for name in ["shut", "shut/in"] {
        fs::set_permissions(place.at(name), fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[test]
fn without_a_mode_the_umask_decides() {
    let umask = || {
        let probe = tempfile::tempdir().unwrap();
        fs::write(probe.path().join("f"), "").unwrap();
        fs::metadata(probe.path().join("f")).unwrap().mode() & 0o777
    };
    let archive = lay([
        LaidEntry::stored("dos", "").with(|entry| entry.central.version_made_by = 20),
        LaidEntry::stored("private", "").mode(0o100_600),
        LaidEntry::stored("locked", "").with(|entry| {
            entry.central.version_made_by = 20;
            entry.central.external = 1;
        }),
    ]);
    let place = Place::new();
    well(&archive, &place, &Policy::default());
    assert_eq!((mode(&place, "dos"), mode(&place, "private")), (umask(), 0o600));
    assert_eq!(mode(&place, "locked") & 0o222, 0, "read-only by DOS");
    let place = Place::new();
    well(&archive, &place, &Policy { permissions: false, ..Policy::default() });
    assert_eq!((mode(&place, "private"), mode(&place, "locked")), (umask(), umask()));
}

#[test]
fn times_of_files_directories_and_links() {
    let large = data::payload(Kind::Text, 5 << 20, 1);
    let archive = lay([
        times(LaidEntry::directory("d/"), 100_000),
        times(LaidEntry::stored("d/file", "x"), 200_000),
        times(LaidEntry::deflated("d/large", &large), -300_000),
        times(LaidEntry::symlink("d/link", "file"), 400_000),
        times(LaidEntry::directory("d/e/"), 500_000),
        times(LaidEntry::stored("d/e/file", "x"), 600_000),
    ]);
    let place = Place::new();
    well(&archive, &place, &Policy::default());
    for (name, seconds) in [
        ("d", 100_000),
        ("d/file", 200_000),
        ("d/large", -300_000),
        ("d/link", 400_000),
        ("d/e", 500_000),
        ("d/e/file", 600_000),
    ] {
        let stat = fs::symlink_metadata(place.at(name)).unwrap();
        assert_eq!((stat.mtime(), stat.mtime_nsec()), (seconds, 0), "{name}");
    }
    let place = Place::new();
    well(&archive, &place, &Policy { times: false, ..Policy::default() });
    assert!(fs::metadata(place.at("d/file")).unwrap().mtime() > 1_000_000_000, "of now");
}

/// Info-ZIP's record of owner and group.
fn owner(uid: u32, gid: u32) -> Vec<u8> {
    let mut data = vec![1, 4];
    data.extend(uid.to_le_bytes());
    data.push(4);
    data.extend(gid.to_le_bytes());
    extra::record(0x7875, &data)
}

#[test]
fn owners_are_set_on_request_and_by_root_only() {
    let place = Place::new();
    let archive = lay([
        LaidEntry::stored("f", "").mode(0o100_755).extra(&owner(1234, 4321)),
        LaidEntry::stored("nobody", "").extra(&owner(u32::MAX, u32::MAX)),
        LaidEntry::directory("d/").extra(&owner(77, 78)),
        LaidEntry::symlink("l", "f").extra(&owner(1, 2)),
    ]);
    well(&archive, &place, &Policy::default());
    let me = fs::metadata(place.outside()).unwrap().uid();
    assert_eq!(fs::metadata(place.at("f")).unwrap().uid(), me);
    let place = Place::new();
    well(&archive, &place, &Policy { owners: true, ..Policy::default() });
    let ids = |name| {
        let stat = fs::symlink_metadata(place.at(name)).unwrap();
        (stat.uid(), stat.gid())
    };
    if me == 0 {
        assert_eq!((ids("f"), ids("d"), ids("l")), ((1234, 4321), (77, 78), (1, 2)));
        assert_eq!((ids("nobody").0, mode(&place, "f")), (0, 0o755));
    } else {
        println!("not root: owners are left alone");
        assert_eq!(ids("f").0, me);
    }
}

#[test]
fn what_came_from_a_pipe_is_a_file_empty_or_not() {
    let place = Place::new();
    let entry = |name, contents| LaidEntry::stored(name, contents).mode(0o010_600);
    well(&lay([entry("some", "x"), entry("none", "")]), &place, &Policy::default());
    for (name, contents) in [("some", "x"), ("none", "")] {
        let stat = fs::symlink_metadata(place.at(name)).unwrap();
        assert!(stat.is_file() && stat.mode() & 0o7777 == 0o600, "{stat:?}");
        assert_eq!(fs::read_to_string(place.at(name)).unwrap(), contents);
    }
}

#[test]
fn special_files_are_refused() {
    for kind in [0o020_000, 0o060_000, 0o140_000] {
        let archive =
            lay([LaidEntry::stored("fine", ""), LaidEntry::stored("x", "").mode(kind | 0o644)]);
        let place = Place::new();
        let refused = all(&archive, &place, &Policy::default()).unwrap_err();
        assert_eq!(refused.category(), Category::Unsafe, "{refused}");
        assert!(!place.destination().exists());
    }
}
