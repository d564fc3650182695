//! WinZip AES: the keys of one payload, and the cipher and code made of them. AE specification
//! 1.04, III.

mod keys;
mod woven;

mod cipher;

pub(crate) use cipher::{Cipher, PIECE, TAG_LEN};
pub(crate) use keys::{Keys, Salt, VERIFIER_LEN, derive_all, keys_at_once};
