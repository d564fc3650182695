//! Cipher and code of whole blocks in one pass, where the processor has instructions for both.
//!
//! Each SHA-1 round waits for the one before, so the code alone leaves most of the processor idle:
//! room enough for the cipher, which then costs nothing. In turns they take a quarter longer.

use ctr::cipher::array::Array;
use ctr::cipher::consts::U64;
use ctr::cipher::inout::InOutBuf;

#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::Woven;

/// Blocks of SHA-1, in place or from one buffer into another.
type Blocks<'i, 'o> = InOutBuf<'i, 'o, Array<u8, U64>>;

/// No such instructions are known here.
#[cfg(not(target_arch = "x86_64"))]
pub(super) enum Woven {}

#[cfg(not(target_arch = "x86_64"))]
impl Woven {
    pub(super) fn new(_key: &[u8]) -> Option<Self> {
        None
    }

    pub(super) fn run(
        &self,
        _direction: super::direction::Direction,
        _first: u64,
        _state: &mut crate::hmac_sha1::State,
        _data: Blocks<'_, '_>,
    ) {
        match *self {}
    }
}
