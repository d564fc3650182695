//! AES-256-GCM of AWS-LC. Decrypts while it checks; whoever calls clears what it left.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::sealed::error::{Error, Result};
use crate::sealed::geometry::TAG_LEN;

pub(super) struct Gcm(LessSafeKey);

impl Gcm {
    pub(super) fn new(key: &Zeroizing<[u8; 32]>) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key.as_slice());
        let key = key.map_err(|_| Error::Usage("the cipher refuses its key"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    pub(super) fn seal(
        &self,
        nonce: &[u8; 12],
        header: &[u8],
        plain: &[u8],
        out: &mut [u8],
    ) -> Result<[u8; TAG_LEN]> {
        out.copy_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(header), out);
        let tag = tag.map_err(|_| Error::Usage("the cipher refuses a frame of this length"))?;
        tag.as_ref().try_into().map_err(|_| Error::Usage("the cipher gives another tag"))
    }

    pub(super) fn open(
        &self,
        nonce: &[u8; 12],
        header: &[u8],
        sealed: &[u8],
        tag: &[u8; TAG_LEN],
        out: &mut [u8],
    ) -> bool {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.0.open_separate_gather(nonce, Aad::from(header), sealed, tag, out).is_ok()
    }
}
