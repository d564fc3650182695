//! Threads, method and level, order, memory, and what happens when an item fails.

use std::time::Duration;

use zip_codec::level::Level;
use zip_format::method::Method;
use zip_io::CancelToken;
use zip_io::progress::{Observer, Silent};

#[cfg(feature = "crypto")]
use crate::cipher::Encryption;
use crate::monitor::{Monitor, Snapshot};

/// Memory of a run, without what each thread has: [`Options::memory`].
const SHARED_BYTES: usize = 64 << 20;
/// Memory of each thread.
const THREAD_BYTES: usize = 8 << 20;
/// Readers of inputs that wait, for each thread: [`Options::prefetch`].
const READERS: usize = 4;
/// Most threads of either kind.
const MOST_THREADS: usize = 256;

/// What happens to the archive when one item fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The item is left out and reported; the others are written.
    #[default]
    Skip,
    /// The archive is given up.
    Stop,
}

/// In which order members stand in the archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// That of the items: the same bytes for any number of threads and any timing.
    #[default]
    Input,
    /// That in which they are finished: nothing waits for a slow item.
    Completion,
}

/// An interval, and what is called at it.
pub type Tick<'o> = (Duration, &'o (dyn Fn(&Snapshot) + Sync));

/// How an archive is written.
#[derive(Clone)]
pub struct Options<'o> {
    /// Threads that compress, 1 to 256; 0 for as many as the machine has.
    pub threads: usize,
    /// Inputs that may wait ([`zip_io::Input::may_wait`]) and are read at once, by threads of
    /// their own; 0 for four for each of [`Options::threads`]. They are started when such inputs
    /// come. Each holds twice the length of its input, 4 MiB at most, but 128 KiB until the first
    /// 64 KiB are read, and 1 MiB until 512 KiB are where the length is not known; as many of them
    /// read at once as [`Options::memory`] has room for.
    pub prefetch: usize,
    /// Order of the members.
    pub order: Order,
    /// Method of items that do not say otherwise.
    pub method: Method,
    /// Level of items that do not say otherwise.
    pub level: Level,
    /// Bytes of memory for buffers of all kinds, whatever the inputs are; 0 for 64 MiB and 8 MiB
    /// a thread. Below 16 MiB and 8 MiB a thread there is no going, whatever this says. What the
    /// coders of other methods than deflate take comes on top, once a thread: their windows.
    pub memory: usize,
    /// How items are encrypted that do not say otherwise; by default they are not. Directories,
    /// which have no contents, and carried entries are written as they are in any case.
    /// Salts are fresh for each entry, so no two runs give the same bytes.
    #[cfg(feature = "crypto")]
    pub encryption: Option<Encryption>,
    /// What happens when one item fails.
    pub on_failure: OnFailure,
    /// Archive comment: at most 65,535 bytes, without the signature of an end record among them.
    pub comment: Vec<u8>,
    /// Stops the run.
    pub cancel: Option<&'o CancelToken>,
    /// Told of each item.
    pub observer: &'o dyn Observer,
    /// Counts the run, to be asked from any thread.
    pub monitor: Option<&'o Monitor>,
    /// Called with a snapshot at this interval and once at the end, by a thread of its own.
    pub tick: Option<Tick<'o>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            threads: 0,
            prefetch: 0,
            order: Order::Input,
            method: Method::DEFLATE,
            level: Level::DEFAULT,
            memory: 0,
            #[cfg(feature = "crypto")]
            encryption: None,
            on_failure: OnFailure::Skip,
            comment: Vec::new(),
            cancel: None,
            observer: &Silent,
            monitor: None,
            tick: None,
        }
    }
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("threads", &self.threads)
            .field("prefetch", &self.prefetch)
            .field("order", &self.order)
            .field("method", &self.method)
            .field("level", &self.level)
            .field("memory", &self.memory)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}

impl Options<'_> {
    /// Asks the system where it is left to the machine.
    pub(crate) fn resolved_threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            given => given.min(MOST_THREADS),
        }
    }

    pub(crate) fn resolved_prefetch(&self, threads: usize) -> usize {
        match self.prefetch {
            0 => (threads * READERS).min(MOST_THREADS),
            given => given.min(MOST_THREADS),
        }
    }

    /// Bytes that are not any one thread's.
    pub(crate) fn shared_bytes(&self, threads: usize) -> usize {
        match self.memory {
            0 => SHARED_BYTES,
            given => given.saturating_sub(threads * THREAD_BYTES).max(SHARED_BYTES / 4),
        }
    }

    pub(crate) fn check_cancel(&self) -> crate::error::Result<()> {
        Ok(self.cancel.map_or(Ok(()), CancelToken::check)?)
    }
}
