//! AES in counter mode and the HMAC-SHA1 of the ciphertext. AE specification 1.04, III.C and D.
//!
//! The counter is little-endian and begins with 1, unlike in most libraries; 64 of its 128 bits
//! never run over. Cipher and code run in one pass where they can, and otherwise take turns on
//! pieces that stay in the nearest cache.

use ::aes::{Aes128Enc, Aes192Enc, Aes256Enc};
use ctr::Ctr64LE;
use ctr::cipher::inout::InOutBuf;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};
use ctutils::CtEq as _;
use zip_format::extra::aes::Strength;

use super::direction::Direction;
use super::keys::Keys;
use super::woven::Woven;
use crate::error::{Error, Result};
use crate::hmac_sha1::{BLOCK, Mac};

/// Bytes of the authentication code: the first half of the HMAC.
pub(crate) const TAG_LEN: usize = 10;
/// Bytes after which cipher and code change places.
pub(crate) const PIECE: usize = 16 << 10;
/// The first counter.
const FIRST: u64 = 1;
/// Bytes of one counter's keystream.
const CELL: u64 = 16;

/// Cipher and code of one payload, at some place of its body.
pub(crate) struct Cipher {
    keystream: Keystream,
    mac: Mac,
    woven: Option<Woven>,
    /// Bytes of the body before the next one of the cipher; the keystream is there only when it is
    /// asked for, because `woven` goes on without it.
    at: u64,
    keystream_at: u64,
}

enum Keystream {
    Aes128(Ctr64LE<Aes128Enc>),
    Aes192(Ctr64LE<Aes192Enc>),
    Aes256(Ctr64LE<Aes256Enc>),
}

impl Cipher {
    pub(crate) fn new(keys: &Keys) -> Self {
        const WHY: &str = "the keys are as long as their strength says";
        let (key, first) = (keys.cipher_key(), u128::from(FIRST).to_le_bytes());
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
        let (mac, woven) = (Mac::new(keys.mac_key()), Woven::new(key));
        Self { keystream, mac, woven, at: 0, keystream_at: 0 }
    }

    /// Enciphers the next bytes of the body, in place or from one buffer into another.
    pub(crate) fn seal<'i, 'o>(&mut self, data: impl Into<InOutBuf<'i, 'o, u8>>) {
        self.run(Direction::Seal, data.into());
    }

    /// Takes in the next bytes of the body and deciphers them, in place or from one buffer into
    /// another.
    pub(crate) fn open<'i, 'o>(&mut self, data: impl Into<InOutBuf<'i, 'o, u8>>) {
        self.run(Direction::Open, data.into());
    }

    fn run(&mut self, direction: Direction, data: InOutBuf<'_, '_, u8>) {
        if self.woven.is_none() || self.at != self.mac.len() {
            return self.take_turns(direction, data);
        }
        let to_block = (self.at.next_multiple_of(BLOCK as u64) - self.at) as usize;
        let to_block = data.len().min(to_block);
        let (before, data) = data.split_at(to_block);
        self.take_turns(direction, before);
        let (blocks, rest) = data.into_chunks();
        if let Some(woven) = self.woven.as_ref().filter(|_| !blocks.is_empty()) {
            let state = self.mac.blocks(blocks.len());
            let bytes = (blocks.len() * BLOCK) as u64;
            woven.run(direction, FIRST + self.at / CELL, state, blocks);
            self.at += bytes;
        }
        self.take_turns(direction, rest);
    }

    /// Copies first, so that what is deciphered is what the code was made of, whoever else writes
    /// to the bytes below.
    fn take_turns(&mut self, direction: Direction, mut data: InOutBuf<'_, '_, u8>) {
        while !data.is_empty() {
            let len = data.len().min(PIECE);
            let (piece, rest) = data.split_at(len);
            let piece = piece.into_out_with_copied_in();
            if direction == Direction::Open {
                self.mac.update(piece);
            }
            self.xor(piece);
            if direction == Direction::Seal {
                self.mac.update(piece);
            }
            data = rest;
        }
    }

    /// Takes in the next bytes of the body, for their code alone.
    pub(crate) fn absorb(&mut self, data: &[u8]) {
        self.mac.update(data);
    }

