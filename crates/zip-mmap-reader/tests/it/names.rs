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

#[test]
fn entries_by_a_pattern() {
    use zip_mmap_reader::Glob;
    let names = ["a.txt", "d/", "d/b.txt", "d/e/c.TXT", "d/[x].txt", "\u{fc}.txt"];
    let bytes = Lay::of(names.map(|name| LaidEntry::stored(name, ""))).build();
    let archive = Archive::new(bytes, Options::default()).expect("valid");
    let matched = |pattern: &str| {
        let glob = Glob::new(pattern).expect(pattern);
        archive.matching(&glob).map(|entry| entry.index()).collect::<Vec<_>>()
    };
    assert_eq!(matched("*.txt"), [0, 2, 4, 5], "through directories, in order");
    assert_eq!(matched("d/*"), [1, 2, 3, 4]);
    assert_eq!(matched("?.txt"), [0, 5], "a character, not a byte");
    assert_eq!(matched("{a,d/b}.t[a-z]t"), [0, 2]);
    assert_eq!(matched("d/\\[x\\].txt"), [4]);
    assert!(matched("b.txt").is_empty(), "all of the name");
    let error = Glob::new("[a").expect_err("not closed");
    assert_eq!(error.category(), zip_format::error::Category::Usage);
    assert!(error.to_string().starts_with("[a is no pattern: "), "{error}");
}

#[test]
fn dos_times_in_the_zone_of_the_reader() {
    use zip_format::dos_time::Civil;
    use zip_mmap_reader::DosZone;
    let known = LaidEntry::stored("known", "").extra(&extra::timestamp(1, &[1_700_000_000]));
    let bytes = Lay::of([LaidEntry::stored("dos", ""), known]).build();
    let times = |zone| {
        let options = Options { zone, ..Options::default() };
        let archive = Archive::new(bytes.clone(), options).expect("valid");
        archive.entries().map(|entry| entry.modified().seconds).collect::<Vec<_>>()
    };
    let east = DosZone::new(|civil: Civil| civil.to_unix() - 3_600);
    assert_eq!(times(None), [1_767_225_600, 1_700_000_000]);
    assert_eq!(times(Some(east)), [1_767_225_600 - 3_600, 1_700_000_000]);
}
