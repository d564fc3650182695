//! Volumes read as one, whole or with some of them missing.

use zip_format::locate::TAIL_LEN;
use zip_format::position::{Position, Span};
use zip_io::Source;
use zip_mmap_reader::{Archive, Options};
use zip_segment::source::Volume;
use zip_segment::{Error, Kind, SegmentedSource};
use zip_testkit::lay::{LaidEntry, Lay};

use crate::common::{K64, members, raw, read, split, volumes};

#[test]
fn bytes_and_positions_of_the_whole() {
    let volumes = volumes(split(K64), &members(&[100_000, 10]));
    let whole = volumes.concat();
    let source = SegmentedSource::new(volumes.clone()).unwrap();
    assert_eq!((source.kind(), source.len()), (Kind::Split, whole.len() as u64));
    for (at, len) in [(0, 10), (K64 - 3, 6), (0, whole.len() as u64), (whole.len() as u64 - 1, 1)] {
        let mut bytes = vec![0; len as usize];
        source.read_exact_at(&mut bytes, at).unwrap();
        assert_eq!(bytes, whole[at as usize..(at + len) as usize]);
    }
    assert!(source.read_exact_at(&mut [0; 2], whole.len() as u64 - 1).is_err());
    assert_eq!(source.read_at(&mut [0; 2], u64::MAX).unwrap(), 0);
    assert_eq!(source.resolve(Position { disk: 1, offset: 5 }), Some(K64 + 5));
    assert_eq!(source.resolve(Position { disk: 2, offset: 0 }), None);
    assert_eq!(source.locate(K64 + 5), ("volume 2", 5));

    let cuts = whole.chunks(999).map(<[u8]>::to_vec);
    let error = SegmentedSource::new(cuts).map(drop).unwrap_err();
    assert!(matches!(error, Error::Count { claimed: 2, .. }), "{error}");
}

/// Without volume `gone`: the entries that do not touch it read, the others name it.
fn check_without(volumes: &[Vec<u8>], gone: usize, kind: Kind) {
    let volume = |(number, bytes): (usize, &Vec<u8>)| Volume {
        name: format!("v{number}"),
        source: (number != gone).then(|| bytes.clone()),
    };
    let starts: Vec<u64> = volumes
        .iter()
        .scan(0, |end, volume| {
            *end += volume.len() as u64;
            Some(*end - volume.len() as u64)
        })
        .collect();
    let missing = Span { start: starts[gone], end: starts[gone] + volumes[gone].len() as u64 };
    let whole =
        Archive::new(SegmentedSource::new(volumes.to_vec()).unwrap(), Options::default()).unwrap();
    let source = SegmentedSource::assemble(volumes.iter().enumerate().map(volume).collect());
    let directory = whole.located().directory;
    // Of cuts, readers want the last 64 KiB as of any plain archive.
    let tail =
        if kind == Kind::Raw { missing.end + TAIL_LEN > whole.source().len() } else { false };
    if tail
        || directory.end > missing.start && directory.start < missing.end
        || gone == volumes.len() - 1
    {
        let error = source.map(|source| Archive::new(source, Options::default()).map(drop));
        match error {
            Err(Error::Missing { name, .. } | Error::MissingLast { name }) => {
                assert_eq!(name, format!("v{gone}"));
            }
            // Of cuts, it shows when the directory is read.
            Ok(Err(error)) if kind == Kind::Raw => {
                assert!(error.to_string().contains(&format!("v{gone} is missing")), "{error}");
            }
            other => panic!("{gone}: {other:?}"),
        }
        return;
    }
    let source = source.unwrap_or_else(|error| panic!("without {gone}: {error}"));
    assert_eq!(source.missing().collect::<Vec<_>>(), [format!("v{gone}")]);
    let archive = Archive::new(source, Options::default()).unwrap();
    for (entry, expected) in archive.entries().zip(whole.entries()) {
        let (start, end) = (expected.offset(), expected.check().unwrap().end);
        let touched = end > missing.start && start < missing.end;
        match entry.read() {
            Ok(contents) => {
                assert!(!touched, "{}", entry.name());
                assert_eq!(contents, expected.read().unwrap());
            }
            Err(error) => {
                assert!(touched, "without {gone}, {}: {error}", entry.name());
                assert!(error.to_string().contains(&format!("v{gone} is missing")), "{error}");
            }
        }
    }
}

#[test]
fn volumes_that_are_missing_cost_their_entries_and_no_others() {
    // Small ones, ones over a border and ones over several, and more than is read whole.
    let sizes = [10, 60_000, 20, 30_000, 400_000, 10, 5_000_000, 7, 70_000, 70_000, 9];
    let members = members(&sizes);
    for policy in [split(K64), split(1 << 20), raw(50_000), raw(700_001)] {
        let volumes = volumes(policy, &members);
        for gone in 0..volumes.len() {
            check_without(&volumes, gone, policy.kind());
        }
    }
}

/// A program before the archive, whose first volume has no marker but counts it in its offsets.
#[test]
fn prefixes() {
    let lay = Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::deflated("b", "BBBB")]);
    for unadjusted in [false, true] {
        let bytes = lay
            .clone()
            .with(|lay| {
                lay.prefix = vec![b'#'; 3000];
                lay.prefix_unadjusted = unadjusted;
            })
            .build();
        let cuts = bytes.chunks(100).map(<[u8]>::to_vec);
        let archive =
            Archive::new(SegmentedSource::new(cuts).unwrap(), Options::default()).unwrap();
        assert_eq!(archive.prefix_len(), 3000);
        assert_eq!(archive.by_name("b").unwrap().read().unwrap(), b"BBBB");
    }
}

/// Everything the opener reads may lie anywhere with respect to the cuts.
#[test]
fn plain_archives_cut_at_every_byte() {
    let bytes = Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::deflated("b", "BBBB")])
        .with(|lay| lay.comment = b"a comment".to_vec())
        .build();
    let expected = read(bytes.clone()).unwrap();
    for size in 1..=bytes.len() {
        let source = SegmentedSource::new(bytes.chunks(size).map(<[u8]>::to_vec)).unwrap();
        assert_eq!(read(source).as_ref(), Ok(&expected), "volumes of {size}");
    }
    for cut in 0..=bytes.len() {
        let (one, two) = bytes.split_at(cut);
        let source = SegmentedSource::new([one.to_vec(), two.to_vec()]).unwrap();
        assert_eq!(read(source).as_ref(), Ok(&expected), "cut at {cut}");
    }
}
