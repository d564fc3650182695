//! Where bytes of a job belong.

use zip_format::position::Span;

/// Some bytes of what is opened for one entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) entry: usize,
    pub(super) span: Span,
    /// The span ends with the contents, so there must be nothing behind it.
    pub(super) is_last: bool,
    /// Room for the headers of blocks is left between the bytes.
    pub(super) blocks: bool,
    /// The checksum is of interest.
    pub(super) sum: bool,
}
