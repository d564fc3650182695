//! PBKDF2 with HMAC-SHA1 and 1,000 rounds, as the WinZip AE specification fixes it (1.04, III.B;
//! RFC 8018, 5.2).
//!
//! One derivation is up to four output blocks, each a chain of 2,000 SHA-1 compressions that
//! depend on each other. The chains do not: those of all keys wanted at one time go side by side,
//! in vector lanes or through the processor's SHA instructions, whichever is faster for so many.

mod chain;

mod chains;
mod lanes;

use sha1::block_api::compress;
use zeroize::Zeroizing;

use chain::Chain;

use crate::hmac_sha1::{self, LEN, State, bytes_of, key_states};

/// Longest salt.
const MAX_SALT: usize = 16;

/// One key to be derived.
pub(crate) struct Job<'j> {
    pub(crate) password: &'j [u8],
    /// At most 16 bytes.
    pub(crate) salt: &'j [u8],
    pub(crate) key: &'j mut [u8],
}

/// Fills the keys of all jobs.
pub(crate) fn derive(jobs: &mut [Job<'_>]) {
    let count = jobs.iter().map(|job| job.key.len().div_ceil(LEN)).sum();
    let mut chains = Zeroizing::new(Vec::with_capacity(count));
    for job in &*jobs {
        let (inner, outer) = key_states(job.password);
        for number in (1_u32..).take(job.key.len().div_ceil(LEN)) {
            let block = first_round(inner, outer, job.salt, number);
            chains.push(Chain { inner, outer, block });
        }
    }
    stretch(&mut chains);
    let mut done = chains.iter();
    for job in jobs {
        for (out, chain) in job.key.chunks_mut(LEN).zip(&mut done) {
            let mut bytes = Zeroizing::new([0_u8; LEN]);
            bytes_of(&chain.block, &mut *bytes);
            out.copy_from_slice(&bytes[..out.len()]);
        }
    }
}

/// How many chains this machine takes as fast as it takes one group of them.
pub(crate) fn chains_at_once() -> usize {
    lanes::widest()
}

/// Does the other rounds of all chains.
fn stretch(mut chains: &mut [Chain]) {
    while !chains.is_empty() {
        let group = group_of(chains.len());
        let taken = chains.len().min(group.len());
        let (now, later) = std::mem::take(&mut chains).split_at_mut(taken);
        match group {
            Group::Lanes(_) => lanes::stretch(now),
            Group::Chains => chains::stretch(now),
        }
        chains = later;
    }
}

/// How the next chains are taken.
#[derive(Clone, Copy)]
enum Group {
    /// So many in vector lanes.
    Lanes(usize),
    /// Through the processor's SHA instructions.
    Chains,
}

impl Group {
    const fn len(self) -> usize {
        match self {
            Self::Lanes(width) => width,
            Self::Chains => chains::WIDTH,
        }
    }
}

/// One call of the lanes takes as long as 6 to 8 chains by SHA instructions (on Zen 5: 16 lanes
/// 350 us, 8 lanes 275 us, 45 us a chain), however many lanes are filled.
fn group_of(left: usize) -> Group {
    let widest = lanes::widest();
    if !chains::is_fast() {
        return Group::Lanes(widest);
    }
    match left {
        9.. if widest >= 16 => Group::Lanes(16),
        7.. if widest >= 8 => Group::Lanes(8),
        _ => Group::Chains,
    }
}

/// The HMAC of the salt and the number of the block.
fn first_round(inner: State, outer: State, salt: &[u8], number: u32) -> State {
    let salt = &salt[..salt.len().min(MAX_SALT)];
    let mut block = [0_u8; 64];
    block[..salt.len()].copy_from_slice(salt);
    block[salt.len()..][..4].copy_from_slice(&number.to_be_bytes());
    block[salt.len() + 4] = 0x80;
    // The padded key before it is 64 bytes long.
    let bits = 8 * (64 + salt.len() as u64 + 4);
    block[56..].copy_from_slice(&bits.to_be_bytes());
    let mut state = inner;
    compress(&mut state, std::slice::from_ref(&block));
    hmac_sha1::outer(outer, &state)
}

#[cfg(test)]
mod tests {
    use sha1::Sha1;

    use super::chain::ROUNDS;
    use super::*;

    /// The definition, by the crate `hmac` and one round after the other.
    fn slow(password: &[u8], salt: &[u8], key: &mut [u8]) {
        use hmac::{Hmac, KeyInit, Mac};
        let mac = |parts: &[&[u8]]| -> [u8; 20] {
            let mut mac = Hmac::<Sha1>::new_from_slice(password).expect("any length will do");
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().into()
        };
        for (number, out) in key.chunks_mut(LEN).enumerate() {
            let mut u = mac(&[salt, &(number as u32 + 1).to_be_bytes()]);
            let mut t = u;
            for _ in 1..ROUNDS {
                u = mac(&[&u]);
                t.iter_mut().zip(u).for_each(|(t, u)| *t ^= u);
            }
            out.copy_from_slice(&t[..out.len()]);
        }
    }

    #[test]
    fn any_number_of_keys_at_once_are_those_of_the_definition() {
        let lengths = [66, 50, 34, 66, 20, 66, 66, 34, 66];
        let passwords: Vec<Vec<u8>> =
            [0, 1, 8, 63, 64, 65, 200, 20, 5].map(|len| vec![b'p'; len]).into();
        let salts: Vec<Vec<u8>> = (0..9).map(|n| vec![n as u8; [16, 12, 8][n % 3]]).collect();
        let expected: Vec<Vec<u8>> = (0..9)
            .map(|n| {
                let mut key = vec![0; lengths[n]];
                slow(&passwords[n], &salts[n], &mut key);
                key
            })
            .collect();
        for count in 1..=9 {
            let mut keys: Vec<Vec<u8>> = lengths[..count].iter().map(|&n| vec![0; n]).collect();
            let mut jobs: Vec<Job<'_>> = keys
                .iter_mut()
                .zip(&passwords)
                .zip(&salts)
                .map(|((key, password), salt)| Job { password, salt, key })
                .collect();
            derive(&mut jobs);
            assert_eq!(keys, expected[..count], "{count} at once");
        }
    }

    #[test]
    fn every_kernel_gives_the_same() {
        let chains: Vec<Chain> = (0..35_u32)
            .map(|n| Chain {
                inner: [n, 1, 2, 3, 4],
                outer: [5, n, 7, 8, 9],
                block: [10, 11, n, 13, 14],
            })
            .collect();
        let all = |run: fn(&mut [Chain]), width: usize| {
            let mut chains = chains.clone();
            chains.chunks_mut(width).for_each(run);
            chains.iter().map(|chain| chain.block).collect::<Vec<_>>()
        };
        let one_by_one = all(chains::stretch, 1);
        assert_eq!(all(chains::stretch, chains::WIDTH), one_by_one);
        for width in 1..=lanes::widest() {
            assert_eq!(all(lanes::stretch, width), one_by_one, "{width} lanes");
        }
    }
}
