//! Streams whose split volumes are known beforehand: the same as those of an archive that was
//! finished and then split, and any of them by itself.

use std::sync::Arc;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use zip_format::extra::aes::Strength;
use zip_format::position::Span;
use zip_io::Sink;
use zip_mmap_reader::{Archive, Options, Password, Passwords};
use zip_segment::rewrite::{self, rewrite};
use zip_segment::volume::MemoryVolumes;
use zip_segment::{Policy, SegmentedSink, SegmentedSource};
use zip_stream_encoder::ahead::{Chunk, Jobs, Joiner};
use zip_stream_encoder::plan::Builder;
use zip_stream_encoder::{Contents, Encoder, Entry, Error, Machine, Plan};

use crate::common::{K64, Members, members, noise, read_volumes, split};

const SIZES: [usize; 6] = [10, 150_000, 0, 400_000, 65_000, 70_000];

fn pushed(members: &Members) -> Builder {
    let mut plan = Plan::builder();
    for (name, contents) in members {
        plan.push(&Entry::file(name.as_bytes(), Contents::sized(contents.len() as u64))).unwrap();
    }
    plan
}

fn bytes_of(members: &Members) -> Vec<Bytes> {
    members.iter().map(|(_, contents)| Bytes::from(contents.clone())).collect()
}

/// The plan of these members in volumes of this size, and their contents.
pub(crate) fn planned(members: &Members, size: u64) -> (Arc<Plan>, Vec<Bytes>) {
    (Arc::new(pushed(members).finish_in_volumes(size).unwrap()), bytes_of(members))
}

fn memory(policy: Policy) -> SegmentedSink<MemoryVolumes> {
    SegmentedSink::new(MemoryVolumes::new(), policy).unwrap()
}

fn written(plan: &Arc<Plan>, contents: Vec<Bytes>) -> Vec<Vec<u8>> {
    let mut sink = memory(split(plan.volume_size().unwrap()));
    let bytes = Encoder::new(Arc::clone(plan), contents).write_to(&mut sink).unwrap();
    assert_eq!((bytes, sink.written()), (plan.len(), plan.len()));
    sink.into_volumes().into_volumes().unwrap()
}

/// What becomes of the plain stream of the same entries when it is split.
fn split_later(plan: Plan, contents: Vec<Bytes>, size: u64) -> Vec<Vec<u8>> {
    let mut plain = Vec::new();
    Encoder::new(Arc::new(plan), contents).write_to(&mut plain).unwrap();
    let mut sink = memory(split(size));
    rewrite(&plain, &mut sink, &rewrite::Options::default()).unwrap();
    sink.into_volumes().into_volumes().unwrap()
}

fn lens(plan: &Plan) -> Vec<usize> {
    let volumes = plan.volumes();
    (0..volumes.count()).map(|number| volumes.span(number).unwrap().len() as usize).collect()
}

#[test]
fn volumes_are_those_that_were_promised_and_each_can_be_had_alone() {
    let members = members(&SIZES);
    for size in [K64, 65_537, 100_001, 1 << 20, 1 << 30] {
        let (plan, contents) = planned(&members, size);
        let volumes = written(&plan, contents.clone());
        assert_eq!(volumes.iter().map(Vec::len).collect::<Vec<_>>(), lens(&plan), "{size}");
        let later = split_later(pushed(&members).finish(), contents.clone(), size);
        assert!(volumes == later, "{size}");
        for (number, volume) in (0..).zip(&volumes) {
            let span = plan.volumes().span(number).unwrap();
            let encoder = Encoder::over(Arc::clone(&plan), span, contents.clone()).unwrap();
            let mut alone = Vec::new();
            encoder.write_to(&mut alone).unwrap();
            assert!(alone == *volume, "volume {number} of {size}");
        }
        // On other threads, and joined.
        let mut sink = memory(split(size));
        let mut jobs = Jobs::new(&plan, &contents);
        let mut joiner = Joiner::new(Machine::new(Arc::clone(&plan)), &mut sink);
        let mut chunk = Chunk::default();
        while let Some(job) = jobs.next(&mut chunk) {
            job.read(&mut chunk);
            joiner.push(&mut chunk).unwrap();
        }
        assert_eq!(joiner.finish().unwrap(), plan.len());
        assert!(sink.into_volumes().into_volumes().unwrap() == volumes, "{size}");
        assert_eq!(read_volumes(volumes).as_ref(), Ok(&members), "{size}");
    }
}

/// More entries than the classic end record counts, and a directory over many volumes.
#[test]
fn zip64_directories() {
    let members: Members = (0..66_000).map(|n| (format!("{n}"), vec![])).collect();
    let (plan, contents) = planned(&members, K64);
    let volumes = written(&plan, contents.clone());
    assert!(volumes.len() > 80);
    assert!(volumes == split_later(pushed(&members).finish(), contents, K64));
    assert_eq!(read_volumes(volumes).as_ref(), Ok(&members));
}

#[test]
fn empty_archives() {
    let (plan, contents) = planned(&Vec::new(), K64);
    assert_eq!(plan.len(), 4 + 22);
    assert_eq!(plan.volumes().count(), 1);
    let volumes = written(&plan, contents);
    assert!(volumes[0].starts_with(b"PK00PK\x05\x06"));
    assert_eq!(read_volumes(volumes), Ok(Vec::new()));
}

