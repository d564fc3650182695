//! Opening one payload, in place.

use ctr::cipher::inout::InOutBuf;
use zip_format::encryption::Scheme;

use crate::aes::{Cipher, Keys, Salt};
use crate::error::{Error, Result};
use crate::keyring::Keyring;
use crate::lock::Lock;
use crate::password::Password;
use crate::traditional;

/// Decrypts the payload of one member.
///
/// ```text
/// candidates -> open, open, .. -> authenticate            unauthenticated until the end
/// candidates -> absorb, absorb, .. -> authenticate        all of the code first; and then
///               again -> open, open, .. -> authenticate   a second pass for the contents
/// ```
pub struct Opener {
    start: Start,
    state: State,
}

/// What is needed to begin a second time.
#[derive(Clone)]
enum Start {
    Aes(Keys),
    Traditional(traditional::Keys),
}

enum State {
    Aes(Box<Cipher>),
    Traditional(traditional::Keys),
}

impl Opener {
    /// An opener for each password that fits the check value in the payload's head, which is as
    /// long as [`Lock::head_len`] says. Mostly there is one; a wrong password fits once in 65,536
    /// times, of a traditional payload once in 256 or 128.
    ///
    /// # Errors
    /// [`Error::PasswordMissing`] without a password, [`Error::WrongPassword`] if none fits,
    /// [`Error::TooShort`] for another head.
    pub fn candidates(
        lock: &Lock,
        passwords: &[Password],
        ring: &mut Keyring,
        head: &[u8],
    ) -> Result<Vec<Self>> {
        if head.len() != lock.head_len() {
            return Err(too_short(lock, head.len()));
        }
        if passwords.is_empty() {
            return Err(Error::PasswordMissing { scheme: lock.scheme().name() });
        }
        let mut fitting = Vec::new();
        for places in turns(lock, passwords.len(), ring) {
            fitting.extend(fit(lock, passwords, &places, ring, head));
        }
        if fitting.is_empty() {
            return Err(Error::WrongPassword { scheme: lock.scheme().name() });
        }
        Ok(fitting.into_iter().map(|(_, opener)| opener).collect())
    }

    fn new(start: Start) -> Self {
        let state = match &start {
            Start::Aes(keys) => State::Aes(Box::new(Cipher::new(keys))),
            Start::Traditional(keys) => State::Traditional(keys.clone()),
        };
        Self { start, state }
    }

    /// Another one for the same payload, at the start of its body.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::new(self.start.clone())
    }

    /// Decrypts the next bytes of the body, of any number.
    pub fn open(&mut self, data: &mut [u8]) {
        match &mut self.state {
            State::Aes(cipher) => cipher.open(data),
            State::Traditional(keys) => keys.decrypt(data),
        }
    }

    /// Decrypts bytes of the body into others, of one length.
    fn open_whole(&mut self, body: InOutBuf<'_, '_, u8>) {
        match &mut self.state {
            State::Aes(cipher) => cipher.open(body),
            State::Traditional(keys) => keys.decrypt(body.into_out_with_copied_in()),
        }
    }

    /// Takes in the next bytes of the body for their authentication code, and decrypts nothing.
    pub fn absorb(&mut self, data: &[u8]) {
        match &mut self.state {
            State::Aes(cipher) => cipher.absorb(data),
            State::Traditional(_) => {}
        }
    }

    /// Compares the authentication code of everything opened or absorbed with the payload's tail.
    /// Always `Ok` for traditional encryption, which has none.
    ///
    /// # Errors
    /// [`Error::Unauthentic`].
    pub fn authenticate(self, tail: &[u8]) -> Result<()> {
        match self.state {
            State::Aes(cipher) => cipher.verify(tail),
            State::Traditional(_) => Ok(()),
        }
    }
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opener")
    }
}

/// Fills `body` with the decrypted body of a payload that is in memory, after its authentication
/// code was found right; tries one password after the other, beginning with the one that opened
/// the last payload.
///
/// After an error `body` holds zeros. Of a traditional payload nothing is proven yet: see
/// [`open_whole_if`].
///
/// # Errors
/// [`Error::PasswordMissing`], [`Error::WrongPassword`], [`Error::Unauthentic`],
/// [`Error::TooShort`]; [`Error::BufferLength`] if `body` is not as long as what is between head
/// and tail.
pub fn open_whole(
    lock: &Lock,
    passwords: &[Password],
    ring: &mut Keyring,
    payload: &[u8],
    body: &mut [u8],
) -> Result<()> {
    open_whole_if(lock, passwords, ring, payload, body, |_| Ok(()))
}

