//! Keys derived ahead, several at once.
//!
//! One AES-256 key costs about 0.2 ms, four together not twice that. So a reader that knows the
//! salts of the next members has their keys made together, and a writer, whose salts do not depend
//! on anything, gets keys for its next members in advance.

use zip_format::extra::aes::Strength;

use crate::aes::{Keys, Salt, derive_all, keys_at_once};
use crate::error::Result;
use crate::password::Password;

/// Keys that were derived and not used yet, at most a few.
///
/// Each is used once: it leaves the ring when it is. All are overwritten when the ring is dropped
/// or cleared.
///
/// *Threads*: one ring a thread; two may have the same passwords.
#[derive(Default)]
pub struct Keyring {
    /// For payloads that will be opened.
    seen: Vec<Ready>,
    /// For payloads that will be sealed.
    fresh: Vec<Ready>,
    /// How many fresh keys were made last.
    batch: usize,
    /// Which of a list of passwords opened the last payload.
    last: usize,
}

struct Ready {
    password: Password,
    salt: Salt,
    keys: Keys,
}

impl Keyring {
    /// Without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many keys of this strength are worth making together on this machine.
    #[must_use]
    pub fn at_once(strength: Strength) -> usize {
        keys_at_once(strength)
    }

    /// Makes the keys of payloads that will be opened soon: for each, its strength and its first
    /// bytes. Keys made before and not used are dropped.
    ///
    /// Of several passwords the one that opened the last payload is taken; the others are tried
    /// when it fails.
    pub fn prepare<'p>(
        &mut self,
        passwords: &'p [Password],
        payloads: impl IntoIterator<Item = (Strength, &'p [u8])>,
    ) {
        let Some(password) = passwords.get(self.first_of(passwords.len())) else {
            return self.seen.clear();
        };
        self.prepare_each(payloads.into_iter().map(|(strength, head)| (password, strength, head)));
    }

    /// The same for payloads of which it is known which password each has.
    pub fn prepare_each<'p>(
        &mut self,
        payloads: impl IntoIterator<Item = (&'p Password, Strength, &'p [u8])>,
    ) {
        self.seen.clear();
        let wanted = payloads.into_iter();
        let wanted = wanted
            .filter_map(|(password, strength, head)| Some((password, Salt::read(strength, head)?)));
        let wanted: Vec<(&Password, Salt)> = wanted.collect();
        let keys = derive_all(&wanted);
        self.seen.extend(wanted.iter().zip(keys).map(|(&(password, salt), keys)| Ready {
            password: password.clone(),
            salt,
            keys,
        }));
    }

    /// Whether the keys of this payload were prepared.
    #[must_use]
    pub fn has(&self, strength: Strength, payload: &[u8]) -> bool {
        let salt = Salt::read(strength, payload);
        self.seen.iter().any(|ready| Some(ready.salt) == salt)
    }

    /// Overwrites all keys.
    pub fn clear(&mut self) {
        self.seen.clear();
        self.fresh.clear();
        self.batch = 0;
    }

    /// The place in a list of passwords to begin with.
    pub(crate) const fn first_of(&self, passwords: usize) -> usize {
        if self.last < passwords { self.last } else { 0 }
    }

    /// The password at this place was the right one.
    pub(crate) const fn opened_by(&mut self, place: usize) {
        self.last = place;
    }

    /// Keys for each of these passwords with this salt.
    pub(crate) fn take<'p>(
        &mut self,
        passwords: impl Iterator<Item = &'p Password>,
        salt: Salt,
    ) -> Vec<Keys> {
        let wanted: Vec<(&Password, Salt)> = passwords.map(|password| (password, salt)).collect();
        if let [(password, _)] = wanted[..] {
            let fits = |ready: &Ready| ready.salt == salt && ready.password.is(password);
            if let Some(at) = self.seen.iter().position(fits) {
                return vec![self.seen.swap_remove(at).keys];
            }
        }
        derive_all(&wanted)
    }

    /// A salt that was never used, and its keys.
    ///
    /// The first call makes one, later ones up to [`Keyring::at_once`] together.
    pub(crate) fn fresh(
        &mut self,
        password: &Password,
        strength: Strength,
    ) -> Result<(Salt, Keys)> {
        let fits = |ready: &Ready| ready.salt.strength() == strength && ready.password.is(password);
        if !self.fresh.first().is_none_or(fits) {
            self.fresh.clear();
            self.batch = 0;
        }
        if let Some(ready) = self.fresh.pop() {
            return Ok((ready.salt, ready.keys));
        }
        self.batch = (2 * self.batch).clamp(1, keys_at_once(strength));
        let salts = (0..self.batch).map(|_| Salt::fresh(strength)).collect::<Result<Vec<_>>>()?;
        let wanted: Vec<(&Password, Salt)> = salts.iter().map(|&salt| (password, salt)).collect();
        let keys = derive_all(&wanted);
        let mut made = salts.into_iter().zip(keys);
        let first = made.next().expect("at least one was made");
        let later = made.map(|(salt, keys)| Ready { password: password.clone(), salt, keys });
        self.fresh.extend(later);
        Ok(first)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("seen", &self.seen.len())
            .field("fresh", &self.fresh.len())
            .finish_non_exhaustive()
    }
}
