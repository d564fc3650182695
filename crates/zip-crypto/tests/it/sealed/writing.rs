//! Sinks that fail, are dropped, or are used after their end.

use std::io;

use zip_crypto::sealed::{Error, FrameJob, Frames, SealedSink, Sealer, Secret};
use zip_format::position::Position;
use zip_io::Sink;

use crate::sealed::support::{inner, key, open, options, plain_of, read_all};

fn sealer() -> Sealer {
    Sealer::new(Secret::Key(&key()), &options(64)).unwrap()
}

/// Fails at the k-th call.
#[derive(Debug, Default)]
struct Failing {
    bytes: Vec<u8>,
    left: usize,
}

impl Failing {
    fn step(&mut self) -> io::Result<()> {
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }
}

impl Sink for Failing {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
    fn position(&self) -> Position {
        Position::on_first(self.bytes.len() as u64)
    }
    fn reserve(&mut self, _: u64) -> io::Result<Position> {
        self.step()?;
        Ok(self.position())
    }
    fn finish(&mut self) -> io::Result<()> {
        self.step()
    }
}

#[test]
fn a_failed_sink_stays_failed() {
    let plain = plain_of(1_000);
    let write = |sink: &mut dyn Sink| {
        for piece in plain.chunks(100) {
            sink.write_all(piece)?;
        }
        sink.finish()
    };
    let mut failures = 0;
    for left in 0.. {
        let below = Failing { left, ..Failing::default() };
        let run = |jobs: Vec<FrameJob<'_>>| jobs.into_iter().for_each(FrameJob::seal);
        let mut sink = SealedSink::with_runner(below, sealer(), 2, run);
        match write(&mut sink) {
            Ok(()) => {
                assert!(matches!(inner(&sink.finish().unwrap_err()), Error::Usage(_)));
                assert!(matches!(inner(&sink.write_all(b"x").unwrap_err()), Error::Usage(_)));
                let sealed = sink.into_inner().bytes;
                assert_eq!(read_all(&open(&sealed[..]).unwrap()).unwrap(), plain);
                break;
            }
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::StorageFull, "after {left} calls");
                assert!(matches!(inner(&sink.write_all(b"x").unwrap_err()), Error::Usage(_)));
                assert!(matches!(inner(&sink.finish().unwrap_err()), Error::Usage(_)));
                let sealed = sink.into_inner().bytes;
                // Only the last call, `finish` of the sink below, comes when all is written.
                let whole =
                    open(&sealed[..]).is_ok_and(|source| read_all(&source).unwrap() == plain);
                failures += usize::from(!whole);
            }
        }
    }
    assert!(failures > 5, "{failures}");
}

#[test]
fn a_sink_without_its_end_opens_as_cut_off() {
    for len in [0, 1, 64, 65, 1 << 20] {
        let mut sink = SealedSink::new(Vec::new(), sealer());
        sink.write_all(&plain_of(len)).unwrap();
        let sealed = sink.into_inner();
        assert!(matches!(open(&sealed[..]), Err(Error::Truncated { .. })), "{len}");
    }
    // Not even a header was written.
    assert!(SealedSink::new(Vec::new(), sealer()).into_inner().is_empty());
}

#[test]
fn an_empty_archive_has_one_frame() {
    let mut sink = SealedSink::new(Vec::new(), sealer());
    sink.finish().unwrap();
    let sealed = sink.into_inner();
    assert_eq!(sealed.len(), 96);
    assert_eq!(read_all(&open(&sealed[..]).unwrap()).unwrap(), b"");
}

#[test]
fn a_runner_that_leaves_frames_out_fails_the_sink() {
    let lazy = |mut jobs: Vec<FrameJob<'_>>| {
        jobs.pop();
        jobs.into_iter().for_each(FrameJob::seal);
    };
    let mut sink = SealedSink::with_runner(Vec::new(), sealer(), 4, lazy);
    let error = sink.write_all(&plain_of(1_000)).unwrap_err();
    assert!(matches!(inner(&error), Error::Usage(_)), "{error}");
    assert_eq!(sink.into_inner().len(), 80, "nothing unsealed was written");
}

#[test]
fn a_runner_that_panics_fails_the_sink() {
    let broken = |jobs: Vec<FrameJob<'_>>| assert!(jobs.is_empty(), "a runner's own fault");
    let mut sink = SealedSink::with_runner(Vec::new(), sealer(), 4, broken);
    let write = std::panic::AssertUnwindSafe(|| sink.write_all(&plain_of(1_000)));
    assert!(std::panic::catch_unwind(write).is_err());
    assert!(matches!(inner(&sink.write_all(b"x").unwrap_err()), Error::Usage(_)));
    assert!(matches!(inner(&sink.finish().unwrap_err()), Error::Usage(_)));
}

/// Frames taken in order, sealed in any order by threads of the caller's, written in order.
#[test]
fn frames_by_hand() {
    let plain = plain_of(1_000);
    let mut sealer = sealer();
    let mut taken: Vec<(Frames, &[u8])> = Vec::new();
    let mut pieces = plain.chunks(128).peekable();
    while let Some(piece) = pieces.next() {
        taken.push((sealer.take(piece.len(), pieces.peek().is_none()).unwrap(), piece));
    }
    let mut parts: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let seal = |(frames, piece): (Frames, &[u8])| {
            let mut out = Vec::new();
            frames.seal_into(piece, &mut out).unwrap();
            out
        };
        let threads: Vec<_> =
            taken.into_iter().rev().map(|work| scope.spawn(move || seal(work))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    parts.reverse();
    let sealed = [&sealer.header().as_bytes()[..], &parts.concat()].concat();
    assert_eq!(sealed.len() as u64, sealer.sealed_len());
    assert_eq!(read_all(&open(&sealed[..]).unwrap()).unwrap(), plain);
}