/// The same for bodies that prove themselves, by a CRC-32 say: `proof` judges what was decrypted,
/// and where it refuses, the next password is tried.
///
/// # Errors
/// As [`open_whole`]; if a password fits but no body passes, what `proof` said about the first.
pub fn open_whole_if<E: From<Error>>(
    lock: &Lock,
    passwords: &[Password],
    ring: &mut Keyring,
    payload: &[u8],
    body: &mut [u8],
    mut proof: impl FnMut(&mut [u8]) -> core::result::Result<(), E>,
) -> core::result::Result<(), E> {
    let (head, sealed, tail) = parts(lock, payload)?;
    let (expected, found) = (sealed.len() as u64, body.len() as u64);
    let mut both =
        InOutBuf::new(sealed, body).map_err(|_| Error::BufferLength { expected, found })?;
    if passwords.is_empty() {
        return Err(Error::PasswordMissing { scheme: lock.scheme().name() }.into());
    }
    let mut refused = None;
    for places in turns(lock, passwords.len(), ring) {
        for (place, mut opener) in fit(lock, passwords, &places, ring, head) {
            opener.open_whole(both.reborrow());
            let proven = opener.authenticate(tail).map_err(E::from);
            match proven.and_then(|()| proof(both.get_out())) {
                Ok(()) => {
                    ring.opened_by(place);
                    return Ok(());
                }
                Err(error) => {
                    // Not a byte that was not proven stays behind.
                    both.get_out().fill(0);
                    refused.get_or_insert(error);
                }
            }
        }
    }
    Err(refused.unwrap_or_else(|| Error::WrongPassword { scheme: lock.scheme().name() }.into()))
}

/// The order in which passwords are tried: first the one that opened the last payload, alone;
/// then the others, as many at a time as their keys are made together.
fn turns(lock: &Lock, passwords: usize, ring: &Keyring) -> Vec<Vec<usize>> {
    let at_once = match lock.scheme() {
        Scheme::Aes(aes) => Keyring::at_once(aes.strength),
        _ => 1,
    };
    let first = ring.first_of(passwords);
    let others: Vec<usize> = (0..passwords).filter(|&place| place != first).collect();
    std::iter::once(vec![first]).chain(others.chunks(at_once).map(<[usize]>::to_vec)).collect()
}

/// The passwords at these places that fit the check value, each with its opener.
fn fit(
    lock: &Lock,
    passwords: &[Password],
    places: &[usize],
    ring: &mut Keyring,
    head: &[u8],
) -> Vec<(usize, Opener)> {
    let tried = places.iter().filter_map(|&place| Some((place, passwords.get(place)?)));
    let Scheme::Aes(aes) = lock.scheme() else {
        let open = |password| traditional::Keys::open(password, head, lock.checks());
        return tried
            .filter_map(|(place, password)| {
                Some((place, Opener::new(Start::Traditional(open(password)?))))
            })
            .collect();
    };
    let Some(salt) = Salt::read(aes.strength, head) else { return Vec::new() };
    let tried: Vec<(usize, &Password)> = tried.collect();
    let keys = ring.take(tried.iter().map(|&(_, password)| password), salt);
    let tried = tried.iter().zip(keys);
    tried
        .filter(|(_, keys)| head.ends_with(&keys.verifier()))
        .map(|(&(place, _), keys)| (place, Opener::new(Start::Aes(keys))))
        .collect()
}

/// Head, body and tail.
fn parts<'p>(lock: &Lock, payload: &'p [u8]) -> Result<(&'p [u8], &'p [u8], &'p [u8])> {
    let short = || too_short(lock, payload.len());
    let (head, rest) = payload.split_at_checked(lock.head_len()).ok_or_else(short)?;
    let body = rest.len().checked_sub(lock.tail_len()).ok_or_else(short)?;
    let (body, tail) = rest.split_at(body);
    Ok((head, body, tail))
}

fn too_short(lock: &Lock, found: usize) -> Error {
    let expected = (lock.head_len() + lock.tail_len()) as u64;
    Error::TooShort { expected, found: found as u64 }
}
