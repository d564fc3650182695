//! AES-256-GCM of the `aes-gcm` package: in Rust, with the processor's instructions where it has
//! them. Checks a frame before it decrypts it.
//!
//! It works in place: two buffers whose addresses are alike in their low twelve bits, which large
//! ones are, halve its speed, and a copy costs a thirtieth.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

use crate::sealed::error::{Error, Result};
use crate::sealed::geometry::TAG_LEN;

pub(super) struct Gcm(Aes256Gcm);

impl Gcm {
    // The other provider can fail here.
    #[expect(clippy::unnecessary_wraps)]
    pub(super) fn new(key: &Zeroizing<[u8; 32]>) -> Result<Self> {
        let key: &[u8; 32] = key;
        Ok(Self(Aes256Gcm::new(key.into())))
    }

    pub(super) fn seal(
        &self,
        nonce: &[u8; 12],
        header: &[u8],
        plain: &[u8],
        out: &mut [u8],
    ) -> Result<[u8; TAG_LEN]> {
        out.copy_from_slice(plain);
        let tag = self.0.encrypt_inout_detached(nonce.into(), header, out.into());
        let tag = tag.map_err(|_| Error::Usage("the cipher refuses a frame of this length"))?;
        Ok(tag.into())
    }

    pub(super) fn open(
        &self,
        nonce: &[u8; 12],
        header: &[u8],
        sealed: &[u8],
        tag: &[u8; TAG_LEN],
        out: &mut [u8],
    ) -> bool {
        out.copy_from_slice(sealed);
        self.0.decrypt_inout_detached(nonce.into(), header, out.into(), tag.into()).is_ok()
    }
}
