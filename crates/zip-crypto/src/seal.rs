//! Sealing one payload, in place.

use std::ops::Deref;

use crate::aes::{Cipher, PIECE, TAG_LEN};
use crate::encryption::{Encryption, Kind};
use crate::error::Result;
use crate::keyring::Keyring;
use crate::traditional;

/// Encrypts the payload of one member.
///
/// ```text
/// new -> head (to be written first) -> seal, seal, .. -> finish (to be written last)
/// ```
pub struct Sealer {
    state: State,
    head: Head,
}

enum State {
    Aes(Box<Cipher>),
    Traditional(traditional::Keys),
}

#[derive(Clone, Copy)]
struct Head {
    bytes: [u8; 18],
    len: usize,
}

/// What follows the body: an authentication code, or nothing.
#[derive(Clone, Copy, Debug)]
pub struct Tail(Option<[u8; TAG_LEN]>);

impl Sealer {
    /// A sealer at the start of a payload, with a fresh salt of the system's.
    ///
    /// `check` is written only by traditional encryption: the highest byte of the contents'
    /// CRC-32; of a member with a data descriptor the upper byte of the DOS time in its headers,
    /// because the CRC-32 is not known yet.
    ///
    /// # Errors
    /// [`Error::Random`](crate::Error::Random).
    pub fn new(encryption: &Encryption, check: u8, ring: &mut Keyring) -> Result<Self> {
        let mut head = Head { bytes: [0; 18], len: 0 };
        let state = match encryption.kind() {
            Kind::Aes(strength) => {
                let (salt, keys) = ring.fresh(encryption.password(), strength)?;
                head.push(salt.bytes());
                head.push(&keys.verifier());
                State::Aes(Box::new(Cipher::new(&keys)))
            }
            Kind::Traditional => {
                let (keys, bytes) = traditional::Keys::seal(encryption.password(), check)?;
                head.push(&bytes);
                State::Traditional(keys)
            }
        };
        Ok(Self { state, head })
    }

    /// What comes before the body.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head.bytes[..self.head.len]
    }

    /// Encrypts the next bytes of the body, of any number.
    pub fn seal(&mut self, data: &mut [u8]) {
        match &mut self.state {
            State::Aes(cipher) => cipher.seal(data),
            State::Traditional(keys) => keys.encrypt(data),
        }
    }

    /// Ends the payload: what comes after the body.
    #[must_use]
    pub fn finish(self) -> Tail {
        match self.state {
            State::Aes(cipher) => Tail::of(cipher.tag()),
            State::Traditional(_) => Tail(None),
        }
    }
}

/// Appends the whole payload of a body that is in memory: head, sealed body, tail.
///
/// # Errors
/// As [`Sealer::new`]; `payload` is as before then.
pub fn seal_whole(
    encryption: &Encryption,
    check: u8,
    ring: &mut Keyring,
    body: &[u8],
    payload: &mut Vec<u8>,
) -> Result<()> {
    let mut sealer = Sealer::new(encryption, check, ring)?;
    payload.reserve(body.len() + sealer.head().len() + TAG_LEN);
    payload.extend_from_slice(sealer.head());
    // Copied and sealed while it is in a near cache.
    for piece in body.chunks(PIECE) {
        let start = payload.len();
        payload.extend_from_slice(piece);
        sealer.seal(&mut payload[start..]);
    }
    payload.extend_from_slice(&sealer.finish());
    Ok(())
}

impl Head {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..][..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

impl Tail {
    pub(crate) const fn of(code: [u8; TAG_LEN]) -> Self {
        Self(Some(code))
    }
}

impl Deref for Tail {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |tag| tag)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}
