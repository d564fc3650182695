//! The password of a plan, and the payloads made with it.

use zip_codec::error::Error as CodecError;
use zip_codec::member::planned::{Body, Planned, Salt};
use zip_codec::member::{Keyring, Password};
use zip_format::extra::aes::Strength;

use crate::error::Result;

/// What the entries of a plan are encrypted with.
#[derive(Debug)]
pub(crate) struct Lock {
    strength: Strength,
    password: Password,
}

impl Lock {
    pub(crate) const fn new(strength: Strength, password: Password) -> Self {
        Self { strength, password }
    }

    pub(crate) const fn strength(&self) -> Strength {
        self.strength
    }

    pub(crate) fn fresh(&self) -> Result<Salt> {
        Ok(Salt::fresh(self.strength).map_err(CodecError::from)?)
    }

    pub(crate) fn restored(&self, bytes: &[u8]) -> Option<Salt> {
        Salt::restored(self.strength, bytes)
    }

    /// Two bytes that tell the password from most others, under this salt.
    pub(crate) fn verifier(&self, salt: &[u8]) -> u16 {
        let planned = self.restored(salt).map(|salt| self.planned(&salt, &mut Keyring::new()));
        planned.map_or(0, |planned| u16::from_le_bytes(planned.verifier()))
    }

    fn planned(&self, salt: &Salt, ring: &mut Keyring) -> Planned {
        Planned::new(&self.password, salt, ring)
    }
}

/// The keys of a run: those of the entry in hand, and those of the next few, which are made
/// together with them.
#[derive(Debug, Default)]
pub(crate) struct Seals {
    ring: Keyring,
    current: Option<(usize, Planned)>,
}

impl Seals {
    /// What comes before the body of an entry; nothing if it is not encrypted.
    pub(crate) fn head<'s>(
        &mut self,
        index: usize,
        lock: Option<&Lock>,
        salts: impl Iterator<Item = &'s [u8]> + Clone,
    ) -> Vec<u8> {
        self.of(index, lock, salts).map(Planned::head).unwrap_or_default()
    }

    /// The body of an entry from a byte on; `None` if it is not encrypted.
    pub(crate) fn body<'s>(
        &mut self,
        index: usize,
        lock: Option<&Lock>,
        salts: impl Iterator<Item = &'s [u8]> + Clone,
        from: u64,
    ) -> Option<Sealing> {
        let planned = self.of(index, lock, salts)?;
        Some(Sealing(if from == 0 { planned.body() } else { planned.body_from(from) }))
    }

    /// Entry `index`, whose salt is the first of `salts`; those of the entries behind it follow.
    fn of<'s>(
        &mut self,
        index: usize,
        lock: Option<&Lock>,
        mut salts: impl Iterator<Item = &'s [u8]> + Clone,
    ) -> Option<&Planned> {
        if self.current.as_ref().is_none_or(|(current, _)| *current != index) {
            self.current = None;
            let lock = lock?;
            let all = salts.clone();
            let salt = lock.restored(salts.next()?)?;
            if !self.ring.has(lock.strength, salt.bytes()) {
                let together = all.take(Keyring::at_once(lock.strength));
                let passwords = std::slice::from_ref(&lock.password);
                self.ring.prepare(passwords, together.map(|salt| (lock.strength, salt)));
            }
            self.current = Some((index, lock.planned(&salt, &mut self.ring)));
        }
        self.current.as_ref().map(|(_, planned)| planned)
    }
}

/// A body on its way.
#[derive(Debug)]
pub(crate) struct Sealing(Body);

impl Sealing {
    /// Encrypts the next bytes.
    pub(crate) fn seal(&mut self, bytes: &mut [u8]) {
        self.0.seal(bytes);
    }

    /// What comes after a body that passed from its first byte on.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.finish().map(|tail| tail.to_vec()).unwrap_or_default()
    }
}
