//! The counters of a run, and snapshots of them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Counts a run; ask it from any thread, while it runs and after.
///
/// ```
/// use zip_parallel_writer::{Item, Monitor, Options, ParallelWriter};
///
/// let monitor = Monitor::default();
/// let options = Options { monitor: Some(&monitor), ..Options::default() };
/// ParallelWriter::new(options).write(Vec::new(), [Item::bytes("a", "some text")])?;
/// let snapshot = monitor.snapshot();
/// assert_eq!((snapshot.completed, snapshot.bytes_in), (1, 9));
/// # Ok::<(), zip_parallel_writer::Error>(())
/// ```
///
/// *Threads*: no lock is taken while the run counts.
#[derive(Debug, Default)]
pub struct Monitor {
    seen: AtomicUsize,
    completed: AtomicUsize,
    failed: AtomicUsize,
    active: AtomicUsize,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    expected_items: AtomicUsize,
    expected_bytes: AtomicU64,
    all_seen: AtomicBool,
    /// Start and, once it is over, length.
    span: Mutex<Option<(Instant, Option<Duration>)>>,
}

/// A run at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snapshot {
    /// Items of the run, if that is known yet.
    pub items_total: Option<usize>,
    /// Items that are in the archive.
    pub completed: usize,
    /// Items that failed.
    pub failed: usize,
    /// Items that were begun, or taken to be, and are neither.
    pub in_progress: usize,
    /// Bytes of contents read.
    pub bytes_in: u64,
    /// Bytes of payload made of them.
    pub bytes_out: u64,
    /// Time since the start, or the time it took.
    pub elapsed: Duration,
    /// Time it will take, if the speed stays as it is; only where [`Monitor::expect`] or the
    /// iterator of items says how much there is.
    pub remaining: Option<Duration>,
    /// Threads that are reading or compressing right now.
    pub active_threads: usize,
}

impl Snapshot {
    /// Bytes of contents a second.
    #[must_use]
    pub fn bytes_per_second(&self) -> f64 {
        self.bytes_in as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Items a second.
    #[must_use]
    pub fn items_per_second(&self) -> f64 {
        (self.completed + self.failed) as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Payload per contents; 1 while there are none.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        if self.bytes_in == 0 { 1.0 } else { self.bytes_out as f64 / self.bytes_in as f64 }
    }
}

impl Monitor {
    /// Says how much is to come, so that the remaining time can be told: items, and bytes of
    /// their contents. Zero for what is not known.
    pub fn expect(&self, items: usize, bytes: u64) {
        self.expected_items.store(items, Ordering::Relaxed);
        self.expected_bytes.store(bytes, Ordering::Relaxed);
    }

    /// The run as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let of = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let (seen, completed, failed) = (of(&self.seen), of(&self.completed), of(&self.failed));
        let span = *self.span.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let elapsed =
            span.map_or(Duration::ZERO, |(start, end)| end.unwrap_or_else(|| start.elapsed()));
        let expected = of(&self.expected_items);
        let all_seen = self.all_seen.load(Ordering::Relaxed);
        let items_total = if all_seen { Some(seen) } else { (expected > 0).then_some(expected) };
        let bytes_in = self.bytes_in.load(Ordering::Relaxed);
        let expected_bytes = self.expected_bytes.load(Ordering::Relaxed);
        let done = if expected_bytes > 0 {
            Some((bytes_in as f64, expected_bytes as f64))
        } else {
            items_total.map(|total| ((completed + failed) as f64, total as f64))
        };
        let remaining =
            done.filter(|&(now, all)| now > 0.0 && all >= now).and_then(|(now, all)| {
                Duration::try_from_secs_f64(elapsed.as_secs_f64() * (all - now) / now).ok()
            });
        Snapshot {
            items_total,
            completed,
            failed,
            in_progress: seen.saturating_sub(completed + failed),
            bytes_in,
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
            elapsed,
            remaining,
            active_threads: of(&self.active),
        }
    }

    /// Forgets the run before; what was expected stays.
    pub(crate) fn begin(&self) {
        for counter in [&self.seen, &self.completed, &self.failed, &self.active] {
            counter.store(0, Ordering::Relaxed);
        }
        self.bytes_in.store(0, Ordering::Relaxed);
        self.bytes_out.store(0, Ordering::Relaxed);
        self.all_seen.store(false, Ordering::Relaxed);
        self.set_span(Some((Instant::now(), None)));
    }

    pub(crate) fn end(&self) {
        let elapsed = self.snapshot().elapsed;
        let start = Instant::now().checked_sub(elapsed).unwrap_or_else(Instant::now);
        self.set_span(Some((start, Some(elapsed))));
    }

    fn set_span(&self, span: Option<(Instant, Option<Duration>)>) {
        *self.span.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = span;
    }

    pub(crate) fn see(&self, items: usize, all: bool) {
        self.seen.fetch_add(items, Ordering::Relaxed);
        if all {
            self.all_seen.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn complete(&self) {
        self.completed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn fail(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, bytes: u64) {
        self.bytes_in.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn produce(&self, bytes: u64) {
        self.bytes_out.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn active(&self, by: isize) {
        if by > 0 {
            self.active.fetch_add(1, Ordering::Relaxed);
        } else {
            self.active.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
