//! How strict a reader is, and what it may cost.

use std::sync::Arc;

use zip_codec::registry::Registry;
use zip_format::limits::Limits;
use zip_format::profile::Relax;

/// How an archive is opened and read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Deviations that are accepted; [`Relax::STRICT`] by default.
    pub relax: Relax,
    /// Caps on what an archive may ask for.
    pub limits: Limits,
    /// Methods beside the built-in ones.
    pub registry: Arc<Registry>,
}

impl Options {
    /// For listing: everything that can be named is accepted, and reported by
    /// [`crate::Archive::needs`].
    #[must_use]
    pub fn lenient() -> Self {
        Self { relax: Relax::LENIENT, ..Self::default() }
    }
}
