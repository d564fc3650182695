//! `Queue`: items added from several threads while the archive is being written.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::task::Waker;

use zip_io::progress::{Observer, Silent};
use zip_io::{CancelToken, Sink};

use crate::error::Error;
use crate::feed::Supply;
use crate::item::Item;
use crate::monitor::{Monitor, Snapshot};
use crate::options::Options;
use crate::report::{Report, Run};
use crate::threads::{self, Condvar, JoinHandle, Mutex, MutexGuard};
use crate::writer::ParallelWriter;

/// Items a queue holds unless it is told otherwise.
const MOST_ITEMS: usize = 1_000;

/// A queue of items for one archive after the other.
///
/// Items may be added from any number of threads, before the start and after. When the queue is
/// full, adding waits, or says so.
///
/// ```
/// use zip_parallel_writer::{Item, Options, Queue};
///
/// let queue = Queue::<Vec<u8>>::new(Options::default());
/// queue.start(Vec::new()).expect("nothing is running");
/// std::thread::scope(|scope| {
///     for thread in 0..4 {
///         let queue = &queue;
///         scope.spawn(move || {
///             for n in 0..10 {
///                 queue.add(Item::bytes(format!("{thread}/{n}"), "text")).expect("it is open");
///             }
///         });
///     }
/// });
/// let run = queue.wait().expect("it was started");
/// assert_eq!(run.report.written.len(), 40);
/// assert!(run.result?.starts_with(b"PK"));
/// // And the next one.
/// queue.start(Vec::new()).expect("nothing is running");
/// assert!(queue.wait().expect("it was started").report.written.is_empty());
/// # Ok::<(), zip_parallel_writer::Error>(())
/// ```
///
/// *Limits*: [`Queue::capacity`] items, and what [`Options::memory`] says.
///
/// *Threads*: one for the run, and those the run has. Every method takes `&self`.
pub struct Queue<S> {
    shared: Arc<Shared>,
    options: Options<'static>,
    observer: Arc<dyn Observer>,
    running: Mutex<Option<JoinHandle<Run<S>>>>,
}

/// What the queue and the run that empties it share.
struct Shared {
    state: Mutex<State>,
    moved: Condvar,
    monitor: Monitor,
    capacity: usize,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item<'static>>,
    /// [`Queue::wait`] was called: what is there is all there will be.
    closed: bool,
    /// The run is over before its items: nobody takes any more.
    dead: bool,
    cancel: CancelToken,
    /// Those who would add, as soon as there is room.
    wakers: Vec<Waker>,
}

/// A queue at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Status {
    /// Items of this archive that are written or failed.
    pub processed: usize,
    /// Items of this archive that failed.
    pub failed: usize,
    /// Items that were added and are neither.
    pub pending: usize,
    /// All counters of the run.
    pub snapshot: Snapshot,
}

/// Why an item was not added; it comes back.
#[derive(Debug, thiserror::Error)]
pub enum NotAdded {
    /// The queue is full.
    #[error("the queue is full")]
    Full(Box<Item<'static>>),
    /// The queue waits for its end, or its run was cancelled or failed: [`Queue::wait`] says why.
    #[error("the queue takes no more items for this archive")]
    Closed(Box<Item<'static>>),
}

/// Why no archive was begun; the sink is dropped unfinished.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The queue is writing one: [`Queue::wait`] comes first.
    #[error("the queue is writing an archive already")]
    Running,
    /// The system has no thread to give.
    #[error("no thread for the queue: {0}")]
    Thread(#[source] std::io::Error),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes everyone who waits, for whatever.
    fn moved(&self, state: &mut State) {
        self.moved.notify_all();
        for waker in state.wakers.drain(..) {
            waker.wake();
        }
    }

    /// Adds the item, or returns it with what to do.
    fn offer(&self, state: &mut State, item: Item<'static>) -> Result<(), NotAdded> {
        if state.closed || state.dead {
            return Err(NotAdded::Closed(Box::new(item)));
        }
        if state.items.len() >= self.capacity {
            return Err(NotAdded::Full(Box::new(item)));
        }
        state.items.push_back(item);
        self.moved.notify_all();
        Ok(())
    }
}

impl<S: Sink + 'static> Queue<S> {
    /// A queue of up to 1,000 items.
    #[must_use]
    pub fn new(options: Options<'static>) -> Self {
        Self::with_capacity(options, MOST_ITEMS)
    }

    /// A queue of up to `capacity` items, one at least.
    #[must_use]
    pub fn with_capacity(options: Options<'static>, capacity: usize) -> Self {
        let shared = Shared {
            state: Mutex::default(),
            moved: Condvar::new(),
            monitor: Monitor::default(),
            capacity: capacity.max(1),
        };
        Self {
            shared: Arc::new(shared),
            options,
            observer: Arc::new(Silent),
            running: Mutex::new(None),
        }
    }

    /// Tells this observer of each item, in place of that of the options.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Most items it holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.capacity
    }

