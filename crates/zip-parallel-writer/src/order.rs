//! Input order out of completion order, in bounded memory.
//!
//! A finished batch is deposited under its number. Whoever deposits the next one in order takes
//! the assembler along and writes it and all that follow; the others go on compressing. A batch
//! that would pass the memory cap waits for its turn, except the next one in order, which never
//! waits: so something always moves.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use zip_io::Sink;

use crate::assemble::Assembler;
use crate::compress::Batch;
use crate::error::{Error, Result};

/// The order of one run.
pub(crate) struct Order<'i, S> {
    state: Mutex<State<'i, S>>,
    moved: Condvar,
    cap: usize,
}

struct State<'i, S> {
    /// Number of the batch to be written next.
    next: u64,
    ready: BTreeMap<u64, Batch<'i>>,
    /// Bytes of all ready batches.
    held: usize,
    /// Absent while a worker writes.
    assembler: Option<Assembler<S>>,
    /// The first fatal error; everyone stops for it.
    fatal: Option<Error>,
    stopped: bool,
    /// Buffers of written batches.
    spare: Vec<Vec<u8>>,
}

impl<'i, S: Sink> Order<'i, S> {
    pub(crate) fn new(assembler: Assembler<S>, cap: usize) -> Self {
        let state = State {
            next: 0,
            ready: BTreeMap::new(),
            held: 0,
            assembler: Some(assembler),
            fatal: None,
            stopped: false,
            spare: Vec::new(),
        };
        Self { state: Mutex::new(state), moved: Condvar::new(), cap }
    }

    /// A panic under the lock would be one of ours; the state is whole between statements.
    fn lock(&self) -> MutexGuard<'_, State<'i, S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer for the next batch.
    pub(crate) fn spare(&self) -> Vec<u8> {
        self.lock().spare.pop().unwrap_or_default()
    }

    /// True once the run has failed: there is no point in compressing more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Ends the run with an error; the first one is kept.
    pub(crate) fn stop(&self, error: Error) {
        let mut state = self.lock();
        state.stopped = true;
        state.fatal.get_or_insert(error);
        self.moved.notify_all();
    }

    /// Hands in batch `number`; writes whatever is next in order.
    pub(crate) fn deposit(&self, number: u64, batch: Batch<'i>) {
        let weight = batch.weight();
        let mut state = self.lock();
        while !state.stopped && number != state.next && state.held + weight > self.cap {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return;
        }
        state.held += weight;
        state.ready.insert(number, batch);
        while let Some(mut assembler) = state.assembler.take() {
            let next = state.next;
            let Some(batch) = state.ready.remove(&next) else {
                state.assembler = Some(assembler);
                return;
            };
            let weight = batch.weight();
            drop(state);
            let written = assembler.write(batch);
            state = self.lock();
            state.assembler = Some(assembler);
            match written {
                Ok(buffer) => {
                    state.next += 1;
                    state.held -= weight.min(state.held);
                    // One per worker is in use; a few more cover those on their way.
                    if state.spare.len() < 8 && buffer.capacity() <= 1 << 20 {
                        state.spare.push(buffer);
                    }
                    self.moved.notify_all();
                }
                Err(error) => {
                    drop(state);
                    self.stop(error);
                    return;
                }
            }
        }
    }

    /// The assembler, after all batches were handed in.
    pub(crate) fn finish(self) -> Result<Assembler<S>> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (state.fatal, state.assembler) {
            (Some(error), _) => Err(error),
            (None, Some(assembler)) if state.ready.is_empty() => Ok(assembler),
            (None, _) => Err(Error::Panicked("a worker ended before its work".into())),
        }
    }
}
