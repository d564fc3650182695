//! Which end record is the one: what is told of files with none, half a one, and two; at which byte.

use zip_format::error::{ErrorKind, Field, Record, Result};
use zip_format::locate::{Located, Locator, TAIL_LEN};
use zip_format::profile::Relax;
use zip_testkit::lay::{EocdFields, LaidEntry, Lay, Map, Zip64End};

use crate::locate::locate;

/// Without and with more bytes before the archive than the first read takes.
const FRONTS: [usize; 2] = [0, 100_000];

fn two() -> Lay {
    Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::stored("b", "BBBB")])
}

/// Two entries behind this many bytes, which their offsets count.
fn behind(front: usize, change: impl FnOnce(&mut Lay)) -> (Vec<u8>, Map) {
    two().with(|lay| lay.prefix = vec![b'.'; front]).with(change).build_with_map()
}

fn told(found: Result<Located>) -> (ErrorKind, u64) {
    let error = found.expect_err("refused");
    (error.kind, error.at)
}

#[test]
fn bytes_behind_the_end_are_counted_and_may_be_allowed() {
    for front in FRONTS {
        for (comment, bytes) in [(0, 1), (7, 5), (0, 65_535)] {
            let (file, map) = behind(front, |lay| {
                lay.comment = vec![b'c'; comment];
                lay.trailing = vec![0; bytes];
            });
            let end = (map.eocd + 22 + comment) as u64;
            let error = locate(&file, Relax::STRICT).expect_err("refused");
            assert_eq!((error.kind, error.at), (ErrorKind::Trailing { bytes: bytes as u64 }, end));
            assert_eq!(error.needs, Relax::TRAILING);
            let located = locate(&file, Relax::TRAILING).expect("allowed");
            assert_eq!((located.needs, located.comment.end), (Relax::TRAILING, end));
            assert_eq!(located.eocd_at, map.eocd as u64);
        }
        let (file, _) = behind(front, |lay| lay.trailing = vec![0; 65_536 + 76]);
        let far = told(locate(&file, Relax::LENIENT));
        assert_eq!(far, (ErrorKind::NoEndRecord, file.len() as u64), "nobody looks there");
    }
}

#[test]
fn an_end_record_that_is_cut_off() {
    for front in FRONTS {
        let (file, map) = behind(front, |lay| lay.eocd.comment_len = Some(10));
        let kind = ErrorKind::Truncated { record: Record::Eocd, needed: 32, available: 22 };
        assert_eq!(told(locate(&file, Relax::LENIENT)), (kind, map.eocd as u64));
        let cut = &file[..map.eocd + 21];
        let kind = ErrorKind::Truncated { record: Record::Eocd, needed: 22, available: 21 };
        assert_eq!(told(locate(cut, Relax::LENIENT)), (kind, map.eocd as u64));
        let none = &file[..map.eocd];
        let at = none.len() as u64;
        assert_eq!(told(locate(none, Relax::LENIENT)), (ErrorKind::NoEndRecord, at));
    }
}

#[test]
fn a_second_end_record_is_told_with_its_place() {
    for front in FRONTS {
        let inner = Lay::new().build();
        let (file, map) = behind(front, |lay| lay.comment = [b"comment", &inner[..]].concat());
        let error = locate(&file, Relax::STRICT).expect_err("two");
        let other = (map.eocd + 22 + 7) as u64;
        assert_eq!((error.kind, error.at), (ErrorKind::Ambiguous { other }, map.eocd as u64));
        assert_eq!(error.needs, Relax::END_IN_COMMENT);
    }
}

/// Every slot that zip64 widens may refer to it on its own. Such a record is as good as any: bytes
/// behind it are counted, and another one in its comment is seen.
#[test]
fn each_number_may_refer_to_zip64_alone() {
    for saturated in 0..64_u32 {
        let short = |bit: u32| (saturated >> bit & 1 == 1).then_some(u16::MAX);
        let long = |bit: u32| (saturated >> bit & 1 == 1).then_some(u32::MAX);
        let lay = two().with(|lay| {
            lay.zip64 = Zip64End::Copies;
            lay.eocd = EocdFields {
                disk: short(0),
                directory_disk: short(1),
                entries_on_disk: short(2),
                entries: short(3),
                directory_size: long(4),
                directory_offset: long(5),
                ..EocdFields::default()
            };
        });
        let located = locate(&lay.build(), Relax::STRICT).expect("as it should be");
        assert_eq!((located.needs, located.claimed_entries), (Relax::empty(), 2));

        let (file, map) = lay.clone().with(|lay| lay.trailing = b"junk".to_vec()).build_with_map();
        let trailing = (ErrorKind::Trailing { bytes: 4 }, map.len as u64 - 4);
        assert_eq!(told(locate(&file, Relax::STRICT)), trailing, "{saturated:06b}");

        // In the comment, another archive whose numbers count all that is before it.
        let (outer, map) = lay.build_with_map();
        let (both, inner) = lay.clone().with(|lay| lay.prefix = outer).build_with_map();
        let file = lay.with(|lay| lay.comment = both[map.len..].to_vec()).build();
        let other = inner.eocd as u64;
        let ambiguous = (ErrorKind::Ambiguous { other }, map.eocd as u64);
        assert_eq!(told(locate(&file, Relax::STRICT)), ambiguous, "{saturated:06b}");
    }
}

