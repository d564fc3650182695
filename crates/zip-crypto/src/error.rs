//! What went wrong between a password and a payload.

use zip_format::error::Category;

/// Shorthand for results of this crate.
pub type Result<T> = core::result::Result<T, Error>;

/// What went wrong between a password and a payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no password for an encrypted payload.
    #[error("encrypted ({scheme}); a password is needed")]
    PasswordMissing {
        /// How: "traditional", "AE-1", "AE-2".
        scheme: &'static str,
    },
    /// None of the passwords fits the check value before the payload.
    #[error("wrong password ({scheme})")]
    WrongPassword {
        /// How it is encrypted.
        scheme: &'static str,
    },
    /// The password fits, and the payload is not the one that was sealed with it.
    #[error("the authentication code does not fit: the encrypted data was damaged or changed")]
    Unauthentic,
    /// Encryption was asked for, and the payload is not encrypted.
    #[error("not encrypted, though encryption was asked for")]
    NotEncrypted,
    /// Less than the head and tail of an encrypted payload.
    #[error("{found} bytes of encrypted payload; head and tail alone take {expected}")]
    TooShort {
        /// Bytes of head and tail.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// A buffer has not the length the call asks for.
    #[error("the buffer holds {found} bytes, {expected} are needed")]
    BufferLength {
        /// The length it should have.
        expected: u64,
        /// The length it has.
        found: u64,
    },
    /// The system gave no random bytes for a salt.
    #[error("no random bytes from the system: {0}")]
    Random(getrandom::Error),
}

impl Error {
    /// The class of this error.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::PasswordMissing { .. } | Self::WrongPassword { .. } => Category::Password,
            Self::Unauthentic | Self::TooShort { .. } => Category::Damaged,
            Self::NotEncrypted => Category::Unsafe,
            Self::BufferLength { .. } => Category::Usage,
            Self::Random(_) => Category::Io,
        }
    }
}
