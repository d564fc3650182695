//! Entries visited by one thread: batches are cut as they come and kept no longer than they last,
//! and results come in order, so that nothing is held for each entry but its result.

use zip_io::Source;

use crate::archive::Archive;
use crate::entry::EntryRef;
use crate::error::Result;
use crate::member::Scratch;
use crate::plan::{Batch, Item, Work};
use crate::visit::{Run, Visit, no_such};

/// Visits the given entries one after the other.
pub(crate) fn visit<'a, S: Source, R, F>(
    archive: &'a Archive<S>,
    work: Work,
    indices: &[usize],
    run: &Run<'_>,
    visit: &F,
) -> Vec<Result<R>>
where
    F: Fn(&mut Visit<'_, 'a, S>) -> Result<R>,
{
    let mut scratch = Scratch::for_options(archive.options());
    let mut region = Vec::new();
    let (mut entries, mut items) = (Vec::new(), Vec::new());
    let mut results = Vec::with_capacity(indices.len());
    let mut rest = indices;
    while let Some((&first, later)) = rest.split_first() {
        let Some(batch) = cut(archive, work, &mut rest, (&mut entries, &mut items)) else {
            results.push(Err(no_such(first)));
            rest = later;
            continue;
        };
        let window = batch.window(archive.source(), &mut region);
        let mut left = items.as_slice();
        for entry in entries.drain(..) {
            let Some((item, ahead)) = left.split_first() else { break };
            results.push(run.visit(entry, item, ahead, window, &mut scratch, visit));
            left = ahead;
        }
        items.clear();
    }
    results
}

/// Cuts the next batch off the numbers that are left, and appends its entries and what is to be
/// done with each; `None` if there is no entry of the first number.
fn cut<'a, S: Source>(
    archive: &'a Archive<S>,
    work: Work,
    rest: &mut &[usize],
    (entries, items): (&mut Vec<EntryRef<'a, S>>, &mut Vec<Item>),
) -> Option<Batch> {
    let mut batch: Option<Batch> = None;
    while let Some((&index, later)) = rest.split_first() {
        let Some(entry) = archive.entry(index) else { break };
        let item = Item::new(&entry, 0, work);
        match &mut batch {
            None => batch = Some(Batch::of(0, &item, work)),
            Some(batch) => {
                if !batch.takes_in(&item) {
                    break;
                }
            }
        }
        entries.push(entry);
        items.push(item);
        *rest = later;
    }
    batch
}
