//! From a secret and a header to the keys of one archive: `docs/sealed-format.md`, "Keys".

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::sealed::error::{Error, Result};
use crate::sealed::header::{Argon2, Derivation, Header};
use crate::sealed::secret::{RawKey, Secret};

/// Binds the keys to this format and version.
const INFO: &[u8] = b"pzip sealed archive 1";

/// The keys of one archive.
pub(crate) struct FileKeys {
    frames: Zeroizing<[u8; 32]>,
    check: Zeroizing<[u8; 32]>,
}

impl FileKeys {
    /// Derives the keys. With a password this takes the time and memory the header says.
    pub(crate) fn derive(secret: Secret<'_>, header: &Header) -> Result<Self> {
        let salt = header.salt();
        let material = match (secret, header.derivation()) {
            (Secret::Key(key), Derivation::RawKey) => key.clone(),
            (Secret::Password(password), Derivation::Argon2id(parameters)) => {
                stretch(password.bytes(), &salt, &parameters)?
            }
            (Secret::Key(_), Derivation::Argon2id(_)) => {
                return Err(Error::SecretKind { wanted: "password" });
            }
            (Secret::Password(_), Derivation::RawKey) => {
                return Err(Error::SecretKind { wanted: "key" });
            }
        };
        let hkdf = Hkdf::<Sha256>::new(Some(&salt), material.expose());
        let mut both = Zeroizing::new([0; 64]);
        hkdf.expand(INFO, both.as_mut()).map_err(|_| Error::Usage("key material is too long"))?;
        let (mut frames, mut check) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        frames
            .iter_mut()
            .chain(check.iter_mut())
            .zip(both.iter())
            .for_each(|(to, from)| *to = *from);
        Ok(Self { frames, check })
    }

    /// The key of the frames.
    pub(crate) const fn frame_key(&self) -> &Zeroizing<[u8; 32]> {
        &self.frames
    }

    /// The key check of a header. The header's own check bytes do not count.
    pub(crate) fn check_of(&self, header: &Header) -> Result<[u8; 32]> {
        Ok(self.mac(header.checked_bytes())?.finalize().into_bytes().into())
    }

    /// Whether the header was made with these keys, compared in constant time.
    pub(crate) fn fits(&self, header: &Header) -> Result<bool> {
        Ok(self.mac(header.checked_bytes())?.verify_slice(header.check_bytes()).is_ok())
    }

    /// A number for this pair of key and salt that tells nothing about either.
    pub(crate) fn fingerprint(&self) -> Result<[u8; 32]> {
        Ok(self.mac(b"pair of key and salt")?.finalize().into_bytes().into())
    }

    fn mac(&self, bytes: &[u8]) -> Result<Hmac<Sha256>> {
        let mac = Hmac::<Sha256>::new_from_slice(self.check.as_slice());
        Ok(mac
            .map_err(|_| Error::Usage("key of the check has a wrong length"))?
            .chain_update(bytes))
    }
}

fn stretch(password: &[u8], salt: &[u8; 16], parameters: &Argon2) -> Result<RawKey> {
    let Argon2 { memory_kib, passes, lanes } = *parameters;
    let refused = |_| Error::Header { what: "impossible parameters of Argon2", at: 16 };
    let checked = argon2::Params::new(memory_kib, passes, lanes, Some(32)).map_err(refused)?;
    let mut blocks = Vec::new();
    let count = checked.block_count();
    blocks.try_reserve_exact(count).map_err(|_| Error::Memory { kib: memory_kib })?;
    blocks.resize(count, argon2::Block::default());
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, checked);
    let mut key = Zeroizing::new([0; 32]);
    let done = argon.hash_password_into_with_memory(password, salt, key.as_mut(), &mut blocks);
    blocks.iter_mut().for_each(Zeroize::zeroize);
    done.map_err(|_| Error::Usage("the password is longer than Argon2 takes"))?;
    Ok(RawKey::new(&key))
}
