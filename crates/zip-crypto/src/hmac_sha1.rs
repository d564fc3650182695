//! HMAC-SHA1 (RFC 2104) with its states in the open: for those who compute many of them side by
//! side, or beside a cipher that runs over the same bytes.

use sha1::block_api::compress;
use sha1::{Digest as _, Sha1};
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of a code.
pub(crate) const LEN: usize = 20;
/// Bytes of a block, and of a padded key.
pub(crate) const BLOCK: usize = 64;
/// State of a SHA-1 computation.
pub(crate) type State = [u32; 5];

/// The state SHA-1 begins with (FIPS 180-4, 5.3.1).
const INITIAL: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
/// Length in bits of a padded key and a digest.
pub(crate) const BITS: [u8; 2] = (8 * (BLOCK + LEN) as u16).to_be_bytes();

/// The states after the padded key, inner and outer.
pub(crate) fn key_states(key: &[u8]) -> (State, State) {
    let mut padded = Zeroizing::new([0_u8; BLOCK]);
    if let Some(room) = padded.get_mut(..key.len()) {
        room.copy_from_slice(key);
    } else {
        padded[..LEN].copy_from_slice(&Sha1::digest(key));
    }
    let state = |pad: u8| {
        let block = Zeroizing::new(padded.map(|byte| byte ^ pad));
        let mut state = INITIAL;
        compress(&mut state, std::slice::from_ref(&*block));
        state
    };
    (state(0x36), state(0x5c))
}

/// The block behind the outer padded key: it holds the inner digest, which is still to be put in.
pub(crate) const fn final_block() -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[LEN] = 0x80;
    [block[BLOCK - 2], block[BLOCK - 1]] = BITS;
    block
}

/// The code of the inner digest.
pub(crate) fn outer(mut outer: State, inner: &State) -> State {
    let mut block = final_block();
    bytes_of(inner, &mut block[..LEN]);
    compress(&mut outer, std::slice::from_ref(&block));
    outer
}

/// A state as the bytes of a digest.
pub(crate) fn bytes_of(state: &State, out: &mut [u8]) {
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
}

/// The code of bytes that come one after the other.
pub(crate) struct Mac {
    inner: State,
    outer: State,
    /// Blocks that are in the inner state, without the padded key.
    blocks: u64,
    /// Bytes of the next one, and how many they are.
    next: [u8; BLOCK],
    filled: usize,
}

impl Mac {
    pub(crate) fn new(key: &[u8]) -> Self {
        let (inner, outer) = key_states(key);
        Self { inner, outer, blocks: 0, next: [0; BLOCK], filled: 0 }
    }

    /// Bytes so far.
    pub(crate) const fn len(&self) -> u64 {
        self.blocks * BLOCK as u64 + self.filled as u64
    }

    pub(crate) fn update(&mut self, mut data: &[u8]) {
        if self.filled > 0 {
            let (now, later) = data.split_at(data.len().min(BLOCK - self.filled));
            self.next[self.filled..][..now.len()].copy_from_slice(now);
            self.filled += now.len();
            data = later;
            if self.filled < BLOCK {
                return;
            }
            compress(&mut self.inner, std::slice::from_ref(&self.next));
            self.blocks += 1;
        }
        let (blocks, rest) = data.as_chunks::<BLOCK>();
        compress(&mut self.inner, blocks);
        self.blocks += blocks.len() as u64;
        self.next[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
    }

    /// The state between two blocks, into which the caller takes the next `blocks`. Only where
    /// [`Mac::len`] is a multiple of [`BLOCK`].
    pub(crate) fn blocks(&mut self, blocks: usize) -> &mut State {
        debug_assert_eq!(self.filled, 0, "between two blocks");
        self.blocks += blocks as u64;
        &mut self.inner
    }

    /// The code of all bytes so far.
    pub(crate) fn finish(mut self) -> [u8; LEN] {
        let bits = 8 * (BLOCK as u64 + self.len());
        self.next[self.filled] = 0x80;
        self.next[self.filled + 1..].fill(0);
        if self.filled >= BLOCK - 8 {
            compress(&mut self.inner, std::slice::from_ref(&self.next));
            self.next.fill(0);
        }
        self.next[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
        compress(&mut self.inner, std::slice::from_ref(&self.next));
        let mut code = [0; LEN];
        bytes_of(&outer(self.outer, &self.inner), &mut code);
        code
    }
}

/// The states stand for the key.
impl Drop for Mac {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
        self.next.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};

    use super::*;

    /// Around every length at which something changes, in pieces of every size.
    #[test]
    fn the_code_is_that_of_the_crate_hmac() {
        let data: Vec<u8> = (0..300_u32).map(|n| (n * 7) as u8).collect();
        for key in [&b""[..], b"key", &[7; 64], &[8; 65], &[9; 200]] {
            for len in [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 300] {
                let mut theirs = Hmac::<Sha1>::new_from_slice(key).expect("any length will do");
                theirs.update(&data[..len]);
                let expected: [u8; LEN] = theirs.finalize().into_bytes().into();
                for piece in [1, 3, 63, 64, 65, 300] {
                    let mut ours = Mac::new(key);
                    data[..len].chunks(piece).for_each(|piece| ours.update(piece));
                    assert_eq!(ours.len(), len as u64);
                    assert_eq!(ours.finish(), expected, "{len} bytes by {piece}");
                }
            }
        }
    }
}