    /// The code of all bytes so far.
    pub(crate) fn tag(self) -> [u8; TAG_LEN] {
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&self.mac.finish()[..TAG_LEN]);
        tag
    }

    /// Compares the code of all bytes so far, in a time that tells nothing about it.
    pub(crate) fn verify(self, tag: &[u8]) -> Result<()> {
        // Of another length it is not equal either.
        if self.tag()[..].ct_eq(tag).to_bool() { Ok(()) } else { Err(Error::Unauthentic) }
    }

    /// Goes on at a byte of the body, forwards from its start; without the code of what lies before.
    pub(crate) const fn skip(&mut self, bytes: u64) {
        self.at = bytes;
    }

    /// Enciphers or deciphers the next bytes, without their code.
    pub(crate) fn xor(&mut self, data: &mut [u8]) {
        if data.is_empty() {
            return;
        }
        if self.at != self.keystream_at {
            match &mut self.keystream {
                Keystream::Aes128(keystream) => keystream.seek(self.at),
                Keystream::Aes192(keystream) => keystream.seek(self.at),
                Keystream::Aes256(keystream) => keystream.seek(self.at),
            }
        }
        match &mut self.keystream {
            Keystream::Aes128(keystream) => keystream.apply_keystream(data),
            Keystream::Aes192(keystream) => keystream.apply_keystream(data),
            Keystream::Aes256(keystream) => keystream.apply_keystream(data),
        }
        self.at += data.len() as u64;
        self.keystream_at = self.at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aes::{Salt, derive_all};
    use crate::password::Password;

    /// Whatever sizes the body comes in, with the instructions and without them.
    #[test]
    fn one_pass_does_what_turns_do() {
        if Woven::new(&[0; 32]).is_none() {
            println!("skipped: this processor has no instructions for one pass");
        }
        let password = Password::new("in one pass");
        for strength in [Strength::Aes128, Strength::Aes192, Strength::Aes256] {
            let salt = Salt::fresh(strength).expect("there is a random number");
            let keys = derive_all(&[(&password, salt)]).pop().expect("one was wanted");
            let body: Vec<u8> = (0..1_000_u32).map(|n| (n * n / 7) as u8).collect();

            let mut turns = Cipher { woven: None, ..Cipher::new(&keys) };
            let mut expected = body.clone();
            turns.seal(&mut expected[..]);
            let tag = turns.tag();

            for piece in [1, 15, 16, 63, 64, 65, 100, 128, 191, 999, 1_000] {
                let mut cipher = Cipher::new(&keys);
                let mut sealed = body.clone();
                sealed.chunks_mut(piece).for_each(|piece| cipher.seal(piece));
                assert_eq!(sealed, expected, "{strength:?} sealed by {piece}");
                assert_eq!(cipher.tag(), tag);

                let mut cipher = Cipher::new(&keys);
                let mut apart = vec![0; body.len()];
                for (from, to) in sealed.chunks(piece).zip(apart.chunks_mut(piece)) {
                    cipher.open(InOutBuf::new(from, to).expect("of one length"));
                }
                assert_eq!(apart, body, "{strength:?} opened elsewhere by {piece}");
                cipher.verify(&tag).expect("it is authentic");
                let mut cipher = Cipher::new(&keys);
                for (from, to) in body.chunks(piece).zip(apart.chunks_mut(piece)) {
                    cipher.seal(InOutBuf::new(from, to).expect("of one length"));
                }
                assert_eq!(apart, expected, "{strength:?} sealed elsewhere by {piece}");
                assert_eq!(cipher.tag(), tag);

                let mut cipher = Cipher::new(&keys);
                sealed.chunks_mut(piece).for_each(|piece| cipher.open(piece));
                assert_eq!(sealed, body, "{strength:?} opened by {piece}");
                cipher.verify(&tag).expect("it is authentic");
            }
        }
    }

    /// From any place on, and when some bytes were only taken in.
    #[test]
    fn cipher_and_code_may_be_apart() {
        let salt = Salt::fresh(Strength::Aes256).expect("there is a random number");
        let keys = derive_all(&[(&Password::new("apart"), salt)]).pop().expect("one was wanted");
        let mut whole = vec![5; 700];
        Cipher::new(&keys).seal(&mut whole[..]);
        for from in [0, 1, 16, 63, 64, 65, 128, 640] {
            let mut part = vec![5; 700 - from];
            let mut cipher = Cipher::new(&keys);
            cipher.skip(from as u64);
            let (one, other) = part.split_at_mut(30);
            cipher.xor(one);
            cipher.seal(other);
            assert_eq!(part, whole[from..], "from {from}");
        }
        let mut cipher = Cipher::new(&keys);
        cipher.absorb(&whole[..64]);
        cipher.skip(64);
        let mut rest = whole[64..].to_vec();
        cipher.open(&mut rest[..]);
        assert_eq!(rest, [5; 636]);
        let mut all = Cipher::new(&keys);
        all.absorb(&whole);
        assert_eq!(cipher.tag(), all.tag());
    }
}
