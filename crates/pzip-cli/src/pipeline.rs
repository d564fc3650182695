//! Pieces worked on by several threads and written in their order.
//!
//! Each thread takes the next piece, works on it, waits for its turn, writes it. One writes while
//! the others work, and there are never more pieces in memory than threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::exit::{Failure, Outcome};

/// Whose turn it is to write.
struct Turn<W> {
    next: u64,
    write: W,
    failure: Option<Failure>,
    /// A thread has unwound, and its piece will never come.
    broken: bool,
}

/// Runs until `take` has no more pieces, or something fails: the first failure in the order of the
/// pieces is returned, and nothing after it was written.
///
/// `take` is called by one thread at a time, in order; `work` by all of them; `write` by one at a
/// time, in order. They share a buffer that the thread keeps from one piece to the next.
pub(crate) fn run<P, B: Default>(
    threads: usize,
    take: impl FnMut(&mut B) -> Result<Option<P>, Failure> + Send,
    work: impl Fn(P, &mut B) -> Outcome + Sync,
    write: impl FnMut(&mut B) -> Outcome + Send,
) -> Outcome {
    let feed = Mutex::new((0_u64, take));
    let turn = Mutex::new(Turn { next: 0, write, failure: None, broken: false });
    let turned = Condvar::new();
    let next = |buffer: &mut B| {
        let (number, take) = &mut *lock(&feed);
        let piece = take(buffer);
        let mine = *number;
        *number += 1;
        (mine, piece)
    };
    let thread = || {
        let guard = BreakOnPanic(&turn, &turned);
        let mut buffer = B::default();
        loop {
            let (number, piece) = next(&mut buffer);
            let done = match piece {
                Ok(None) => break,
                Ok(Some(piece)) => work(piece, &mut buffer),
                Err(failure) => Err(failure),
            };
            let waits =
                |turn: &mut Turn<_>| turn.next != number && turn.failure.is_none() && !turn.broken;
            let waited = turned.wait_while(lock(&turn), waits);
            let mut turn = waited.unwrap_or_else(PoisonError::into_inner);
            if turn.failure.is_some() || turn.broken {
                break;
            }
            turn.failure = done.and_then(|()| (turn.write)(&mut buffer)).err();
            turn.next += 1;
            turned.notify_all();
        }
        std::mem::forget(guard);
    };
    if threads <= 1 {
        thread();
    } else {
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // Where the system gives fewer threads, those do the work.
                if std::thread::Builder::new().spawn_scoped(scope, thread).is_err() {
                    break;
                }
            }
            thread();
        });
    }
    let turn = turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    turn.failure.map_or(Ok(()), Err)
}

/// The others must not wait for a thread that is gone.
struct BreakOnPanic<'t, W>(&'t Mutex<Turn<W>>, &'t Condvar);

impl<W> Drop for BreakOnPanic<'_, W> {
    fn drop(&mut self) {
        lock(self.0).broken = true;
        self.1.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn count(threads: usize, fail_at: Option<u32>) -> (Vec<u8>, Outcome) {
        let (mut next, mut written) = (0_u32, Vec::new());
        let take = |_: &mut Vec<u8>| {
            next += 1;
            Ok((next <= 200).then_some(next - 1))
        };
        let work = |piece: u32, out: &mut Vec<u8>| {
            if Some(piece) == fail_at {
                return Err(Failure::silent(42));
            }
            // Some pieces take longer than those after them.
            for _ in 0..piece % 7 {
                std::thread::yield_now();
            }
            out.clear();
            out.push(piece as u8);
            Ok(())
        };
        let outcome = run(threads, take, work, |bytes: &mut Vec<u8>| {
            written.extend_from_slice(bytes);
            Ok(())
        });
        (written, outcome)
    }

    #[test]
    fn pieces_are_written_in_order() {
        for threads in [1, 2, 3, 8] {
            let (written, outcome) = count(threads, None);
            assert!(outcome.is_ok());
            assert_eq!(written, (0..200).collect::<Vec<u8>>(), "{threads} threads");
            let (written, outcome) = count(threads, Some(77));
            assert_eq!(outcome.unwrap_err().code, 42);
            assert_eq!(written, (0..77).collect::<Vec<u8>>(), "{threads} threads");
        }
    }

    #[test]
    fn failures_of_both_ends_stop_it() {
        for threads in [1, 4] {
            let taken = AtomicUsize::new(0);
            let take = |_: &mut ()| match taken.fetch_add(1, Ordering::Relaxed) {
                0..50 => Ok(Some(())),
                _ => Err(Failure::silent(7)),
            };
            let outcome = run(threads, take, |(), _| Ok(()), |_| Ok(()));
            assert_eq!(outcome.unwrap_err().code, 7);
            let outcome = run(
                threads,
                |_: &mut ()| Ok(Some(())),
                |(), _| Ok(()),
                |_| Err(Failure::silent(9)),
            );
            assert_eq!(outcome.unwrap_err().code, 9);
        }
    }
}
