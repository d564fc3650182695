//! Sinks that fail, are dropped, or are used after their end.

use std::io;

use zip_crypto::sealed::{Error, Frames, PieceJob, SealedSink, Sealer, Secret};
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
        let mut sink = SealedSink::with_spawner(below, sealer(), 2, 2, PieceJob::seal);
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

/// Whoever is given the pieces: the bytes are the same, and none waits for ever.
#[test]
fn pieces_that_nobody_seals_are_sealed_by_whoever_writes() {
    let plain = plain_of(5_000);
    let written = |spawn: &(dyn Fn(PieceJob) + Sync), ahead: usize| {
        let sealer = Sealer::new(Secret::Key(&key()), &options(64)).unwrap();
        let mut sink = SealedSink::with_spawner(Vec::new(), sealer, 3, ahead, spawn);
        for piece in plain.chunks(77) {
            sink.write_all(piece).unwrap();
        }
        sink.finish().unwrap();
        let sealed = sink.into_inner();
        assert_eq!(read_all(&open(&sealed[..]).unwrap()).unwrap(), plain);
    };
    let kept = std::sync::Mutex::new(Vec::new());
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for ahead in [0, 1, 2, 100] {
        written(&drop, ahead);
        written(&PieceJob::seal, ahead);
        written(&|job| kept.lock().unwrap().push(job), ahead);
        // What comes too late finds nothing to do.
        kept.lock().unwrap().drain(..).for_each(PieceJob::seal);
        // On the only thread of the pool that is to seal.
        one.install(|| written(&|job| rayon::spawn(move || job.seal()), ahead));
    }
}

#[test]
fn no_more_pieces_are_on_their_way_than_were_allowed() {
    let below = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut sink = SealedSink::with_spawner(Told(below.clone()), sealer(), 2, 3, drop);
    for number in 1..40_u64 {
        sink.write_all(&plain_of(64)).unwrap();
        // The piece that is gathered, and three more; each frame is 16 bytes longer below.
        let written = below.load(std::sync::atomic::Ordering::Relaxed).saturating_sub(80);
        let held = 64 * number - written / 80 * 64;
        assert!(held <= 4 * 128, "{held} bytes are held");
        assert_eq!(held, (64 * number).min(3 * 128 + 64 + 64 * ((number + 1) % 2)));
    }
}

/// Says how many bytes were written.
struct Told(std::sync::Arc<std::sync::atomic::AtomicU64>);

impl Sink for Told {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.fetch_add(bytes.len() as u64, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
    fn position(&self) -> Position {
        Position::on_first(self.0.load(std::sync::atomic::Ordering::Relaxed))
    }
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_error_below_comes_from_the_first_piece_that_met_it() {
    // Header, reserve, and two pieces.
    let below = Failing { left: 4, ..Failing::default() };
    let mut sink = SealedSink::with_spawner(below, sealer(), 1, 2, PieceJob::seal);
    let errors: Vec<bool> = (0..8).map(|_| sink.write_all(&plain_of(64)).is_err()).collect();
    // Piece 3 is written when piece 5 is sent on its way, by the first byte of piece 6.
    assert_eq!(errors, [false, false, false, false, false, true, true, true]);
    assert!(matches!(inner(&sink.finish().unwrap_err()), Error::Usage(_)));
    assert_eq!(sink.into_inner().bytes.len(), 80 + 2 * 80);
}

#[test]
fn a_spawner_that_panics_fails_the_sink() {
    let broken = |_: PieceJob| panic!("a spawner's own fault");
    let mut sink = SealedSink::with_spawner(Vec::new(), sealer(), 4, 2, broken);
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
