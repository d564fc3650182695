//! What all threads of a run share: the work that waits, the order of what is finished, and the
//! one lock around both.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use zip_codec::chunk::{PIECE_BYTES, piece_bound};
use zip_io::Sink;

use crate::assemble::Assembler;
use crate::budget::Budget;
use crate::desk::Desks;
use crate::error::{Error, Result};
use crate::feed::{Job, reserve_of};
use crate::member::Batch;
use crate::options::Options;
use crate::order::Order;
use crate::pieces::Piece;
use crate::read::most_bytes;
use crate::report::{Report, Run};
use crate::shelf::Shelf;
use crate::threads::{Condvar, Mutex, MutexGuard};

/// Room for a piece, whichever way it is.
const PIECE_BUFFER_BYTES: usize = piece_bound(PIECE_BYTES) as usize;

/// Wants that [`State::large`] serves, with room for the most: contents read in one piece and what
/// they become, if that is more than a piece takes.
const LARGE_BYTES: RangeInclusive<usize> = (5 << 18)..=most_bytes(None) + (1 << 10);

/// The shared state of one run.
pub(crate) struct Hall<'i, S> {
    state: Mutex<State<'i, S>>,
    moved: Condvar,
    /// Threads that wait for a move, counted under the lock: waking nobody is a call of the system.
    waiters: AtomicUsize,
    pub(crate) desks: Desks,
    /// The sink takes back what was written.
    pub(crate) rewinds: bool,
    /// Threads that compress. The system is asked for the machine's once: it reads files for that.
    pub(crate) threads: usize,
    /// Inputs that may wait and are read at a time.
    pub(crate) prefetch: usize,
    /// Pieces of large members that may be on their way at once.
    most_pieces: usize,
}

/// What the lock guards.
pub(crate) struct State<'i, S> {
    pub(crate) order: Order<'i, S>,
    /// Jobs whose inputs do not wait, not begun yet.
    pub(crate) jobs: VecDeque<Job<'i>>,
    /// Jobs whose inputs may wait, not begun yet.
    pub(crate) waiting: VecDeque<Job<'i>>,
    pub(crate) ahead: Budget,
    pub(crate) pieces: VecDeque<Piece>,
    pieces_out: usize,
    shelf: Shelf,
    /// Buffers for what is read in one piece, and for what that becomes; their bytes are left in
    /// them. As many as there were at once, which the reserves and the order bound; and they stay
    /// here, so that the allocator does not keep the like for each reader.
    large: Vec<Vec<u8>>,
    /// Someone asks for the next items.
    pub(crate) feeding: bool,
    /// There are no more items.
    pub(crate) fed: bool,
    /// Items that were taken.
    pub(crate) taken: usize,
    /// Jobs that are being worked on.
    pub(crate) busy: usize,
    /// Threads that read inputs that may wait, and how many of them have nothing to do.
    pub(crate) readers: usize,
    pub(crate) idle_readers: usize,
    /// The first error that ended the run; everyone stops for it.
    fatal: Option<Error>,
    pub(crate) stopped: bool,
}

impl<'i, S: Sink> Hall<'i, S> {
    pub(crate) fn new(sink: S, options: &Options<'_>) -> Self {
        let threads = options.resolved_threads();
        let shared = options.shared_bytes(threads);
        let rewinds = sink.can_rewind();
        let state = State {
            order: Order::new(Assembler::new(sink), options.order, shared / 8),
            jobs: VecDeque::new(),
            waiting: VecDeque::new(),
            // What the threads themselves would read is read by the readers instead.
            ahead: Budget::new(shared / 8 + 2 * threads * crate::read::WHOLE_BYTES),
            pieces: VecDeque::new(),
            pieces_out: 0,
            // What has no room here stays with the allocator, for each thread its own.
            shelf: Shelf::new(shared / 16 * 5),
            large: Vec::new(),
            feeding: false,
            fed: false,
            taken: 0,
            busy: 0,
            readers: 0,
            idle_readers: 0,
            fatal: None,
            stopped: false,
        };
        // A piece is a MiB of contents and as much payload at most: one for each thread, and some
        // that are ready for them.
        let most_pieces = threads + shared / (8 << 21);
        Self {
            state: Mutex::new(state),
            moved: Condvar::new(),
            waiters: AtomicUsize::new(0),
            desks: Desks::new(threads),
            rewinds,
            threads,
            prefetch: options.resolved_prefetch(threads),
            most_pieces,
        }
    }

