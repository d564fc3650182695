//! What stands for encryption in builds without it.

use zip_format::extra::aes::Strength;

use crate::error::Result;

/// Nobody has one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Salt {}

/// Nobody has one.
#[derive(Debug)]
pub(crate) enum Lock {}

/// Nobody has one.
#[derive(Debug)]
pub(crate) enum Sealing {}

/// Nobody has one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Done {}

/// None.
#[derive(Debug, Default)]
pub(crate) struct Seals(());

/// None.
#[derive(Debug, Default)]
pub(crate) struct Early(());

impl Early {
    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn prepare<'s>(&mut self, lock: &Lock, _: impl Iterator<Item = &'s [u8]>) {
        match *lock {}
    }

    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn seal(&mut self, lock: &Lock, _: &[u8], _: &mut [u8]) -> Option<Done> {
        match *lock {}
    }
}

impl Salt {
    pub(crate) const fn bytes(&self) -> &[u8] {
        match *self {}
    }
}

impl Lock {
    pub(crate) const fn strength(&self) -> Strength {
        match *self {}
    }

    pub(crate) const fn fresh(&self) -> Result<Salt> {
        match *self {}
    }

    pub(crate) const fn restored(&self, _: &[u8]) -> Option<Salt> {
        match *self {}
    }

    pub(crate) const fn verifier(&self, _: &[u8]) -> u16 {
        match *self {}
    }
}

impl Seals {
    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn is_done(&mut self, _: usize, done: Done) {
        match done {}
    }

    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn head<'s>(
        &mut self,
        _: usize,
        _: Option<&Lock>,
        _: impl Iterator<Item = &'s [u8]> + Clone,
    ) -> Vec<u8> {
        Vec::new()
    }

    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn body<'s>(
        &mut self,
        _: usize,
        _: Option<&Lock>,
        _: impl Iterator<Item = &'s [u8]> + Clone,
        _: u64,
    ) -> Option<Sealing> {
        None
    }
}

impl Sealing {
    pub(crate) const fn is_done(&self) -> bool {
        match *self {}
    }

    pub(crate) const fn seal(&mut self, _: &mut [u8]) {
        match *self {}
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        match self {}
    }
}
