//! Entries visited by several threads.
//!
//! Big entries go first, one by one; small ones in batches that lie next to each other in the
//! archive, so that a positioned source is read once per batch. Results come back by number,
//! whatever the order of the work. Threads live for one call; there is no pool to keep, and no
//! lock: a batch is claimed with one atomic addition.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use zip_format::audit::Member;
use zip_format::position::Span;
use zip_io::progress::{Observer, Silent};
use zip_io::{CancelToken, Source};

use crate::archive::Archive;
use crate::entry::EntryRef;
use crate::error::{Error, Result};
use crate::member::{self, Pieces, Scratch, Target, WHOLE_BYTES, Window};
use crate::open::read_exact;

/// Archive bytes of one batch of small entries.
const BATCH_BYTES: u64 = 256 << 10;
/// Archive bytes of a member up to which its records are checked out of a read with its neighbours.
const CHECK_BYTES: u64 = 64 << 10;
/// Contents below this, all together, are not worth a second thread.
const INLINE_BYTES: u64 = 128 << 10;

/// How entries are visited.
#[derive(Clone, Copy)]
pub struct Parallel<'o> {
    /// Threads; 0 for as many as the machine has.
    pub threads: usize,
    /// Stops the run.
    pub cancel: Option<&'o CancelToken>,
    /// Told of each entry.
    pub observer: &'o dyn Observer,
}

impl Default for Parallel<'_> {
    fn default() -> Self {
        Self { threads: 0, cancel: None, observer: &Silent }
    }
}

impl std::fmt::Debug for Parallel<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parallel").field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl Parallel<'_> {
    /// With this many threads; 0 for as many as the machine has.
    #[must_use]
    pub fn threads(threads: usize) -> Self {
        Self { threads, ..Self::default() }
    }

    fn resolved_threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            given => given.min(256),
        }
    }
}

/// One entry while it is visited, with the buffers of the visiting thread.
pub struct Visit<'v, 'a, S> {
    entry: EntryRef<'a, S>,
    target: Target<'a>,
    /// Memory that holds the whole member, if it was read with its neighbours.
    window: Option<Window<'v>>,
    scratch: &'v mut Scratch,
    run: &'v Run<'v>,
}

impl<S> std::fmt::Debug for Visit<'_, '_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("at", &self.target.at).finish_non_exhaustive()
    }
}

/// What all threads of one run share.
struct Run<'o> {
    parallel: Parallel<'o>,
    total: AtomicU64,
    total_limit: u64,
}

impl Run<'_> {
    fn check(&self) -> Result<()> {
        Ok(self.parallel.cancel.map_or(Ok(()), CancelToken::check)?)
    }

    /// Counts contents of entry `index`.
    fn count(&self, index: usize, bytes: u64) -> Result<()> {
        let before = self.total.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.total_limit {
            return Err(Error::TotalBytes { limit: self.total_limit });
        }
        self.parallel.observer.advance(index, bytes);
        Ok(())
    }
}

