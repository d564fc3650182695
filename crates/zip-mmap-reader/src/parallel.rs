//! Entries visited by several threads.
//!
//! Results come back by number, whatever the order of the work. Threads live for one call; there
//! is no pool to keep, and no lock: a batch of the plan is claimed with one atomic addition.

use std::sync::atomic::{AtomicUsize, Ordering};

use zip_format::error::{Error as FormatError, ErrorKind};
use zip_format::profile::Relax;
use zip_io::Source;

use crate::archive::Archive;
use crate::error::Result;
use crate::member::{Scratch, Window};
use crate::options::Parallel;
use crate::plan::{Item, Plan, Work};
use crate::serial;
use crate::visit::{Run, Visit, no_such};

impl<S: Source> Archive<S> {
    /// Visits the given entries on several threads; results are in the order of `indices`.
    ///
    /// `visit` is called once per entry, on any thread. Entries do not stop each other: each has
    /// its own result. After a cancel the remaining ones are
    /// [`Error::Cancelled`](crate::Error::Cancelled).
    ///
    /// Called inside a rayon pool (feature `rayon`), the work runs on that pool.
    ///
    /// ```no_run
    /// use zip_mmap_reader::{Archive, Parallel};
    /// let archive = Archive::open("a.zip")?;
    /// let all: Vec<usize> = (0..archive.len()).collect();
    /// let sums = archive.visit(&all, Parallel::default(), |visit| {
    ///     Ok(visit.contents()?.iter().map(|&byte| u64::from(byte)).sum::<u64>())
    /// });
    /// # Ok::<(), zip_mmap_reader::Error>(())
    /// ```
    ///
    /// *Limits*: up to 9 MiB of buffers and the coders per thread; entries that are asked for
    /// whole need their size, and from a source that is read by position as much for their
    /// payload. *Threads*: no thread is left when this returns.
    pub fn visit<R, F>(&self, indices: &[usize], parallel: Parallel<'_>, visit: F) -> Vec<Result<R>>
    where
        R: Send,
        F: Fn(&mut Visit<'_, '_, S>) -> Result<R> + Sync,
    {
        self.visit_for(Work::Decode, indices, parallel, visit)
    }

    /// The contents of the given entries, in their order.
    ///
    /// *Limits*: holds all of the contents. A cancel is looked for between entries.
    pub fn read_many(&self, indices: &[usize], parallel: Parallel<'_>) -> Vec<Result<Vec<u8>>> {
        self.visit(indices, parallel, |visit| {
            let mut contents = visit.room()?;
            visit.read_into(&mut contents)?;
            Ok(contents)
        })
    }

    /// Decodes the given entries and proves them right, keeping nothing.
    ///
    /// An entry that repeats the name of an earlier one is an error, unless
    /// [`Relax::DUPLICATES`] says otherwise.
    pub fn test(&self, indices: &[usize], parallel: Parallel<'_>) -> Vec<Result<()>> {
        let repeated = self.refused_names();
        self.visit(indices, parallel, |visit| {
            refuse_name(visit, &repeated)?;
            visit.verify()
        })
    }

    /// Checks the records of the given entries: local headers and descriptors agree with the
    /// directory, members end where the next ones start, and no name stands twice. Decodes
    /// nothing.
    ///
    /// Small neighbours are read together, of larger members their ends only; for many entries
    /// this is much faster than [`EntryRef::check`](crate::EntryRef::check) one by one. To see
    /// all that is wrong, and not only the first of each entry, there is [`Archive::audit`].
    pub fn check_all(&self, indices: &[usize], parallel: Parallel<'_>) -> Vec<Result<()>> {
        let repeated = self.refused_names();
        self.visit_for(Work::Check, indices, parallel, |visit| {
            refuse_name(visit, &repeated)?;
            visit.check().map(drop)
        })
    }

    fn visit_for<R, F>(
        &self,
        work: Work,
        indices: &[usize],
        parallel: Parallel<'_>,
        visit: F,
    ) -> Vec<Result<R>>
    where
        R: Send,
        F: Fn(&mut Visit<'_, '_, S>) -> Result<R> + Sync,
    {
        let run = Run::new(parallel, &self.options().limits);
        let threads = parallel.resolved_threads();
        if threads == 1 {
            return serial::visit(self, work, indices, &run, &visit);
        }
        let plan = Plan::new(self, indices.iter().copied(), work, threads);
        let done = self.run(&plan, threads, |item, ahead, window, scratch, results| {
            // The plan was made of entries that are there.
            if let Some(entry) = self.entry(item.index) {
                results.push((item.slot, run.visit(entry, item, ahead, window, scratch, &visit)));
            }
        });
        let mut results: Vec<Option<Result<R>>> = Vec::new();
        results.resize_with(indices.len(), || None);
        for (slot, result) in done.into_iter().flatten() {
            if let Some(place) = results.get_mut(slot) {
                *place = Some(result);
            }
        }
        // Collected in place where both have one size, which is nearly always.
        let missing = |slot: usize| Err(no_such(indices.get(slot).copied().unwrap_or(slot)));
        let results = results.into_iter().enumerate();
        results.map(|(slot, result)| result.unwrap_or_else(|| missing(slot))).collect()
    }

    /// Runs a plan: `each` is called for each of its items on some thread, with the items after it
    /// in its batch, the memory that holds their members (if they were read together), and the
    /// thread's buffers and results.
    pub(crate) fn run<T, F>(&self, plan: &Plan, threads: usize, each: F) -> Vec<Vec<T>>
    where
        T: Send,
        F: Fn(&Item, &[Item], Option<Window<'_>>, &mut Scratch, &mut Vec<T>) + Sync,
    {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut scratch = Scratch::for_options(self.options());
            let mut region = Vec::new();
            let mut results = Vec::new();
            while let Some(batch) = plan.batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                let window = batch.window(self.source(), &mut region);
                let mut items = plan.items.get(batch.items.clone()).unwrap_or(&[]);
                while let Some((item, later)) = items.split_first() {
                    each(item, later, window, &mut scratch, &mut results);
                    items = later;
                }
            }
            results
        };
        on_threads(plan.threads(threads), &work)
    }

