//! How strict a reader is, what it may cost, and on how many threads.

use std::sync::Arc;

use zip_codec::registry::Registry;
use zip_format::limits::Limits;
use zip_format::name::Charset;
use zip_format::profile::Relax;
use zip_format::time::Zone;
use zip_io::CancelToken;
use zip_io::progress::{Observer, Silent};

use crate::passwords::Passwords;

/// How an archive is opened and read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Deviations that are accepted; [`Relax::STRICT`] by default.
    pub relax: Relax,
    /// Caps on what an archive may ask for.
    pub limits: Limits,
    /// Methods beside the built-in ones.
    pub registry: Arc<Registry>,
    /// How names are read that are neither marked nor ASCII: old archives in Shift_JIS, say.
    pub charset: Option<NameCharset>,
    /// Where the clock stood that DOS times were read from; without one they count as UTC. The
    /// field takes it for the zone of whoever reads, which only an application knows.
    pub zone: Option<DosZone>,
    /// What opens encrypted entries.
    pub passwords: Passwords,
}

/// A shared [`Charset`].
#[derive(Clone)]
pub struct NameCharset(Arc<dyn Charset>);

impl NameCharset {
    /// Reads names with `charset`, which may be a function.
    pub fn new(charset: impl Charset + 'static) -> Self {
        Self(Arc::new(charset))
    }

    pub(crate) fn as_charset(&self) -> &dyn Charset {
        &*self.0
    }
}

impl std::fmt::Debug for NameCharset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameCharset")
    }
}

/// A shared [`Zone`].
#[derive(Clone)]
pub struct DosZone(Arc<dyn Zone>);

impl DosZone {
    /// Reads DOS times in `zone`, which may be a function from a civil time to seconds.
    pub fn new(zone: impl Zone + 'static) -> Self {
        Self(Arc::new(zone))
    }

    pub(crate) fn as_zone(&self) -> &dyn Zone {
        &*self.0
    }
}

impl std::fmt::Debug for DosZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DosZone")
    }
}

impl Options {
    /// For listing: everything that can be named is accepted, and reported by
    /// [`crate::Archive::needs`].
    #[must_use]
    pub fn lenient() -> Self {
        Self { relax: Relax::LENIENT, ..Self::default() }
    }
}

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

    pub(crate) fn resolved_threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            given => given.min(256),
        }
    }
}
