//! Many chains side by side in vector registers: lane `n` of every vector belongs to chain `n`.
//!
//! SHA-1 is FIPS 180-4, 6.1.2. A chain's two blocks are always a digest and the same padding, so
//! no bytes are moved at all.

use fearless_simd::{Level, dispatch};

use super::chain::Chain;

/// Chains that this processor takes at once.
pub(super) fn widest() -> usize {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        let level = Level::new();
        if level.as_avx512().is_some() {
            return 16;
        }
        if level.as_avx2().is_some() {
            return 8;
        }
    }
    4
}

/// Does the other rounds of up to [`widest`] chains.
pub(super) fn stretch(chains: &mut [Chain]) {
    let level = Level::new();
    match chains.len() {
        ..=4 => dispatch!(level, simd => four::run(simd, chains)),
        5..=8 => dispatch!(level, simd => eight::run(simd, chains)),
        _ => dispatch!(level, simd => sixteen::run(simd, chains)),
    }
}

/// One width. The code is the same for all; a type parameter for the vectors would need a trait
/// with every operation they have.
macro_rules! width {
    ($name:ident, $Vector:ident, $lanes:literal) => {
        mod $name {
            use fearless_simd::prelude::*;
            use fearless_simd::$Vector;
            use zeroize::Zeroize;

            use crate::derive::chain::{Chain, ROUNDS};
            use crate::hmac_sha1::{BITS, State};

            type Words<S> = [$Vector<S>; 5];

            /// Lanes without a chain compute with zeros.
            #[inline(always)]
            pub(super) fn run<S: Simd>(simd: S, chains: &mut [Chain]) {
                let load = |part: fn(&Chain) -> &State| -> Words<S> {
                    let mut words = [[0_u32; $lanes]; 5];
                    for (lane, chain) in chains.iter().enumerate().take($lanes) {
                        for (word, value) in words.iter_mut().zip(part(chain)) {
                            word[lane] = *value;
                        }
                    }
                    words.map(|word| $Vector::from_slice(simd, &word))
                };
                let inner = load(|chain| &chain.inner);
                let outer = load(|chain| &chain.outer);
                let mut round = load(|chain| &chain.block);
                let mut sum = round;
                for _ in 1..ROUNDS {
                    round = compress(simd, outer, compress(simd, inner, round));
                    for word in 0..5 {
                        sum[word] ^= round[word];
                    }
                }
                let mut words = [[0_u32; $lanes]; 5];
                for (word, out) in sum.iter().zip(&mut words) {
                    word.store_slice(out);
                }
                for (lane, chain) in chains.iter_mut().enumerate().take($lanes) {
                    for (value, word) in chain.block.iter_mut().zip(&words) {
                        *value = word[lane];
                    }
                }
                words.zeroize();
            }

            /// The compression of a block that holds `digest` behind a padded key.
            #[inline(always)]
            fn compress<S: Simd>(simd: S, state: Words<S>, digest: Words<S>) -> Words<S> {
                let zero = $Vector::splat(simd, 0);
                let mut w = [zero; 16];
                w[..5].copy_from_slice(&digest);
                w[5] = $Vector::splat(simd, 0x8000_0000);
                w[15] = $Vector::splat(simd, u32::from(u16::from_be_bytes(BITS)));
                let [mut a, mut b, mut c, mut d, mut e] = state;
                macro_rules! round {
                    ($t:expr, $mix:expr, $constant:literal) => {{
                        let t = $t;
                        if t >= 16 {
                            let x =
                                w[(t + 13) & 15] ^ w[(t + 8) & 15] ^ w[(t + 2) & 15] ^ w[t & 15];
                            w[t & 15] = (x << 1_u32) | (x >> 31_u32);
                        }
                        let mixed = $mix(b, c, d);
                        let next = ((a << 5_u32) | (a >> 27_u32))
                            + mixed
                            + (e + w[t & 15] + $Vector::splat(simd, $constant));
                        e = d;
                        d = c;
                        c = (b << 30_u32) | (b >> 2_u32);
                        b = a;
                        a = next;
                    }};
                }
                type V<S> = $Vector<S>;
                let choose = |b: V<S>, c: V<S>, d: V<S>| d ^ (b & (c ^ d));
                let parity = |b: V<S>, c: V<S>, d: V<S>| b ^ c ^ d;
                let majority = |b: V<S>, c: V<S>, d: V<S>| (b & c) | (d & (b | c));
                for t in 0..20 {
                    round!(t, choose, 0x5a82_7999);
                }
                for t in 20..40 {
                    round!(t, parity, 0x6ed9_eba1);
                }
                for t in 40..60 {
                    round!(t, majority, 0x8f1b_bcdc);
                }
                for t in 60..80 {
                    round!(t, parity, 0xca62_c1d6);
                }
                [state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e]
            }
        }
    };
}

width!(four, u32x4, 4);
width!(eight, u32x8, 8);
width!(sixteen, u32x16, 16);
