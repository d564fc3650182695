//! What became of each item, and of the archive.

use std::time::Duration;

use zip_format::method::Method;

use crate::error::{Error, Result};

/// An item that was not written, and why.
#[derive(Debug)]
pub struct Failure {
    /// Number of the item.
    pub index: usize,
    /// Its name in the archive, escaped where it is no text.
    pub name: String,
    /// Why it was not written.
    pub error: Error,
}

/// One written item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Number of the item.
    pub index: usize,
    /// Method of the payload.
    pub method: Method,
    /// Bytes of the contents.
    pub size: u64,
    /// Bytes of the payload.
    pub compressed_size: u64,
    /// From the start of reading to the last byte of the payload, waits included.
    pub time: Duration,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every item is in the archive.
    Complete,
    /// The archive is valid, and some items are not in it.
    Partial,
    /// The caller stopped it; there is no archive.
    Cancelled,
    /// It failed; there is no archive.
    Failed,
}

/// What became of the items of a run.
///
/// *Limits*: 48 bytes for each item that was written.
#[derive(Debug, Default)]
pub struct Report {
    /// The items that were written, in the order of the archive.
    pub written: Vec<Written>,
    /// The items that were not, in the order they were given, or in which they failed where
    /// [`crate::Order::Completion`] is asked for.
    pub failed: Vec<Failure>,
    /// Numbers of the items that were taken and neither written nor failed, because the run ended
    /// before: of none in a finished archive.
    pub skipped: Vec<usize>,
    /// Bytes of all contents written.
    pub bytes_in: u64,
    /// Bytes of the archive.
    pub bytes_out: u64,
    /// Time of the whole run.
    pub elapsed: Duration,
}

impl Report {
    /// Every item is in the archive.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty()
    }

    /// Fills in the items below `taken` that nothing became of.
    pub(crate) fn skip_rest(&mut self, taken: usize) {
        let mut known = vec![false; taken];
        let written = self.written.iter().map(|written| written.index);
        for index in written.chain(self.failed.iter().map(|failure| failure.index)) {
            if let Some(known) = known.get_mut(index) {
                *known = true;
            }
        }
        let unknown = known.iter().enumerate().filter(|(_, known)| !**known);
        self.skipped = unknown.map(|(index, _)| index).collect();
    }
}

/// A run that is over: the sink, or why there is no archive, and what became of the items.
#[derive(Debug)]
pub struct Run<S> {
    /// The finished sink.
    pub result: Result<S>,
    /// What became of each item; also of a run that failed.
    pub report: Report,
}

impl<S> Run<S> {
    /// How it ended.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match &self.result {
            Ok(_) if self.report.is_complete() => Verdict::Complete,
            Ok(_) => Verdict::Partial,
            Err(Error::Cancelled) => Verdict::Cancelled,
            Err(_) => Verdict::Failed,
        }
    }
}
