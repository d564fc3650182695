//! The threads of a run: those that compress, those that wait for inputs, and the one that ticks.
//! The only place of the crate, beside the queue, that starts a thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;

use zip_io::Sink;

use crate::error::{Error, Result, panic_text};
use crate::feed::{Feed, Job, Supply};
use crate::hall::{Hall, State};
use crate::options::Options;
use crate::threads::{self, Condvar, Mutex, MutexGuard, Scope};
use crate::work::Work;

/// What a thread can do next.
enum Next<'i> {
    Piece(crate::pieces::Piece),
    Job(Job<'i>),
    /// One whose input may wait, where the system gives no thread to read it.
    Waiting(Job<'i>),
    Feed,
    End,
}

/// Runs all items through the pool. No thread is left when this returns.
pub(crate) fn run<'i, S: Sink, P: Supply<'i>>(
    supply: P,
    hall: &Hall<'i, S>,
    options: &Options<'_>,
) {
    let feed = Mutex::new(Feed::new(supply));
    let (over, ended) = (Mutex::new(false), Condvar::new());
    threads::scope(|scope| {
        let tick = || tick(options, &over, &ended);
        let ticks = options.tick.is_some() && spawn(scope, "pzip-tick", hall, tick);
        let pool = Pool { hall, feed: &feed, options };
        threads::scope(|scope| {
            for _ in 1..hall.threads {
                // Fewer threads do the same.
                if !spawn(scope, "pzip-worker", hall, move || pool.compress(scope)) {
                    break;
                }
            }
            guarded(hall, || pool.compress(scope));
        });
        *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        ended.notify_all();
        if !ticks {
            // The last call is made all the same.
            guarded(hall, tick);
        }
    });
}

/// Starts a thread whose panic ends the run; false if the system has none to give.
fn spawn<'s, 'e, S: Sink>(
    scope: &'s Scope<'s, 'e>,
    name: &str,
    hall: &'s Hall<'_, S>,
    body: impl FnOnce() + Send + 's,
) -> bool {
    #[cfg(test)]
    if !tests::system_gives_a_thread() {
        return false;
    }
    threads::spawn_scoped(scope, name, move || guarded(hall, body))
}

/// Runs a thread's body. Panics of inputs are caught where they are read; what comes here is one of
/// an observer, of the iterator of items, or of this crate, and nobody must wait for its thread.
fn guarded<S: Sink>(hall: &Hall<'_, S>, body: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(body)) {
        hall.stop(Error::Panicked(panic_text(&*panic)));
    }
}

/// Tells of the run until it is over, and once more then.
fn tick(options: &Options<'_>, over: &Mutex<bool>, ended: &Condvar) {
    let Some((interval, tell)) = options.tick else { return };
    let Some(monitor) = options.monitor else { return };
    loop {
        let guard = over.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = ended.wait_timeout_while(guard, interval, |over| !*over);
        let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        let is_over = *guard;
        drop(guard);
        if timeout.timed_out() || is_over {
            tell(&monitor.snapshot());
        }
        if is_over {
            return;
        }
    }
}

struct Pool<'p, 'i, S: Sink, P> {
    hall: &'p Hall<'i, S>,
    feed: &'p Mutex<Feed<'i, P>>,
    options: &'p Options<'p>,
}

impl<S: Sink, P> Clone for Pool<'_, '_, S, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Sink, P> Copy for Pool<'_, '_, S, P> {}

