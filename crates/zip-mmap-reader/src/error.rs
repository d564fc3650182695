//! Lower errors, with the entry that was read.

use std::io;

use zip_format::error::Category;
use zip_format::profile::Relax;

/// What went wrong while reading an archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The source failed.
    #[error("reading the archive at offset {at}: {source}")]
    Io {
        /// Offset of the read, in bytes.
        at: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A record of the archive is wrong.
    #[error(transparent)]
    Format(#[from] zip_format::error::Error),
    /// A payload is wrong.
    #[error(transparent)]
    Codec(#[from] zip_codec::error::Error),
    /// Something is wrong with one entry.
    #[error("{name} (entry {index}, member at offset {at}): {cause}")]
    Entry {
        /// Number of the entry in the directory.
        index: usize,
        /// Its name, escaped where it is no text.
        name: String,
        /// Offset of its local header in the file.
        at: u64,
        /// What is wrong.
        #[source]
        cause: Box<Error>,
    },
    /// The payload is encrypted and no password was given.
    #[error("encrypted ({scheme}); a password is needed")]
    Encrypted {
        /// How: "traditional", "AE-1", "AE-2".
        scheme: &'static str,
    },
    /// There is no such entry.
    #[error("no entry named {0}")]
    NotFound(String),
    /// The text is no pattern.
    #[error("{pattern} is no pattern: {reason}")]
    Pattern {
        /// The text.
        pattern: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The buffer for the contents has another length than they.
    #[error("buffer of {found} bytes for an entry of {expected}")]
    BufferLength {
        /// Bytes of the contents.
        expected: u64,
        /// Bytes of the buffer.
        found: u64,
    },
    /// The receiver of the contents failed.
    #[error("writing: {0}")]
    Write(#[source] io::Error),
    /// All entries of one run together gave more than the limit.
    #[error("limit reached: more than {limit} bytes from all entries together")]
    TotalBytes {
        /// The limit, in bytes.
        limit: u64,
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
            // A source over a sealed archive, say, whose bytes are there and wrong.
            Self::Io { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
                Category::Damaged
            }
            Self::Io { .. } | Self::Write(_) => Category::Io,
            Self::Format(error) => error.category(),
            Self::Codec(error) => error.category(),
            Self::Entry { cause, .. } => cause.category(),
            Self::Encrypted { .. } => Category::Password,
            Self::NotFound(_) | Self::BufferLength { .. } => Category::Usage,
            Self::Pattern { .. } => Category::Usage,
            Self::TotalBytes { .. } => Category::Limit,
            Self::Cancelled => Category::Cancelled,
        }
    }

    /// The relaxation that accepts this; empty where none does.
    #[must_use]
    pub fn needs(&self) -> Relax {
        match self.cause() {
            Self::Format(error) => error.needs,
            _ => Relax::empty(),
        }
    }

    /// Without the entry around it.
    #[must_use]
    pub fn cause(&self) -> &Self {
        match self {
            Self::Entry { cause, .. } => cause.cause(),
            other => other,
        }
    }
}
