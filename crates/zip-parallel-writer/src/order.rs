//! The archive's order out of the order in which members are finished, in bounded memory.
//!
//! A finished batch is deposited under its number. Whoever deposits the next one in order takes
//! the assembler along and writes it and all that follow; the others go on compressing. Nobody
//! waits for a turn: who would pass the cap takes no new work, unless it is the next one's.

use std::collections::BTreeMap;

use crate::assemble::Assembler;
use crate::member::Batch;
use crate::options;

/// Batches that wait, and the assembler when nobody has it.
pub(crate) struct Order<'i, S> {
    by: options::Order,
    /// Number of the batch to be written next.
    next: u64,
    /// Batches that have arrived, where that is what numbers them.
    arrived: u64,
    ready: BTreeMap<u64, Batch<'i>>,
    /// Bytes of all ready batches.
    held: usize,
    cap: usize,
    /// Absent while someone writes.
    assembler: Option<Assembler<S>>,
}

impl<'i, S> Order<'i, S> {
    pub(crate) const fn new(assembler: Assembler<S>, by: options::Order, cap: usize) -> Self {
        Self {
            by,
            next: 0,
            arrived: 0,
            ready: BTreeMap::new(),
            held: 0,
            cap,
            assembler: Some(assembler),
        }
    }

    /// Whether work on job `number` may begin.
    pub(crate) const fn admits(&self, number: u64) -> bool {
        self.held <= self.cap || matches!(self.by, options::Order::Input) && number == self.next
    }

    /// Whether a batch of this number would be written at once.
    pub(crate) const fn is_next(&self, number: u64) -> bool {
        let in_turn = matches!(self.by, options::Order::Completion) || number == self.next;
        in_turn && self.assembler.is_some()
    }

    /// Whether work on later jobs may begin.
    pub(crate) const fn admits_more(&self) -> bool {
        self.held <= self.cap
    }

    fn arrive(&mut self, number: u64) -> u64 {
        match self.by {
            options::Order::Input => number,
            options::Order::Completion => {
                self.arrived += 1;
                self.arrived - 1
            }
        }
    }

    pub(crate) fn put(&mut self, number: u64, batch: Batch<'i>) {
        let number = self.arrive(number);
        self.held += batch.weight();
        self.ready.insert(number, batch);
    }

    /// The next batch and the assembler to write it, if both are there.
    pub(crate) fn next(&mut self) -> Option<(Assembler<S>, Batch<'i>)> {
        let assembler = self.assembler.take()?;
        let Some(batch) = self.ready.remove(&self.next) else {
            self.assembler = Some(assembler);
            return None;
        };
        self.held = self.held.saturating_sub(batch.weight());
        Some((assembler, batch))
    }

    /// The assembler, for who writes job `number` piece by piece; if it is its turn.
    pub(crate) fn turn(&mut self, number: u64) -> Option<Assembler<S>> {
        if matches!(self.by, options::Order::Input) && number != self.next {
            return None;
        }
        let assembler = self.assembler.take()?;
        self.arrive(number);
        Some(assembler)
    }

    /// Takes the assembler back; what it was taken for is written.
    pub(crate) fn back(&mut self, assembler: Assembler<S>) {
        self.assembler = Some(assembler);
        self.next += 1;
    }

    /// The assembler at the end of a run, and whether everything was written.
    pub(crate) fn finish(self) -> (Option<Assembler<S>>, bool) {
        (self.assembler, self.ready.is_empty())
    }
}
