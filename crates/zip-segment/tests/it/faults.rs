//! Sets of volumes that are not what they were: never read as right, and said of the volume.

use zip_segment::check::{Fault, faults};
use zip_segment::{Error, SegmentedSource};

use crate::common::{K64, Members, members, read_volumes, split, volumes};

/// Many small members, so that some begin on each volume.
fn set() -> (Members, Vec<Vec<u8>>) {
    let members = members(&[7_000; 60]);
    let volumes = volumes(split(K64), &members);
    assert_eq!(volumes.len(), 7);
    (members, volumes)
}

fn found(volumes: &[Vec<u8>]) -> Vec<Fault> {
    faults(&SegmentedSource::new(volumes.to_vec()).unwrap()).unwrap()
}

fn name(number: usize) -> String {
    format!("volume {}", number + 1)
}

#[test]
fn a_set_that_is_right_has_no_faults() {
    let (members, volumes) = set();
    assert_eq!(found(&volumes), []);
    assert_eq!(read_volumes(volumes), Ok(members));
}

#[test]
fn exchanged_volumes() {
    let (members, set) = set();
    for (one, two) in [(0, 1), (1, 2), (2, 5)] {
        let mut volumes = set.clone();
        volumes.swap(one, two);
        assert_ne!(read_volumes(volumes.clone()).as_ref(), Ok(&members));
        let found = found(&volumes);
        for (number, other) in [(one, two), (two, one)] {
            assert!(
                found.iter().any(|fault| matches!(fault, Fault::Exchanged { name: a, other: b, .. } if *a == name(number) && *b == name(other))),
                "{one} and {two}: {found:?}"
            );
        }
    }
}

#[test]
fn a_volume_that_stands_twice() {
    let (members, set) = set();
    for (from, to) in [(0, 3), (4, 2), (1, 5)] {
        let mut volumes = set.clone();
        volumes[to] = volumes[from].clone();
        assert_ne!(read_volumes(volumes.clone()).as_ref(), Ok(&members));
        let found = found(&volumes);
        let same = |fault: &Fault| matches!(fault, Fault::Same { name: a, other: b } if (*a == name(to) && *b == name(from)) || (*a == name(from) && *b == name(to)));
        assert!(found.iter().any(same), "{from} over {to}: {found:?}");
        assert!(from != 0 || found.contains(&Fault::Marker { name: name(to) }), "{found:?}");
    }
    // One more in the row: the end record counts.
    let mut volumes = set;
    volumes.insert(2, volumes[2].clone());
    let error = SegmentedSource::new(volumes).map(drop).unwrap_err();
    assert!(matches!(error, Error::Count { claimed: 7, found: 8 }), "{error}");
}

#[test]
fn a_volume_that_was_cut_off_or_grew() {
    let (members, set) = set();
    for number in 0..set.len() - 1 {
        for len in [0, 1, 5_000, set[number].len() - 1] {
            let mut volumes = set.clone();
            volumes[number].truncate(len);
            assert_ne!(read_volumes(volumes.clone()).as_ref(), Ok(&members), "{number} at {len}");
            let faults = found(&volumes);
            let named = faults
                .iter()
                .any(|fault| matches!(fault, Fault::CutOff { name: a, .. } if *a == name(number)));
            // Further back, only those who decode can tell.
            assert!(named || len > 1, "{number} at {len}: {faults:?}");
        }
        let mut volumes = set.clone();
        volumes[number].extend(vec![7; 100_000]);
        assert_ne!(read_volumes(volumes.clone()).as_ref(), Ok(&members), "{number} grew");
        if number > 0 {
            let longer = |fault: &Fault| matches!(fault, Fault::Longer { name: a, .. } if *a == name(number));
            assert!(found(&volumes).iter().any(longer), "{number} grew");
        }
    }
}

#[test]
fn a_volume_of_another_archive() {
    let (members, set) = set();
    let other = volumes(split(K64), &crate::common::members(&[6_000; 70]));
    for number in 0..set.len() - 1 {
        let mut volumes = set.clone();
        volumes[number] = other[number].clone();
        assert_ne!(read_volumes(volumes.clone()).as_ref(), Ok(&members));
        let found = found(&volumes);
        // The first of both begins with a member of the same name.
        let foreign =
            |fault: &Fault| matches!(fault, Fault::Foreign { name: a, .. } if *a == name(number));
        assert!(number == 0 || found.iter().any(foreign), "{number}: {found:?}");
    }
}

#[test]
fn a_missing_marker_is_harmless() {
    let (members, mut volumes) = set();
    volumes[0][..4].copy_from_slice(b"\0\0\0\0");
    assert_eq!(found(&volumes), [Fault::NoMarker { name: name(0) }]);
    // Four bytes that are no marker are a prefix, which is accepted, and noted.
    let error = read_volumes(volumes.clone()).unwrap_err();
    assert!(error.contains("4 bytes before the first record"), "{error}");
    let source = SegmentedSource::new(volumes).unwrap();
    let archive = zip_mmap_reader::Archive::new(source, Default::default()).unwrap();
    for (name, contents) in members {
        assert_eq!(archive.by_name(&name).unwrap().read().unwrap(), contents);
    }
}

/// A tool that cuts where it stands: records go on behind the cut, and are read all the same.
#[test]
fn parted_records_are_read_and_told() {
    let (members, set) = set();
    // The header of a member lies over the border when the border moves into it.
    let mut volumes = set.clone();
    let header = volumes[1].windows(4).rposition(|four| four == b"PK\x03\x04").unwrap();
    let tail = volumes[1].split_off(header + 12);
    let mut next = tail.clone();
    next.extend(&volumes[2]);
    volumes[2] = next;
    // Positions on the second volume moved with it.
    let directory = shifted(volumes.last().unwrap(), 2, tail.len() as u32);
    *volumes.last_mut().unwrap() = directory;
    let found = found(&volumes);
    assert!(found.contains(&Fault::Parted { name: name(1), at: header as u64 }), "{found:?}");
    assert_eq!(read_volumes(volumes), Ok(members));
}

/// The last volume, with the offsets of entries on one volume moved.
fn shifted(last: &[u8], disk: u16, by: u32) -> Vec<u8> {
    let mut out = last.to_vec();
    let mut at = last.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    while out[at..].starts_with(b"PK\x01\x02") {
        let short =
            |out: &[u8], field: usize| u16::from_le_bytes([out[at + field], out[at + field + 1]]);
        if short(&out, 34) == disk {
            let offset = u32::from_le_bytes(out[at + 42..at + 46].try_into().unwrap()) + by;
            out[at + 42..at + 46].copy_from_slice(&offset.to_le_bytes());
        }
        at += 46 + usize::from(short(&out, 28) + short(&out, 30) + short(&out, 32));
    }
    out
}