#[test]
fn a_second_zip64_record_in_the_extensible_data() {
    for front in FRONTS {
        for before in [0, 30, 70_000] {
            let (inner, at) = two().with(|lay| lay.zip64 = Zip64End::Copies).build_with_map();
            let record = &inner[at.eocd64.expect("laid")..][..56];
            let (file, map) = behind(front, |lay| {
                lay.zip64 = Zip64End::Sentinels;
                lay.eocd64.extensible = [&vec![b'x'; before], record].concat();
            });
            let first = map.eocd64.expect("laid") as u64;
            let other = first + 56 + before as u64;
            let found = told(locate(&file, Relax::LENIENT));
            assert_eq!(found, (ErrorKind::Ambiguous { other }, first), "{before} bytes before it");
            let (file, _) = behind(front, |lay| {
                lay.zip64 = Zip64End::Sentinels;
                lay.eocd64.extensible = [&vec![b'x'; before], record, b"!"].concat();
            });
            assert!(locate(&file, Relax::STRICT).is_ok(), "that ends nowhere");
        }
    }
}

#[test]
fn a_zip64_record_that_is_none() {
    let lay = || two().with(|lay| lay.zip64 = Zip64End::Sentinels);
    let (file, map) =
        lay().with(|lay| lay.eocd64.signature = Some(*b"PK\x06\x09")).build_with_map();
    let at = map.eocd64.expect("laid") as u64;
    let kind = ErrorKind::Signature { record: Record::Eocd64, found: 0x0906_4b50 };
    assert_eq!(told(locate(&file, Relax::LENIENT)), (kind, at));
    let (file, _) = lay().with(|lay| lay.eocd64.record_size = Some(45)).build_with_map();
    let kind = ErrorKind::Length { record: Record::Eocd64, claimed: 57 };
    assert_eq!(told(locate(&file, Relax::LENIENT)), (kind, at), "longer than its room");
    // In longer ones, the last 56 bytes could be the one that is meant.
    let long = lay().with(|lay| lay.eocd64.extensible = vec![b'x'; 100]);
    let (file, map) = long.with(|lay| lay.eocd64.record_size = Some(45)).build_with_map();
    let at = map.locator.expect("laid") as u64 - 56;
    let kind = ErrorKind::Signature { record: Record::Eocd64, found: 0x7878_7878 };
    assert_eq!(told(locate(&file, Relax::LENIENT)), (kind, at));
}

#[test]
fn a_directory_has_room_for_its_entries() {
    let size = |lay: Lay| {
        let (file, map) = lay.build_with_map();
        (locate(&file, Relax::LENIENT).map_err(|error| (error.kind, error.at)), map)
    };
    let mismatch =
        |expected, found| ErrorKind::Mismatch { field: Field::DirectorySize, expected, found };
    // Two headers of 47 bytes; three take 138 at least.
    let three = |lay: &mut Lay| {
        (lay.eocd.entries, lay.eocd.entries_on_disk) = (Some(3), Some(3));
        (lay.eocd64.entries, lay.eocd64.entries_on_disk) = (Some(3), Some(3));
    };
    for zip64 in [Zip64End::Absent, Zip64End::Copies] {
        let (found, map) = size(two().with(three).with(|lay| lay.zip64 = zip64));
        assert_eq!(found, Err((mismatch(138, 94), map.eocd as u64)), "{zip64:?}");
        let (found, _) = size(Lay::new().with(|lay| lay.zip64 = zip64));
        assert!(found.is_ok_and(|located| located.directory.is_empty()), "{zip64:?}");
    }
    let many = two().with(|lay| {
        lay.zip64 = Zip64End::Sentinels;
        (lay.eocd64.entries, lay.eocd64.entries_on_disk) = (Some(u64::MAX), Some(u64::MAX));
    });
    let (found, map) = size(many);
    assert_eq!(found, Err((mismatch(u64::MAX, 94), map.eocd as u64)));
    // A count of 16 bits may be cut, and 65,536 entries be none; one of zip64 is what it says.
    let none = |lay: &mut Lay| {
        (lay.eocd.entries, lay.eocd.entries_on_disk) = (Some(0), Some(0));
        (lay.eocd64.entries, lay.eocd64.entries_on_disk) = (Some(0), Some(0));
    };
    assert!(size(two().with(none)).0.is_ok(), "the index counts them");
    let (found, map) = size(two().with(none).with(|lay| lay.zip64 = Zip64End::Copies));
    assert_eq!(found, Err((mismatch(0, 94), map.eocd as u64)));
}

/// What else a reader asks for lies in what it has.
#[test]
fn one_read_takes_the_longest_trailer_and_nothing_before_it() {
    let (file, map) = behind(100_000, |lay| {
        lay.zip64 = Zip64End::Sentinels;
        lay.comment = vec![b'c'; 65_535];
    });
    let first = Locator::new(file.len() as u64, Relax::STRICT).want();
    assert_eq!(first.len(), TAIL_LEN);
    assert_eq!(first.start, map.eocd64.expect("laid") as u64);
}
