//! Entries by name.

use zip_mmap_reader::{Archive, Options};
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
    let archive = Archive::new(bytes.build(), Options::default()).expect("listed");
    let numbers = |name: &str| archive.all_by_name(name).map(|e| e.index()).collect::<Vec<_>>();
    assert_eq!(numbers("a"), [0, 2, 4]);
    assert_eq!(numbers("b"), [1, 5]);
    assert_eq!(numbers("c"), [3]);
    let mut pairs: Vec<_> = archive.duplicates().collect();
    pairs.sort_unstable();
    assert_eq!(pairs, [(2, 0), (4, 2), (5, 1)]);
}
