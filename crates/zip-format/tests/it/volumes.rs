//! Directories over several volumes: written where a sink has room, and found again.

use proptest::collection::vec;
use proptest::prelude::*;
use zip_format::attributes::{Attributes, Kind};
use zip_format::directory::build::{Builder, Meta, Payload, write_local};
use zip_format::directory::index::Index;
use zip_format::directory::read;
use zip_format::error::{ErrorKind, Field, Result};
use zip_format::limits::Limits;
use zip_format::locate::Located;
use zip_format::locate::claim::claim;
use zip_format::method::Method;
use zip_format::position::{Position, VolumeMap};
use zip_format::profile::Relax;

use crate::locate::locate_over;

/// A set of volumes of at most `size` bytes; what a sink over volumes does, and nothing else.
struct Set {
    size: usize,
    volumes: Vec<Vec<u8>>,
}

impl Set {
    fn new(size: usize) -> Self {
        Self { size, volumes: vec![Vec::new()] }
    }

    fn room(&self) -> u64 {
        (self.size - self.volumes.last().unwrap().len()) as u64
    }

    fn reserve(&mut self, len: u64) -> Position {
        assert!(len <= self.size as u64, "a record of {len} bytes");
        if len > self.room() {
            self.volumes.push(Vec::new());
        }
        let offset = self.volumes.last().unwrap().len() as u64;
        Position { disk: self.volumes.len() as u32 - 1, offset }
    }

    fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.room() == 0 {
                self.volumes.push(Vec::new());
            }
            let (now, later) = bytes.split_at(bytes.len().min(self.room() as usize));
            self.volumes.last_mut().unwrap().extend(now);
            bytes = later;
        }
    }

    fn end(&mut self, builder: &Builder, comment: &[u8]) {
        let mut ending = builder.ending(comment).unwrap();
        while let Some(len) = ending.reserve(self.room()).unwrap() {
            let at = self.reserve(len);
            self.write(ending.place(at));
        }
    }

    fn starts(&self) -> Vec<u64> {
        let ends = self.volumes.iter().scan(0, |end, volume| {
            *end += volume.len() as u64;
            Some(*end)
        });
        std::iter::once(0).chain(ends).take(self.volumes.len()).collect()
    }

    fn index(&self) -> Result<(Located, Index, Vec<u8>)> {
        let (whole, starts) = (self.volumes.concat(), self.starts());
        let map = VolumeMap::new(&starts, whole.len() as u64);
        let located = locate_over(&whole, map, Relax::STRICT)?;
        let directory = &whole[located.directory.start as usize..located.directory.end as usize];
        let limits = Limits::default();
        let index = Index::build_over_volumes(directory, &located, map, Relax::STRICT, &limits)?;
        Ok((located, index, directory.to_vec()))
    }
}

fn meta(name: &str) -> Meta<'_> {
    let attributes = Attributes::unix(Kind::File, 0o644);
    Meta { name: name.as_bytes(), comment: b"", modified: None, attributes, owner: None }
}

/// Members of these sizes in volumes of `size` bytes.
fn write(size: usize, members: &[usize], comment: &[u8]) -> (Set, Vec<Position>) {
    let (mut set, mut builder, mut positions) = (Set::new(size), Builder::new(), Vec::new());
    for (number, &len) in members.iter().enumerate() {
        let name = format!("member {number}");
        let sizes = len as u64;
        let method = Method::STORED;
        let payload = Payload { method, crc32: 0, compressed_size: sizes, size: sizes };
        let mut header = Vec::new();
        write_local(&meta(&name), &payload, &mut header).unwrap();
        let at = set.reserve(header.len() as u64);
        set.write(&header);
        set.write(&vec![7; len]);
        builder.push(&meta(&name), &payload, at).unwrap();
        positions.push(at);
    }
    set.end(&builder, comment);
    (set, positions)
}

proptest! {
    #[test]
    fn what_is_written_over_volumes_is_found_in_the_whole(
        size in 100..400_usize, members in vec(0..900_usize, 0..30), comment in 0..50_usize,
    ) {
        let comment = vec![b'c'; comment];
        let (set, positions) = write(size, &members, &comment);
        let (located, index, directory) = set.index().unwrap();
        prop_assert_eq!(located.claimed_entries as usize, members.len());
        prop_assert_eq!(located.comment.len() as usize, comment.len());
        let starts = set.starts();
        for (number, at) in positions.iter().enumerate() {
            let entry = index.entry(&directory, number).unwrap().unwrap();
            prop_assert_eq!(entry.local(), *at);
            prop_assert_eq!(index.local_at(&entry), starts[at.disk as usize] + at.offset);
            let end = index.local_at(&entry) + 30 + entry.raw_name().len() as u64 + entry.size();
            prop_assert_eq!(index.member_limit(&directory, number, &entry), end, "{}", number);
        }
        let last = set.volumes.last().unwrap();
        let claim = claim(last, 0).unwrap();
        prop_assert_eq!(claim.claimed_volumes, set.volumes.len() as u64);
        prop_assert_eq!(starts[claim.directory.unwrap().disk as usize]
            + claim.directory.unwrap().offset, located.directory.start);
    }
}

#[test]
fn the_end_records_say_where_they_are() {
    let (set, _) = write(120, &[0, 0, 0, 0], b"");
    let (located, ..) = set.index().unwrap();
    let last = set.volumes.last().unwrap();
    let end = &last[last.len() - 22..];
    let short = |at: usize| u16::from_le_bytes([end[at], end[at + 1]]);
    assert_eq!(usize::from(short(4)) + 1, set.volumes.len(), "this disk");
    let directory_disk = usize::from(short(6));
    assert!(directory_disk < set.volumes.len() - 1, "the directory begins before the last volume");
    assert_eq!(usize::from(short(8)), last.windows(4).filter(|w| w == b"PK\x01\x02").count());
    assert_eq!(short(10), 4);
    assert_eq!(located.needs, Relax::empty());
}