impl<'a, S: Source> Visit<'_, 'a, S> {
    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> EntryRef<'a, S> {
        self.entry
    }

    /// Checks the member's records as [`EntryRef::check`] does. Decodes nothing.
    ///
    /// # Errors
    /// The first contradiction, or a deviation the archive was not opened to accept.
    pub fn check(&mut self) -> Result<Member> {
        self.run.check()?;
        let options = self.entry_options();
        let checked = match self.window {
            Some(window) => self.target.check_in(window, options),
            None => {
                let source = self.entry_source();
                self.target.check_by_reads(source, &mut self.scratch.payload, options)
            }
        };
        checked.map_err(|error| self.entry.name_error(error))
    }

    /// The contents, all at once, in the thread's own buffer.
    ///
    /// # Errors
    /// Everything that is wrong with the member.
    pub fn contents(&mut self) -> Result<&[u8]> {
        let mut contents = std::mem::take(&mut self.scratch.contents);
        let result = self.fill(&mut contents).map_err(|error| self.entry.name_error(error));
        self.scratch.contents = contents;
        let size = result?;
        Ok(self.scratch.contents.get(..size).unwrap_or(&[]))
    }

    fn fill(&mut self, contents: &mut Vec<u8>) -> Result<usize> {
        self.run.check()?;
        self.entry.admit()?;
        let size = usize::try_from(self.entry.size()).unwrap_or(usize::MAX);
        // Grown once to the largest entry seen; never shrunk, so never filled twice.
        if contents.len() < size {
            contents.resize(size, 0);
        }
        let out = contents.get_mut(..size).unwrap_or(&mut []);
        let options = self.entry_options();
        match self.window {
            Some(window) => {
                let member = self.target.check_in(window, options)?;
                let spec = self.target.spec()?;
                let payload = window.slice(member.payload);
                member::decode(&mut self.scratch.codec, &spec, options, payload, out)?;
            }
            None => self.entry.read_into(self.scratch, out)?,
        }
        self.run.count(self.entry.index(), size as u64)?;
        Ok(size)
    }

    /// Gives the contents to `out`, in one piece where they are small, piece by piece where they
    /// are not: memory stays bounded for entries of any size.
    ///
    /// Pieces of large entries are unproven until this returns `Ok`.
    ///
    /// # Errors
    /// Everything that is wrong with the member; what `out` returns, as [`Error::Write`].
    pub fn copy_to(&mut self, out: &mut dyn FnMut(&[u8]) -> std::io::Result<()>) -> Result<()> {
        if self.entry.size() <= WHOLE_BYTES {
            let entry = self.entry;
            let contents = self.contents()?;
            return out(contents).map_err(|error| entry.name_error(Error::Write(error)));
        }
        let entry = self.entry;
        self.copy_pieces(out).map_err(|error| entry.name_error(error))
    }

    fn copy_pieces(&mut self, out: &mut dyn FnMut(&[u8]) -> std::io::Result<()>) -> Result<()> {
        let member = self.entry.check()?;
        let (run, index) = (self.run, self.entry.index());
        let pieces = Pieces::new(self.entry_source(), member.payload);
        let options = self.entry_options();
        let spec = self.target.spec()?;
        member::stream(self.scratch, &spec, options, pieces, &mut |bytes| {
            run.check()?;
            run.count(index, bytes.len() as u64)?;
            out(bytes).map_err(Error::Write)
        })
    }

    /// Decodes the contents, proves them right, and keeps nothing.
    ///
    /// # Errors
    /// Everything that is wrong with the member.
    pub fn verify(&mut self) -> Result<()> {
        let entry = self.entry;
        self.prove().map_err(|error| entry.name_error(error))
    }

    fn prove(&mut self) -> Result<()> {
        self.run.check()?;
        let options = self.entry_options();
        let whole = self.entry_source().as_slice().map(|bytes| Window { start: 0, bytes });
        if let Some(window) = self.window.or(whole)
            && self.entry.size() <= WHOLE_BYTES
        {
            let member = self.target.check_in(window, options)?;
            let spec = self.target.spec()?;
            let payload = window.slice(member.payload);
            member::verify(&mut self.scratch.codec, &spec, options, payload)?;
            return self.run.count(self.entry.index(), self.entry.size());
        }
        self.copy_pieces(&mut |_| Ok(()))
    }

    fn entry_options(&self) -> &'a crate::options::Options {
        &self.entry.opened().options
    }

    fn entry_source(&self) -> &'a S {
        &self.entry.opened().source
    }
}

/// One entry of a run: the slot of its result, its number, and where its member is.
#[derive(Clone, Copy)]
struct Item {
    slot: usize,
    index: usize,
    at: u64,
    limit: u64,
}

