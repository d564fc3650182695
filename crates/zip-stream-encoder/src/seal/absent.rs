//! What stands for encryption in builds without it.

use zip_format::extra::aes::Strength;

use super::Salted;
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
    pub(crate) fn prepare<'s>(&mut self, lock: &Lock, _: impl Iterator<Item = Salted<'s>>) {
        match *lock {}
    }

    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn seal(&mut self, lock: &Lock, _: Salted<'_>, _: &mut [u8]) -> Option<Done> {
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

    pub(crate) fn verifiers<'s>(&self, _: impl Iterator<Item = Salted<'s>>) -> Vec<u16> {
        match *self {}
    }
}

impl Seals {
    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) const fn come_done(&mut self, _: u64) {}

    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) const fn above(&self) -> Option<u64> {
        None
    }

    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn is_done(&mut self, _: usize, done: Done) {
        match done {}
    }

    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn head<'s>(
        &mut self,
        _: usize,
        _: Option<&Lock>,
        _: impl Iterator<Item = Salted<'s>> + Clone,
    ) -> Vec<u8> {
        Vec::new()
    }

    #[expect(clippy::unused_self, reason = "there is nothing to be used")]
    pub(crate) fn body<'s>(
        &mut self,
        _: usize,
        _: Option<&Lock>,
        _: impl Iterator<Item = Salted<'s>> + Clone,
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