/// The same records with one number changed.
#[test]
fn numbers_that_disagree_with_the_volumes() {
    let (set, _) = write(120, &[100, 0, 300], b"");
    let count = set.volumes.len() as u16;
    let kind = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut set = Set { size: 120, volumes: set.volumes.clone() };
        change(set.volumes.last_mut().unwrap());
        set.index().expect_err("refused").kind
    };
    let put = |at_from_end: usize, value: u16| {
        move |last: &mut Vec<u8>| {
            let at = last.len() - at_from_end;
            last[at..at + 2].copy_from_slice(&value.to_le_bytes());
        }
    };
    let mismatch = |field, expected, found| ErrorKind::Mismatch { field, expected, found };
    let last = u64::from(count) - 1;
    assert_eq!(kind(&put(18, count)), mismatch(Field::Disk, last, last + 1));
    assert_eq!(kind(&put(18, 0)), mismatch(Field::Disk, last, 0));
    assert_eq!(kind(&put(14, 4)), mismatch(Field::Entries, 3, 4));
    assert_eq!(kind(&put(16, count)), ErrorKind::OtherDisk { disk: count.into() });
    assert!(matches!(kind(&put(6, 121)), ErrorKind::OutOfBounds { .. }), "past its volume");
    assert!(matches!(
        kind(&put(6, 119)),
        ErrorKind::OutOfBounds { .. } | ErrorKind::Mismatch { .. }
    ));
}

/// Volumes that were left out, doubled or exchanged are never taken for the whole.
#[test]
fn sets_with_other_volumes() {
    let (set, _) = write(120, &[100, 0, 300, 10], b"");
    for number in 0..set.volumes.len() {
        let mut volumes = set.volumes.clone();
        volumes.remove(number);
        assert!(Set { size: 120, volumes }.index().is_err(), "without volume {number}");
        let mut volumes = set.volumes.clone();
        volumes.insert(number, volumes[number].clone());
        assert!(Set { size: 120, volumes }.index().is_err(), "volume {number} twice");
    }
}

/// One volume: the machine gives what `trailer` gives, byte for byte.
#[test]
fn on_one_volume_nothing_is_new() {
    let (set, _) = write(1 << 20, &[0, 5, 70], b"comment");
    assert_eq!(set.volumes.len(), 1);
    let (located, index, directory) = set.index().unwrap();
    let mut builder = Builder::new();
    for entry in index.entries(&directory) {
        builder.push_moved(&entry, entry.local()).unwrap();
    }
    let end = [builder.directory(), &builder.trailer(located.directory.start, b"comment").unwrap()];
    assert_eq!(&set.volumes[0][located.directory.start as usize..], end.concat());
}

#[test]
fn zip64_records_name_volumes_beyond_sixteen_bits() {
    let mut builder = Builder::new();
    let payload = Payload { method: Method::STORED, crc32: 0, compressed_size: 0, size: 0 };
    for (number, disk) in [0, 65_534, 65_535, 70_000].into_iter().enumerate() {
        builder.push(&meta(&number.to_string()), &payload, Position { disk, offset: 9 }).unwrap();
    }
    let disks: Vec<_> = read::entries(builder.directory(), 0)
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.local().disk, entry.header().fields().disk))
        .collect();
    assert_eq!(disks, [(0, 0), (65_534, 65_534), (65_535, 65_535), (70_000, 65_535)]);

    for (disk, zip64) in [(0, false), (65_533, false), (65_534, true), (65_535, true)] {
        let mut ending = builder.ending(b"").unwrap();
        let len = ending.reserve(u64::MAX).unwrap().unwrap();
        assert_eq!(ending.place(Position { disk, offset: 50 }).len() as u64, len);
        let len = ending.reserve(u64::MAX).unwrap().unwrap();
        // The end records go to a volume of their own.
        let trailer = ending.place(Position { disk: disk + 1, offset: 0 }).to_vec();
        assert_eq!((trailer.len() as u64, trailer.len() > 22), (len, zip64), "{disk}");
        assert_eq!(ending.reserve(u64::MAX), Ok(None));
        let claim = claim(&trailer, 0).unwrap();
        assert_eq!(claim.claimed_volumes, u64::from(disk) + 2, "{disk}");
        assert_eq!(claim.directory, Some(Position { disk, offset: 50 }));
    }
}

/// An entry that moves keeps all but its place, and has a zip64 record only where it needs one.
#[test]
fn moved_entries() {
    let payload = Payload { method: Method::DEFLATE, crc32: 7, compressed_size: 1 << 33, size: 5 };
    let mut builder = Builder::new();
    let timed = Meta { modified: Some(1_700_000_000), comment: b"note", ..meta("name") };
    builder.push(&timed, &payload, Position::on_first(1 << 40)).unwrap();
    let entry = read::entry(builder.directory(), 0).unwrap();
    let mut moved = Builder::new();
    moved.push_moved(&entry, Position { disk: 3, offset: 77 }).unwrap();
    let near = read::entry(moved.directory(), 0).unwrap();
    assert_eq!(near.local(), Position { disk: 3, offset: 77 });
    assert_eq!((near.size(), near.compressed_size()), (5, 1 << 33));
    assert_eq!(near.modified(), entry.modified());
    assert_eq!(moved.directory().len() + 8, builder.directory().len(), "the offset left zip64");
    let mut back = Builder::new();
    back.push_moved(&near, entry.local()).unwrap();
    assert_eq!(back.directory(), builder.directory());
}
