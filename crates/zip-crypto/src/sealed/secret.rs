//! What an archive is sealed with: 32 random bytes, or a password.

use zeroize::Zeroizing;

use crate::password::Password;
use crate::sealed::error::{Error, Result};

/// A key of 32 bytes. Cleared from memory when dropped; never shown.
#[derive(Clone)]
pub struct RawKey(Zeroizing<[u8; 32]>);

impl RawKey {
    /// Takes a key that somebody made at random. Text is no key: see [`Secret::Password`].
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// A new key from the system's random source.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn generate() -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(Error::Random)?;
        Ok(Self(key))
    }

    /// The key's bytes, for whoever has to keep them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What seals and opens an archive. Borrowed: the owner clears it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Secret<'s> {
    /// A key.
    Key(&'s RawKey),
    /// A password, UTF-8 by convention. Turning it into a key is slow on purpose and takes memory:
    /// see [`crate::sealed::Argon2`].
    Password(&'s Password),
}

impl Secret<'_> {
    /// The word for it in messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Password(_) => "password",
        }
    }
}
