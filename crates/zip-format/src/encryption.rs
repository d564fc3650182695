//! How a member is encrypted, as its headers tell: flags, method 99, extra record 0x9901.

use crate::error::{Error, ErrorKind, Field, Result};
use crate::extra::aes::AesExtra;
use crate::extra::{find, id};
use crate::flags::Flags;
use crate::method::Method;

/// The cipher around a member's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// Not encrypted.
    None,
    /// Traditional PKWARE encryption, APPNOTE 6.1; broken.
    Traditional,
    /// WinZip AES: AE-1 or AE-2.
    Aes(AesExtra),
}

impl Scheme {
    /// Reads the scheme and the payload's real method.
    ///
    /// # Errors
    /// Strong encryption, masked headers and patched data are unsupported, by name. Method 99
    /// without the flag, or without a well-formed 0x9901 record, is damage.
    #[inline]
    pub fn read(flags: Flags, method: Method, extra: &[u8]) -> Result<(Self, Method)> {
        const SPECIAL: Flags = Flags::ENCRYPTED
            .union(Flags::STRONG_ENCRYPTION)
            .union(Flags::MASKED)
            .union(Flags::PATCHED);
        if !flags.intersects(SPECIAL) && method != Method::AES {
            return Ok((Self::None, method));
        }
        Self::read_special(flags, method, extra)
    }

    fn read_special(flags: Flags, method: Method, extra: &[u8]) -> Result<(Self, Method)> {
        let unsupported = |what| Err(Error::new(ErrorKind::Unsupported(what), 0));
        if flags.contains(Flags::STRONG_ENCRYPTION) {
            return unsupported("PKWARE strong encryption");
        }
        if flags.contains(Flags::MASKED) {
            return unsupported("a masked local header (encrypted central directory)");
        }
        if flags.contains(Flags::PATCHED) {
            return unsupported("compressed patched data");
        }
        if method != Method::AES {
            return Ok((Self::Traditional, method));
        }
        if !flags.contains(Flags::ENCRYPTED) {
            let kind = ErrorKind::Mismatch { field: Field::Encryption, expected: 1, found: 0 };
            return Err(Error::new(kind, 0));
        }
        let data =
            find(extra, id::AES)?.ok_or(Error::new(ErrorKind::BadExtra { id: id::AES }, 0))?;
        let aes = AesExtra::parse(data)?;
        Ok((Self::Aes(aes), aes.method))
    }

    /// The CRC-32 field is meaningless: AE-2 keeps none, so that small contents do not leak.
    #[must_use]
    pub const fn hides_crc(&self) -> bool {
        matches!(self, Self::Aes(AesExtra { ae2: true, .. }))
    }

    /// Bytes the cipher adds to the compressed payload: a header before it, and for AES a code
    /// after it.
    #[must_use]
    pub const fn overhead_bytes(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Traditional => 12,
            // Salt, password verifier, authentication code.
            Self::Aes(aes) => aes.strength.salt_len() as u64 + 2 + 10,
        }
    }

    /// Short name for listings.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Traditional => "traditional",
            Self::Aes(AesExtra { ae2: false, .. }) => "AE-1",
            Self::Aes(AesExtra { ae2: true, .. }) => "AE-2",
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::extra::aes::Strength;

    #[test]
    fn flags_method_and_extra_together() {
        let aes = AesExtra { ae2: true, strength: Strength::Aes128, method: Method::DEFLATE };
        let mut extra = Vec::new();
        aes.push(&mut extra);
        let encrypted = Flags::ENCRYPTED;
        assert_eq!(
            Scheme::read(encrypted, Method::AES, &extra),
            Ok((Scheme::Aes(aes), Method::DEFLATE))
        );
        assert_eq!(
            Scheme::read(encrypted, Method::STORED, &[]),
            Ok((Scheme::Traditional, Method::STORED))
        );
        assert!(Scheme::read(Flags::empty(), Method::AES, &extra).is_err(), "99 without flag");
        assert!(Scheme::read(encrypted, Method::AES, &[]).is_err(), "99 without record");
        for flag in [Flags::STRONG_ENCRYPTION, Flags::MASKED, Flags::PATCHED] {
            let error = Scheme::read(encrypted | flag, Method::STORED, &[]).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Unsupported(_)), "{flag:?}");
        }
    }
}
