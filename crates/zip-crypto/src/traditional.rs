//! Traditional PKWARE encryption, APPNOTE 6.1: three 32-bit keys that every plain byte changes.
//!
//! Broken since 1994 (Biham and Kocher): a dozen known bytes give the keys, whatever the
//! password. Nothing is authenticated.

use zeroize::{Zeroize, ZeroizeOnDrop};
use zip_format::crc32::step;

use crate::error::Result;
use crate::password::Password;
use crate::random;

/// Bytes before the body; the last is the check byte.
pub(crate) const HEAD_LEN: usize = 12;

/// The keys at some place of a payload.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Keys([u32; 3]);

impl Keys {
    pub(crate) fn new(password: &Password) -> Self {
        let mut keys = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        for &byte in password.bytes() {
            keys.update(byte);
        }
        keys
    }

    /// Keys behind a head, if its check byte is one of `checks`: one of 128 wrong passwords gets
    /// that far, or of 256 where both are one.
    pub(crate) fn open(password: &Password, head: &[u8], checks: [u8; 2]) -> Option<Self> {
        let mut keys = Self::new(password);
        let mut head: [u8; HEAD_LEN] = head.try_into().ok()?;
        keys.decrypt(&mut head);
        checks.contains(&head[HEAD_LEN - 1]).then_some(keys)
    }

    /// Keys behind a new head, and that head.
    pub(crate) fn seal(password: &Password, check: u8) -> Result<(Self, [u8; HEAD_LEN])> {
        let mut keys = Self::new(password);
        let mut head = [0; HEAD_LEN];
        random::fill(&mut head[..HEAD_LEN - 1])?;
        head[HEAD_LEN - 1] = check;
        keys.encrypt(&mut head);
        Ok((keys, head))
    }

    pub(crate) fn decrypt(&mut self, data: &mut [u8]) {
        for byte in data {
            *byte ^= self.next();
            self.update(*byte);
        }
    }

    pub(crate) fn encrypt(&mut self, data: &mut [u8]) {
        for byte in data {
            let plain = *byte;
            *byte ^= self.next();
            self.update(plain);
        }
    }

    /// `decrypt_byte` of APPNOTE 6.1.6.
    const fn next(&self) -> u8 {
        let low = self.0[2] as u16 | 2;
        (low.wrapping_mul(low ^ 1) >> 8) as u8
    }

    /// `update_keys` of APPNOTE 6.1.5.
    #[inline]
    fn update(&mut self, byte: u8) {
        let [k0, k1, k2] = &mut self.0;
        *k0 = step(*k0, byte);
        *k1 = k1.wrapping_add(*k0 & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        *k2 = step(*k2, (*k1 >> 24) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_are_inverse() {
        let password = Password::new("secret");
        let (mut keys, head) = Keys::seal(&password, 0x5a).expect("random bytes");
        let mut body = *b"attack at dawn";
        keys.encrypt(&mut body);
        assert_ne!(&body, b"attack at dawn");
        let mut opened = Keys::open(&password, &head, [0, 0x5a]).expect("its check byte");
        opened.decrypt(&mut body);
        assert_eq!(&body, b"attack at dawn");
        assert!(Keys::open(&password, &head, [1, 2]).is_none());
        assert!(Keys::open(&password, &head[..11], [0x5a; 2]).is_none(), "too short");
    }
}
