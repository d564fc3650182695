//! The password of a plan, and the payloads made with it.

use zip_codec::error::Error as CodecError;
use zip_codec::member::planned::{Body, Planned, Salt, Tail};
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
    /// Of an entry whose body will come enciphered.
    done: Option<(usize, Done)>,
}

/// What stands around a body that was enciphered before its turn.
#[derive(Debug)]
pub(crate) struct Done {
    head: Vec<u8>,
    tail: Tail,
}

/// Keys of the bodies that one thread enciphers before their turn.
#[derive(Debug, Default)]
pub(crate) struct Early(Keyring);

impl Early {
    /// Makes the keys of all these salts together.
    pub(crate) fn prepare<'s>(&mut self, lock: &Lock, salts: impl Iterator<Item = &'s [u8]>) {
        let passwords = std::slice::from_ref(&lock.password);
        self.0.prepare(passwords, salts.map(|salt| (lock.strength, salt)));
    }

    /// Enciphers a whole body; `None`, and the body as it was, without its salt.
    pub(crate) fn seal(&mut self, lock: &Lock, salt: &[u8], body: &mut [u8]) -> Option<Done> {
        let planned = lock.planned(&lock.restored(salt)?, &mut self.0);
        let mut sealing = planned.body();
        sealing.seal(body);
        Some(Done { head: planned.head(), tail: sealing.finish()? })
    }
}

impl Seals {
    /// The body of this entry will be fed enciphered.
    pub(crate) fn is_done(&mut self, index: usize, done: Done) {
        self.done = Some((index, done));
    }

    fn done(&self, index: usize) -> Option<&Done> {
        self.done.as_ref().filter(|(done, _)| *done == index).map(|(_, done)| done)
    }

    /// What comes before the body of an entry; nothing if it is not encrypted.
    pub(crate) fn head<'s>(
        &mut self,
        index: usize,
        lock: Option<&Lock>,
        salts: impl Iterator<Item = &'s [u8]> + Clone,
    ) -> Vec<u8> {
        if let Some(done) = self.done(index) {
            return done.head.clone();
        }
        self.of(index, lock, salts).map(Planned::head).unwrap_or_default()
    }

    /// The body of an entry from a byte on, which is the first where it comes enciphered; `None`
    /// if it is not encrypted.
    pub(crate) fn body<'s>(
        &mut self,
        index: usize,
        lock: Option<&Lock>,
        salts: impl Iterator<Item = &'s [u8]> + Clone,
        from: u64,
    ) -> Option<Sealing> {
        if let (Some(done), 0) = (self.done(index), from) {
            return Some(Sealing::Done(done.tail));
        }
        let planned = self.of(index, lock, salts)?;
        Some(Sealing::Body(if from == 0 { planned.body() } else { planned.body_from(from) }))
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
pub(crate) enum Sealing {
    Body(Body),
    /// It comes enciphered, and this follows it.
    Done(Tail),
}

impl Sealing {
    /// There is nothing to encipher.
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Encrypts the next bytes.
    pub(crate) fn seal(&mut self, bytes: &mut [u8]) {
        if let Self::Body(body) = self {
            body.seal(bytes);
        }
    }

    /// What comes after a body that passed from its first byte on.
    pub(crate) fn finish(self) -> Vec<u8> {
        let tail = match self {
            Self::Body(body) => body.finish(),
            Self::Done(tail) => Some(tail),
        };
        tail.map(|tail| tail.to_vec()).unwrap_or_default()
    }
}
