//! What became of each item.

use zip_format::method::Method;

use crate::error::Error;

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
}

/// What became of a whole archive, once it is finished.
#[derive(Debug, Default)]
pub struct Report {
    /// The items that were written, in the order of the archive.
    pub written: Vec<Written>,
    /// The items that were not, in the order they were given.
    pub failed: Vec<Failure>,
    /// Bytes of all contents.
    pub bytes_in: u64,
    /// Bytes of the archive.
    pub bytes_out: u64,
}

impl Report {
    /// Every item is in the archive.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }
}
