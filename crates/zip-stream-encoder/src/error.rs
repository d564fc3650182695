//! Lower errors, with the entry they are about and both lengths where lengths differ.

use std::io;

use zip_format::error::Category;
use zip_format::path::Refusal;

/// Why an archive cannot be planned, or its stream ended early.
///
/// An error in the middle of a stream means that what was given out so far is no archive: it ends
/// before its directory, and no reader takes it for whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name would not be safe to extract.
    #[error("{name} (entry {index}): the name cannot be written: {why}")]
    Name {
        /// Number of the entry.
        index: usize,
        /// Its name, lossily.
        name: String,
        /// What is wrong with it.
        why: Refusal,
    },
    /// An earlier entry has the same name.
    #[error("{name} (entry {index}): entry {other} has the same name")]
    DuplicateName {
        /// Number of the entry.
        index: usize,
        /// Its name, lossily.
        name: String,
        /// Number of the earlier one.
        other: usize,
    },
    /// A name, comment or key does not fit its record.
    #[error("{name} (entry {index}): {what} of {found} bytes; at most 65,535 fit")]
    TextTooLong {
        /// Number of the entry.
        index: usize,
        /// The start of its name, lossily.
        name: String,
        /// Which text.
        what: &'static str,
        /// Its length in bytes.
        found: usize,
    },
    /// The entry says two things that cannot both be.
    #[error("{name} (entry {index}): {why}")]
    Contradiction {
        /// Number of the entry.
        index: usize,
        /// Its name, lossily.
        name: String,
        /// Which ones.
        why: &'static str,
    },
    /// The archive would be longer than 2^63 bytes.
    #[error("entry {index} would end beyond 2^63 bytes")]
    TooLarge {
        /// Number of the entry.
        index: usize,
    },
    /// A byte range that the archive does not have.
    #[error("bytes {start}..{end} of an archive of {len} bytes")]
    NoSuchRange {
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// Bytes of the archive.
        len: u64,
    },
    /// An entry is to have a password that the plan does not have.
    #[error("{name} (entry {index}): password {password}, and the plan has {known} of them")]
    NoSuchPassword {
        /// Number of the entry.
        index: usize,
        /// Its name, lossily.
        name: String,
        /// The number that was asked for, counted from 0.
        password: usize,
        /// How many there are.
        known: usize,
    },
    /// Passwords for a plan: none, too many, or more than it was made with.
    #[error("{found} passwords for a plan that can have 1 to {most}")]
    PasswordCount {
        /// How many were given.
        found: usize,
        /// How many there can be.
        most: usize,
    },
    /// Bytes that are no plan, or one of another version.
    #[error("not a plan that can be read: {0}")]
    BadPlan(&'static str),
    /// The contents of an entry could not be opened.
    #[error("{name}: opening the contents: {source}")]
    Open {
        /// Name of the entry, lossily.
        name: String,
        /// What was said.
        #[source]
        source: io::Error,
    },
    /// The contents of an entry failed on the way.
    #[error("{name}: reading the contents at byte {at}: {source}")]
    Read {
        /// Name of the entry, lossily.
        name: String,
        /// Bytes of the contents that came before.
        at: u64,
        /// What was said.
        #[source]
        source: io::Error,
    },
    /// The contents ended before the length that was promised.
    #[error("{name}: the contents end after {found} bytes, {promised} were promised")]
    TooShort {
        /// Name of the entry, lossily.
        name: String,
        /// Bytes that the plan promised.
        promised: u64,
        /// Bytes there were.
        found: u64,
    },
    /// The contents go on after the length that was promised.
    #[error("{name}: the contents have at least {found} bytes, {promised} were promised")]
    TooLong {
        /// Name of the entry, lossily.
        name: String,
        /// Bytes that the plan promised.
        promised: u64,
        /// Bytes there are at least.
        found: u64,
    },
    /// The contents have another checksum than was promised, or than they had before.
    #[error("{name}: CRC-32 of the contents is {found:#010x}, {expected:#010x} was promised")]
    Crc {
        /// Name of the entry, lossily.
        name: String,
        /// The checksum of the plan, or of an earlier pass over the same version.
        expected: u32,
        /// The one of what came.
        found: u32,
    },
    /// The coder failed, or is not in this build.
    #[error(transparent)]
    Codec(#[from] zip_codec::error::Error),
    /// A record could not be written.
    #[error(transparent)]
    Format(#[from] zip_format::error::Error),
    /// The sink goes to volumes on which no record may be parted, and places records by volume,
    /// but the stream has one place for each. Cuts of the archive can be as many as wanted, and a
    /// plan can be made [for such volumes](crate::plan::Builder::finish_in_volumes).
    #[error("the stream is not planned for volumes that records name; plan it so, or cut it raw")]
    VolumesBelow,
    /// The plan is for split volumes, and the sink is not over volumes of this size, or not at
    /// their beginning.
    #[error("the stream is planned for volumes of {planned} bytes, and the sink has other ones")]
    OtherVolumes {
        /// Most bytes of a volume, as planned.
        planned: u64,
    },
    /// A size that split volumes cannot have.
    #[error("volumes of {size} bytes: at least {least} and at most {most} are possible")]
    VolumeSize {
        /// What was asked for, in bytes.
        size: u64,
        /// The least there can be.
        least: u64,
        /// The most there can be.
        most: u64,
    },
    /// The archive would have more volumes than can be numbered.
    #[error("the archive has more than {most} volumes of {size} bytes: make them larger")]
    TooManyVolumes {
        /// The most there can be.
        most: u32,
        /// Bytes of a volume.
        size: u64,
    },
    /// A record, which must not be parted, is longer than a volume.
    #[error("a record of {len} bytes does not fit into volumes of {size}: make them larger")]
    RecordTooLong {
        /// Bytes of the record.
        len: u64,
        /// Bytes of a volume.
        size: u64,
    },
    /// The sink failed.
    #[error("writing the archive: {0}")]
    Sink(#[source] io::Error),
    /// The machine was driven on after an error, or fed when it wanted something else.
    #[error("the stream ended with an error before")]
    Ended,
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
            Self::Name { .. } => Category::Unsafe,
            Self::DuplicateName { .. }
            | Self::TextTooLong { .. }
            | Self::Contradiction { .. }
            | Self::TooLarge { .. }
            | Self::NoSuchRange { .. }
            | Self::NoSuchPassword { .. }
            | Self::PasswordCount { .. }
            | Self::VolumesBelow
            | Self::OtherVolumes { .. }
            | Self::VolumeSize { .. }
            | Self::RecordTooLong { .. }
            | Self::Ended => Category::Usage,
            Self::TooManyVolumes { .. } => Category::Limit,
            Self::BadPlan(_) => Category::Damaged,
            Self::Open { .. }
            | Self::Read { .. }
            | Self::TooShort { .. }
            | Self::TooLong { .. }
            | Self::Crc { .. }
            | Self::Sink(_) => Category::Io,
            Self::Codec(error) => error.category(),
            Self::Format(error) => error.category(),
            Self::Cancelled => Category::Cancelled,
        }
    }

    /// The error as one of `std::io`, of the kind of its cause.
    #[must_use]
    pub fn into_io(self) -> io::Error {
        let kind = match &self {
            Self::Open { source, .. } | Self::Read { source, .. } | Self::Sink(source) => {
                source.kind()
            }
            Self::TooShort { .. } => io::ErrorKind::UnexpectedEof,
            Self::TooLong { .. } | Self::Crc { .. } => io::ErrorKind::InvalidData,
            Self::Cancelled => io::ErrorKind::Interrupted,
            _ => io::ErrorKind::Other,
        };
        // `Interrupted` asks readers to try again, which would never end.
        let kind = if kind == io::ErrorKind::Interrupted { io::ErrorKind::Other } else { kind };
        io::Error::new(kind, self)
    }
}

/// A name as messages show it.
pub(crate) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
