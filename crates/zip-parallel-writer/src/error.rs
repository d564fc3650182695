//! Lower errors, with the item that was being written.

use std::io;

use zip_format::error::Category;

/// What went wrong while writing an archive, or one item of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input of an item failed.
    #[error("reading the input: {0}")]
    Input(#[source] io::Error),
    /// The sink failed; the archive is of no use.
    #[error("writing the archive: {0}")]
    Sink(#[source] io::Error),
    /// A payload on its way could not be kept: a full temporary directory, for one.
    #[error("spooling to a temporary file: {0}")]
    Spool(#[source] io::Error),
    /// A name or comment does not fit a record.
    #[error(transparent)]
    Format(#[from] zip_format::error::Error),
    /// The method is not there, or failed.
    #[error(transparent)]
    Codec(#[from] zip_codec::error::Error),
    /// The name would not be safe to extract.
    #[error("the name cannot be written: {0}")]
    Name(&'static str),
    /// An earlier item has the same name.
    #[error("an earlier item has the same name")]
    DuplicateName,
    /// A compressed payload that was to be verified is none, or another one, or cannot be decoded
    /// here.
    #[error("the compressed payload fails its check: {0}")]
    Payload(#[source] zip_codec::error::Error),
    /// A payload that was given with its length has another one.
    #[error("the payload has {found} bytes instead of {expected}")]
    PayloadLength {
        /// Bytes it was said to have.
        expected: u64,
        /// Bytes that came, or that came and one more.
        found: u64,
    },
    /// What was to be taken over as gzip is none, or more than one member.
    #[error("not one gzip member: {0}")]
    Gzip(&'static str),
    /// An input of a known length below 4 GiB became longer than that while it was written.
    #[error("the input grew past 4 GiB while it was written; add it again")]
    Grew,
    /// An input, or another part of the caller's, panicked; it was caught.
    #[error("a panic: {0}")]
    Panicked(String),
    /// An item failed, and the policy is to stop then.
    #[error("{name} (item {index}): {cause}")]
    Item {
        /// Number of the item.
        index: usize,
        /// Its name.
        name: String,
        /// What is wrong.
        #[source]
        cause: Box<Error>,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl From<zip_io::cancel::Cancelled> for Error {
    fn from(_: zip_io::cancel::Cancelled) -> Self {
        Self::Cancelled
    }
}

impl Error {
    /// The class of this error.
    #[must_use]
    pub fn category(&self) -> Category {
        match self {
            Self::Input(_) | Self::Sink(_) | Self::Spool(_) | Self::Panicked(_) | Self::Grew => {
                Category::Io
            }
            Self::Format(_) | Self::DuplicateName => Category::Usage,
            Self::Codec(error) | Self::Payload(error) => error.category(),
            Self::PayloadLength { .. } | Self::Gzip(_) => Category::Damaged,
            Self::Name(_) => Category::Unsafe,
            Self::Item { cause, .. } => cause.category(),
            Self::Cancelled => Category::Cancelled,
        }
    }
}

/// What was said with a panic.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
