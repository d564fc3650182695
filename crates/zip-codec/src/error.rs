//! What went wrong between payload and contents.
//!
//! A variant names a fact and carries its numbers; the entry's name is added by the layer above,
//! which alone knows it.

use zip_format::error::Category;
use zip_format::method::Method;

/// Shorthand for results of this crate.
pub type Result<T> = core::result::Result<T, Error>;

/// What went wrong between payload and contents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The payload breaks the rules of its method.
    #[error("damaged {method} stream: {what} (near payload byte {at})")]
    Damaged {
        /// The method whose rules are broken.
        method: Method,
        /// Which rule, in the words of the back end.
        what: &'static str,
        /// Payload bytes taken in before it showed; 0 where the back end does not tell.
        at: u64,
    },
    /// The payload ends before its stream does.
    #[error("the payload ends before its compressed stream does")]
    TruncatedPayload,
    /// The payload goes on after the end of its stream.
    #[error("{unused} payload bytes follow the end of the compressed stream")]
    TrailingBytes {
        /// How many bytes the stream left over.
        unused: u64,
    },
    /// The stream ends with less than the directory announced.
    #[error("decoded to {found} bytes, the directory says {expected}")]
    SizeMismatch {
        /// Uncompressed size of the directory.
        expected: u64,
        /// Bytes that came out.
        found: u64,
    },
    /// The stream goes on after the bytes the directory announced.
    #[error("decodes to more than the {expected} bytes the directory says")]
    TooLong {
        /// Uncompressed size of the directory.
        expected: u64,
    },
    /// The contents are not those that were packed.
    #[error("CRC-32 is {found:08x}, the directory says {expected:08x}")]
    CrcMismatch {
        /// CRC-32 of the directory.
        expected: u32,
        /// CRC-32 of the bytes that came out.
        found: u32,
    },
    /// A method that nothing here knows.
    #[error("compression method {0} is not supported")]
    UnknownMethod(Method),
    /// A method that is known, but not part of this build.
    #[error("compression method {method} needs the cargo feature `{feature}`, which is off")]
    NotBuiltIn {
        /// The method.
        method: Method,
        /// The feature that brings it.
        feature: &'static str,
    },
    /// Password, key or authentication code are wrong.
    #[cfg(feature = "crypto")]
    #[error(transparent)]
    Crypto(#[from] zip_crypto::Error),
    /// The member is encrypted, and encryption is not part of this build.
    #[error("encrypted ({scheme}), which needs the cargo feature `crypto`, which is off")]
    EncryptionNotBuiltIn {
        /// How: "traditional", "AE-1", "AE-2".
        scheme: &'static str,
    },
    /// A limit of [`zip_format::limits::Limits`] was reached.
    #[error("limit reached: {what} is {found}, at most {limit} allowed")]
    Limit {
        /// Which one.
        what: &'static str,
        /// Its value.
        limit: u64,
        /// What the member asks for.
        found: u64,
    },
    /// The caller's buffer has not the length the call asks for.
    #[error("the buffer holds {found} bytes, {expected} are needed")]
    BufferLength {
        /// The length it should have.
        expected: u64,
        /// The length it has.
        found: u64,
    },
    /// A level above 9.
    #[error("compression level {0} is not between 0 and 9")]
    BadLevel(u8),
    /// A back end gave up for a reason of its own, mostly want of memory.
    #[error("the {method} coder failed: {what}")]
    BackEnd {
        /// The method.
        method: Method,
        /// The reason, if it gave one.
        what: &'static str,
    },
}

impl Error {
    /// The class of this error.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::Damaged { .. }
            | Self::TruncatedPayload
            | Self::TrailingBytes { .. }
            | Self::SizeMismatch { .. }
            | Self::TooLong { .. }
            | Self::CrcMismatch { .. } => Category::Damaged,
            Self::UnknownMethod(_) => Category::Unsupported,
            Self::NotBuiltIn { .. } | Self::EncryptionNotBuiltIn { .. } => Category::NotBuiltIn,
            #[cfg(feature = "crypto")]
            Self::Crypto(error) => error.category(),
            Self::Limit { .. } => Category::Limit,
            Self::BufferLength { .. } | Self::BadLevel(_) => Category::Usage,
            Self::BackEnd { .. } => Category::Io,
        }
    }
}
