//! The zip64 records of a split archive: which volume they name, and how many there are.

use zip_format::error::{ErrorKind, Field, Record};
use zip_format::locate::Located;
use zip_format::position::{Span, VolumeMap};
use zip_format::profile::Relax;
use zip_testkit::lay::{LaidEntry, Lay, Zip64End};

use crate::locate::locate_over;

/// Where the archive is cut: three volumes, the directory on the second, its end on the third.
struct Cuts {
    /// Of the second and the third volume.
    starts: [u64; 2],
    directory: Span,
    locator: u64,
    record: u64,
}

type Told = (ErrorKind, u64);

/// An archive of three volumes with true numbers, but for `change`.
fn find(change: impl Fn(&mut Lay, &Cuts)) -> (Result<Located, Told>, Cuts) {
    let true_lay = Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::stored("b", "BBBB")])
        .with(|lay| lay.zip64 = Zip64End::Sentinels);
    let map = true_lay.build_with_map().1;
    let directory = Span { start: map.directory.start as u64, end: map.directory.end as u64 };
    let record = map.eocd64.expect("laid") as u64;
    let locator = map.locator.expect("laid") as u64;
    // The directory starts 5 bytes into its volume, its last 7 bytes are on the next one.
    let cuts = Cuts { starts: [directory.start - 5, record - 7], directory, locator, record };
    let lay = true_lay.with(|lay| {
        (lay.eocd.disk, lay.eocd.directory_disk) = (Some(u16::MAX), Some(u16::MAX));
        (lay.eocd64.disk, lay.eocd64.directory_disk) = (Some(2), Some(1));
        lay.eocd64.directory_offset = Some(5);
        lay.eocd64.entries_on_disk = Some(0);
        (lay.locator.disk, lay.locator.disks) = (Some(2), Some(3));
        lay.locator.eocd64_offset = Some(7);
        change(lay, &cuts);
    });
    let file = lay.build();
    let starts = [0, cuts.starts[0], cuts.starts[1]];
    let found = locate_over(&file, VolumeMap::new(&starts, file.len() as u64), Relax::STRICT);
    (found.map_err(|error| (error.kind, error.at)), cuts)
}

#[test]
fn offsets_count_from_the_start_of_the_volume_they_name() {
    let (found, cuts) = find(|_, _| {});
    let located = found.expect("as it should be");
    assert_eq!((located.directory, located.base), (cuts.directory, 0));
    assert!(located.zip64 && located.needs.is_empty());
    // The same byte of another volume.
    let (found, cuts) = find(|lay, _| lay.eocd64.directory_disk = Some(0));
    let field = Field::DirectoryOffset;
    let kind = ErrorKind::Mismatch { field, expected: cuts.directory.start, found: 5 };
    assert_eq!(found, Err((kind, cuts.locator + 20)));
}

#[test]
fn the_locator_knows_how_many_volumes_there_are() {
    for disks in [0, 1, 2, 4, u32::MAX] {
        let (found, cuts) = find(|lay, _| lay.locator.disks = Some(disks));
        let (expected, found_disks) = (3, disks.into());
        let kind = ErrorKind::Mismatch { field: Field::Disk, expected, found: found_disks };
        assert_eq!(found, Err((kind, cuts.locator)), "{disks} volumes");
    }
}

#[test]
fn the_locator_names_a_volume_that_is_there_and_a_byte_on_it() {
    let (found, cuts) = find(|lay, _| lay.locator.disk = Some(3));
    assert_eq!(found, Err((ErrorKind::OtherDisk { disk: 3 }, cuts.locator)));
    let (found, cuts) = find(|lay, cuts| {
        lay.locator.disk = Some(1);
        lay.locator.eocd64_offset = Some(cuts.starts[1] - cuts.starts[0] + 1);
    });
    let limit = cuts.starts[1] - cuts.starts[0];
    let (start, end) = (limit + 1, limit + 1);
    let kind = ErrorKind::OutOfBounds { record: Record::Eocd64, start, end, limit };
    assert_eq!(found, Err((kind, cuts.locator)));
    // Before the record, if only by a byte.
    let (found, cuts) = find(|lay, _| lay.locator.eocd64_offset = Some(6));
    let (field, expected, found_at) = (Field::Eocd64Offset, cuts.record, cuts.record - 1);
    let kind = ErrorKind::Mismatch { field, expected, found: found_at };
    assert_eq!(found, Err((kind, cuts.locator + 20)));
}
