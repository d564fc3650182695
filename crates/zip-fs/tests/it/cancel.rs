//! A cancelled run leaves complete files and nothing else.

use std::fs;

use zip_format::error::Category;
use zip_fs::extract::Skip;
use zip_fs::{Outcome, Policy, extract};
use zip_io::{CancelToken, Observer};
use zip_mmap_reader::Parallel;
use zip_testkit::data::{self, Kind};
use zip_testkit::lay::LaidEntry;

use crate::common::{Place, lay, listing};

/// Cancels once an entry has given so many bytes.
struct After {
    token: CancelToken,
    entry: usize,
}

impl Observer for After {
    fn advance(&self, index: usize, _bytes: u64) {
        if index == self.entry {
            self.token.cancel();
        }
    }
}

#[test]
fn in_the_middle_of_a_large_file() {
    let large = data::payload(Kind::Text, 16 << 20, 1);
    let archive = lay([
        LaidEntry::deflated("large", &large),
        LaidEntry::stored("a", "a"),
        LaidEntry::symlink("l", "a"),
    ]);
    let place = Place::new();
    let token = CancelToken::new();
    let observer = After { token: token.clone(), entry: 0 };
    let parallel = Parallel { threads: 1, cancel: Some(&token), observer: &observer };
    let report =
        extract(&archive, &[0, 1, 2], &place.destination(), &Policy::default(), parallel).unwrap();
    assert!(report.cancelled && report.worst() == Some(Category::Cancelled), "{report:?}");
    assert!(matches!(report.outcomes[0], Outcome::Skipped(Skip::Cancelled)));
    assert!(matches!(report.outcomes[2], Outcome::Skipped(Skip::Cancelled)));
    let left = listing(&place.destination());
    assert!(left.iter().all(|name| name == "a"), "{left:?}");
    if !left.is_empty() {
        assert_eq!(fs::read(place.at("a")).unwrap(), b"a");
    }
}

#[test]
fn before_the_first_byte() {
    let archive = lay([LaidEntry::stored("a", "a")]);
    let place = Place::new();
    let token = CancelToken::new();
    token.cancel();
    let parallel = Parallel { cancel: Some(&token), ..Parallel::default() };
    let error =
        extract(&archive, &[0], &place.destination(), &Policy::default(), parallel).unwrap_err();
    assert_eq!(error.category(), Category::Cancelled);
    assert!(!place.destination().exists());
}
