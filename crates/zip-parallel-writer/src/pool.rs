//! Worker threads: each takes some items, compresses them, hands them in. The only place of the
//! crate that starts a thread.

use std::sync::{Mutex, PoisonError};

use zip_io::Sink;

use crate::compress::{Batch, WHOLE_BYTES, Worker};
use crate::error::{Error, Result};
use crate::item::Item;
use crate::names::Names;
use crate::options::Options;
use crate::order::Order;

/// Most items of one batch.
const BATCH_ITEMS: usize = 32;
/// Contents of one batch, by their hints.
const BATCH_BYTES: u64 = 128 << 10;

/// The items still to come, and their numbers.
struct Feed<I> {
    items: I,
    names: Names,
    batches: u64,
    next_index: usize,
    ended: bool,
}

/// Items taken at once by one worker.
struct Take<'i> {
    number: u64,
    items: Vec<(usize, Item<'i>, Result<()>)>,
}

impl<'i, I: Iterator<Item = Item<'i>>> Feed<I> {
    /// The next few items; `None` after the last.
    fn take(&mut self) -> Option<Take<'i>> {
        let mut items = Vec::new();
        let mut bytes = 0_u64;
        while !self.ended && items.len() < BATCH_ITEMS && bytes < BATCH_BYTES {
            let Some(item) = self.items.next() else {
                self.ended = true;
                break;
            };
            bytes = bytes.saturating_add(item.len_hint().unwrap_or(WHOLE_BYTES as u64));
            let named = self.names.claim(&item);
            items.push((self.next_index, item, named));
            self.next_index += 1;
        }
        if items.is_empty() {
            return None;
        }
        let number = self.batches;
        self.batches += 1;
        Some(Take { number, items })
    }
}

/// Runs all items through the pool.
pub(crate) fn run<'i, I, S>(items: I, order: &Order<'i, S>, options: &Options<'_>)
where
    I: Iterator<Item = Item<'i>> + Send,
    S: Sink,
{
    let feed = Mutex::new(Feed {
        items,
        names: Names::default(),
        batches: 0,
        next_index: 0,
        ended: false,
    });
    let work = || {
        // Should the caller's iterator panic, the others must not wait for this worker's batch.
        let guard = StopOnPanic(order);
        let mut worker = Worker::default();
        while !order.is_stopped() {
            let taken = feed.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(take) = taken else { break };
            let number = take.number;
            match compress_all(&mut worker, take, order.spare(), options) {
                Ok(batch) => order.deposit(number, batch),
                Err(error) => order.stop(error),
            }
        }
        std::mem::forget(guard);
    };
    let threads = options.resolved_threads();
    if threads <= 1 {
        return work();
    }
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
}

fn compress_all<'i>(
    worker: &mut Worker,
    take: Take<'i>,
    buffer: Vec<u8>,
    options: &Options<'_>,
) -> Result<Batch<'i>> {
    let mut batch = Batch { bytes: buffer, ..Batch::default() };
    for (index, item, named) in take.items {
        match named {
            Ok(()) => worker.compress(index, item, options, &mut batch)?,
            Err(error) => {
                options.observer.fail(index, &error);
                batch.failed.push((index, item, error));
            }
        }
    }
    Ok(batch)
}

/// Stops the run when its worker unwinds.
struct StopOnPanic<'o, 'i, S: Sink>(&'o Order<'i, S>);

impl<S: Sink> Drop for StopOnPanic<'_, '_, S> {
    fn drop(&mut self) {
        self.0.stop(Error::Panicked("the iterator of items".into()));
    }
}
