//! WinZip AES: the keys of one payload, and the cipher and code made of them. AE specification
//! 1.04, III.

mod cipher;
mod keys;

pub(crate) use cipher::{Cipher, PIECE, TAG_LEN};
pub(crate) use keys::{Keys, Salt, VERIFIER_LEN, derive_all, keys_at_once};
