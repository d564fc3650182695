//! The search for the directory, fed with laid archives and with anything else.

use proptest::collection::vec;
use proptest::prelude::*;
use zip_format::error::{ErrorKind, Result};
use zip_format::locate::{Located, Locator, TAIL_LEN};
use zip_format::position::VolumeMap;
use zip_format::profile::Relax;
use zip_testkit::lay::{LaidEntry, Lay, Zip64End};

/// Drives the machine over a slice; it must ask for what there is, and come to an end.
pub(crate) fn locate(bytes: &[u8], relax: Relax) -> Result<Located> {
    locate_over(bytes, VolumeMap::one(bytes.len() as u64), relax)
}

/// The same over volumes that lie behind each other.
pub(crate) fn locate_over(bytes: &[u8], map: VolumeMap<'_>, relax: Relax) -> Result<Located> {
    let mut locator = Locator::over_volumes(map, relax);
    let mut asked = Vec::new();
    for step in 0.. {
        assert!(step < 5, "a handful of reads");
        let want = locator.want();
        assert!(!asked.contains(&want), "{want:?} twice");
        asked.push(want);
        assert!(want.start <= want.end && want.end <= bytes.len() as u64, "{want:?} is there");
        assert!(want.len() <= TAIL_LEN, "{want:?}: no read is larger than the first");
        if let Some(located) = locator.feed(&bytes[want.start as usize..want.end as usize])? {
            let directory = located.directory;
            assert!(directory.start <= directory.end && directory.end <= located.eocd_at);
            assert!(located.base <= directory.start);
            assert!(located.comment.end <= bytes.len() as u64);
            return Ok(located);
        }
    }
    unreachable!("the loop ends by itself")
}

fn two() -> Lay {
    Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::stored("b", "BBBB")])
}

#[test]
fn every_trailer_there_is() {
    for zip64 in [Zip64End::Absent, Zip64End::Sentinels, Zip64End::Copies] {
        for comment in [0, 1, 100, 65_535] {
            for (prefix, unadjusted) in [(0, false), (10, false), (10, true), (70_000, true)] {
                let (bytes, map) = two()
                    .with(|lay| {
                        lay.zip64 = zip64;
                        lay.comment = vec![b'c'; comment];
                        lay.prefix = vec![b'p'; prefix];
                        lay.prefix_unadjusted = unadjusted;
                    })
                    .build_with_map();
                let what = format!("{zip64:?}, comment of {comment}, prefix of {prefix}");
                let located = locate(&bytes, Relax::STRICT).expect(&what);
                assert_eq!(located.directory.start as usize, map.directory.start, "{what}");
                assert_eq!(located.directory.end as usize, map.directory.end, "{what}");
                assert_eq!(located.base, if unadjusted { prefix as u64 } else { 0 }, "{what}");
                assert_eq!(located.comment.len() as usize, comment, "{what}");
                assert_eq!(located.claimed_entries, 2, "{what}");
                assert_eq!(located.zip64, zip64 != Zip64End::Absent, "{what}");
            }
        }
    }
}

#[test]
fn a_second_end_record_is_found_wherever_it_stands() {
    // At every distance from the first, over the borders of the blocks the search works in.
    for at in 0..200 {
        let bytes = two()
            .with(|lay| {
                lay.comment = vec![b'c'; at];
                lay.comment.extend(b"PK\x05\x06");
                lay.comment.resize(300, b'c');
            })
            .build();
        let error = locate(&bytes, Relax::STRICT).expect_err("ambiguous");
        let other = bytes.len() as u64 - 300 + at as u64;
        assert_eq!(error.kind, ErrorKind::Ambiguous { other }, "{at} bytes into the comment");
        let lenient = locate(&bytes, Relax::LENIENT).expect("the outer one");
        assert_eq!(lenient.needs, Relax::END_IN_COMMENT);
    }
    // One that contradicts itself, but whose comment reaches the end and holds the other.
    let mut outer = b"PK\x05\x06\x01\0\0\0\x01\0\x02\0\0\0\0\0\0\0\0\0".to_vec();
    let inner = two().build();
    outer.extend((inner.len() as u16).to_le_bytes());
    outer.extend(&inner);
    let error = locate(&outer, Relax::STRICT).expect_err("ambiguous");
    assert_eq!(error.kind, ErrorKind::Ambiguous { other: 0 });
}

#[test]
fn short_and_empty_files() {
    for len in 0..22 {
        assert!(locate(&vec![0; len], Relax::LENIENT).is_err());
        assert!(locate(&b"PK\x05\x06".repeat(6)[..len], Relax::LENIENT).is_err());
    }
    assert!(Locator::new(100, Relax::STRICT).feed(&[0; 99]).is_err(), "fed too little");
}

/// Bytes with the signatures of the trailer strewn in.
fn strewn() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => vec(any::<u8>(), 0..30),
        1 => vec(prop::sample::select(&[0, 0xff][..]), 0..30),
        2 => Just(b"PK\x05\x06".to_vec()),
        2 => Just(b"PK\x06\x06\x2c\0\0\0\0\0\0\0".to_vec()),
        2 => Just(b"PK\x06\x07\0\0\0\0".to_vec()),
        2 => Just(b"PK\x01\x02".to_vec()),
        // An end record of small numbers and no comment.
        2 => vec(0..3_u8, 16).prop_map(|numbers| {
            [&b"PK\x05\x06"[..], &numbers, &[0, 0]].concat()
        }),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes(bytes in strewn()) {
        let strict = locate(&bytes, Relax::STRICT);
        let lenient = locate(&bytes, Relax::LENIENT);
        if let Ok(strict) = strict {
            prop_assert_eq!(Ok(strict), lenient, "relaxing changes no answer that was there");
        }
    }

    /// An archive with a few bytes changed, cut out or doubled.
    #[test]
    fn a_damaged_archive(
        zip64 in prop::sample::select(&[Zip64End::Absent, Zip64End::Sentinels, Zip64End::Copies][..]),
        edits in vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..4),
    ) {
        let mut bytes = two().with(|lay| lay.zip64 = zip64).build();
        for (at, value, how) in edits {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = value,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, value),
            }
        }
        let _ = locate(&bytes, Relax::STRICT);
        let _ = locate(&bytes, Relax::LENIENT);
    }
}
