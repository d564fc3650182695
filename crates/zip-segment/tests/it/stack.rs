//! What lies above and below volumes: streams of a length known beforehand, sealed archives, many
//! threads.

use std::sync::Arc;

use bytes::Bytes;
use zip_crypto::sealed::{
    OpenOptions, RawKey, SealOptions, SealedSink, SealedSource, Sealer, Secret,
};
use zip_io::{Sink, Source};
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_segment::volume::MemoryVolumes;
use zip_segment::{Policy, SegmentedSink, SegmentedSource};
use zip_stream_encoder::{Contents, Encoder, Entry, Plan};

use crate::common::{
    K64, Members, items, members, raw, read, read_volumes, split, volumes, writer,
};

const SIZES: [usize; 5] = [10, 150_000, 0, 400_000, 70_000];

fn memory(policy: Policy) -> SegmentedSink<MemoryVolumes> {
    SegmentedSink::new(MemoryVolumes::new(), policy).unwrap()
}

fn planned(members: &Members) -> (Arc<Plan>, Vec<Bytes>) {
    let mut plan = Plan::builder();
    for (name, contents) in members {
        plan.push(&Entry::file(name.as_bytes(), Contents::sized(contents.len() as u64))).unwrap();
    }
    let contents = members.iter().map(|(_, contents)| Bytes::from(contents.clone())).collect();
    (Arc::new(plan.finish()), contents)
}

/// Number and sizes of the volumes are told before a source is opened, and kept.
#[test]
fn a_stream_of_promised_length_makes_the_volumes_it_promised() {
    let members = members(&SIZES);
    for size in [1_000, 99_999, K64, 1 << 30] {
        let policy = raw(size);
        let (plan, contents) = planned(&members);
        let promised: Vec<u64> = policy.sizes_of(plan.len()).unwrap().collect();
        let count = policy.volumes_of(plan.len(), 0).unwrap();
        assert_eq!(count, promised.len() as u64..=promised.len() as u64);
        let mut sink = memory(policy);
        Encoder::new(plan, contents).write_to(&mut sink).unwrap();
        let volumes = sink.into_volumes().into_volumes().unwrap();
        assert_eq!(volumes.iter().map(|volume| volume.len() as u64).collect::<Vec<_>>(), promised);
        assert_eq!(read_volumes(volumes).as_ref(), Ok(&members));
    }
}

#[test]
fn a_stream_is_refused_where_records_name_volumes() {
    let (plan, contents) = planned(&members(&SIZES));
    let mut sink = memory(split(K64));
    let error = Encoder::new(plan, contents).write_to(&mut sink).unwrap_err();
    assert!(matches!(error, zip_stream_encoder::Error::VolumesBelow), "{error}");
    assert_eq!(sink.written(), 4, "nothing but the marker");
}

#[test]
fn sealed_archives_in_cuts() {
    let members = members(&SIZES);
    let key = RawKey::new(&[7; 32]);
    let sealer = || {
        let options = SealOptions { frame_bytes: 4096, ..SealOptions::default() };
        Sealer::new(Secret::Key(&key), &options).unwrap()
    };
    for size in [999, K64, 200_000] {
        let sealed = SealedSink::new(memory(raw(size)), sealer());
        let (sealed, _) = writer(b"").write(sealed, items(&members)).unwrap();
        let volumes = sealed.into_inner().into_volumes().into_volumes().unwrap();
        assert!(volumes.len() > 3);
        // Cuts of what is no archive by itself: put behind each other as they are.
        let whole = volumes.concat();
        let opened = SealedSource::open(whole, Secret::Key(&key), &OpenOptions::default()).unwrap();
        assert_eq!(read(opened).as_ref(), Ok(&members));
    }
    let mut sealed = SealedSink::new(memory(split(K64)), sealer());
    let error = sealed.write_all(b"x").unwrap_err();
    assert!(error.to_string().contains("cut it raw"), "{error}");
}

/// Threads that read whole members, and any ranges, see what one sees.
#[test]
fn many_threads_over_volumes() {
    let members = members(&[70_000; 40]);
    for policy in [split(K64), raw(10_001)] {
        let volumes = volumes(policy, &members);
        let whole = volumes.concat();
        let source = SegmentedSource::new(volumes).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let (source, whole) = (&source, &whole);
                scope.spawn(move || {
                    let mut state = thread * 7919 + 1;
                    for _ in 0..500 {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        let at = (state >> 33) % source.len();
                        let len = ((state >> 20) % 200_000).min(source.len() - at) as usize;
                        let mut bytes = vec![0; len];
                        source.read_exact_at(&mut bytes, at).unwrap();
                        assert!(bytes == whole[at as usize..at as usize + len], "{len} at {at}");
                    }
                });
            }
        });
        let archive = Archive::new(source, Options::default()).unwrap();
        let all: Vec<usize> = (0..archive.len()).collect();
        for threads in [1, 2, 4] {
            let read = archive.read_many(&all, Parallel::threads(threads));
            for (contents, (name, expected)) in read.into_iter().zip(&members) {
                assert!(contents.unwrap() == *expected, "{name}, {threads} threads");
            }
        }
    }
}
