//! Four chains in turn through SHA-1 of the crate `sha1`, which uses the instructions the
//! processor has for it.
//!
//! One compression waits for itself most of the time; those of other chains fill the gaps, if the
//! processor may begin them. It may only where a block is read as it was written: with whole
//! 16-byte stores, not word by word, which would stall each load until all stores before it are
//! done. Measured on Zen 5, an AES-256 key: word by word 370 us, as here 180 us.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u32x4};
use sha1::block_api::compress;

use super::chain::{Chain, ROUNDS};
use crate::hmac_sha1::{State, final_block};

/// Chains that are worth taking at once.
pub(super) const WIDTH: usize = 4;

/// The processor has instructions for SHA-1.
pub(super) fn is_fast() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return std::arch::is_x86_feature_detected!("sha");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    false
}

/// Does the other rounds of up to [`WIDTH`] chains.
pub(super) fn stretch(chains: &mut [Chain]) {
    dispatch!(Level::new(), simd => run(simd, chains));
}

#[inline(always)]
fn run<S: Simd>(simd: S, chains: &mut [Chain]) {
    let mut blocks = [final_block(); WIDTH];
    for (chain, block) in chains.iter().zip(&mut blocks) {
        put(simd, &chain.block, block);
    }
    for _ in 1..ROUNDS {
        for (chain, block) in chains.iter_mut().zip(&mut blocks) {
            let mut state = chain.inner;
            compress(&mut state, std::slice::from_ref(block));
            put(simd, &state, block);
        }
        for (chain, block) in chains.iter_mut().zip(&mut blocks) {
            let mut state = chain.outer;
            compress(&mut state, std::slice::from_ref(block));
            put(simd, &state, block);
            for (sum, word) in chain.block.iter_mut().zip(state) {
                *sum ^= word;
            }
        }
    }
    zeroize::Zeroize::zeroize(&mut blocks);
}

/// Writes a state, big-endian, and the end mark behind it, in two whole stores.
#[inline(always)]
fn put<S: Simd>(simd: S, state: &State, block: &mut [u8; 64]) {
    let [a, b, c, d, e] = *state;
    let (first, rest) = block.split_at_mut(16);
    let (second, _) = rest.split_at_mut(16);
    swapped(simd, u32x4::from_slice(simd, &[a, b, c, d])).store_slice(first);
    swapped(simd, u32x4::from_slice(simd, &[e, 0x8000_0000, 0, 0])).store_slice(second);
}

/// The words' bytes, in big-endian order on a little-endian machine.
#[inline(always)]
fn swapped<S: Simd>(simd: S, words: u32x4<S>) -> <u32x4<S> as Bytes>::Bytes {
    let even = u32x4::splat(simd, 0x00ff_00ff);
    let by_one = (words << 8_u32) | (words >> 24_u32);
    let by_three = (words << 24_u32) | (words >> 8_u32);
    ((by_one & even) | (by_three & (even << 8_u32))).to_bytes()
}
