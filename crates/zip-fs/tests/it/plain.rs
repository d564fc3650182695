//! Archives of friends: what is in them comes out, and the report says so.

use std::fs;
use std::sync::Mutex;

use zip_format::attributes::Kind;
use zip_format::error::Category;
use zip_format::profile::Relax;
use zip_fs::extract::Skip;
use zip_fs::policy::OnRefusal;
use zip_fs::{Error, Outcome, Policy, extract};
use zip_io::Observer;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::data::{self, Kind as DataKind};
use zip_testkit::lay::{LaidEntry, Lay};

use crate::common::{Place, all, failure, lay, listing, open, well};

#[test]
fn files_directories_links_and_a_large_one() {
    let large = data::payload(DataKind::Mixed, 9 << 20, 1);
    let archive = lay([
        LaidEntry::directory("./"),
        LaidEntry::stored("./a.txt", "a"),
        LaidEntry::deflated("d/e/large", &large),
        LaidEntry::symlink("d/link", "e/large"),
        LaidEntry::stored("d/empty", ""),
        LaidEntry::directory("bare/"),
        LaidEntry::deflated("d/b", "b".repeat(100_000)),
    ]);
    let place = Place::new();
    let report = well(&archive, &place, &Policy::default());
    assert_eq!((report.written, report.skipped, report.failed), (6, 1, 0));
    assert!(matches!(report.outcomes[0], Outcome::Skipped(Skip::Root)));
    assert!(matches!(report.outcomes[3], Outcome::Written(Kind::Symlink)));
    let names = ["a.txt", "bare/", "d/", "d/b", "d/e/", "d/e/large", "d/empty", "d/link@"];
    assert_eq!(listing(&place.destination()), names);
    assert!(fs::read(place.at("d/link")).unwrap() == large, "through the link");
    assert_eq!(fs::read(place.at("d/b")).unwrap(), "b".repeat(100_000).into_bytes());
    place.assert_untouched("plain");
}

#[test]
fn outcomes_are_in_the_order_of_the_selection() {
    let archive = lay(["a", "b", "c", "d"].map(|name| LaidEntry::stored(name, name)));
    let place = Place::new();
    let policy = Policy { on_refusal: OnRefusal::Partial, ..Policy::default() };
    let destination = place.destination();
    let report =
        extract(&archive, &[3, 1, 9, 1], &destination, &policy, Parallel::default()).unwrap();
    assert!(matches!(report.outcomes[0], Outcome::Written(Kind::File)));
    assert_eq!(failure(&report, 2).category(), Category::Usage, "there is no entry 9");
    assert!(matches!(failure(&report, 3), Error::Collision { .. }), "1 was there before");
    assert_eq!(listing(&destination), ["b", "d"]);
    assert_eq!(report.worst(), Some(Category::Unsafe));
}

#[test]
fn damage_to_records_refuses_everything_and_damage_to_contents_one_entry() {
    let good = || LaidEntry::stored("good", "good");
    let records = LaidEntry::stored("bad", "bad").with(|entry| entry.local.crc32 ^= 1);
    let contents = LaidEntry::stored("bad", "bad").crc32(7);
    let place = Place::new();
    let refused = all(&lay([good(), records.clone()]), &place, &Policy::default()).unwrap_err();
    assert_eq!(refused.category(), Category::Damaged, "{refused}");
    assert!(!place.destination().exists());

    let report = all(&lay([good(), contents]), &place, &Policy::default()).unwrap();
    assert_eq!((report.written, failure(&report, 1).category()), (1, Category::Damaged));
    assert_eq!(listing(&place.destination()), ["good"], "nothing of the bad one");

    let place = Place::new();
    let policy = Policy { on_refusal: OnRefusal::Partial, ..Policy::default() };
    let report = all(&lay([good(), records]), &place, &policy).unwrap();
    assert_eq!((report.written, report.failed), (1, 1));
}

#[test]
fn a_large_entry_with_wrong_contents_leaves_nothing() {
    let large = data::payload(DataKind::Text, 6 << 20, 2);
    let archive = lay([LaidEntry::deflated("d/large", &large).crc32(7)]);
    let place = Place::new();
    let report = all(&archive, &place, &Policy::default()).unwrap();
    assert_eq!(report.worst(), Some(Category::Damaged));
    assert_eq!(listing(&place.destination()), ["d/"], "neither the file nor a temporary one");
}

