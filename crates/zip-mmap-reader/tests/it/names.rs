//! Entries by name.

use zip_format::error::ErrorKind;
use zip_format::profile::Relax;
use zip_mmap_reader::{Archive, Error, Options};
use zip_testkit::lay::{LaidEntry, Lay, extra};

#[test]
fn names_are_decoded() {
    let dos = |raw: &[u8]| LaidEntry::stored(raw, "x").with(|e| e.central.version_made_by = 20);
    let bytes = Lay::of([
        LaidEntry::stored("plain", "x"),
        dos(b"\x82.txt"),
        LaidEntry::stored("\u{fc}", "x").flags(1 << 11),
        LaidEntry::stored("\u{e4}", "x"),
        dos(b"a_").extra(&extra::unicode_path(1, b"a_", "\u{65e5}".as_bytes())),
        LaidEntry::stored("d/", ""),
        LaidEntry::stored("", "x"),
    ])
    .build();
    let archive = Archive::new(bytes, Options::default()).expect("valid");
    let names = ["plain", "\u{e9}.txt", "\u{fc}", "\u{e4}", "\u{65e5}", "d/", ""];
    for (index, name) in names.iter().enumerate() {
        assert_eq!(archive.by_name(name).expect(name).index(), index, "{name:?}");
        assert_eq!(archive.all_by_name(name).count(), 1, "{name:?}");
    }
    for absent in ["Plain", "plain2", "a_", "d", "\u{e9}"] {
        assert!(archive.by_name(absent).is_err(), "{absent:?}");
    }
    assert_eq!(archive.duplicates().count(), 0);
}

#[test]
fn a_name_that_stands_more_than_once() {
    let bytes = Lay::of(["a", "b", "a", "c", "a", "b"].map(|name| LaidEntry::stored(name, "x")));
    let archive = Archive::new(bytes.clone().build(), Options::default()).expect("listed");
    let numbers = |name: &str| archive.all_by_name(name).map(|e| e.index()).collect::<Vec<_>>();
    assert_eq!(numbers("a"), [0, 2, 4]);
    assert_eq!(numbers("b"), [1, 5]);
    assert_eq!(numbers("c"), [3]);
    let mut pairs: Vec<_> = archive.duplicates().collect();
    pairs.sort_unstable();
    assert_eq!(pairs, [(2, 0), (4, 2), (5, 1)]);
    let error = archive.by_name("a").expect_err("which one?");
    let is_duplicate = |error: &Error| matches!(error, Error::Format(error) if matches!(error.kind, ErrorKind::DuplicateName { .. }));
    assert!(is_duplicate(error.cause()), "{error}");
    assert_eq!(archive.by_name("c").expect("once").index(), 3);

    let mut options = Options::default();
    options.relax |= Relax::DUPLICATES;
    let archive = Archive::new(bytes.build(), options).expect("listed");
    assert_eq!(archive.by_name("b").expect("the first").index(), 1);
}

#[test]
fn names_that_are_no_text() {
    let bytes = Lay::of([b"\xff\\", &b"\\xff"[..]].map(|name| LaidEntry::stored(name, "x")));
    let archive = Archive::new(bytes.build(), Options::default()).expect("listed");
    assert_eq!(archive.by_name(b"\xff\\").expect("raw bytes").index(), 0);
    assert_eq!(archive.by_name("\\xff").expect("text").index(), 1);
    assert_eq!(archive.by_name([0xfe]).expect_err("absent").to_string(), "no entry named \\xfe");
}
