//! `ParallelWriter`: options, items, a sink, and a report.

use zip_io::Sink;

use crate::assemble::Assembler;
use crate::error::Result;
use crate::item::Item;
use crate::options::Options;
use crate::order::Order;
use crate::pool;
use crate::report::Report;

/// Writes archives.
///
/// Items are taken from the iterator as workers become free, compressed side by side, and written
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
/// *Limits*: up to 8 MiB and the coders per thread, [`Options::memory`] for finished members
/// that wait for their turn, and about 100 bytes and the name per entry. Payloads of large
/// members wait in unnamed temporary files.
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
    /// The sink failed, the run was cancelled, or an item failed under
    /// [`crate::OnFailure::Stop`]. The sink is then dropped unfinished: a
    /// [`zip_io::file::FileSink`] leaves no file behind.
    ///
    /// *Threads*: none is left when this returns.
    pub fn write<'i, S, I>(&self, sink: S, items: I) -> Result<(S, Report)>
    where
        S: Sink,
        I: IntoIterator<Item = Item<'i>>,
        I::IntoIter: Send,
    {
        let assembler = Assembler::new(sink, self.options.on_failure);
        let order = Order::new(assembler, self.options.memory);
        pool::run(items.into_iter(), &order, &self.options);
        self.options.check_cancel()?;
        order.finish()?.finish(&self.options.comment)
    }
}
