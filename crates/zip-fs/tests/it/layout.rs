//! Leading components left out, everything in one directory, one root unwrapped.

use std::fs;

use zip_format::profile::Relax;
use zip_fs::error::Collision;
use zip_fs::extract::Skip;
use zip_fs::policy::Layout;
use zip_fs::{Error, Outcome, Policy};
use zip_mmap_reader::{Archive, Options};
use zip_testkit::lay::{LaidEntry, Lay};

use crate::common::{Place, all, lay, listing, well};

fn policy(layout: Layout) -> Policy {
    Policy { layout, ..Policy::default() }
}

fn project() -> [LaidEntry; 5] {
    [
        LaidEntry::directory("p-1.0/"),
        LaidEntry::stored("p-1.0/README", "read me"),
        LaidEntry::directory("p-1.0/src/"),
        LaidEntry::stored("p-1.0/src/main", "main"),
        LaidEntry::symlink("p-1.0/src/up", "../README"),
    ]
}

#[test]
fn components_are_stripped_and_what_has_no_more_is_skipped() {
    let place = Place::new();
    let report = well(&lay(project()), &place, &policy(Layout::Strip(1)));
    assert!(matches!(report.outcomes[0], Outcome::Skipped(Skip::Layout)));
    assert_eq!(listing(&place.destination()), ["README", "src/", "src/main", "src/up@"]);

    let place = Place::new();
    let error = all(&lay(project()), &place, &policy(Layout::Strip(2))).unwrap_err();
    assert!(error.to_string().contains("leaves the destination"), "{error}");
    assert!(!place.destination().exists(), "the link would lead out of its new place");
}

#[test]
fn one_root_is_unwrapped_and_two_are_not() {
    let place = Place::new();
    well(&lay(project()), &place, &policy(Layout::Unwrap));
    assert_eq!(listing(&place.destination()), ["README", "src/", "src/main", "src/up@"]);
    let place = Place::new();
    let two = lay([LaidEntry::stored("a/x", "x"), LaidEntry::stored("b/x", "x")]);
    well(&two, &place, &policy(Layout::Unwrap));
    assert_eq!(listing(&place.destination()), ["a/", "a/x", "b/", "b/x"]);
}

#[test]
fn flat_names_that_meet_refuse_everything() {
    let place = Place::new();
    let archive = lay([
        LaidEntry::directory("a/"),
        LaidEntry::stored("a/x", "x"),
        LaidEntry::stored("b/c/y", "y"),
    ]);
    well(&archive, &place, &policy(Layout::Flat));
    assert_eq!(listing(&place.destination()), ["x", "y"]);

    let bytes = Lay::of([LaidEntry::stored("a/x", "1"), LaidEntry::stored("b/X", "2")]).build();
    let options = Options { relax: Relax::STRICT | Relax::DUPLICATES, ..Options::default() };
    let archive = Archive::new(bytes, options).unwrap();
    for layout in [Layout::Flat, Layout::Strip(1)] {
        for duplicates in [false, true] {
            let place = Place::new();
            let policy = Policy { layout, duplicates, ..Policy::default() };
            let Error::Refused { first, .. } = all(&archive, &place, &policy).unwrap_err() else {
                panic!("another error");
            };
            let Error::Collision { collision: Collision::Alias, .. } = *first else {
                panic!("{first}");
            };
        }
    }
}

#[test]
fn duplicates_are_never_taken_for_those_that_meet_in_a_layout() {
    let bytes = Lay::of([LaidEntry::stored("a/x", "1"), LaidEntry::stored("b/x", "2")]).build();
    let options = Options { relax: Relax::STRICT | Relax::DUPLICATES, ..Options::default() };
    let archive = Archive::new(bytes, options).unwrap();
    let place = Place::new();
    let policy = Policy { duplicates: true, ..policy(Layout::Flat) };
    assert!(all(&archive, &place, &policy).is_err());
    assert!(!place.destination().exists());
}

#[test]
fn a_name_is_unsafe_whatever_is_stripped_of_it() {
    for name in ["../x", "a/../x", "/a/x", "C:/x"] {
        for layout in [Layout::Strip(1), Layout::Flat, Layout::Unwrap] {
            let place = Place::new();
            let archive = lay([LaidEntry::stored("d/fine", ""), LaidEntry::stored(name, "evil")]);
            assert!(all(&archive, &place, &policy(layout)).is_err(), "{name} {layout:?}");
            place.assert_untouched(name);
            assert!(fs::symlink_metadata(place.destination()).is_err());
        }
    }
}