    /// Entries that repeat a name where that is refused, ascending, with the error of each.
    fn refused_names(&self) -> Vec<(usize, FormatError)> {
        if self.options().relax.contains(Relax::DUPLICATES) {
            return Vec::new();
        }
        let mut refused: Vec<_> = self.repeated_names().collect();
        refused.sort_unstable_by_key(|&(index, _)| index);
        refused
    }

    /// Entries that repeat the name of an earlier one, with the error that says so. A directory
    /// that is named again is the same directory, and has no contents to differ in.
    pub(crate) fn repeated_names(&self) -> impl Iterator<Item = (usize, FormatError)> {
        self.duplicates().filter_map(|(again, before)| {
            let (again, before) = (self.entry(again)?, self.entry(before)?);
            if again.is_bare_directory() && before.is_bare_directory() {
                return None;
            }
            let kind = ErrorKind::DuplicateName { other: before.at() };
            Some((again.index(), FormatError::new(kind, again.at()).needing(Relax::DUPLICATES)))
        })
    }
}

fn refuse_name<S: Source>(
    visit: &Visit<'_, '_, S>,
    refused: &[(usize, FormatError)],
) -> Result<()> {
    let entry = visit.entry();
    match refused.binary_search_by_key(&entry.index(), |&(index, _)| index) {
        Ok(at) => Err(refused
            .get(at)
            .map_or_else(|| no_such(entry.index()), |&(_, error)| entry.name_error(error.into()))),
        Err(_) => Ok(()),
    }
}

/// Runs `work` on so many threads.
///
/// Where it takes more than one, this thread only waits for them. A system that is idle wakes a
/// second processor late for a thread whose maker goes on working: up to a whole time slice (4 ms
/// were measured), which is all there is to do for 10 MB. Where the system gives fewer threads
/// (limits of processes and memory), those do all the work, and this one if there are none.
fn on_threads<T: Send>(threads: usize, work: &(impl Fn() -> T + Sync)) -> Vec<T> {
    if threads <= 1 {
        return vec![work()];
    }
    #[cfg(feature = "rayon")]
    if rayon::current_thread_index().is_some() {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};
        return (0..threads).into_par_iter().map(|_| work()).collect();
    }
    std::thread::scope(|scope| {
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
        let workers: Vec<_> = (0..threads).map_while(spawn).collect();
        if workers.is_empty() {
            return vec![work()];
        }
        let joined = workers.into_iter().map(|worker| {
            // The visitor panicked; so does the caller, with the same payload.
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        joined.collect()
    })
}
