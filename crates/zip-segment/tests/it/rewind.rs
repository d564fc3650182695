//! Volumes that are at hand until the archive is complete: what was written is taken back, and
//! headers of large members are written once more.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use zip_format::position::Position;
use zip_io::Sink;
use zip_parallel_writer::{Item, OnFailure, Options, ParallelWriter};
use zip_segment::files::{FileVolumes, open};
use zip_segment::volume::{HandOver, MemoryVolumes};
use zip_segment::{Kind, Policy, SegmentedSink};

use crate::common::{K64, noise, raw, read, split};

/// What is written: so many bytes, as one record or as part of a payload.
#[derive(Clone, Debug)]
struct Step {
    len: usize,
    record: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Write(Step),
    Patch(Index),
    Rewind(Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => step().prop_map(Change::Write),
        3 => any::<Index>().prop_map(Change::Patch),
        1 => any::<Index>().prop_map(Change::Rewind),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 0..8)
}

fn step() -> impl Strategy<Value = Step> {
    let len = prop_oneof![0..200_usize, 60_000..70_000_usize, 0..150_000_usize];
    (len, any::<bool>()).prop_map(|(len, record)| {
        // No record is longer than a volume.
        Step { len: if record { len % 2_000 } else { len }, record }
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![(K64..100_000).prop_map(split), (300..100_000_u64).prop_map(raw),]
}

fn run(sink: &mut dyn Sink, steps: &[Step], seed: u64) {
    for (number, step) in steps.iter().enumerate() {
        if step.record {
            sink.reserve(step.len as u64).unwrap();
        }
        sink.write_all(&noise(seed + number as u64, step.len)).unwrap();
    }
}

/// The volumes of an archive of files, in the order of their numbers.
fn files(directory: &Path, kind: Kind) -> Vec<Vec<u8>> {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect();
    names.sort_by_key(|path| {
        let number = path.extension().unwrap().to_str().unwrap().trim_start_matches('z');
        number.parse().unwrap_or(if kind == Kind::Split { u32::MAX } else { 0 })
    });
    names.iter().map(|path| fs::read(path).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_was_taken_back_was_never_there(
        policy in policy(), kept in steps(), lost in steps(), then in steps(),
    ) {
        let mut plain = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
        run(&mut plain, &kept, 1);
        let (position, written, room) = (plain.position(), plain.written(), plain.room());
        run(&mut plain, &then, 200);
        plain.finish().unwrap();
        let expected = plain.into_volumes().into_volumes().unwrap();

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.zip");
        let mut memory = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
        let volumes = FileVolumes::create(&path, policy.kind()).unwrap();
        let mut file = SegmentedSink::new(volumes, policy).unwrap();
        let sinks: [&mut dyn Sink; 2] = [&mut memory, &mut file];
        for sink in sinks {
            prop_assert!(sink.can_rewind());
            run(sink, &kept, 1);
            run(sink, &lost, 100);
            sink.rewind(position).unwrap();
            prop_assert_eq!((sink.position(), sink.written(), sink.room()), (position, written, room));
            run(sink, &then, 200);
            sink.finish().unwrap();
        }
        drop(file);
        prop_assert!(memory.into_volumes().into_volumes().unwrap() == expected, "in memory");
        prop_assert!(files(directory.path(), policy.kind()) == expected, "as files");
    }

    /// Records are replaced, and the end is taken back, in any order.
    #[test]
    fn what_was_changed_was_always_so(policy in policy(), changes in vec(change(), 0..25)) {
        let directory = tempfile::tempdir().unwrap();
        let volumes = FileVolumes::create(directory.path().join("a.zip"), policy.kind()).unwrap();
        let mut sink = SegmentedSink::new(volumes, policy).unwrap();
        // Where the archive ended before each part, where the part begins, and what it is.
        let mut parts: Vec<(Position, Position, bool, Vec<u8>)> = Vec::new();
        for (seed, change) in (1..).zip(changes) {
            match change {
                Change::Write(step) => {
                    let (before, bytes) = (sink.position(), noise(seed, step.len));
                    let at =
                        if step.record { sink.reserve(step.len as u64).unwrap() } else { before };
                    sink.write_all(&bytes).unwrap();
                    parts.push((before, at, step.record, bytes));
                }
                Change::Patch(which) if !parts.is_empty() => {
                    let (_, at, record, bytes) = which.get_mut(&mut parts);
                    if *record {
                        *bytes = noise(seed, bytes.len());
                        sink.patch(*at, bytes).unwrap();
                    }
                }
                Change::Rewind(which) if !parts.is_empty() => {
                    let number = which.index(parts.len());
                    sink.rewind(parts[number].0).unwrap();
                    parts.truncate(number);
                }
                Change::Patch(_) | Change::Rewind(_) => {}
            }
        }
        sink.finish().unwrap();
        drop(sink);

        let mut plain = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
        for (.., record, bytes) in parts {
            if record {
                plain.reserve(bytes.len() as u64).unwrap();
            }
            plain.write_all(&bytes).unwrap();
        }
        plain.finish().unwrap();
        let expected = plain.into_volumes().into_volumes().unwrap();
        prop_assert!(files(directory.path(), policy.kind()) == expected);
    }
}

/// Volumes that have left do not come back.
#[test]
fn volumes_that_were_handed_over_stay_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    let published = FileVolumes::create(path, Kind::Raw).unwrap().publish_each(|_| Ok(()));
    let mut sink = SegmentedSink::new(published, raw(10)).unwrap();
    let start = sink.position();
    sink.write_all(&[1; 25]).unwrap();
    assert!(!sink.can_rewind());
    assert_eq!(sink.patch(start, b"x").unwrap_err().kind(), io::ErrorKind::Unsupported);
    assert!(sink.write_all(b"x").is_err(), "a sink that failed is closed");
    let handed = SegmentedSink::new(HandOver::new(|_| Ok(())), raw(10)).unwrap();
    assert!(!handed.can_rewind());
}

/// Gives so many bytes and then fails.
struct Breaking(usize);

impl Read for Breaking {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = buf.len().min(self.0);
        if len == 0 {
            return Err(io::Error::other("the line is dead"));
        }
        // Neither empty nor hard to compress, so that it goes straight into the archive.
        buf[..len].fill(7);
        self.0 -= len;
        Ok(len)
    }
}

/// Large members whose headers lie on volumes that are complete long before their ends, and some
/// that fail in between: the same volumes whether they are at hand or have left, and none of
/// what failed is in them.
#[test]
fn large_members_and_failures_over_volumes() {
    let inputs = tempfile::tempdir().unwrap();
    let random = inputs.path().join("random");
    fs::write(&random, noise(1, 5_000_000)).unwrap();
    let text = inputs.path().join("text");
    let lines: String = (0..700_000).map(|n| format!("line {n}\n")).collect();
    fs::write(&text, &lines).unwrap();
    let items = |failing: bool| {
        let mut items = vec![
            Item::file("random", &random),
            Item::file("text", &text),
            Item::bytes("small", vec![3; 1000]),
            Item::file("random again", &random).with_method(zip_format::method::Method::STORED),
        ];
        if failing {
            for at in [3, 2, 0] {
                let len = Some(8_000_000);
                items.insert(at, Item::open("broken", len, || Ok(Breaking(6_000_000))));
            }
        }
        items
    };
    for policy in [split(K64), raw(70_001), split(20 << 20)] {
        for threads in [1, 3] {
            let options = Options { threads, on_failure: OnFailure::Skip, ..Options::default() };
            let writer = ParallelWriter::new(options);
            let mut gone = Vec::new();
            let take = |volume: zip_segment::volume::CompleteVolume| {
                gone.push(volume.bytes);
                Ok(())
            };
            let sink = SegmentedSink::new(HandOver::new(take), policy).unwrap();
            drop(writer.write(sink, items(false)).unwrap());

            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("a.zip");
            let volumes = FileVolumes::create(&path, policy.kind()).unwrap();
            let sink = SegmentedSink::new(volumes, policy).unwrap();
            assert!(sink.can_rewind());
            let (sink, report) = writer.write(sink, items(true)).unwrap();
            drop(sink);
            assert_eq!((report.written.len(), report.failed.len()), (4, 3));
            let found = files(directory.path(), policy.kind());
            assert!(found == gone, "{policy:?}, {threads} threads: other volumes");

            let any = fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap().path();
            let members = read(open(any).unwrap()).unwrap();
            assert_eq!(members.len(), 4);
            assert!(members[0].1 == fs::read(&random).unwrap() && members[3].1 == members[0].1);
            assert!(members[1].1 == lines.as_bytes());
        }
    }
}