/// Some entries that one thread takes at once.
struct Batch {
    /// Which items of the plan.
    items: std::ops::Range<usize>,
    /// The bytes of all of them, where they lie next to each other and are few.
    span: Option<Span>,
    weight: u64,
}

/// The work of a run: 32 bytes an entry, and its batches.
struct Plan {
    items: Vec<Item>,
    batches: Vec<Batch>,
}

impl<S: Source> Archive<S> {
    /// Visits the given entries on several threads; results are in the order of `indices`.
    ///
    /// `visit` is called once per entry, on any thread. Entries do not stop each other: each has
    /// its own result. After a cancel the remaining ones are [`Error::Cancelled`].
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
    /// *Limits*: up to 8 MiB of buffers and the coders per thread; entries that are asked for
    /// whole need their size. *Threads*: no thread is left when this returns.
    pub fn visit<R, F>(&self, indices: &[usize], parallel: Parallel<'_>, visit: F) -> Vec<Result<R>>
    where
        R: Send,
        F: Fn(&mut Visit<'_, '_, S>) -> Result<R> + Sync,
    {
        self.run(&self.plan(indices, WHOLE_BYTES), indices, parallel, visit)
    }

    fn run<R, F>(
        &self,
        plan: &Plan,
        indices: &[usize],
        parallel: Parallel<'_>,
        visit: F,
    ) -> Vec<Result<R>>
    where
        R: Send,
        F: Fn(&mut Visit<'_, '_, S>) -> Result<R> + Sync,
    {
        let weight = plan.batches.iter().map(|batch| batch.weight).fold(0, u64::saturating_add);
        let threads = match parallel.resolved_threads().min(plan.batches.len()) {
            _ if weight < INLINE_BYTES => 1,
            threads => threads,
        };
        let total_limit = self.options().limits.total_bytes;
        let run = Run { parallel, total: AtomicU64::new(0), total_limit };
        let next = AtomicUsize::new(0);
        let work = || {
            let mut scratch = Scratch::for_options(self.options());
            let mut region = Vec::new();
            let mut results = Vec::new();
            while let Some(batch) = plan.batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                let window = self.batch_window(batch, &mut region);
                for item in plan.items.get(batch.items.clone()).unwrap_or(&[]) {
                    let result = self.visit_one(item, window, &mut scratch, &run, &visit);
                    results.push((item.slot, result));
                }
            }
            results
        };
        let mut results: Vec<Option<Result<R>>> = Vec::new();
        results.resize_with(indices.len(), || None);
        for (slot, result) in on_threads(threads, &work).into_iter().flatten() {
            if let Some(place) = results.get_mut(slot) {
                *place = Some(result);
            }
        }
        results
            .into_iter()
            .zip(indices)
            .map(|(result, &index)| result.unwrap_or_else(|| Err(no_such(index))))
            .collect()
    }

    /// The contents of the given entries, in their order.
    ///
    /// *Limits*: holds all of the contents.
    pub fn read_many(&self, indices: &[usize], parallel: Parallel<'_>) -> Vec<Result<Vec<u8>>> {
        self.visit(indices, parallel, |visit| {
            let mut contents = Vec::new();
            visit.entry().admit()?;
            contents.reserve_exact(usize::try_from(visit.entry().size()).unwrap_or(usize::MAX));
            visit.copy_to(&mut |bytes| {
                contents.extend_from_slice(bytes);
                Ok(())
            })?;
            Ok(contents)
        })
    }

    /// Decodes the given entries and proves them right, keeping nothing.
    pub fn test(&self, indices: &[usize], parallel: Parallel<'_>) -> Vec<Result<()>> {
        #[expect(clippy::redundant_closure_for_method_calls, reason = "general over lifetimes")]
        self.visit(indices, parallel, |visit| visit.verify())
    }

