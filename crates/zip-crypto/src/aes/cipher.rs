//! AES in counter mode and the HMAC-SHA1 of the ciphertext. AE specification 1.04, III.C and D.
//!
//! The counter is little-endian and begins with 1, unlike in most libraries; 64 of its 128 bits
//! never run over. Cipher and code take turns on pieces that stay in the nearest cache.

use ::aes::{Aes128Enc, Aes192Enc, Aes256Enc};
use ctr::Ctr64LE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use zip_format::extra::aes::Strength;

use super::keys::Keys;
use crate::error::{Error, Result};

/// Bytes of the authentication code: the first half of the HMAC.
pub(crate) const TAG_LEN: usize = 10;
/// Bytes after which cipher and code change places.
pub(crate) const PIECE: usize = 16 << 10;

/// Cipher and code of one payload, at some place of its body.
pub(crate) struct Cipher {
    keystream: Keystream,
    mac: Hmac<Sha1>,
}

enum Keystream {
    Aes128(Ctr64LE<Aes128Enc>),
    Aes192(Ctr64LE<Aes192Enc>),
    Aes256(Ctr64LE<Aes256Enc>),
}

impl Cipher {
    pub(crate) fn new(keys: &Keys) -> Self {
        const WHY: &str = "the keys are as long as their strength says";
        let (key, first) = (keys.cipher_key(), 1_u128.to_le_bytes());
        let keystream = match keys.strength() {
            Strength::Aes128 => {
                Keystream::Aes128(Ctr64LE::new_from_slices(key, &first).expect(WHY))
            }
            Strength::Aes192 => {
                Keystream::Aes192(Ctr64LE::new_from_slices(key, &first).expect(WHY))
            }
            Strength::Aes256 => {
                Keystream::Aes256(Ctr64LE::new_from_slices(key, &first).expect(WHY))
            }
        };
        let mac = Hmac::new_from_slice(keys.mac_key()).expect("HMAC takes keys of any length");
        Self { keystream, mac }
    }

    /// Enciphers the next bytes of the body.
    pub(crate) fn seal(&mut self, data: &mut [u8]) {
        for piece in data.chunks_mut(PIECE) {
            self.xor(piece);
            self.mac.update(piece);
        }
    }

    /// Takes in the next bytes of the body and deciphers them.
    pub(crate) fn open(&mut self, data: &mut [u8]) {
        for piece in data.chunks_mut(PIECE) {
            self.mac.update(piece);
            self.xor(piece);
        }
    }

    /// Takes in the next bytes of the body, for their code alone.
    pub(crate) fn absorb(&mut self, data: &[u8]) {
        self.mac.update(data);
    }

    /// The code of all bytes so far.
    pub(crate) fn tag(self) -> [u8; TAG_LEN] {
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&self.mac.finalize().into_bytes()[..TAG_LEN]);
        tag
    }

    /// Compares the code of all bytes so far, in a time that tells nothing about it.
    pub(crate) fn verify(self, tag: &[u8]) -> Result<()> {
        // A shorter one would be compared as far as it goes.
        if tag.len() != TAG_LEN {
            return Err(Error::Unauthentic);
        }
        self.mac.verify_truncated_left(tag).map_err(|_| Error::Unauthentic)
    }

    /// Goes on at a byte of the body, forwards from its start; without the code of what lies before.
    pub(crate) fn skip(&mut self, bytes: u64) {
        match &mut self.keystream {
            Keystream::Aes128(keystream) => keystream.seek(bytes),
            Keystream::Aes192(keystream) => keystream.seek(bytes),
            Keystream::Aes256(keystream) => keystream.seek(bytes),
        }
    }

    /// Enciphers or deciphers the next bytes, without their code.
    pub(crate) fn xor(&mut self, data: &mut [u8]) {
        match &mut self.keystream {
            Keystream::Aes128(keystream) => keystream.apply_keystream(data),
            Keystream::Aes192(keystream) => keystream.apply_keystream(data),
            Keystream::Aes256(keystream) => keystream.apply_keystream(data),
        }
    }
}