#[test]
fn encrypted_entries() {
    let members = members(&SIZES);
    let mut plan = Plan::encrypted(Strength::Aes256, Password::new("secret"));
    for (name, contents) in &members {
        plan.push(&Entry::file(name.as_bytes(), Contents::sized(contents.len() as u64))).unwrap();
    }
    let plan = Arc::new(plan.finish_in_volumes(K64).unwrap());
    let kept = plan.to_bytes();
    let volumes = written(&plan, bytes_of(&members));
    // From the plan as bytes, a volume from the middle.
    let again = Plan::from_bytes_with(&kept, &Password::new("secret")).unwrap();
    let span = again.volumes().span(3).unwrap();
    let mut third = Vec::new();
    let encoder = Encoder::over(Arc::new(again), span, bytes_of(&members)).unwrap();
    encoder.write_to(&mut third).unwrap();
    assert!(third == volumes[3]);
    let source = SegmentedSource::new(volumes).unwrap();
    let given = Passwords::one(Password::new("secret"));
    let archive = Archive::new(source, Options::default()).unwrap().with_passwords(given);
    for (name, contents) in &members {
        assert!(archive.by_name(name).unwrap().read().unwrap() == *contents, "{name}");
    }
}

#[test]
fn sinks_that_do_not_fit_are_refused() {
    let members = members(&SIZES);
    let (plan, contents) = planned(&members, K64);
    let whole = || Encoder::new(Arc::clone(&plan), contents.clone());
    let refused = |result: Result<u64, Error>| {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::OtherVolumes { planned: K64 }), "{error}");
    };
    let mut plain = Vec::new();
    refused(whole().write_to(&mut plain));
    assert!(plain.is_empty());
    for size in [K64 + 1, 1 << 30] {
        let mut sink = memory(split(size));
        refused(whole().write_to(&mut sink));
        assert_eq!(sink.written(), 4, "nothing but the marker");
    }
    // Something is there already.
    let mut sink = memory(split(K64));
    sink.write_all(b"x").unwrap();
    refused(whole().write_to(&mut sink));
    // Not all of it, and more than a volume.
    for range in [Span { start: 0, end: 100_000 }, Span { start: 10, end: plan.len() }] {
        let mut sink = memory(split(K64));
        let encoder = Encoder::over(Arc::clone(&plan), range, contents.clone()).unwrap();
        refused(encoder.write_to(&mut sink));
    }
}

#[test]
fn plans_that_cannot_be_are_refused() {
    let one = |size| {
        let mut plan = Plan::builder();
        plan.push(&Entry::file(b"a", Contents::sized(size))).unwrap();
        plan
    };
    for size in [0, K64 - 1, 1 << 32] {
        let error = one(1).finish_in_volumes(size).unwrap_err();
        assert!(matches!(error, Error::VolumeSize { .. }), "{error}");
    }
    let error = one(5 << 30).finish_in_volumes(K64).unwrap_err();
    assert!(matches!(error, Error::TooManyVolumes { .. }), "{error}");
    let mut plan = Plan::builder();
    let comment = vec![b'c'; 65_535];
    plan.push(&Entry::file(b"a", Contents::sized(0)).with_comment(&comment)).unwrap();
    let error = plan.finish_in_volumes(K64).unwrap_err();
    assert!(matches!(error, Error::RecordTooLong { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn planned_volumes_are_those_of_the_finished_archive(
        members in vec((prop_oneof![0..300_usize, 65_000..66_000_usize, 0..200_000_usize], 1..250_usize, 0..2_000_usize), 0..10),
        size in 65_536..200_000_u64,
        comment in 0..3_000_usize,
        cut in any::<prop::sample::Index>(),
    ) {
        let push = || {
            let mut plan = Plan::builder();
            for (number, &(len, name, comment)) in members.iter().enumerate() {
                let (name, comment) = (format!("{number:0name$}"), vec![b'c'; comment]);
                let entry = Entry::file(name.as_bytes(), Contents::sized(len as u64));
                plan.push(&entry.with_comment(&comment)).unwrap();
            }
            plan.set_comment(&vec![b'!'; comment]).unwrap();
            plan
        };
        let contents: Vec<Bytes> =
            (1..).zip(&members).map(|(seed, member)| noise(seed, member.0).into()).collect();
        let plan = Arc::new(push().finish_in_volumes(size).unwrap());
        let volumes = written(&plan, contents.clone());
        prop_assert_eq!(volumes.iter().map(Vec::len).collect::<Vec<_>>(), lens(&plan));
        prop_assert!(volumes == split_later(push().finish(), contents.clone(), size));
        // Pieces of the whole, cut anywhere.
        let whole = volumes.concat();
        let at = cut.index(whole.len() + 1) as u64;
        let mut joined = Vec::new();
        for (start, end) in [(0, at), (at, plan.len())] {
            let pieces = Encoder::over(Arc::clone(&plan), Span { start, end }, contents.clone());
            pieces.unwrap().for_each(|piece| joined.extend_from_slice(&piece.unwrap()));
        }
        prop_assert!(joined == whole);
    }
}
