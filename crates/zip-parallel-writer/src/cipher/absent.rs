//! What stands for encryption in builds without it.

use zip_codec::member::{Facts, Scratch};
use zip_format::encryption::Scheme;
use zip_format::method::Method;
use zip_io::spool::Spool;

use crate::error::Result;

/// Nobody has one.
pub(crate) enum Encryption {}

/// Nobody has one.
pub(crate) enum Seal {}

pub(crate) const fn described(encryption: &Encryption, _: Facts) -> (Facts, Scheme) {
    match *encryption {}
}

pub(crate) fn append(
    _: &mut Scratch,
    encryption: &Encryption,
    _: &Facts,
    _: &[u8],
    _: &mut Vec<u8>,
) -> Result<()> {
    match *encryption {}
}

impl Seal {
    pub(crate) fn begin(encryption: &Encryption, _: &mut Scratch) -> Result<Self> {
        match *encryption {}
    }

    pub(crate) const fn waits(&self) -> bool {
        match *self {}
    }

    pub(crate) const fn overhead_bytes(&self) -> u64 {
        match *self {}
    }

    pub(crate) const fn scheme(&self, _: Method) -> Scheme {
        match *self {}
    }

    pub(crate) fn pass(&mut self, _: &[u8], _: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match *self {}
    }

    pub(crate) fn close(self, _: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match self {}
    }

    pub(crate) fn close_spool(self, _: Spool, _: u32) -> Result<Spool> {
        match self {}
    }
}
