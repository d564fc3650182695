//! Seeded payloads and directory trees: the same seed gives the same bytes on every machine.

mod tree;

pub use self::tree::{Planted, TreeSpec, tree};

/// A small generator (xorshift64*, Vigna 2016): fast, seeded, and no cryptography.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator of its own sequence for each seed, zero included.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // One round of splitmix64, so that near seeds do not give near sequences.
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((z ^ (z >> 31)).max(1))
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`; zero if `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `low..=high`; `low` if the range is empty.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        match high.saturating_sub(low).checked_add(1) {
            Some(width) => low + self.below(width),
            None => self.next_u64(),
        }
    }

    /// Fills `out` with noise.
    pub fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let bytes = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// What a payload is like to a compressor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Zero bytes only: the best ratio there is.
    Zeros,
    /// Words with a skewed frequency: about 3 to 1.
    Text,
    /// Records with repeating keys: about 6 to 1.
    Json,
    /// Blocks of text, zeros and noise in turns.
    Mixed,
    /// Nothing to gain.
    Noise,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Zeros, Self::Text, Self::Json, Self::Mixed, Self::Noise];
}

/// `len` bytes of a kind.
#[must_use]
pub fn payload(kind: Kind, len: usize, seed: u64) -> Vec<u8> {
    match kind {
        Kind::Zeros => zeros(len),
        Kind::Text => text(len, seed),
        Kind::Json => json(len, seed),
        Kind::Mixed => mixed(len, seed),
        Kind::Noise => noise(len, seed),
    }
}

/// `len` zero bytes.
#[must_use]
pub fn zeros(len: usize) -> Vec<u8> {
    vec![0; len]
}

/// `len` bytes of noise.
#[must_use]
pub fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut out = vec![0; len];
    Rng::new(seed).fill(&mut out);
    out
}

/// `len` bytes that look like text: words, sentences, lines.
#[must_use]
pub fn text(len: usize, seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let words: Vec<Vec<u8>> = (0..600).map(|_| word(&mut rng)).collect();
    let mut out = Vec::with_capacity(len + 16);
    let mut column = 0;
    while out.len() < len {
        // The smaller of two draws: common words come often, rare ones rarely.
        let pick = rng.below(600).min(rng.below(600)) as usize;
        out.extend_from_slice(&words[pick]);
        column += words[pick].len() + 1;
        if rng.below(12) == 0 {
            out.push(b'.');
        }
        if column > 72 {
            out.push(b'\n');
            column = 0;
        } else {
            out.push(b' ');
        }
    }
    out.truncate(len);
    out
}

/// `len` bytes that look like lines of JSON, the last one perhaps cut.
#[must_use]
pub fn json(len: usize, seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let names: Vec<String> =
        (0..40).map(|_| String::from_utf8_lossy(&word(&mut rng)).into_owned()).collect();
    let mut out = Vec::with_capacity(len + 160);
    let mut id = 0;
    while out.len() < len {
        id += 1 + rng.below(3);
        let name = &names[rng.below(40) as usize];
        let (value, on) = (rng.below(1_000_000), rng.below(2) == 0);
        let line = format!(
            "{{\"id\":{id},\"name\":\"{name}\",\"value\":{value},\"enabled\":{on},\"tags\":[\"{}\",\"{}\"]}}\n",
            names[rng.below(8) as usize],
            names[rng.below(8) as usize],
        );
        out.extend_from_slice(line.as_bytes());
    }
    out.truncate(len);
    out
}

/// `len` bytes in which runs of text, zeros and noise (up to 16 KiB each) take turns.
#[must_use]
pub fn mixed(len: usize, seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let mut out = Vec::with_capacity(len);
    while out.len() < len {
        let run = (rng.between(1, 16 << 10) as usize).min(len - out.len());
        match rng.below(3) {
            0 => out.resize(out.len() + run, 0),
            1 => out.extend(noise(run, rng.next_u64())),
            _ => out.extend(text(run, rng.next_u64())),
        }
    }
    out
}

fn word(rng: &mut Rng) -> Vec<u8> {
    const VOWELS: &[u8] = b"aeiou";
    const CONSONANTS: &[u8] = b"bcdfghklmnprstvw";
    let mut out = Vec::new();
    for _ in 0..rng.between(1, 4) {
        out.push(CONSONANTS[rng.below(CONSONANTS.len() as u64) as usize]);
        out.push(VOWELS[rng.below(VOWELS.len() as u64) as usize]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_have_their_length_and_depend_on_the_seed() {
        for kind in Kind::ALL {
            for len in [0, 1, 7, 8, 9, 1000, 70_000] {
                let a = payload(kind, len, 1);
                assert_eq!(a.len(), len, "{kind:?}");
                assert_eq!(a, payload(kind, len, 1), "{kind:?}: same seed, same bytes");
                if len >= 1000 && kind != Kind::Zeros {
                    assert_ne!(a, payload(kind, len, 2), "{kind:?}: other seed, other bytes");
                }
            }
        }
    }

    #[test]
    fn payloads_compress_as_their_kind_says() {
        let ratio = |kind| {
            let plain = payload(kind, 100_000, 3);
            let packed = miniz_oxide::deflate::compress_to_vec(&plain, 6);
            plain.len() as f64 / packed.len() as f64
        };
        assert!(ratio(Kind::Zeros) > 500.0, "zeros");
        assert!((2.0..5.0).contains(&ratio(Kind::Text)), "text");
        assert!(ratio(Kind::Json) > 3.0, "json");
        assert!(ratio(Kind::Noise) < 1.01, "noise");
    }

    #[test]
    fn first_bytes_are_pinned() {
        assert_eq!(noise(4, 0), [208, 130, 6, 85], "benches compare across runs and machines");
    }
}
