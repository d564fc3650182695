//! Any contents, any frames, any cuts and any reads: what is read is what was written.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use zip_crypto::sealed::{Geometry, PieceJob, SealedSink, Sealer, Secret};
use zip_io::file::{FileSink, FileSource};
use zip_io::{Sink, Source};

use crate::sealed::support::{Positioned, key, open, options, plain_of, read_all, seal};

fn contents() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        (0..40_usize, 60..70_usize).prop_map(|(count, size)| plain_of(count * size)),
        (0..100_000_usize).prop_map(plain_of),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_sealed_is_read(
        plain in contents(),
        frame in prop_oneof![64..70_u32, 64..5_000_u32, Just(1 << 16)],
        cuts in prop::collection::vec(0..5_000_usize, 0..20),
        (piece, ahead) in (0..5_usize, 0..5_usize),
        reads in prop::collection::vec((0..100_000_u64, 0..10_000_usize), 0..20),
        most in 1..100_000_usize,
    ) {
        let sealer = Sealer::new(Secret::Key(&key()), &options(frame)).unwrap();
        let pool = |job: PieceJob| rayon::spawn(move || job.seal());
        let mut sink = SealedSink::with_spawner(Vec::new(), sealer, piece, ahead, pool);
        let mut rest = &plain[..];
        for cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            sink.write_all(now).unwrap();
            rest = later;
            prop_assert_eq!(sink.position().offset, (plain.len() - rest.len()) as u64);
        }
        sink.write_all(rest).unwrap();
        sink.finish().unwrap();
        let geometry = Geometry::of_plain(plain.len() as u64, frame).unwrap();
        prop_assert_eq!(sink.sealer().sealed_len(), geometry.sealed_len());
        let sealed = sink.into_inner();
        prop_assert_eq!(sealed.len() as u64, geometry.sealed_len());

        let (memory, positioned) = (open(&sealed[..]).unwrap(), open(Positioned(&sealed, most)).unwrap());
        prop_assert_eq!(memory.geometry(), &geometry);
        prop_assert_eq!(&read_all(&memory).unwrap(), &plain);
        prop_assert_eq!(&read_all(&positioned).unwrap(), &plain);
        for (at, len) in reads {
            let start = usize::try_from(at).unwrap().min(plain.len());
            let expected = &plain[start..(start + len).min(plain.len())];
            let mut buffer = vec![0; len];
            prop_assert_eq!(memory.read_at(&mut buffer, at).unwrap(), expected.len());
            prop_assert_eq!(&buffer[..expected.len()], expected);
            let mut buffer = vec![0; len];
            prop_assert_eq!(positioned.read_at(&mut buffer, at).unwrap(), expected.len());
            prop_assert_eq!(&buffer[..expected.len()], expected);
        }
    }
}

/// Counts the bytes that are read below.
struct Counted<'b>(&'b [u8], AtomicU64);

impl Source for Counted<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn read_at(&self, buf: &mut [u8], at: u64) -> std::io::Result<usize> {
        self.1.fetch_add(buf.len() as u64, Ordering::Relaxed);
        Source::read_at(self.0, buf, at)
    }
}

#[test]
fn small_reads_open_each_frame_once_and_only_those_touched() {
    let plain = plain_of(64 * 1_000);
    let sealed = seal(&plain, 1_000);
    let source = open(Counted(&sealed, AtomicU64::new(0))).unwrap();
    let read = || source.source().1.swap(0, Ordering::Relaxed);
    assert_eq!(read(), 80 + 1_016, "opening reads header and last frame");
    let mut piece = [0; 10];
    for at in (0..plain.len()).step_by(10) {
        source.read_exact_at(&mut piece, at as u64).unwrap();
        assert_eq!(piece, plain[at..at + 10]);
    }
    assert_eq!(read(), 63 * 1_016, "the last one was opened before");

    let fresh = open(Counted(&sealed, AtomicU64::new(0))).unwrap();
    fresh.source().1.store(0, Ordering::Relaxed);
    let mut piece = vec![0; 2_500];
    fresh.read_exact_at(&mut piece, 20_900).unwrap();
    let range = fresh.geometry().sealed_range(20_900..23_400);
    assert_eq!(range.end - range.start, 4 * 1_016);
    assert_eq!(fresh.source().1.load(Ordering::Relaxed), range.end - range.start);
}

#[test]
fn many_threads_read_one_source() {
    let plain = plain_of(300_000);
    let sealed = seal(&plain, 4_096);
    let source = open(Positioned(&sealed, 5_000)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8_usize {
            let (source, plain) = (&source, &plain);
            scope.spawn(move || {
                for step in 0..400_usize {
                    let at = (step * 7_919 + thread * 104_729) % plain.len();
                    let len = (step * 37 % 9_000).min(plain.len() - at);
                    let mut buffer = vec![0; len];
                    source.read_exact_at(&mut buffer, at as u64).unwrap();
                    assert!(buffer == plain[at..at + len], "thread {thread}, step {step}");
                }
            });
        }
    });
}

#[test]
fn files_are_sealed_and_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sealed");
    let plain = plain_of(1_000_000);
    let sealer = Sealer::new(Secret::Key(&key()), &Default::default()).unwrap();
    let mut sink = SealedSink::new(FileSink::create(&path).unwrap(), sealer);
    sink.write_all(&plain).unwrap();
    sink.finish().unwrap();
    let written = std::fs::read(&path).unwrap();
    assert_eq!(written.len(), 80 + 1_000_000 + 16 * 16);
    let pieces: HashSet<&[u8]> = plain.chunks_exact(16).collect();
    assert!(!written.windows(16).any(|window| pieces.contains(window)), "plain bytes in the file");
    assert_eq!(read_all(&open(FileSource::open(&path).unwrap()).unwrap()).unwrap(), plain);
}
