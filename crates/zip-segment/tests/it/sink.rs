//! What goes to which volume.

use std::io;

use zip_io::Sink;
use zip_segment::volume::{HandOver, MemoryVolumes};
use zip_segment::{Error, Kind, SegmentedSink, SegmentedSource, Volumes};

use crate::common::{K64, items, members, raw, read_volumes, split, volumes, writer};

#[test]
fn every_kind_and_several_sizes_are_read_back() {
    let members = members(&[0, 10, 70_000, 1, 200_000, 65_536, 3]);
    for policy in [split(K64), split(100_001), split(1 << 30), raw(1000), raw(99_999), raw(1 << 30)]
    {
        let volumes = volumes(policy, &members);
        for volume in &volumes {
            assert!(volume.len() as u64 <= policy.size());
        }
        if policy.kind() == Kind::Raw {
            let sizes = policy.sizes_of(volumes.iter().map(|v| v.len() as u64).sum()).unwrap();
            assert!(sizes.eq(volumes.iter().map(|volume| volume.len() as u64)), "as promised");
        } else {
            let marker: &[u8] =
                if volumes.len() == 1 { b"PK00PK\x03\x04" } else { b"PK\x07\x08PK\x03\x04" };
            assert!(volumes[0].starts_with(marker), "{} volumes", volumes.len());
        }
        assert_eq!(read_volumes(volumes).as_ref(), Ok(&members), "{policy:?}");
    }
}

/// The rest of the volume is anything from nothing to more than a header, and so each record once
/// fits exactly, once lacks a byte, and once has one left.
#[test]
fn records_that_fit_the_rest_of_a_volume_exactly() {
    let first = volumes(split(1 << 20), &members(&[0]));
    let directory = first[0].windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let header = directory - 4;
    for rest in 0..=header + 8 {
        // A header, a payload that leaves `rest` bytes, and another member.
        let members = members(&[K64 as usize - 4 - header - rest, 100]);
        let volumes = volumes(split(K64), &members);
        let full = if rest >= header { K64 } else { K64 - rest as u64 };
        assert_eq!(volumes[0].len() as u64, full, "rest of {rest}");
        assert_eq!(read_volumes(volumes).as_ref(), Ok(&members), "rest of {rest}");
    }
    // The same for two central headers, and the end record with its comment.
    let end = 2 * (46 + 8) + 22 + 9;
    for rest in 0..end + 20 {
        let members = members(&[10, K64 as usize - 4 - 2 * header - 10 - rest]);
        let volumes = volumes(split(K64), &members);
        assert_eq!(volumes.len(), if rest >= end { 1 } else { 2 }, "rest of {rest}");
        assert_eq!(read_volumes(volumes).as_ref(), Ok(&members), "rest of {rest}");
    }
}

#[test]
fn empty_archives() {
    for policy in [split(K64), raw(22), raw(1)] {
        let sink = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
        let (sink, _) = writer(b"").write(sink, []).unwrap();
        let volumes = sink.into_volumes().into_volumes().unwrap();
        let expected = if policy.size() == 1 { 22 } else { 1 };
        assert_eq!(volumes.len(), expected);
        assert_eq!(read_volumes(volumes), Ok(vec![]), "{policy:?}");
    }
}

#[test]
fn a_record_longer_than_a_volume_is_refused() {
    let item = zip_parallel_writer::Item::bytes("n".repeat(65_535), "");
    let sink = SegmentedSink::new(MemoryVolumes::new(), split(K64)).unwrap();
    let error = writer(b"").write(sink, [item]).unwrap_err();
    let zip_parallel_writer::Error::Sink(error) = &error else { panic!("{error}") };
    assert!(matches!(Error::of(error), Some(Error::RecordTooLong { size: K64, .. })), "{error}");

    let mut sink = SegmentedSink::new(MemoryVolumes::new(), split(K64)).unwrap();
    assert!(sink.reserve(K64).is_ok() && sink.reserve(K64 + 1).is_err());
    assert!(sink.write_all(b"x").is_err() && sink.finish().is_err(), "closed");
    assert_eq!(sink.into_volumes().into_volumes(), None);
}

