//! AES-NI and the SHA extensions, woven into each other.
//!
//! A room for `unsafe` (docs/decisions/0006): functions that use such instructions may only be
//! called where the processor has them, and a [`Woven`] is made nowhere else. The instructions
//! themselves touch registers only; memory is read and written through references, of which [`Blocks`]
//! gives those to one block at a time: what is read, then what is written.

#![allow(unsafe_code)]

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_aesenc_si128, _mm_aesenclast_si128, _mm_aeskeygenassist_si128,
    _mm_cvtsi128_si32, _mm_cvtsi128_si64, _mm_extract_epi32, _mm_extract_epi64, _mm_set_epi32,
    _mm_set_epi64x, _mm_set1_epi32, _mm_setzero_si128, _mm_sha1msg1_epu32, _mm_sha1msg2_epu32,
    _mm_sha1nexte_epu32, _mm_sha1rnds4_epu32, _mm_shuffle_epi8, _mm_xor_si128,
};

use zeroize::Zeroizing;

use super::Blocks;
use crate::aes::direction::Direction;
use crate::hmac_sha1::{BLOCK, State};

/// Bytes of an AES block.
const CELL: usize = 16;
/// Round keys of AES-256, and one before the first round.
const MOST_KEYS: usize = 15;

type RoundKeys = [[u8; CELL]; MOST_KEYS];

/// The round keys of one payload, on a processor that has the instructions.
pub(in crate::aes) struct Woven {
    keys: Zeroizing<RoundKeys>,
    rounds: usize,
}

impl Woven {
    /// `None` where the processor lacks an instruction.
    pub(in crate::aes) fn new(key: &[u8]) -> Option<Self> {
        let is_there = is_x86_feature_detected!("aes")
            && is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("ssse3")
            && is_x86_feature_detected!("sse4.1");
        if !is_there {
            return None;
        }
        // FIPS 197, 5: 10 rounds for 4 words of key, 12 for 6, 14 for 8.
        let rounds = key.len() / 4 + 6;
        let mut keys = Zeroizing::new(RoundKeys::default());
        // SAFETY: the processor has the instructions, as was asked above.
        unsafe { expand(key, &mut keys) };
        Some(Self { keys, rounds })
    }

    /// Enciphers or deciphers whole blocks, of which `first` is the number of the first cell's
    /// counter, and takes their ciphertext into the state of the code.
    pub(in crate::aes) fn run(
        &self,
        direction: Direction,
        first: u64,
        state: &mut State,
        data: Blocks<'_, '_>,
    ) {
        let keys = &self.keys;
        // SAFETY: `new` gives nothing where the processor lacks the instructions.
        unsafe {
            match (self.rounds, direction) {
                (10, Direction::Seal) => run::<10, false>(keys, first, state, data),
                (10, Direction::Open) => run::<10, true>(keys, first, state, data),
                (12, Direction::Seal) => run::<12, false>(keys, first, state, data),
                (12, Direction::Open) => run::<12, true>(keys, first, state, data),
                (_, Direction::Seal) => run::<14, false>(keys, first, state, data),
                (_, Direction::Open) => run::<14, true>(keys, first, state, data),
            }
        }
    }
}

#[target_feature(enable = "sse2")]
fn load(bytes: &[u8; CELL]) -> __m128i {
    let number = u128::from_le_bytes(*bytes);
    _mm_set_epi64x((number >> 64) as i64, number as i64)
}

#[target_feature(enable = "sse4.1")]
fn store(cell: __m128i, bytes: &mut [u8; CELL]) {
    let (low, high) = bytes.split_at_mut(CELL / 2);
    low.copy_from_slice(&_mm_cvtsi128_si64(cell).to_le_bytes());
    high.copy_from_slice(&_mm_extract_epi64::<1>(cell).to_le_bytes());
}

