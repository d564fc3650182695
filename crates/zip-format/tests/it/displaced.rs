//! Directories that do not end where the trailer starts: a prefix that offsets do not count, bytes in
//! between, and records that disagree about which of the two it is.

use zip_format::error::{ErrorKind, Field, Record};
use zip_format::locate::Located;
use zip_format::position::{Span, VolumeMap};
use zip_format::profile::Relax;
use zip_testkit::lay::{LaidEntry, Lay, Map, Zip64End};

use crate::locate::{locate, locate_over};

const ZIP64: [Zip64End; 3] = [Zip64End::Absent, Zip64End::Sentinels, Zip64End::Copies];

fn two() -> Lay {
    Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::stored("b", "BBBB")])
}

type Told = (ErrorKind, u64, Relax);

fn find(lay: &Lay, relax: Relax) -> (Result<Located, Told>, Map) {
    let (file, map) = lay.build_with_map();
    (locate(&file, relax).map_err(|error| (error.kind, error.at, error.needs)), map)
}

fn span(range: &std::ops::Range<usize>) -> Span {
    Span { start: range.start as u64, end: range.end as u64 }
}

/// In every profile the same, and no relaxation would help.
fn refused(lay: &Lay, kind: ErrorKind, at: impl Fn(&Map) -> u64) {
    for relax in [Relax::STRICT, Relax::LENIENT] {
        let (found, map) = find(lay, relax);
        assert_eq!(found, Err((kind, at(&map), Relax::empty())));
    }
}

fn offset_of_directory(expected: u64, found: u64) -> ErrorKind {
    ErrorKind::Mismatch { field: Field::DirectoryOffset, expected, found }
}

#[test]
fn bytes_behind_the_directory_are_a_gap() {
    for zip64 in ZIP64 {
        for bytes in [1, 46, 70_000] {
            let lay = two().with(|lay| {
                lay.zip64 = zip64;
                lay.gap_before_eocd64 = vec![0; bytes];
            });
            let (found, map) = find(&lay, Relax::STRICT);
            let gap = ErrorKind::Gap { bytes: bytes as u64 };
            assert_eq!(found, Err((gap, map.directory.end as u64, Relax::GAPS)), "{zip64:?}");
            let located = find(&lay, Relax::GAPS).0.expect("allowed");
            assert_eq!(located.directory, span(&map.directory), "{zip64:?}");
            assert_eq!((located.base, located.needs), (0, Relax::GAPS), "{zip64:?}");
        }
    }
}

#[test]
fn a_prefix_is_one_for_the_profile_that_has_it() {
    for zip64 in ZIP64 {
        let lay = two().with(|lay| {
            lay.zip64 = zip64;
            lay.prefix = vec![b'p'; 10];
            lay.prefix_unadjusted = true;
        });
        let (found, _) = find(&lay, Relax::empty());
        assert_eq!(found, Err((ErrorKind::Prefix { bytes: 10 }, 0, Relax::PREFIX)), "{zip64:?}");
        let (found, map) = find(&lay, Relax::PREFIX);
        let located = found.expect("allowed");
        assert_eq!((located.base, located.needs), (10, Relax::PREFIX), "{zip64:?}");
        assert_eq!(located.directory, span(&map.directory), "{zip64:?}");
    }
}

/// The bytes at the stated offset and at the one that the size implies are both no header, or
/// both one.
#[test]
fn neither_place_holds_a_directory_or_both_do() {
    for zip64 in ZIP64 {
        let lay = || two().with(|lay| lay.zip64 = zip64);
        let strange = lay().with(|lay| {
            lay.entries[0].central.signature = *b"PKXY";
            lay.prefix = vec![b'p'; 10];
            lay.prefix_unadjusted = true;
        });
        let kind = ErrorKind::Signature { record: Record::CentralHeader, found: 0x5958_4b50 };
        refused(&strange, kind, |map| map.directory.start as u64);

        // The gap is as long as a header, so the second of them stands where the first should.
        let both = lay().with(|lay| lay.gap_before_eocd64 = vec![0; 47]);
        let start = both.build_with_map().1.directory.start as u64;
        refused(&both, offset_of_directory(start + 47, start), |map| map.eocd as u64);
    }
}

/// What is before the directory is before the zip64 record, too.
#[test]
fn the_locator_and_the_directory_disagree_about_the_prefix() {
    let lay = || two().with(|lay| lay.zip64 = Zip64End::Sentinels);
    let true_place = lay().build_with_map().1;
    let (directory, record) =
        (true_place.directory.start as u64, true_place.eocd64.unwrap() as u64);

    let only_locator = lay().with(|lay| lay.locator.eocd64_offset = Some(record - 10));
    let field = Field::Eocd64Offset;
    let kind = ErrorKind::Mismatch { field, expected: record, found: record - 10 };
    refused(&only_locator, kind, |map| map.eocd as u64);

    let prefixed = |stated| {
        lay().with(|lay| {
            lay.prefix = vec![b'p'; 10];
            lay.prefix_unadjusted = true;
            lay.locator.eocd64_offset = Some(stated);
        })
    };
    assert!(find(&prefixed(record), Relax::STRICT).0.is_ok(), "the prefix of both");
    for stated in [record - 1, record + 1, record + 10] {
        let kind = offset_of_directory(directory + 10, directory);
        refused(&prefixed(stated), kind, |map| map.eocd as u64);
    }

    // A gap behind the directory moves the record, and a locator that does not say so is wrong.
    let gap = |stated| {
        lay().with(|lay| {
            lay.gap_before_eocd64 = vec![0; 30];
            lay.locator.eocd64_offset = Some(stated);
        })
    };
    assert!(find(&gap(record + 30), Relax::LENIENT).0.is_ok(), "the gap alone");
    for stated in [record, record + 29] {
        let kind = offset_of_directory(directory + 30, directory);
        refused(&gap(stated), kind, |map| map.eocd as u64);
    }
}

/// Offsets on the first volume would be off, and those on others not.
#[test]
fn volumes_have_no_prefix_but_may_have_a_gap() {
    let lay = |stated: u32, gap: usize| {
        two().with(|lay| {
            (lay.eocd.disk, lay.eocd.directory_disk) = (Some(1), Some(1));
            lay.eocd.directory_offset = Some(stated);
            lay.gap_before_directory = vec![0; 10];
            lay.gap_before_eocd64 = vec![0; gap];
        })
    };
    let find = |lay: &Lay, relax| {
        let (file, map) = lay.build_with_map();
        // The second volume starts ten bytes before the directory.
        let (second, directory) = (map.directory.start - 10, span(&map.directory));
        let starts = [0, second as u64];
        let found = locate_over(&file, VolumeMap::new(&starts, file.len() as u64), relax);
        (found.map_err(|error| (error.kind, error.at, error.needs)), directory, map.eocd as u64)
    };
    let (found, directory, _) = find(&lay(10, 0), Relax::STRICT);
    assert_eq!(found.map(|located| (located.directory, located.base)), Ok((directory, 0)));

    let (found, directory, eocd) = find(&lay(3, 0), Relax::LENIENT);
    let kind = offset_of_directory(directory.start, directory.start - 7);
    assert_eq!(found, Err((kind, eocd, Relax::empty())));

    let (found, directory, _) = find(&lay(10, 5), Relax::STRICT);
    assert_eq!(found, Err((ErrorKind::Gap { bytes: 5 }, directory.end, Relax::GAPS)));
    let (found, directory, _) = find(&lay(10, 5), Relax::GAPS);
    assert_eq!(found.map(|located| located.directory), Ok(directory));
}
