//! What can be wrong with a sealed archive, a key, or a use of either.

use std::io;

use zip_format::error::Category;

/// What went wrong. No plain byte of a frame is given out together with an error about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes do not begin as a sealed archive does.
    #[error("not a sealed archive")]
    NotSealed,
    /// A version of the format that this build does not know.
    #[error("sealed archive of version {found}; version {known} is what can be read here")]
    Version {
        /// The version it claims.
        found: u8,
        /// The version known here.
        known: u8,
    },
    /// A way from secret to key that this build does not know.
    #[error("sealed archive with key derivation {found}, which is unknown here")]
    Derivation {
        /// The number it claims.
        found: u8,
    },
    /// A header field has a value that no writer gives it.
    #[error("header of the sealed archive: {what} (at offset {at})")]
    Header {
        /// Which one.
        what: &'static str,
        /// Offset of the field.
        at: u64,
    },
    /// The header, or the options, ask for more than a limit allows.
    #[error("limit reached: {what} is {found}, {limit} allowed")]
    Limit {
        /// Of what.
        what: &'static str,
        /// Its value.
        limit: u64,
        /// What was asked for.
        found: u64,
    },
    /// A password was given for an archive sealed with a key, or the other way round.
    #[error("sealed with a {wanted}; give that to open it")]
    SecretKind {
        /// `"password"` or `"key"`.
        wanted: &'static str,
    },
    /// The header was not made with this secret: the secret is wrong, or the header was changed.
    #[error("wrong {kind}, or the header was changed")]
    WrongSecret {
        /// `"password"` or `"key"`.
        kind: &'static str,
    },
    /// A frame is not what was sealed at this place.
    #[error("frame {frame} (at offset {at}) is damaged or was put in place of another")]
    Frame {
        /// Its number, from 0.
        frame: u64,
        /// Offset of its first byte in the sealed archive.
        at: u64,
    },
    /// The end is missing; all that is there is right.
    #[error("sealed archive is cut off at offset {len}")]
    Truncated {
        /// Bytes that are there.
        len: u64,
    },
    /// Bytes follow the last frame; all before them is right.
    #[error("{bytes} bytes follow the sealed archive, which ends at offset {at}")]
    Trailing {
        /// Where the archive ends.
        at: u64,
        /// How many follow.
        bytes: u64,
    },
    /// No proper end: right up to this frame, and then damaged, cut off inside of the frame, or
    /// followed by other bytes. Nothing tells which.
    #[error(
        "sealed archive does not end as it should: intact up to frame {frame} (at offset {at}), \
         which is damaged, cut off, or followed by other bytes"
    )]
    End {
        /// Number of the first frame that is not right.
        frame: u64,
        /// Offset of its first byte in the sealed archive.
        at: u64,
    },
    /// This process has chosen this key and IV before.
    #[error("key and IV were used before; the same pair again would reveal both archives")]
    IvReused,
    /// An empty password protects nothing.
    #[error("the password is empty")]
    EmptyPassword,
    /// Frames were asked for, or filled, in a way that no archive allows.
    #[error("sealing: {0}")]
    Usage(&'static str),
    /// The system gave no random bytes.
    #[error("no random bytes from the system: {0}")]
    Random(#[source] getrandom::Error),
    /// The system gave no memory for the key derivation.
    #[error("no {kib} KiB of memory for the key derivation")]
    Memory {
        /// How much.
        kib: u32,
    },
    /// The source below failed.
    #[error("reading the sealed archive at offset {at}: {source}")]
    Read {
        /// Offset of the read, in bytes.
        at: u64,
        /// What it said.
        source: io::Error,
    },
}

/// Shorthand for results of this module.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The class of this error.
    #[must_use]
    pub fn category(&self) -> Category {
        match self {
            Self::NotSealed => Category::NotZip,
            Self::Version { .. } | Self::Derivation { .. } => Category::Unsupported,
            Self::Header { .. }
            | Self::Frame { .. }
            | Self::Truncated { .. }
            | Self::Trailing { .. }
            | Self::End { .. } => Category::Damaged,
            Self::Limit { .. } => Category::Limit,
            Self::SecretKind { .. } | Self::WrongSecret { .. } => Category::Password,
            Self::IvReused | Self::EmptyPassword | Self::Usage(_) => Category::Usage,
            Self::Read { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
                Category::Damaged
            }
            Self::Random(_) | Self::Memory { .. } | Self::Read { .. } => Category::Io,
        }
    }
}

/// What a [`Source`](zip_io::Source) or [`Sink`](zip_io::Sink) says: `InvalidData` where the
/// sealed bytes are wrong, and this error inside.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match (&error, error.category()) {
            (Error::Read { source, .. }, _) => source.kind(),
            (_, Category::Damaged) => io::ErrorKind::InvalidData,
            (_, Category::Usage) => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
