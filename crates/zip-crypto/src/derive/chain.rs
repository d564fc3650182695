//! One output block of a derivation in the making.

use zeroize::Zeroize;

use crate::hmac_sha1::State;

/// Rounds of the derivation; part of the format.
pub(super) const ROUNDS: u32 = 1000;

/// One output block in the making.
#[derive(Clone, Copy, Default)]
pub(super) struct Chain {
    /// States after the padded key, inner and outer.
    pub(super) inner: State,
    pub(super) outer: State,
    /// The first round's value; the exclusive or of all rounds' afterwards.
    pub(super) block: State,
}

impl Zeroize for Chain {
    fn zeroize(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
        self.block.zeroize();
    }
}
