//! The password of a plan, and the payloads made with it.

use zip_codec::error::Error as CodecError;
use zip_codec::member::planned::{Body, Planned, Salt};
use zip_codec::member::{Keyring, Password};
use zip_format::extra::aes::Strength;

use crate::error::Result;
use crate::plan::Plan;

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
    pub(crate) fn head(&mut self, plan: &Plan, index: usize) -> Vec<u8> {
        self.of(plan, index).map(Planned::head).unwrap_or_default()
    }

    /// The body of an entry from a byte on; `None` if it is not encrypted.
    pub(crate) fn body(&mut self, plan: &Plan, index: usize, from: u64) -> Option<Sealing> {
        let planned = self.of(plan, index)?;
        Some(Sealing(if from == 0 { planned.body() } else { planned.body_from(from) }))
    }

    fn of(&mut self, plan: &Plan, index: usize) -> Option<&Planned> {
        if self.current.as_ref().is_none_or(|(current, _)| *current != index) {
            self.current = None;
            let lock = plan.lock()?;
            let salt = lock.restored(plan.salt(index)?)?;
            if !self.ring.has(lock.strength, salt.bytes()) {
                let salts = (index..plan.entries()).filter_map(|index| plan.salt(index));
                let together = salts.take(Keyring::at_once(lock.strength));
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
