//! One output block of a derivation in the making, and the padding around its digests.

use zeroize::Zeroize;

/// Rounds of the derivation; part of the format.
pub(super) const ROUNDS: u32 = 1000;
/// Bytes of one output block.
pub(super) const BLOCK: usize = 20;
/// State of a SHA-1 computation.
pub(super) type State = [u32; 5];

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

/// A block that holds a digest behind a padded key, but for the digest.
pub(super) const fn final_block() -> [u8; 64] {
    let mut block = [0; 64];
    block[BLOCK] = 0x80;
    // 8 * (64 + 20) bits.
    [block[62], block[63]] = BITS;
    block
}

/// Length in bits of a padded key and a digest.
pub(super) const BITS: [u8; 2] = (8 * (64 + BLOCK as u16)).to_be_bytes();
