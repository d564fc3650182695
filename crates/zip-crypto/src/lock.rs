//! What the headers say about a member's encryption.

use zip_format::encryption::Scheme;
use zip_format::entry::Entry;
use zip_format::error::Result;
use zip_format::flags::Flags;

use crate::aes::{TAG_LEN, VERIFIER_LEN};
use crate::traditional;

/// How the payload of an encrypted member is opened; filled from the central header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    scheme: Scheme,
    /// Traditional only: what the check byte may be.
    checks: [u8; 2],
}

impl Lock {
    /// The lock of a member encrypted with AES; `None` where it is not encrypted, or in the
    /// traditional way, which needs more of its headers ([`Lock::traditional`], [`Lock::of`]).
    #[must_use]
    pub const fn new(scheme: Scheme) -> Option<Self> {
        match scheme {
            Scheme::Aes(_) => Some(Self { scheme, checks: [0; 2] }),
            _ => None,
        }
    }

    /// The lock of a member encrypted in the traditional way, with two values of which its check
    /// byte must be one.
    #[must_use]
    pub const fn traditional(checks: [u8; 2]) -> Self {
        Self { scheme: Scheme::Traditional, checks }
    }

    /// The lock of an entry; `None` if it is not encrypted.
    ///
    /// The check byte of traditional encryption is the highest one of the CRC-32 (APPNOTE 6.1.6).
    /// With a data descriptor the CRC was not known in time, and Info-ZIP writes the upper byte of
    /// the time instead; others write the CRC all the same, so both are taken then.
    ///
    /// # Errors
    /// As [`Scheme::read`].
    pub fn of(entry: &Entry<'_>) -> Result<Option<Self>> {
        let (scheme, _) = entry.scheme()?;
        let crc = (entry.crc32() >> 24) as u8;
        let time = (entry.header().modified().time >> 8) as u8;
        Ok(match scheme {
            Scheme::None => None,
            Scheme::Traditional if entry.flags().contains(Flags::DESCRIPTOR) => {
                Some(Self::traditional([crc, time]))
            }
            Scheme::Traditional => Some(Self::traditional([crc, crc])),
            other => Some(Self { scheme: other, checks: [0; 2] }),
        })
    }

    /// The cipher.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Bytes before the body of a payload.
    #[must_use]
    pub const fn head_len(&self) -> usize {
        match self.scheme {
            Scheme::Aes(aes) => aes.strength.salt_len() + VERIFIER_LEN,
            _ => traditional::HEAD_LEN,
        }
    }

    /// Bytes behind it.
    #[must_use]
    pub const fn tail_len(&self) -> usize {
        match self.scheme {
            Scheme::Aes(_) => TAG_LEN,
            _ => 0,
        }
    }

    /// The payload has an authentication code, which proves it before anything is decoded.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        matches!(self.scheme, Scheme::Aes(_))
    }

    pub(crate) const fn checks(&self) -> [u8; 2] {
        self.checks
    }
}

#[cfg(test)]
mod tests {
    use zip_format::extra::aes::{AesExtra, Strength};
    use zip_format::method::Method;

    use super::*;

    #[test]
    fn head_and_tail_are_the_overhead_of_the_scheme() {
        for strength in [Strength::Aes128, Strength::Aes192, Strength::Aes256] {
            let aes = AesExtra { ae2: true, strength, method: Method::STORED };
            let lock = Lock::new(Scheme::Aes(aes)).expect("encrypted");
            let overhead = (lock.head_len() + lock.tail_len()) as u64;
            assert_eq!(overhead, lock.scheme().overhead_bytes());
        }
        let lock = Lock::traditional([0; 2]);
        assert_eq!((lock.head_len() + lock.tail_len()) as u64, lock.scheme().overhead_bytes());
        assert_eq!(Lock::new(Scheme::None), None);
    }
}
