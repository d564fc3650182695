//! The work of a parallel run, cut into batches.
//!
//! Big members go first, one by one; small ones in batches that lie next to each other in the
//! archive, so that a positioned source is read once per batch. Encrypted ones that are neither
//! are taken a few at a time, because that is how their keys are made (`keys.rs`).

use zip_format::position::Span;
use zip_io::Source;

use crate::archive::Archive;
use crate::entry::EntryRef;
use crate::member::{Target, WHOLE_BYTES, Window, room};
use crate::open::read_exact;

/// Archive bytes of one batch of small entries.
const BATCH_BYTES: u64 = 256 << 10;
/// Archive bytes that a batch is read in: one member that is read whole, or a few smaller ones.
const REGION_BYTES: u64 = WHOLE_BYTES + BATCH_BYTES;
/// Batches of large members that each thread should have, so that all end at about one time.
const BATCHES_A_THREAD: usize = 4;
/// Work below this, in bytes decoded or read, is not worth a second thread.
const INLINE_WEIGHT: u64 = 128 << 10;

/// What is done with each member: how far it is worth reading it whole, and what it costs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Contents are decoded.
    Decode,
    /// Records are looked at, payloads are not.
    Check,
}

impl Work {
    /// Members up to this size are read with their neighbours. A small payload costs less to
    /// read along than a call to leave it out.
    const fn whole_bytes(self) -> u64 {
        match self {
            Self::Decode => WHOLE_BYTES,
            Self::Check => 32 << 10,
        }
    }

    /// Cost of one entry, in bytes decoded.
    fn weight(self, size: u64, span: Span) -> u64 {
        match self {
            // What an entry costs beside its bytes is about what a KiB costs.
            Self::Decode => size.saturating_add(span.len()).saturating_add(1 << 10),
            Self::Check => 128 + span.len().min(self.whole_bytes()) / 8,
        }
    }
}

/// One entry of a run: the slot of its result, its number, and where its member is.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) slot: usize,
    pub(crate) index: usize,
    pub(crate) at: u64,
    pub(crate) limit: u64,
    weight: u64,
    /// Not to be read with its neighbours.
    alone: bool,
    /// How many large neighbours it is worth taking together with, itself included.
    together: u8,
}

/// Some entries that one thread takes at once.
pub(crate) struct Batch {
    /// Which items of the plan.
    pub(crate) items: std::ops::Range<usize>,
    /// The bytes of all of them, where they lie next to each other and are few.
    span: Option<Span>,
    weight: u64,
    /// As its first item says.
    together: u8,
}

/// The work of a run: 48 bytes an entry, and its batches.
pub(crate) struct Plan {
    pub(crate) items: Vec<Item>,
    pub(crate) batches: Vec<Batch>,
}

impl Item {
    /// What is to be done with one entry; its result goes to `slot`.
    pub(crate) fn new<S: Source>(entry: &EntryRef<'_, S>, slot: usize, work: Work) -> Self {
        let target = entry.target();
        let weight = work.weight(entry.size(), target.span());
        let decodes = work == Work::Decode;
        let alone = decodes && target.is_read_in_place();
        let together = if decodes { entry.keys_at_once() } else { 1 };
        let Target { at, limit, .. } = target;
        Self { slot, index: entry.index(), at, limit, weight, alone, together }
    }

    pub(crate) const fn span(&self) -> Span {
        Span { start: self.at, end: if self.limit > self.at { self.limit } else { self.at } }
    }
}

impl Plan {
    /// Cuts the work for so many threads: large members alone and first, small neighbours together.
    pub(crate) fn new<S: Source>(
        archive: &Archive<S>,
        indices: impl ExactSizeIterator<Item = usize>,
        work: Work,
        threads: usize,
    ) -> Self {
        let mut items: Vec<Item> = Vec::with_capacity(indices.len());
        for (slot, index) in indices.enumerate() {
            if let Some(entry) = archive.entry(index) {
                items.push(Item::new(&entry, slot, work));
            }
        }
        if !items.is_sorted_by_key(|item| item.at) {
            items.sort_by_key(|item| item.at);
        }
        leave_enough(&mut items, threads);
        let mut batches: Vec<Batch> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            if !batches.last_mut().is_some_and(|batch| batch.takes_in(item)) {
                batches.push(Batch::of(number, item, work));
            }
        }
        // Stable, so that equal ones stay in archive order; only the large ones move.
        batches.sort_by_key(|batch| {
            if batch.weight > 16 * BATCH_BYTES { u64::MAX - batch.weight } else { u64::MAX }
        });
        Self { items, batches }
    }

    /// How many of at most so many threads the work is worth.
    pub(crate) fn threads(&self, most: usize) -> usize {
        let weights = self.batches.iter().map(|batch| batch.weight);
        match most.min(self.batches.len()) {
            _ if weights.fold(0, u64::saturating_add) < INLINE_WEIGHT => 1,
            threads => threads,
        }
    }
}

/// Takes large members together only as far as there is work for all threads then.
fn leave_enough(items: &mut [Item], threads: usize) {
    // Two of half a batch would not be taken together for their size.
    let is_large = |item: &&mut Item| item.together > 1 && item.span().len() > BATCH_BYTES / 2;
    let large = items.iter_mut().filter(is_large).count();
    let most = large / threads.saturating_mul(BATCHES_A_THREAD).max(1);
    for item in items.iter_mut().filter(is_large) {
        item.together = item.together.min(u8::try_from(most.max(1)).unwrap_or(u8::MAX));
    }
}

impl Batch {
    /// A batch of the one item of this number.
    pub(crate) fn of(number: usize, item: &Item, work: Work) -> Self {
        let span = item.span();
        let span = (span.len() <= work.whole_bytes() && !item.alone).then_some(span);
        let Item { weight, together, .. } = *item;
        Self { items: number..number + 1, span, weight, together }
    }

    /// Takes in the item that follows, if it is a small neighbour, or one of a few whose keys are
    /// made together.
    pub(crate) fn takes_in(&mut self, item: &Item) -> bool {
        let (span, weight) = (item.span(), self.weight.saturating_add(item.weight));
        let Some(open) = self.span else { return false };
        if item.alone || span.start < open.end {
            return false;
        }
        let bytes = span.end - open.start;
        let joins = (bytes <= BATCH_BYTES && weight <= 8 * BATCH_BYTES)
            || (bytes <= REGION_BYTES
                && self.items.len() < self.together.min(item.together).into());
        if joins {
            self.items.end += 1;
            self.span = Some(Span { start: open.start, end: span.end });
            self.weight = weight;
        }
        joins
    }

    /// The memory that holds all members of the batch. Where it cannot be had in one piece, each
    /// entry is read, and fails, on its own.
    pub(crate) fn window<'w>(
        &self,
        source: &'w dyn Source,
        region: &'w mut Vec<u8>,
    ) -> Option<Window<'w>> {
        if let Some(bytes) = source.as_slice() {
            return Some(Window { start: 0, bytes });
        }
        let span = self.span?;
        // At most `REGION_BYTES`: larger members get no span.
        let bytes = room(region, span.len() as usize).ok()?;
        read_exact(source, bytes, span.start).ok()?;
        Some(Window { start: span.start, bytes })
    }
}
