//! Symbolic links under each policy.

use std::fs;

use zip_fs::error::{Collision, LinkRefusal};
use zip_fs::extract::Skip;
use zip_fs::policy::{OnRefusal, Symlinks};
use zip_fs::{Error, Outcome, Policy};
use zip_testkit::lay::LaidEntry;

use crate::common::{Place, all, failure, lay, listing, well};

fn policy(symlinks: Symlinks) -> Policy {
    Policy { symlinks, ..Policy::default() }
}

#[test]
fn inside_all_and_none() {
    let archive = lay([
        LaidEntry::stored("d/x", "x"),
        LaidEntry::symlink("d/in", "x"),
        LaidEntry::symlink("d/out", "/etc/passwd"),
    ]);
    let place = Place::new();
    let refused = all(&archive, &place, &policy(Symlinks::Inside)).unwrap_err();
    let Error::Refused { first, more: 0 } = refused else { panic!("{refused}") };
    assert!(matches!(*first, Error::Link { index: 2, refusal: LinkRefusal::Absolute, .. }));
    assert!(!place.destination().exists());

    let report = well(&archive, &place, &policy(Symlinks::None));
    assert!(matches!(report.outcomes[2], Outcome::Skipped(Skip::Symlink)));
    assert_eq!(listing(&place.destination()), ["d/", "d/x"]);

    let place = Place::new();
    well(&archive, &place, &policy(Symlinks::All));
    assert_eq!(fs::read_link(place.at("d/out")).unwrap().to_str(), Some("/etc/passwd"));
    assert_eq!(fs::read(place.at("d/in")).unwrap(), b"x");
}

#[test]
fn nothing_goes_below_a_link_whatever_the_policy() {
    for symlinks in [Symlinks::None, Symlinks::Inside, Symlinks::All] {
        for (first, second) in [("l", "l/x"), ("L", "l/x"), ("a/l", "a/l/x/y")] {
            let entries = [LaidEntry::symlink(first, "."), LaidEntry::stored(second, "x")];
            let reversed = [entries[1].clone(), entries[0].clone()];
            for (entries, expected) in
                [(entries, Collision::BelowLink), (reversed, Collision::SameAsLink)]
            {
                let place = Place::new();
                let partial = Policy { on_refusal: OnRefusal::Partial, ..policy(symlinks) };
                let report = all(&lay(entries), &place, &partial).unwrap();
                match failure(&report, 1) {
                    Error::Collision { collision, .. } => assert_eq!(*collision, expected),
                    other => panic!("{first}, {second}: {other}"),
                }
            }
        }
    }
}

#[test]
fn targets_that_no_system_takes_are_refused_even_if_all_are_allowed() {
    for (target, expected) in [
        ("", LinkRefusal::Empty),
        ("a\0b", LinkRefusal::Nul),
        (&*"a/".repeat(2049), LinkRefusal::TooLong),
        (&*"a".repeat(5 << 20), LinkRefusal::TooLong),
    ] {
        let place = Place::new();
        let archive = lay([LaidEntry::symlink("l", target)]);
        let refused = all(&archive, &place, &policy(Symlinks::All)).unwrap_err();
        let Error::Refused { first, .. } = refused else { panic!("{refused}") };
        match *first {
            Error::Link { refusal, .. } => assert_eq!(refusal, expected),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_link_through_a_refused_link_is_refused_with_it() {
    let archive = lay([
        LaidEntry::symlink("a/up", ".."),
        LaidEntry::symlink("x", "a/up/../../y"),
        LaidEntry::symlink("z", "x/y"),
        LaidEntry::symlink("fine", "a/up/b"),
    ]);
    let place = Place::new();
    let partial = Policy { on_refusal: OnRefusal::Partial, ..Policy::default() };
    let report = all(&archive, &place, &partial).unwrap();
    let refusal = |slot| match failure(&report, slot) {
        Error::Link { refusal, .. } => *refusal,
        other => panic!("{other}"),
    };
    assert_eq!(refusal(1), LinkRefusal::ClimbsFromLink);
    assert_eq!(refusal(2), LinkRefusal::ThroughRefused);
    assert_eq!(listing(&place.destination()), ["a/", "a/up@", "fine@"]);
}
