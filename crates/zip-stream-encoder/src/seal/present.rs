//! The passwords of a plan, and the payloads made with them.

use zip_codec::error::Error as CodecError;
use zip_codec::member::planned::{Body, Planned, Salt, Tail};
use zip_codec::member::{Keyring, Password};
use zip_format::extra::aes::Strength;

use super::Salted;
use crate::error::Result;

/// What the entries of a plan are encrypted with.
#[derive(Debug)]
pub(crate) struct Lock {
    strength: Strength,
    /// One at least, and at most as many as a byte has values.
    passwords: Box<[Password]>,
}

impl Lock {
    pub(crate) const fn new(strength: Strength, passwords: Box<[Password]>) -> Self {
        Self { strength, passwords }
    }

    pub(crate) const fn passwords(&self) -> usize {
        self.passwords.len()
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

    /// For each password two bytes that tell it from most others, under the first salt it is used
    /// with; nought where it is not.
    pub(crate) fn verifiers<'s>(&self, salts: impl Iterator<Item = Salted<'s>>) -> Vec<u16> {
        let mut first: Vec<Option<Salted<'_>>> = vec![None; self.passwords.len()];
        let mut left = first.len();
        for salted in salts {
            if let Some(first) = first.get_mut(usize::from(salted.password))
                && first.is_none()
            {
                *first = Some(salted);
                left -= 1;
            }
            if left == 0 {
                break;
            }
        }
        let mut ring = Keyring::new();
        self.prepare(&mut ring, first.iter().copied().flatten());
        let verifier = |salted| Some(self.planned(salted?, &mut ring)?.verifier());
        first.into_iter().map(verifier).map(|code| code.map_or(0, u16::from_le_bytes)).collect()
    }

    /// Makes the keys of all these together.
    fn prepare<'s>(&self, ring: &mut Keyring, salts: impl Iterator<Item = Salted<'s>>) {
        ring.prepare_each(salts.filter_map(|Salted { password, salt }| {
            Some((self.passwords.get(usize::from(password))?, self.strength, salt))
        }));
    }

    /// `None` without a salt, or a password of this number.
    fn planned(&self, salted: Salted<'_>, ring: &mut Keyring) -> Option<Planned> {
        let password = self.passwords.get(usize::from(salted.password))?;
        Some(Planned::new(password, &self.restored(salted.salt)?, ring))
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
    /// Bodies of up to so many bytes will.
    above: Option<u64>,
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
    pub(crate) fn prepare<'s>(&mut self, lock: &Lock, salts: impl Iterator<Item = Salted<'s>>) {
        lock.prepare(&mut self.0, salts);
    }

    /// Enciphers a whole body; `None`, and the body as it was, without its salt.
    pub(crate) fn seal(&mut self, lock: &Lock, salt: Salted<'_>, body: &mut [u8]) -> Option<Done> {
        let planned = lock.planned(salt, &mut self.0)?;
        let mut sealing = planned.body();
        sealing.seal(body);
        Some(Done { head: planned.head(), tail: sealing.finish()? })
    }
}

impl Seals {
    /// Bodies of up to so many bytes will be fed enciphered, so that no keys are made for them.
    pub(crate) const fn come_done(&mut self, bytes: u64) {
        self.above = Some(bytes);
    }

    /// Of entries to come, only those with more bytes than this need keys.
    pub(crate) const fn above(&self) -> Option<u64> {
        self.above
    }

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
        salts: impl Iterator<Item = Salted<'s>> + Clone,
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
        salts: impl Iterator<Item = Salted<'s>> + Clone,
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
        mut salts: impl Iterator<Item = Salted<'s>> + Clone,
    ) -> Option<&Planned> {
        if self.current.as_ref().is_none_or(|(current, _)| *current != index) {
            self.current = None;
            let lock = lock?;
            let all = salts.clone();
            let salted = salts.next()?;
            if !self.ring.has(lock.strength, salted.salt) {
                lock.prepare(&mut self.ring, all.take(Keyring::at_once(lock.strength)));
            }
            self.current = Some((index, lock.planned(salted, &mut self.ring)?));
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