    /// Starts writing an archive into `sink`, of the items that are there and those still to come.
    ///
    /// # Errors
    /// [`NotStarted`].
    pub fn start(&self, sink: S) -> Result<(), NotStarted> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return Err(NotStarted::Running);
        }
        let cancel = CancelToken::new();
        {
            let mut state = self.shared.lock();
            state.cancel = cancel.clone();
            (state.closed, state.dead) = (false, false);
        }
        self.shared.monitor.begin();
        let (shared, observer) = (Arc::clone(&self.shared), Arc::clone(&self.observer));
        let options = self.options.clone();
        let started = threads::spawn("pzip-queue", move || {
            // Whatever happens here, nobody waits for room any more.
            let _end = EndOfRun(Arc::clone(&shared));
            let options = Options {
                cancel: Some(&cancel),
                observer: &*observer,
                monitor: Some(&shared.monitor),
                ..options
            };
            ParallelWriter::new(options).supplied(sink, Taken(Arc::clone(&shared)))
        });
        *running = Some(started.map_err(NotStarted::Thread)?);
        Ok(())
    }

    /// Adds an item, waiting for room if there is none.
    ///
    /// Waits for ever when the queue is full and was not started.
    ///
    /// # Errors
    /// [`NotAdded::Closed`].
    pub fn add(&self, item: Item<'static>) -> Result<(), NotAdded> {
        let mut state = self.shared.lock();
        let mut item = item;
        loop {
            match self.shared.offer(&mut state, item) {
                Err(NotAdded::Full(back)) => item = *back,
                done => return done,
            }
            state = self.shared.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Adds an item if there is room.
    ///
    /// # Errors
    /// [`NotAdded`].
    pub fn try_add(&self, item: Item<'static>) -> Result<(), NotAdded> {
        self.shared.offer(&mut self.shared.lock(), item)
    }

    /// Adds an item if there is room, or wakes `waker` when there may be.
    #[cfg(feature = "async")]
    pub(crate) fn offer_or_wake(&self, item: Item<'static>, waker: &Waker) -> Result<(), NotAdded> {
        let mut state = self.shared.lock();
        let offered = self.shared.offer(&mut state, item);
        if matches!(offered, Err(NotAdded::Full(_))) {
            state.wakers.push(waker.clone());
        }
        offered
    }

    /// Items so far.
    #[must_use]
    pub fn status(&self) -> Status {
        let queued = self.shared.lock().items.len();
        let snapshot = self.shared.monitor.snapshot();
        Status {
            processed: snapshot.completed + snapshot.failed,
            failed: snapshot.failed,
            pending: queued + snapshot.in_progress,
            snapshot,
        }
    }

    /// Stops the run: [`Queue::wait`] then says [`Error::Cancelled`]. What is in the queue stays
    /// for the next one.
    pub fn cancel(&self) {
        let mut state = self.shared.lock();
        state.cancel.cancel();
        self.shared.moved(&mut state);
    }

    /// Takes no more items, waits for the archive, and makes the queue ready for the next one;
    /// `None` if it was not started.
    pub fn wait(&self) -> Option<Run<S>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = running.take()?;
        {
            let mut state = self.shared.lock();
            state.closed = true;
            self.shared.moved(&mut state);
        }
        let run = handle.join().unwrap_or_else(|_| {
            let error = Error::Panicked("the thread of the queue".into());
            Run { result: Err(error), report: Report::default() }
        });
        let mut state = self.shared.lock();
        (state.closed, state.dead) = (false, false);
        Some(run)
    }
}

/// A queue that is dropped while it runs leaves no archive, and no thread waiting for items.
impl<S> Drop for Queue<S> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        state.cancel.cancel();
        self.shared.moved(&mut state);
    }
}

/// The items of a queue, taken by its run.
struct Taken(Arc<Shared>);

impl Supply<'static> for Taken {
    fn next(&mut self) -> Option<Item<'static>> {
        let mut state = self.0.lock();
        loop {
            if state.cancel.is_cancelled() {
                return None;
            }
            if let Some(item) = state.items.pop_front() {
                self.0.moved(&mut state);
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self.0.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn is_ready(&self) -> bool {
        let state = self.0.lock();
        !state.items.is_empty() || state.closed
    }
}

/// Lets go of those who wait for room when the run is over.
struct EndOfRun(Arc<Shared>);

impl Drop for EndOfRun {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.dead = true;
        self.0.moved(&mut state);
    }
}