    /// Checks the records of the given entries: local headers and descriptors agree with the
    /// directory, and members end where the next ones start. Decodes nothing.
    ///
    /// Small neighbours are read together, of larger members their ends only; for many entries
    /// this is much faster than [`EntryRef::check`] one by one.
    pub fn check_all(&self, indices: &[usize], parallel: Parallel<'_>) -> Vec<Result<()>> {
        let plan = self.plan(indices, CHECK_BYTES);
        self.run(&plan, indices, parallel, |visit| visit.check().map(drop))
    }

    fn visit_one<R, F>(
        &self,
        item: &Item,
        window: Option<Window<'_>>,
        scratch: &mut Scratch,
        run: &Run<'_>,
        visit: &F,
    ) -> Result<R>
    where
        F: Fn(&mut Visit<'_, '_, S>) -> Result<R>,
    {
        run.check()?;
        // The plan was made of entries that are there.
        let entry = self.entry(item.index).ok_or_else(|| no_such(item.index))?;
        let observer = run.parallel.observer;
        observer.start(item.index, &|| entry.name().to_string());
        let target = Target { entry: *entry, at: item.at, limit: item.limit };
        let result = visit(&mut Visit { entry, target, window, scratch, run });
        match &result {
            Ok(_) => observer.finish(item.index),
            Err(error) => observer.fail(item.index, error),
        }
        result
    }

    /// The memory that holds all members of a batch. Where it cannot be had in one piece, each
    /// entry is read, and fails, on its own.
    fn batch_window<'w>(&'w self, batch: &Batch, region: &'w mut Vec<u8>) -> Option<Window<'w>> {
        if let Some(bytes) = self.source().as_slice() {
            return Some(Window { start: 0, bytes });
        }
        let span = batch.span?;
        // At most `WHOLE_BYTES`, or a batch: larger members get no span.
        region.resize(span.len() as usize, 0);
        read_exact(self.source(), region, span.start).ok()?;
        Some(Window { start: span.start, bytes: region })
    }

    /// Cuts the work: large entries alone and first, small neighbours together. Members of more
    /// than `whole` archive bytes are never read in one piece.
    fn plan(&self, indices: &[usize], whole: u64) -> Plan {
        let mut items: Vec<Item> = Vec::with_capacity(indices.len());
        for (slot, &index) in indices.iter().enumerate() {
            if let Some(entry) = self.entry(index) {
                let Target { at, limit, .. } = entry.target();
                items.push(Item { slot, index, at, limit });
            }
        }
        if !items.is_sorted_by_key(|item| item.at) {
            items.sort_by_key(|item| item.at);
        }
        let mut batches: Vec<Batch> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let span = Span { start: item.at, end: item.limit.max(item.at) };
            let size = self.entry(item.index).map_or(0, |entry| entry.size());
            // What an entry costs beside its bytes is about what a KiB costs.
            let weight = size.saturating_add(span.len()).saturating_add(1 << 10);
            if let Some(batch) = batches.last_mut()
                && let Some(open) = batch.span
                && span.start >= open.end
                && span.len() <= whole
                && span.end - open.start <= BATCH_BYTES
                && batch.weight.saturating_add(weight) <= 8 * BATCH_BYTES
            {
                batch.items.end = number + 1;
                batch.span = Some(Span { start: open.start, end: span.end });
                batch.weight = batch.weight.saturating_add(weight);
                continue;
            }
            let span = (span.len() <= whole).then_some(span);
            batches.push(Batch { items: number..number + 1, span, weight });
        }
        // Stable, so that equal ones stay in archive order; only the large ones move.
        batches.sort_by_key(|batch| {
            if batch.weight > 16 * BATCH_BYTES { u64::MAX - batch.weight } else { u64::MAX }
        });
        Plan { items, batches }
    }
}

#[cold]
fn no_such(index: usize) -> Error {
    Error::NotFound(format!("number {index}"))
}

/// Runs `work` on so many threads, this one among them.
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
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = vec![work()];
        for helper in helpers {
            match helper.join() {
                Ok(result) => all.push(result),
                // The visitor panicked; so does the caller, with the same payload.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}