#[test]
fn of_duplicates_the_last_is_written_if_asked_for() {
    let bytes = Lay::of([
        LaidEntry::stored("a", "first"),
        LaidEntry::directory("d/").mode(0o040_700),
        LaidEntry::stored("a", "second"),
        LaidEntry::directory("d/").mode(0o040_750),
    ])
    .build();
    let options = Options { relax: Relax::STRICT | Relax::DUPLICATES, ..Options::default() };
    let archive = Archive::new(bytes, options).unwrap();
    let place = Place::new();
    let refused = all(&archive, &place, &Policy::default()).unwrap_err();
    // The directory is one directory.
    assert!(matches!(refused, Error::Refused { more: 0, .. }), "{refused}");
    let report = well(&archive, &place, &Policy { duplicates: true, ..Policy::default() });
    assert!(matches!(report.outcomes[0], Outcome::Skipped(Skip::Superseded)));
    assert_eq!(fs::read(place.at("a")).unwrap(), b"second");
}

#[cfg(unix)]
#[test]
fn a_directory_named_twice_is_as_its_last_entry_says() {
    use std::os::unix::fs::PermissionsExt;
    let archive = lay([
        LaidEntry::directory("d/").mode(0o040_700),
        LaidEntry::stored("d/a", "a"),
        LaidEntry::directory("d/").mode(0o040_750),
    ]);
    let place = Place::new();
    well(&archive, &place, &Policy::default());
    assert_eq!(fs::metadata(place.at("d")).unwrap().permissions().mode() & 0o777, 0o750);
    assert_eq!(fs::read(place.at("d/a")).unwrap(), b"a");
}

#[test]
fn names_that_differ_in_case_are_written_if_asked_for() {
    let archive = lay(["a/x", "A/x", "B", "b"].map(|name| LaidEntry::stored(name, name)));
    let place = Place::new();
    assert!(all(&archive, &place, &Policy::default()).is_err());
    well(&archive, &place, &Policy { case_collisions: true, ..Policy::default() });
    assert_eq!(listing(&place.destination()), ["A/", "A/x", "B", "a/", "a/x", "b"]);
}

#[test]
fn names_deeper_than_the_policy_allows_are_refused() {
    let archive = lay([LaidEntry::stored("a/b/c", "")]);
    let place = Place::new();
    let refused = all(&archive, &place, &Policy { max_depth: 2, ..Policy::default() });
    assert_eq!(refused.unwrap_err().category(), Category::Limit);
    well(&archive, &place, &Policy { max_depth: 3, ..Policy::default() });
}

#[test]
fn names_of_any_bytes_on_unix() {
    use std::os::unix::ffi::OsStrExt;
    let archive = lay([LaidEntry::stored(b"d\xff/\xfe", "x")]);
    let place = Place::new();
    well(&archive, &place, &Policy::default());
    let name = std::ffi::OsStr::from_bytes(b"d\xff/\xfe");
    assert_eq!(fs::read(place.destination().join(name)).unwrap(), b"x");
}

#[test]
fn an_empty_selection_makes_the_destination() {
    let archive = open(Lay::new().build());
    let place = Place::new();
    let report = well(&archive, &place, &Policy::default());
    assert!(report.outcomes.is_empty() && place.destination().is_dir());
}

#[derive(Default)]
struct Told(Mutex<Vec<(usize, &'static str)>>);

impl Observer for Told {
    fn start(&self, index: usize, _name: &dyn Fn() -> String) {
        self.0.lock().unwrap().push((index, "start"));
    }
    fn finish(&self, index: usize) {
        self.0.lock().unwrap().push((index, "finish"));
    }
    fn fail(&self, index: usize, _error: &dyn std::error::Error) {
        self.0.lock().unwrap().push((index, "fail"));
    }
}

#[test]
fn the_observer_hears_of_each_entry_once() {
    let archive = lay([
        LaidEntry::stored("a", "a"),
        LaidEntry::directory("d/"),
        LaidEntry::symlink("l", "a"),
        LaidEntry::stored("taken", ""),
    ]);
    let place = Place::new();
    fs::create_dir_all(place.at("taken")).unwrap();
    let told = Told::default();
    let parallel = Parallel { threads: 1, cancel: None, observer: &told };
    extract(&archive, &[0, 1, 2, 3], &place.destination(), &Policy::default(), parallel).unwrap();
    let mut told = told.0.into_inner().unwrap();
    told.sort_unstable();
    let start_and = |index, end| [(index, end), (index, "start")];
    let expected: Vec<_> = [(0, "finish"), (1, "finish"), (2, "finish"), (3, "fail")]
        .into_iter()
        .flat_map(|(i, e)| start_and(i, e))
        .collect();
    assert_eq!(told, expected);
}
