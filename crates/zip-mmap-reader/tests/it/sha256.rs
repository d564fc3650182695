//! SHA-256 (FIPS 180-4), to compare with tables of digests; slow and small.

use std::fmt::Write;

/// The digest in lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let (constants, mut state) = (roots(64, 3), [0; 8]);
    state.copy_from_slice(&roots(8, 2));
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - bytes.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        compress(&mut state, block, &constants);
    }
    let mut hex = String::new();
    for word in state {
        let _ = write!(hex, "{word:08x}");
    }
    hex
}

/// The first 32 fractional bits of the square or cube roots of the first primes.
fn roots(count: usize, degree: u32) -> Vec<u32> {
    let is_prime = |n: &u128| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    let scaled = |prime: u128| {
        // The integer root of prime * 2^(32 * degree), by bisection.
        let (mut low, mut high) = (0_u128, 1 << 40);
        while high - low > 1 {
            let middle = (low + high) / 2;
            let fits = middle.pow(degree) <= prime << (32 * degree);
            if fits { low = middle } else { high = middle }
        }
        low as u32
    };
    (2..).filter(is_prime).take(count).map(scaled).collect()
}

fn compress(state: &mut [u32; 8], block: &[u8], constants: &[u32]) {
    let mut words: Vec<u32> =
        block.as_chunks::<4>().0.iter().map(|&word| u32::from_be_bytes(word)).collect();
    for at in 16..64 {
        let (a, b) = (words[at - 15], words[at - 2]);
        let first = a.rotate_right(7) ^ a.rotate_right(18) ^ a >> 3;
        let second = b.rotate_right(17) ^ b.rotate_right(19) ^ b >> 10;
        let sum = words[at - 16].wrapping_add(first).wrapping_add(words[at - 7]);
        words.push(sum.wrapping_add(second));
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (&word, &constant) in words.iter().zip(constants) {
        let sum = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first =
            h.wrapping_add(sum).wrapping_add(choice).wrapping_add(constant).wrapping_add(word);
        let sum = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = sum.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(second));
    }
    for (old, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *old = old.wrapping_add(new);
    }
}

#[test]
fn known_digests() {
    assert!(sha256(b"").starts_with("e3b0c44298fc1c14"));
    assert!(sha256(b"abc").starts_with("ba7816bf8f01cfea"));
    assert!(sha256(&[b'a'; 1000]).starts_with("41edece42d63e8d9"));
}
