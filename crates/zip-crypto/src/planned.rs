//! Payloads whose salt is settled before they are made: for archives that are laid out first, and
//! whose bytes can be made again later, in whole or in part.
//!
//! One salt belongs to one payload. Two different payloads under the same salt and password are
//! enciphered with the same key stream, and whoever has both learns how they differ; so contents
//! that changed need a new salt.

use zip_format::extra::aes::Strength;

use crate::aes::{self, Cipher, Keys, VERIFIER_LEN};
use crate::error::Result;
use crate::keyring::Keyring;
use crate::password::Password;
pub use crate::seal::Tail;

/// The salt of one payload. Not a secret: the payload begins with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub(crate) aes::Salt);

impl Salt {
    /// A salt that nobody had before, from the system.
    ///
    /// # Errors
    /// [`Error::Random`](crate::Error::Random).
    pub fn fresh(strength: Strength) -> Result<Self> {
        aes::Salt::fresh(strength).map(Self)
    }

    /// A salt that was made by [`Salt::fresh`] before and kept somewhere, with the payload it is
    /// for; `None` if there are too few bytes. It is no way to choose one: see the module's head.
    #[must_use]
    pub fn restored(strength: Strength, bytes: &[u8]) -> Option<Self> {
        aes::Salt::read(strength, bytes).map(Self)
    }

    /// Its bytes, as many as [`Strength::salt_len`] says.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    /// The length of key it is for.
    #[must_use]
    pub const fn strength(&self) -> Strength {
        self.0.strength()
    }
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Salt({:?})", self.strength())
    }
}

/// Makes the payload of one salt, and any part of it, always with the same bytes.
///
/// ```
/// use zip_crypto::planned::{Planned, Salt};
/// use zip_crypto::{Keyring, Password};
/// use zip_format::extra::aes::Strength;
///
/// let (password, mut ring) = (Password::new("correct horse"), Keyring::new());
/// let salt = Salt::fresh(Strength::Aes256)?;
/// let planned = Planned::new(&password, &salt, &mut ring);
/// let (mut whole, mut part) = (*b"compressed", *b"pressed");
/// planned.body().seal(&mut whole);
/// planned.body_from(3).seal(&mut part);
/// assert_eq!(whole[3..], part);
/// # Ok::<(), zip_crypto::Error>(())
/// ```
pub struct Planned {
    salt: Salt,
    keys: Keys,
}

impl Planned {
    /// Takes prepared keys out of the ring if it has them ([`Keyring::prepare`]), or makes them.
    #[must_use]
    pub fn new(password: &Password, salt: &Salt, ring: &mut Keyring) -> Self {
        let mut keys = ring.take(std::iter::once(password), salt.0);
        Self { salt: *salt, keys: keys.pop().expect("one for each password") }
    }

    /// What comes before the body: salt and password verifier.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        [self.salt.bytes(), &self.verifier()].concat()
    }

    /// The two bytes that tell one password of 65,536.
    #[must_use]
    pub fn verifier(&self) -> [u8; VERIFIER_LEN] {
        self.keys.verifier()
    }

    /// The body from its first byte on, and what follows it.
    #[must_use]
    pub fn body(&self) -> Body {
        Body { cipher: Box::new(Cipher::new(&self.keys)), coded: true }
    }

    /// The body from a later byte on. What follows it takes all of the body.
    #[must_use]
    pub fn body_from(&self, offset: u64) -> Body {
        let mut cipher = Cipher::new(&self.keys);
        cipher.skip(offset);
        Body { cipher: Box::new(cipher), coded: false }
    }
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Planned")
    }
}

/// A body on its way, at some byte.
pub struct Body {
    cipher: Box<Cipher>,
    /// All of it passes, and so its code is made.
    coded: bool,
}

impl Body {
    /// Encrypts the next bytes of the body, of any number.
    pub fn seal(&mut self, data: &mut [u8]) {
        if self.coded {
            self.cipher.seal(data);
        } else {
            self.cipher.xor(data);
        }
    }

    /// What comes after the body; `None` if it did not begin with its first byte.
    #[must_use]
    pub fn finish(self) -> Option<Tail> {
        self.coded.then(|| Tail::of(self.cipher.tag()))
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("coded", &self.coded).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lock, open_whole};
    use zip_format::encryption::Scheme;
    use zip_format::extra::aes::AesExtra;
    use zip_format::method::Method;

    #[test]
    fn any_part_is_that_of_the_whole_and_the_whole_opens() {
        let (password, mut ring) = (Password::new("secret"), Keyring::new());
        let contents: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        for strength in [Strength::Aes128, Strength::Aes192, Strength::Aes256] {
            let salt = Salt::fresh(strength).unwrap();
            ring.prepare(std::slice::from_ref(&password), [(strength, salt.bytes())]);
            let planned = Planned::new(&password, &salt, &mut ring);
            let mut body = planned.body();
            let mut sealed = contents.clone();
            sealed.chunks_mut(777).for_each(|piece| body.seal(piece));
            for from in [0, 1, 15, 16, 17, 4_096, 99_999, 100_000] {
                let mut part = contents[from..].to_vec();
                let mut body = planned.body_from(from as u64);
                body.seal(&mut part);
                assert_eq!(part, sealed[from..], "from {from}");
                assert!(body.finish().is_none());
            }
            let mut payload = planned.head();
            payload.extend_from_slice(&sealed);
            payload.extend_from_slice(&body.finish().unwrap());
            let aes = AesExtra { ae2: true, strength, method: Method::STORED };
            let lock = Lock::new(Scheme::Aes(aes)).unwrap();
            let again = Salt::restored(strength, &payload).unwrap();
            assert_eq!(again, salt);
            let mut opened = vec![0; contents.len()];
            let passwords = std::slice::from_ref(&password);
            open_whole(&lock, passwords, &mut ring, &payload, &mut opened).unwrap();
            assert!(opened == contents);
        }
        assert_eq!(Salt::restored(Strength::Aes256, &[0; 15]), None);
    }
}