impl<'p, 'i, S: Sink, P: Supply<'i>> Pool<'p, 'i, S, P> {
    /// A thread that compresses.
    fn compress<'s>(self, scope: &'s Scope<'s, '_>)
    where
        'p: 's,
        'i: 's,
    {
        let mut work = Work::new(self.hall, self.options);
        loop {
            match self.next() {
                Next::End => return,
                Next::Feed => self.take(scope),
                Next::Piece(piece) => {
                    self.active(|| {
                        piece.press(&mut work.desk, self.hall.piece_buffer());
                        work.desk.leave();
                        Ok(())
                    });
                }
                Next::Job(job) => {
                    self.active(|| work.job(job));
                    self.done();
                }
                Next::Waiting(job) => self.wait_for(&mut work, job),
            }
        }
    }

    /// Something to do; waits until there is.
    fn next(&self) -> Next<'i> {
        let mut state = self.hall.lock();
        loop {
            if state.stopped {
                return Next::End;
            }
            if let Some(piece) = state.pieces.pop_front() {
                return Next::Piece(piece);
            }
            if let Some(job) = pick(&mut state) {
                state.busy += 1;
                return Next::Job(job);
            }
            if state.readers == 0
                && let Some(job) = pick_waiting(&mut state, true)
            {
                state.busy += 1;
                return Next::Waiting(job);
            }
            let few =
                state.jobs.len() < self.hall.threads && state.waiting.len() <= self.hall.prefetch;
            if !state.fed && !state.feeding && few && state.order.admits_more() {
                state.feeding = true;
                return Next::Feed;
            }
            let idle = state.jobs.is_empty() && state.waiting.is_empty() && state.busy == 0;
            if state.fed && idle {
                self.hall.moved();
                return Next::End;
            }
            state = self.hall.wait(state);
        }
    }

    /// Takes the next items, and starts a reader if they may wait and there is none for them.
    fn take<'s>(self, scope: &'s Scope<'s, '_>)
    where
        'p: 's,
        'i: 's,
    {
        // Nobody else is here: `feeding` is set.
        let mut feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = feed.taken();
        let job = feed.next(self.options);
        let (taken, left) = (feed.taken(), feed.left());
        drop(feed);
        let fed = job.is_none();
        if let Some(monitor) = self.options.monitor {
            monitor.see(taken - before, fed || left == Some(0));
        }
        let mut state = self.hall.lock();
        state.feeding = false;
        state.taken = taken;
        state.fed = fed;
        let mut start = false;
        match job {
            Some(job) if job.reserve > 0 => {
                state.waiting.push_back(job);
                // A reader that finds no memory would only wait, and take a buffer of its own from
                // the allocator when its time comes.
                let asked = state.waiting.iter().map(|job| job.reserve).sum();
                start = state.waiting.len() > state.idle_readers
                    && state.readers < self.hall.prefetch
                    && (state.readers == 0 || state.ahead.has_room(asked));
                state.readers += usize::from(start);
            }
            Some(job) => state.jobs.push_back(job),
            None => {}
        }
        self.hall.moved();
        drop(state);
        if start && !spawn(scope, "pzip-reader", self.hall, move || self.read()) {
            // Fewer readers do the same; without any, the threads that compress read.
            self.hall.lock().readers -= 1;
            self.hall.moved();
        }
    }

    /// A thread for inputs that may wait. It compresses what it has read, at a desk.
    fn read(self) {
        let mut work = Work::new(self.hall, self.options);
        while let Some(job) = self.next_waiting() {
            self.wait_for(&mut work, job);
        }
    }

    /// Reads from an input that may wait, and compresses what it gives.
    fn wait_for(&self, work: &mut Work<'_, '_, 'i, S>, job: Job<'i>) {
        let number = job.number;
        self.active(|| work.job(job));
        self.hall.lock().ahead.give(number);
        self.done();
    }

    fn next_waiting(&self) -> Option<Job<'i>> {
        let mut state = self.hall.lock();
        state.idle_readers += 1;
        let job = loop {
            if state.stopped || state.fed && state.waiting.is_empty() {
                break None;
            }
            if let Some(job) = pick_waiting(&mut state, false) {
                state.busy += 1;
                break Some(job);
            }
            state = self.hall.wait(state);
        };
        state.idle_readers -= 1;
        job
    }

    fn active(&self, work: impl FnOnce() -> Result<()>) {
        if let Some(monitor) = self.options.monitor {
            monitor.active(1);
        }
        let done = work();
        if let Some(monitor) = self.options.monitor {
            monitor.active(-1);
        }
        if let Err(error) = done {
            self.hall.stop(error);
        }
    }

    fn done(&self) {
        self.hall.lock().busy -= 1;
        self.hall.moved();
    }
}

/// The next job for a thread that compresses: the one that nobody can share, if it is large, else
/// the first. Past the cap of memory only the one that is next in the archive.
fn pick<'i, S: Sink>(state: &mut MutexGuard<'_, State<'i, S>>) -> Option<Job<'i>> {
    let mut best: Option<(usize, u64)> = None;
    for (place, job) in state.jobs.iter().enumerate() {
        if state.order.admits(job.number) && best.is_none_or(|(_, size)| job.undivided > size) {
            best = Some((place, job.undivided));
        }
    }
    state.jobs.remove(best?.0)
}

/// The next job for a reader: the first, if there is memory for it; for a thread that compresses as
/// well, `all` it may ever need.
fn pick_waiting<'i, S: Sink>(
    state: &mut MutexGuard<'_, State<'i, S>>,
    all: bool,
) -> Option<Job<'i>> {
    let job = state.waiting.front_mut()?;
    if all {
        job.reserve_all();
    }
    let (number, reserve) = (job.number, job.reserve);
    if !state.order.admits(number) || !state.ahead.take(number, reserve) {
        return None;
    }
    state.waiting.pop_front()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use crate::item::Item;
    use crate::options::Options;
    use crate::writer::ParallelWriter;

    /// Threads the system still gives to the runs of this process.
    static LEFT: AtomicUsize = AtomicUsize::new(usize::MAX);

    pub(super) fn system_gives_a_thread() -> bool {
        let less = |left: usize| left.checked_sub(1);
        LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    /// Some in memory, some that may wait, one of each large.
    fn items() -> Vec<Item<'static>> {
        let reader = |len| std::io::repeat(b'x').take(len);
        let mut items = vec![
            Item::read("large", Cursor::new(vec![b'y'; 5 << 20])),
            Item::bytes("large in memory", vec![b'z'; 5 << 20]),
        ];
        for n in 0..40 {
            items.push(Item::bytes(format!("bytes/{n}"), vec![b'a'; 10_000]));
            items.push(Item::read(format!("read/{n}"), reader(100 * n)));
        }
        items
    }

    /// However many threads there are for workers, readers and the tick: none is missed.
    #[test]
    fn fewer_threads_write_the_same() {
        let write = |left| {
            LEFT.store(left, Ordering::Relaxed);
            let calls = AtomicUsize::new(0);
            let count = |_: &_| {
                calls.fetch_add(1, Ordering::Relaxed);
            };
            let tick = Some((Duration::from_secs(600), &count as &(dyn Fn(&_) + Sync)));
            let options = Options { threads: 4, prefetch: 3, tick, ..Options::default() };
            let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items()).unwrap();
            assert!(report.is_complete(), "{:?}", report.failed);
            assert_eq!(calls.into_inner(), 1, "the call at the end");
            bytes
        };
        let expected = write(usize::MAX);
        for left in 0..=8 {
            assert!(write(left) == expected, "with {left} threads");
        }
        LEFT.store(usize::MAX, Ordering::Relaxed);
    }
}