/// The key expansion of FIPS 197, 5.2, in words whose first byte is the lowest.
#[target_feature(enable = "aes,sse2")]
fn expand(key: &[u8], keys: &mut RoundKeys) {
    let substituted = |word: u32| {
        let words = _mm_set1_epi32(word.cast_signed());
        _mm_cvtsi128_si32(_mm_aeskeygenassist_si128::<0>(words)).cast_unsigned()
    };
    let mut words = Zeroizing::new([0_u32; 4 * MOST_KEYS]);
    for (word, bytes) in words.iter_mut().zip(key.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let given = key.len() / 4;
    // Ten at most are needed; they do not leave the byte but for the last two (AES-128).
    let mut constant = 1_u32;
    for at in given..4 * (given + 7) {
        let mut word = words[at - 1];
        if at % given == 0 {
            word = substituted(word.rotate_right(8)) ^ constant;
            constant = if constant == 0x80 { 0x1b } else { constant << 1 };
        } else if given > 6 && at % given == 4 {
            word = substituted(word);
        }
        words[at] = words[at - given] ^ word;
    }
    for (bytes, word) in keys.as_flattened_mut().as_chunks_mut::<4>().0.iter_mut().zip(&*words) {
        *bytes = word.to_le_bytes();
    }
}

/// Four cells of AES in counter mode, then the block of SHA-1 that they are, for each block. The
/// processor has the next cells done long before it is through with the rounds of this block.
#[target_feature(enable = "aes,sha,ssse3,sse4.1")]
fn run<const ROUNDS: usize, const OPEN: bool>(
    round_keys: &RoundKeys,
    first: u64,
    state: &mut State,
    data: Blocks<'_, '_>,
) {
    let mut keys = Zeroizing::new([_mm_setzero_si128(); MOST_KEYS]);
    for (key, bytes) in keys.iter_mut().zip(round_keys) {
        *key = load(bytes);
    }
    // SHA-1 reads numbers with the highest byte first, and counts words from the top.
    let turned = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
    let [a, b, c, d, e] = state.map(u32::cast_signed);
    let mut abcd = _mm_set_epi32(a, b, c, d);
    let mut e = _mm_set_epi32(e, 0, 0, 0);
    let mut counter = first;

    for mut block in data {
        let mut stream = [_mm_setzero_si128(); BLOCK / CELL];
        for cell in &mut stream {
            *cell = _mm_xor_si128(_mm_set_epi64x(0, counter.cast_signed()), keys[0]);
            counter = counter.wrapping_add(1);
        }
        for key in &keys[1..ROUNDS] {
            for cell in &mut stream {
                *cell = _mm_aesenc_si128(*cell, *key);
            }
        }
        // All is read before anything is written, which may be in the same place.
        let mut words = [_mm_setzero_si128(); BLOCK / CELL];
        let from = block.get_in().as_slice().as_chunks::<CELL>().0;
        for ((cell, bytes), words) in stream.iter_mut().zip(from).zip(&mut words) {
            let before = load(bytes);
            *cell = _mm_xor_si128(before, _mm_aesenclast_si128(*cell, keys[ROUNDS]));
            *words = _mm_shuffle_epi8(if OPEN { before } else { *cell }, turned);
        }
        let to = block.get_out().as_mut_slice().as_chunks_mut::<CELL>().0;
        for (cell, bytes) in stream.into_iter().zip(to) {
            store(cell, bytes);
        }
        let (abcd_before, e_before) = (abcd, e);
        abcd = eighty_rounds(&mut e, abcd, words);
        e = _mm_sha1nexte_epu32(e, e_before);
        abcd = _mm_add_epi32(abcd, abcd_before);
    }
    *state = [
        _mm_extract_epi32::<3>(abcd),
        _mm_extract_epi32::<2>(abcd),
        _mm_extract_epi32::<1>(abcd),
        _mm_extract_epi32::<0>(abcd),
        _mm_extract_epi32::<3>(e),
    ]
    .map(i32::cast_unsigned);
}

/// The rounds of FIPS 180-4, 6.1.2, four at a time. Leaves in `e` the word that, rotated, is the
/// last of the new state.
#[inline]
#[target_feature(enable = "sha,sse2")]
fn eighty_rounds(e: &mut __m128i, mut abcd: __m128i, mut words: [__m128i; 4]) -> __m128i {
    // Written out, because the instruction takes the function of the rounds as a constant.
    macro_rules! four_rounds {
        ($function:literal, $group:literal) => {
            let now = words[$group % 4];
            let sum =
                if $group == 0 { _mm_add_epi32(*e, now) } else { _mm_sha1nexte_epu32(*e, now) };
            *e = abcd;
            abcd = _mm_sha1rnds4_epu32::<$function>(abcd, sum);
        };
    }
    // And the words of four groups later take the place of those that were used.
    macro_rules! four_rounds_and_words {
        ($function:literal, $group:literal) => {
            four_rounds!($function, $group);
            let [two, three, four] = [1, 2, 3].map(|later| words[($group + later) % 4]);
            let mixed = _mm_xor_si128(_mm_sha1msg1_epu32(words[$group % 4], two), three);
            words[$group % 4] = _mm_sha1msg2_epu32(mixed, four);
        };
    }
    four_rounds_and_words!(0, 0);
    four_rounds_and_words!(0, 1);
    four_rounds_and_words!(0, 2);
    four_rounds_and_words!(0, 3);
    four_rounds_and_words!(0, 4);
    four_rounds_and_words!(1, 5);
    four_rounds_and_words!(1, 6);
    four_rounds_and_words!(1, 7);
    four_rounds_and_words!(1, 8);
    four_rounds_and_words!(1, 9);
    four_rounds_and_words!(2, 10);
    four_rounds_and_words!(2, 11);
    four_rounds_and_words!(2, 12);
    four_rounds_and_words!(2, 13);
    four_rounds_and_words!(2, 14);
    four_rounds_and_words!(3, 15);
    four_rounds!(3, 16);
    four_rounds!(3, 17);
    four_rounds!(3, 18);
    four_rounds!(3, 19);
    abcd
}
