//! What is wrong with volumes, or with what was asked for.

use std::io;

use zip_format::error::Category;

/// What went wrong with the volumes of an archive.
///
/// Sources and sinks speak [`io::Error`]; there it travels inside one, and [`Error::of`] finds it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A size of volumes that the kind does not have.
    #[error("volumes of {size} bytes: at least {least} and at most {most} are possible")]
    VolumeSize {
        /// What was asked for, in bytes.
        size: u64,
        /// The least there can be.
        least: u64,
        /// The most there can be.
        most: u64,
    },
    /// A record, which must not be parted, is longer than a volume.
    #[error("a record of {len} bytes does not fit into volumes of {size}: make them larger")]
    RecordTooLong {
        /// Bytes of the record.
        len: u64,
        /// Bytes of a volume.
        size: u64,
    },
    /// The archive would have, or claims to have, more volumes than can be numbered.
    #[error("{found} volumes or more: at most {most} are possible")]
    TooManyVolumes {
        /// The most there can be.
        most: u32,
        /// How many there are, as far as it was counted.
        found: u64,
    },
    /// A volume cannot be written.
    #[error("volume {} at offset {at}: {source}", number + 1)]
    Write {
        /// Number of the volume, from 0.
        number: u32,
        /// Offset on the volume, in bytes.
        at: u64,
        /// What the system said.
        source: io::Error,
    },
    /// The sink failed before, or is finished.
    #[error("nothing more can be written: the volumes failed before, or are finished")]
    Closed,
    /// There are volumes of this name already.
    #[error("{name} is there already: remove the volumes of the old archive first")]
    Exists {
        /// The first of them.
        name: String,
    },
    /// The name is none a split archive can have.
    #[error("{name}: the name of a split archive must end in .zip, which its last volume keeps")]
    Name {
        /// The name.
        name: String,
    },
    /// A volume is not there.
    #[error("{name} is missing; needed at offset {at} of the archive")]
    Missing {
        /// Name of the volume.
        name: String,
        /// Number of the volume, from 0.
        number: u32,
        /// Offset in the whole of the first byte that was needed.
        at: u64,
    },
    /// The volume with the directory is not there, so nothing can be read.
    #[error("{name} is missing: it is the last volume, which holds the directory")]
    MissingLast {
        /// Its name.
        name: String,
    },
    /// The last volume that is there has no end record: it is not the last one.
    #[error("{last} is the last volume there is, but no archive ends in it: is {next} missing?")]
    NoEnd {
        /// The last volume there is.
        last: String,
        /// The one that would come next.
        next: String,
    },
    /// Two files are the same volume.
    #[error("{name} and {other} are one volume: remove one of them")]
    Duplicate {
        /// One file.
        name: String,
        /// The other.
        other: String,
    },
    /// The end record counts other volumes than there are.
    #[error("the end record counts {claimed} volumes, there are {found}")]
    Count {
        /// What the end record says.
        claimed: u64,
        /// Volumes there are.
        found: u64,
    },
    /// A volume cannot be read.
    #[error("{name} at offset {at}: {source}")]
    Read {
        /// Name of the volume.
        name: String,
        /// Offset on the volume, in bytes.
        at: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A volume is not as long as it was when the archive was opened.
    #[error("{name} had {expected} bytes when the archive was opened, and now has {found}")]
    Changed {
        /// Name of the volume.
        name: String,
        /// Its length then.
        expected: u64,
        /// Its length now.
        found: u64,
    },
    /// The archive begins with bytes that belong to no member, where volumes have their marker.
    #[error(
        "the first {bytes} bytes are no part of the archive, but a program perhaps; volumes cannot keep them: drop them, or cut the file as it is"
    )]
    Prefix {
        /// How many.
        bytes: u64,
    },
    /// The archive is an Android package with a signature of the whole file, which would be wrong
    /// for any other.
    #[error(
        "the {bytes} bytes at offset {at} are an APK Signing Block, which vouches for this file only: drop it, or cut the file as it is"
    )]
    Signature {
        /// Offset of the block.
        at: u64,
        /// How long it is.
        bytes: u64,
    },
    /// A record of the archive is wrong.
    #[error(transparent)]
    Format(#[from] zip_format::error::Error),
    /// Reading the archive, or writing the new one, failed.
    #[error(transparent)]
    Io(io::Error),
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The class of this error.
    #[must_use]
    pub fn category(&self) -> Category {
        match self {
            Self::VolumeSize { .. }
            | Self::RecordTooLong { .. }
            | Self::Exists { .. }
            | Self::Name { .. }
            | Self::Closed
            | Self::Prefix { .. }
            | Self::Signature { .. } => Category::Usage,
            Self::TooManyVolumes { .. } => Category::Limit,
            Self::Duplicate { .. } | Self::Count { .. } | Self::Changed { .. } => Category::Damaged,
            Self::Missing { .. } | Self::MissingLast { .. } | Self::NoEnd { .. } => Category::Io,
            Self::Write { .. } | Self::Read { .. } | Self::Io(_) => Category::Io,
            Self::Format(error) => error.category(),
            Self::Cancelled => Category::Cancelled,
        }
    }

    /// The error of this crate inside an [`io::Error`] that a source or sink gave.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Write { source, .. } | Self::Read { source, .. } => source.kind(),
            Self::Missing { .. } | Self::MissingLast { .. } | Self::NoEnd { .. } => {
                io::ErrorKind::NotFound
            }
            Self::Exists { .. } => io::ErrorKind::AlreadyExists,
            Self::Duplicate { .. } | Self::Count { .. } | Self::Changed { .. } => {
                io::ErrorKind::InvalidData
            }
            Self::VolumeSize { .. }
            | Self::RecordTooLong { .. }
            | Self::TooManyVolumes { .. }
            | Self::Name { .. } => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::Other,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => error,
            error => Self::new(error.kind(), error),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Io)
    }
}

impl From<zip_io::cancel::Cancelled> for Error {
    fn from(_: zip_io::cancel::Cancelled) -> Self {
        Self::Cancelled
    }
}
