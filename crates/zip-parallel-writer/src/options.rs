//! Threads, method and level, memory, and what happens when an item fails.

use zip_codec::level::Level;
use zip_format::method::Method;
use zip_io::CancelToken;
use zip_io::progress::{Observer, Silent};

/// What happens to the archive when one item fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The item is left out and reported; the others are written.
    #[default]
    Skip,
    /// The archive is given up.
    Stop,
}

/// How an archive is written.
#[derive(Clone)]
pub struct Options<'o> {
    /// Worker threads, 1 to 256; 0 for as many as the machine has.
    pub threads: usize,
    /// Method of items that do not say otherwise.
    pub method: Method,
    /// Level of items that do not say otherwise.
    pub level: Level,
    /// Bytes of finished members that may wait in memory for their turn.
    pub memory: usize,
    /// What happens when one item fails.
    pub on_failure: OnFailure,
    /// Archive comment.
    pub comment: Vec<u8>,
    /// Stops the run.
    pub cancel: Option<&'o CancelToken>,
    /// Told of each item.
    pub observer: &'o dyn Observer,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            threads: 0,
            method: Method::DEFLATE,
            level: Level::DEFAULT,
            memory: 32 << 20,
            on_failure: OnFailure::Skip,
            comment: Vec::new(),
            cancel: None,
            observer: &Silent,
        }
    }
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("threads", &self.threads)
            .field("method", &self.method)
            .field("level", &self.level)
            .field("memory", &self.memory)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}

impl Options<'_> {
    pub(crate) fn resolved_threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            given => given.min(256),
        }
    }

    pub(crate) fn check_cancel(&self) -> crate::error::Result<()> {
        Ok(self.cancel.map_or(Ok(()), CancelToken::check)?)
    }
}