#[test]
fn each_volume_is_handed_over_as_soon_as_it_is_complete() {
    let mut seen = Vec::new();
    let volumes = HandOver::new(|volume| {
        seen.push((volume.number, volume.last, volume.bytes));
        Ok(())
    });
    let members = members(&[300_000]);
    let sink = SegmentedSink::new(volumes, split(K64)).unwrap();
    drop(writer(b"").write(sink, items(&members)).unwrap());
    assert_eq!(seen.iter().map(|(number, ..)| *number).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(seen.iter().filter(|(_, last, _)| *last).count(), 1);
    assert!(seen[4].1, "the last one last");
    let volumes: Vec<_> = seen.into_iter().map(|(.., bytes)| bytes).collect();
    assert_eq!(read_volumes(volumes), Ok(members));
}

/// Counts calls, fails at one of them, and remembers whether the archive was ever completed.
struct Failing<V> {
    inner: V,
    left: usize,
    calls: usize,
    completed: bool,
}

impl<V: Volumes> Failing<V> {
    fn call(&mut self) -> io::Result<&mut V> {
        self.calls += 1;
        if self.calls == self.left {
            return Err(io::ErrorKind::StorageFull.into());
        }
        assert!(self.calls < self.left, "nothing is asked of volumes that failed");
        Ok(&mut self.inner)
    }
}

impl<V: Volumes> Volumes for Failing<V> {
    fn start(&mut self, number: u32) -> io::Result<()> {
        self.call()?.start(number)
    }
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.call()?.write_all(bytes)
    }
    fn replace_head(&mut self, head: &[u8]) -> io::Result<()> {
        self.call()?.replace_head(head)
    }
    fn can_rewind(&self) -> bool {
        self.inner.can_rewind()
    }
    fn rewind(&mut self, number: u32, len: u64) -> io::Result<()> {
        self.call()?.rewind(number, len)
    }
    fn patch(&mut self, number: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.call()?.patch(number, at, bytes)
    }
    fn complete(&mut self, last: bool) -> io::Result<()> {
        self.call()?.complete(last)?;
        self.completed = last;
        Ok(())
    }
}

#[test]
fn a_failure_at_every_call_leaves_no_archive_and_names_the_volume() {
    let members = members(&[10, 150_000, 3]);
    let large = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&large, crate::common::noise(1, 3_000_000)).unwrap();
    // Its header is patched on a volume that was complete before.
    let all = || {
        let mut all = items(&members);
        all.insert(1, zip_parallel_writer::Item::file("large", large.path()));
        all
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    for policy in [split(500_000), split(1 << 24), raw(500_000)] {
        for left in 1.. {
            let inner = zip_segment::files::FileVolumes::create(&path, policy.kind()).unwrap();
            let mut failing = Failing { inner, left, calls: 0, completed: false };
            let result = SegmentedSink::new(&mut failing, policy)
                .map_err(zip_parallel_writer::Error::Sink)
                .and_then(|sink| writer(b"").write(sink, all()).map(drop));
            let completed = failing.completed;
            drop(failing);
            let files = std::fs::read_dir(&directory).unwrap().count();
            let Err(error) = result else {
                assert!(completed && left > 5 && files > 0, "all calls were tried");
                break;
            };
            assert!(!completed, "{policy:?}, call {left}: {error}");
            assert_eq!(files, 0, "nothing is left: {policy:?}, call {left}");
            let zip_parallel_writer::Error::Sink(error) = &error else { panic!("{error}") };
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert!(matches!(Error::of(error), Some(Error::Write { .. })), "{error}");
            assert!(error.to_string().starts_with("volume "), "{error}");
        }
        for file in std::fs::read_dir(&directory).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
    }
}

/// Split volumes have a least size, so these are in memory.
#[test]
fn a_thousand_split_volumes() {
    let members = members(&[1_000 * K64 as usize, 10]);
    let volumes = volumes(split(K64), &members);
    assert_eq!(volumes.len(), 1_001);
    assert_eq!(read_volumes(volumes), Ok(members));
}

/// One byte a volume: the cheapest way to many of them.
#[test]
fn more_volumes_than_have_numbers_are_refused() {
    struct Counted(u32);
    impl Volumes for Counted {
        fn start(&mut self, number: u32) -> io::Result<()> {
            self.0 = number;
            Ok(())
        }
        fn write_all(&mut self, _: &[u8]) -> io::Result<()> {
            Ok(())
        }
        fn replace_head(&mut self, _: &[u8]) -> io::Result<()> {
            Ok(())
        }
        fn complete(&mut self, _: bool) -> io::Result<()> {
            Ok(())
        }
    }
    let mut sink = SegmentedSink::new(Counted(0), raw(1)).unwrap();
    sink.write_all(&[0; 65_535]).unwrap();
    let error = sink.write_all(&[0]).unwrap_err();
    assert!(matches!(Error::of(&error), Some(Error::TooManyVolumes { .. })), "{error}");
    assert_eq!(sink.into_volumes().0, 65_534);
    let many = vec![vec![0_u8]; 65_536];
    assert!(matches!(SegmentedSource::new(many), Err(Error::TooManyVolumes { found: 65_536, .. })));
}
