//! Password and salt to cipher key, MAC key and password verifier. AE specification 1.04, III.B.

use zeroize::Zeroizing;
use zip_format::extra::aes::Strength;

use crate::derive::{Job, chains_at_once, derive};
use crate::error::Result;
use crate::password::Password;
use crate::random;

/// Bytes of the password verifier.
pub(crate) const VERIFIER_LEN: usize = 2;
/// Bytes of all keys for the longest of them: twice 32, and the verifier.
const MAX_LEN: usize = 66;
/// Bytes of the longest salt.
const MAX_SALT: usize = 16;

/// The salt of one payload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Salt {
    bytes: [u8; MAX_SALT],
    strength: Strength,
}

impl Salt {
    /// The salt that an encrypted payload begins with; `None` where it is shorter.
    pub(crate) fn read(strength: Strength, payload: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_SALT];
        let len = strength.salt_len();
        bytes[..len].copy_from_slice(payload.get(..len)?);
        Some(Self { bytes, strength })
    }

    /// One that nobody had before.
    pub(crate) fn fresh(strength: Strength) -> Result<Self> {
        let mut bytes = [0; MAX_SALT];
        random::fill(&mut bytes[..strength.salt_len()])?;
        Ok(Self { bytes, strength })
    }

    pub(crate) const fn strength(&self) -> Strength {
        self.strength
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.strength.salt_len()]
    }
}

/// The keys of one payload.
#[derive(Clone)]
pub(crate) struct Keys {
    bytes: Zeroizing<[u8; MAX_LEN]>,
    strength: Strength,
}

impl Keys {
    pub(crate) const fn strength(&self) -> Strength {
        self.strength
    }

    pub(crate) fn cipher_key(&self) -> &[u8] {
        &self.bytes[..self.strength.key_len()]
    }

    pub(crate) fn mac_key(&self) -> &[u8] {
        let len = self.strength.key_len();
        &self.bytes[len..2 * len]
    }

    /// Not a secret: the payload shows it. One of 65,536 wrong passwords has the same.
    pub(crate) fn verifier(&self) -> [u8; VERIFIER_LEN] {
        let at = 2 * self.strength.key_len();
        [self.bytes[at], self.bytes[at + 1]]
    }
}

/// The keys for each password and salt, computed together.
pub(crate) fn derive_all(wanted: &[(&Password, Salt)]) -> Vec<Keys> {
    let mut keys: Vec<Keys> = wanted
        .iter()
        .map(|(_, salt)| Keys { bytes: Zeroizing::new([0; MAX_LEN]), strength: salt.strength })
        .collect();
    let jobs = keys.iter_mut().zip(wanted).map(|(keys, (password, salt))| Job {
        password: password.bytes(),
        salt: salt.bytes(),
        key: &mut keys.bytes[..2 * salt.strength.key_len() + VERIFIER_LEN],
    });
    derive(&mut jobs.collect::<Vec<_>>());
    keys
}

/// How many keys of this strength are computed in the time of a few.
pub(crate) fn keys_at_once(strength: Strength) -> usize {
    let chains = (2 * strength.key_len() + VERIFIER_LEN).div_ceil(20);
    (chains_at_once() / chains).max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_salt_comes_twice() {
        let salts = || (0..100_000 / 16).map(|_| Salt::fresh(Strength::Aes256));
        let all: Vec<[u8; 16]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|_| scope.spawn(move || salts().map(|salt| salt.expect("random")).collect()))
                .collect();
            let all = threads.into_iter().map(|thread| thread.join().expect("no panic"));
            all.flat_map(|salts: Vec<Salt>| salts.into_iter().map(|salt| salt.bytes)).collect()
        });
        assert_eq!(all.len(), 100_000);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 100_000);
    }
}
