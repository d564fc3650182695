//! AES-256-GCM of the `aes-gcm` package: in Rust, with the processor's instructions where it has
//! them. Checks a frame before it decrypts it.

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::InOutBuf;
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
        let wrong = |()| Error::Usage("room for a frame is not its length");
        let buffer = InOutBuf::new(plain, out).map_err(|_| wrong(()))?;
        let tag = self.0.encrypt_inout_detached(nonce.into(), header, buffer);
        Ok(tag.map_err(|_| wrong(()))?.into())
    }

    pub(super) fn open(
        &self,
        nonce: &[u8; 12],
        header: &[u8],
        sealed: &[u8],
        tag: &[u8; TAG_LEN],
        out: &mut [u8],
    ) -> bool {
        let Ok(buffer) = InOutBuf::new(sealed, out) else { return false };
        self.0.decrypt_inout_detached(nonce.into(), header, buffer, tag.into()).is_ok()
    }
}
