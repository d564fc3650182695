//! WinZip AES, 0x9901 (AE specification 1.04, chapter II).
//!
//! *Shape*: vendor version u16 (1 = AE-1, 2 = AE-2), `"AE"`, strength u8, real method u16.

use alloc::vec::Vec;

use super::id;
use crate::bytes::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::method::Method;

/// AES key length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Strength {
    /// 128 bits.
    Aes128,
    /// 192 bits.
    Aes192,
    /// 256 bits.
    Aes256,
}

impl Strength {
    /// Bytes of the cipher key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Bytes of the salt before the payload.
    #[must_use]
    pub const fn salt_len(self) -> usize {
        self.key_len() / 2
    }
}

/// The record's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct AesExtra {
    /// True for AE-2, which keeps no CRC; false for AE-1.
    pub ae2: bool,
    /// Key length.
    pub strength: Strength,
    /// The method of the payload below the cipher.
    pub method: Method,
}

impl AesExtra {
    /// Bytes the record takes in an extra field, id and length included.
    pub const LEN: u16 = 11;

    /// Reads the record's data.
    ///
    /// # Errors
    /// Too short, another vendor or version, no such strength, or AES named as its own method.
    pub fn parse(data: &[u8]) -> Result<Self> {
        Self::read(data).ok_or(Error::new(ErrorKind::BadExtra { id: id::AES }, 0))
    }

    fn read(data: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(data);
        let ae2 = match cursor.u16()? {
            1 => false,
            2 => true,
            _ => return None,
        };
        if cursor.take(2)? != b"AE" {
            return None;
        }
        let strength = match cursor.u8()? {
            1 => Strength::Aes128,
            2 => Strength::Aes192,
            3 => Strength::Aes256,
            _ => return None,
        };
        let method = Method(cursor.u16()?);
        (method != Method::AES).then_some(Self { ae2, strength, method })
    }

    /// Appends the record.
    pub fn push(&self, out: &mut Vec<u8>) {
        let strength = match self.strength {
            Strength::Aes128 => 1,
            Strength::Aes192 => 2,
            Strength::Aes256 => 3,
        };
        let [low, high] = self.method.0.to_le_bytes();
        let version = if self.ae2 { 2 } else { 1 };
        out.extend_from_slice(&[0x01, 0x99, 7, 0, version, 0, b'A', b'E', strength, low, high]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_refusals() {
        let extra = AesExtra { ae2: true, strength: Strength::Aes256, method: Method::DEFLATE };
        let mut out = Vec::new();
        extra.push(&mut out);
        assert_eq!(out.len(), usize::from(AesExtra::LEN));
        assert_eq!(AesExtra::parse(&out[4..]), Ok(extra));
        for (at, byte) in [(4, 3), (6, b'X'), (8, 0), (8, 9), (9, 99)] {
            let mut bad = out.clone();
            bad[at] = byte;
            assert!(AesExtra::parse(&bad[4..]).is_err(), "byte {at} = {byte}");
        }
        assert!(AesExtra::parse(&out[4..7]).is_err());
    }
}
