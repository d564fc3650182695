//! `ParallelWriter`: options, items, a sink, and a report.

use std::time::Instant;

use zip_format::directory::lookalike::check_comment;
use zip_io::Sink;

use crate::error::Result;
use crate::feed::{Iter, Supply};
use crate::hall::Hall;
use crate::item::Item;
use crate::monitor::Monitor;
use crate::options::Options;
use crate::pool;
use crate::report::{Report, Run};

/// Writes archives.
///
/// Items are taken from the iterator as threads become free, compressed side by side, and written
/// in the order they came: the archive's bytes do not depend on the number of threads.
///
/// ```
/// use zip_parallel_writer::{Item, Options, ParallelWriter};
///
/// let items = [
///     Item::bytes("a.txt", "some text"),
///     Item::directory("empty"),
///     Item::read("b.txt", std::io::repeat(b'b').take(10_000)),
/// ];
/// # use std::io::Read;
/// let writer = ParallelWriter::new(Options { threads: 2, ..Options::default() });
/// let (archive, report) = writer.write(Vec::new(), items)?;
/// assert!(report.is_complete());
/// assert!(archive.starts_with(b"PK"));
/// # Ok::<(), zip_parallel_writer::Error>(())
/// ```
///
/// *Limits*: [`Options::memory`] for buffers, and about 200 bytes and the name per entry. What does
/// not fit waits in unnamed temporary files.
///
/// *Threads*: those of [`Options::threads`], of which the caller's is one, those of
/// [`Options::prefetch`] when inputs come that may wait, and one for [`Options::tick`].
#[derive(Clone, Debug, Default)]
pub struct ParallelWriter<'o> {
    options: Options<'o>,
}

impl<'o> ParallelWriter<'o> {
    /// A writer with these options.
    #[must_use]
    pub const fn new(options: Options<'o>) -> Self {
        Self { options }
    }

    /// Writes all items into one archive and finishes the sink; returns it and the report.
    ///
    /// An item that fails is left out and reported ([`crate::OnFailure`]); the archive is valid
    /// without it.
    ///
    /// # Errors
    /// The archive's comment cannot be written ([`check_comment`]), which is found before anything
    /// else is; the sink failed, the run was cancelled, or an item failed under
    /// [`crate::OnFailure::Stop`]. The sink is then dropped unfinished: a
    /// [`zip_io::file::FileSink`] leaves no file behind. So it is, too, when an item fails whose
    /// first bytes were written already to a sink that takes none back.
    ///
    /// *Threads*: none is left when this returns. A thread that waits for an input is waited for.
    pub fn write<'i, S, I>(&self, sink: S, items: I) -> Result<(S, Report)>
    where
        S: Sink,
        I: IntoIterator<Item = Item<'i>>,
        I::IntoIter: Send,
    {
        let Run { result, report } = self.run(sink, items);
        Ok((result?, report))
    }

    /// The same, with the report of a run that failed as well.
    pub fn run<'i, S, I>(&self, sink: S, items: I) -> Run<S>
    where
        S: Sink,
        I: IntoIterator<Item = Item<'i>>,
        I::IntoIter: Send,
    {
        self.supplied(sink, Iter(items.into_iter()))
    }

    pub(crate) fn supplied<'i, S: Sink>(&self, sink: S, supply: impl Supply<'i>) -> Run<S> {
        let started = Instant::now();
        // Not after everything else was written.
        if let Err(error) = check_comment(&self.options.comment) {
            return Run { result: Err(error.into()), report: Report::default() };
        }
        // A tick without a monitor of the caller's counts in one of its own.
        let own = Monitor::default();
        let monitor = self.options.monitor.or(self.options.tick.is_some().then_some(&own));
        let options = Options { monitor, ..self.options.clone() };
        if let Some(monitor) = monitor {
            monitor.begin();
        }
        let hall = Hall::new(sink, &options);
        pool::run(supply, &hall, &options);
        let mut run = hall.finish(&options);
        run.report.elapsed = started.elapsed();
        if let Some(monitor) = monitor {
            monitor.end();
        }
        run
    }
}