    /// No code of a caller's runs under the lock, and the state is whole between statements.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State<'i, S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wait<'s>(
        &self,
        state: MutexGuard<'s, State<'i, S>>,
    ) -> MutexGuard<'s, State<'i, S>> {
        self.waiters.fetch_add(1, Ordering::Relaxed);
        let state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        self.waiters.fetch_sub(1, Ordering::Relaxed);
        state
    }

    /// Something changed that someone may wait for. Who changed it held the lock, and so sees
    /// everyone who waits for that.
    pub(crate) fn moved(&self) {
        if self.waiters.load(Ordering::Relaxed) > 0 {
            self.moved.notify_all();
        }
    }

    /// Ends the run with an error; the first one is kept.
    pub(crate) fn stop(&self, error: Error) {
        let mut state = self.lock();
        state.stopped = true;
        state.fatal.get_or_insert(error);
        self.moved();
    }

    /// Hands in the batch of job `number`; writes whatever is next.
    pub(crate) fn deposit(&self, number: u64, batch: Batch<'i>, options: &Options<'_>) {
        let mut state = self.lock();
        let mut batch = batch;
        if batch.is_loose() && !state.order.is_next(number) {
            // It may wait for long, and room nobody uses counts as well.
            drop(state);
            self.keep([batch.tighten()]);
            state = self.lock();
        }
        state.order.put(number, batch);
        self.write_ready(state, options);
    }

    fn write_ready<'s>(&'s self, mut state: MutexGuard<'s, State<'i, S>>, options: &Options<'_>) {
        while !state.stopped {
            let Some((mut assembler, batch)) = state.order.next() else { return };
            drop(state);
            let written = assembler.write(batch, options);
            let (buffer, failure) = match written {
                Ok(buffer) => (buffer, None),
                Err(error) => (Vec::new(), Some(error)),
            };
            self.keep([buffer]);
            state = self.lock();
            state.order.back(assembler);
            if let Some(error) = failure {
                drop(state);
                return self.stop(error);
            }
            self.moved();
        }
    }

    /// The assembler, if it is the turn of job `number`.
    pub(crate) fn turn(&self, number: u64) -> Option<Assembler<S>> {
        let mut state = self.lock();
        if state.stopped { None } else { state.order.turn(number) }
    }

    /// Gives the assembler back after a turn, and writes whatever is next.
    pub(crate) fn end_turn(
        &self,
        assembler: Assembler<S>,
        ended: Result<()>,
        options: &Options<'_>,
    ) {
        let mut state = self.lock();
        state.order.back(assembler);
        match ended {
            Ok(()) => {
                self.moved();
                self.write_ready(state, options);
            }
            Err(error) => {
                drop(state);
                self.stop(error);
            }
        }
    }

    /// Whether one more piece may be on its way for a member that has `own` there.
    pub(crate) fn admits_piece(&self, own: usize) -> bool {
        own == 0 || self.lock().pieces_out < self.most_pieces
    }

    /// Takes the reserve of `bytes` read in one piece for job `number`, which has read what it had
    /// memory for and was not at its end; waits until there is memory for it, and for what it
    /// becomes. The caller holds no desk.
    ///
    /// Nobody waits here for ever. Only threads that do nothing but read come here, with jobs from
    /// `waiting`, which are begun in their order: those that hold a reserve are all before those
    /// that do not yet, and those before the lowest holder are done.
    ///
    /// - The reserve: the lowest holder is served whatever is left, so it ends, or its input never
    ///   does. It gives back what it holds then, and another one is the lowest.
    /// - The order: past the cap of what is finished, it is what comes next in the archive that is
    ///   served. If that is one of the holders, it is the lowest. If not, a thread that compresses
    ///   has it or takes it, or a reader does, and there is one: nobody behind what is next in
    ///   `waiting` was begun, so nobody is here. In order of completion, what is finished is
    ///   written without anybody else, and the cap is no longer passed.
    ///
    /// Threads that compress and read as well, where the system gives no others, reserve all at
    /// once ([`Job::reserve_all`]): if all of them waited here, nobody would be left for what is
    /// next.
    pub(crate) fn grow(&self, number: u64, bytes: usize, options: &Options<'_>) -> Result<()> {
        let mut state = self.lock();
        loop {
            options.check_cancel()?;
            if state.stopped {
                return Err(Error::Cancelled);
            }
            // Each that waits for its turn here becomes as much that waits to be written: without
            // the order's word, all that were begun would pass its cap one after the other.
            if state.order.admits(number) && state.ahead.take(number, reserve_of(bytes)) {
                return Ok(());
            }
            state = self.wait(state);
        }
    }

    /// An empty buffer with room for `wanted` bytes.
    pub(crate) fn buffer(&self, wanted: usize) -> Vec<u8> {
        if LARGE_BYTES.contains(&wanted) {
            let mut buffer = self.large_buffer();
            buffer.clear();
            return buffer;
        }
        let kept = self.lock().shelf.take(wanted);
        kept.unwrap_or_else(|| Vec::with_capacity(wanted))
    }

    fn large_buffer(&self) -> Vec<u8> {
        let kept = self.lock().large.pop();
        kept.unwrap_or_else(|| Vec::with_capacity(*LARGE_BYTES.end()))
    }

    /// A buffer of a reader for an input of which it reads `wanted` bytes, with anything in it.
    pub(crate) fn input_buffer(&self, wanted: usize) -> Vec<u8> {
        if LARGE_BYTES.contains(&wanted) { self.large_buffer() } else { self.buffer(wanted) }
    }

    /// A buffer for a piece, or for what it becomes.
    pub(crate) fn piece_buffer(&self) -> Vec<u8> {
        self.buffer(PIECE_BUFFER_BYTES)
    }

    /// Takes buffers back, for whoever needs one next.
    pub(crate) fn keep<const N: usize>(&self, buffers: [Vec<u8>; N]) {
        let mut state = self.lock();
        let refused = buffers.map(|buffer| {
            if buffer.capacity() == *LARGE_BYTES.end() {
                state.large.push(buffer);
                return None;
            }
            state.shelf.keep(buffer)
        });
        drop(state);
        drop(refused);
    }

    pub(crate) fn give_piece(&self, piece: Piece) {
        let mut state = self.lock();
        state.pieces_out += 1;
        state.pieces.push_back(piece);
        self.moved();
    }

    pub(crate) fn take_piece(&self) -> Option<Piece> {
        self.lock().pieces.pop_front()
    }

    /// A piece was collected.
    pub(crate) fn end_piece(&self) {
        let mut state = self.lock();
        state.pieces_out = state.pieces_out.saturating_sub(1);
    }

    /// Closes the archive after all threads are done, or says why there is none.
    pub(crate) fn finish(self, options: &Options<'_>) -> Run<S> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (assembler, written) = state.order.finish();
        let fatal = state.fatal.or_else(|| options.check_cancel().err());
        let mut run = match (fatal, assembler) {
            (None, Some(assembler)) if written => {
                let (result, report) = assembler.finish(&options.comment);
                Run { result, report }
            }
            (fatal, assembler) => {
                let lost = || Error::Panicked("a worker ended before its work".into());
                let report = assembler.map_or_else(Report::default, Assembler::into_report);
                Run { result: Err(fatal.unwrap_or_else(lost)), report }
            }
        };
        run.report.failed.sort_by_key(|failure| failure.index);
        run.report.skip_rest(state.taken);
        run
    }
}
