//! Names to entries: built once, 8 bytes an entry.
//!
//! A sorted list of (hash, entry number) rather than a hash map: it is built by a radix sort, in
//! about the time a walk over the directory takes, holds nothing but what it needs, and brings
//! equal names next to each other, so that duplicates are found by looking at neighbours.
//!
//! The hash has no secret, and whoever makes an archive can make all hashes equal. So entries of
//! one hash are sorted by name: looking up and finding duplicates stay O(log n) and O(n log n)
//! comparisons, whatever the names are.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use super::index::Index;
use crate::entry::Entry;
use crate::error::Result;
use crate::extra;
use crate::name::Charset;

/// The directory whose names are meant: always the same for one [`NameIndex`].
#[derive(Clone, Copy)]
pub struct Named<'a> {
    /// Bytes of the directory.
    pub bytes: &'a [u8],
    /// Its index.
    pub index: &'a Index,
    /// How names are read that do not tell their encoding.
    pub charset: Option<&'a dyn Charset>,
}

impl core::fmt::Debug for Named<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Named").field("entries", &self.index.len()).finish_non_exhaustive()
    }
}

/// Entry numbers by name, as [`Name::path_bytes`](crate::name::Name::path_bytes) gives it: two
/// encodings of one name are one name.
///
/// Holds no names; the directory's bytes and their index stay with their owner and must be given
/// to each call, always the same.
#[derive(Clone, Debug)]
pub struct NameIndex {
    /// Hash in the upper half, entry number in the lower; sorted by hash, then name, then number.
    slots: Vec<u64>,
}

impl NameIndex {
    /// Reads and hashes every name once.
    ///
    /// *Limits*: 16 bytes an entry while it is built, 8 afterwards.
    #[must_use]
    pub fn build(of: Named<'_>) -> Self {
        let mut slots = Vec::with_capacity(of.index.len());
        for (number, entry) in of.index.entries(of.bytes).enumerate() {
            // Numbers fit: a directory of 2^32 bytes has fewer headers than 2^32.
            slots.push(u64::from(hash(&path_bytes(&entry, of.charset))) << 32 | number as u64);
        }
        sort_by_hash(&mut slots);
        let mut names = Self { slots };
        names.sort_runs(of);
        names
    }

    /// Numbers of the entries of this name, ascending; more than one where it occurs again.
    pub fn find<'n>(&'n self, of: Named<'_>, name: &[u8]) -> impl Iterator<Item = usize> + use<'n> {
        let run = self.slots.get(self.run(hash(name))).unwrap_or(&[]);
        let before = |slot: &u64| name_of(of, *slot).is_some_and(|n| *n < *name);
        let same = |slot: &u64| name_of(of, *slot).is_some_and(|n| *n == *name);
        // A run is nearly always a single slot, and then this is one comparison.
        let first = if run.len() < 2 { 0 } else { run.partition_point(before) };
        let rest = run.get(first..).unwrap_or(&[]);
        let len = rest.partition_point(same);
        rest.get(..len).unwrap_or(&[]).iter().map(|&slot| number_of(slot))
    }

    /// Pairs of entries of one name: each that repeats a name, and the last one before it.
    pub fn duplicates<'n>(&'n self, of: Named<'n>) -> impl Iterator<Item = (usize, usize)> + 'n {
        self.slots.windows(2).filter_map(move |pair| match pair {
            [one, two] if hash_of(*one) == hash_of(*two) => {
                let same = name_of(of, *one)? == name_of(of, *two)?;
                same.then_some((number_of(*two), number_of(*one)))
            }
            _ => None,
        })
    }

    /// What it is made of, for saving it.
    pub(super) fn slots(&self) -> &[u64] {
        &self.slots
    }

    /// An index of these slots, if they are those that [`NameIndex::build`] would make.
    pub(super) fn proven(slots: Vec<u64>, of: Named<'_>) -> Option<Self> {
        let mut hashes = Vec::with_capacity(of.index.len());
        for entry in of.index.entries(of.bytes) {
            hashes.push(hash(&path_bytes(&entry, of.charset)));
        }
        // As many slots as entries, each right and no two the same: all entries are there.
        let right = |&slot: &u64| hashes.get(number_of(slot)) == Some(&hash_of(slot));
        let ordered = |&one: &u64, &other: &u64| match hash_of(one).cmp(&hash_of(other)) {
            Ordering::Less => true,
            Ordering::Equal => {
                let names = name_of(of, one).cmp(&name_of(of, other));
                names.then(number_of(one).cmp(&number_of(other))) == Ordering::Less
            }
            Ordering::Greater => false,
        };
        let is_proven =
            slots.len() == hashes.len() && slots.iter().all(right) && slots.is_sorted_by(ordered);
        is_proven.then_some(Self { slots })
    }

    /// The slots of one hash.
    fn run(&self, hash: u32) -> Range<usize> {
        /// Slots looked at around the place where a hash must be if hashes are spread evenly.
        const NEAR: usize = 64;
        let slots = &self.slots;
        let guess = ((u64::from(hash) * slots.len() as u64) >> 32) as usize;
        let (low, high) = (guess.saturating_sub(NEAR), (guess + NEAR).min(slots.len()));
        let fits = |range: &Range<usize>| {
            (range.start == 0 || slots.get(range.start).is_some_and(|&s| hash_of(s) < hash))
                && (range.end == slots.len()
                    || slots.get(range.end).is_some_and(|&s| hash_of(s) > hash))
        };
        let near = Some(low..high).filter(fits).unwrap_or(0..slots.len());
        let part = slots.get(near.clone()).unwrap_or(&[]);
        let start = part.partition_point(|&slot| hash_of(slot) < hash);
        let len = part
            .get(start..)
            .unwrap_or(&[])
            .iter()
            .take(NEAR)
            .position(|&slot| hash_of(slot) != hash);
        let end = match len {
            Some(len) => start + len,
            None => part.partition_point(|&slot| hash_of(slot) <= hash),
        };
        near.start + start..near.start + end
    }

    /// Sorts the slots of each hash that several entries have.
    fn sort_runs(&mut self, of: Named<'_>) {
        for run in self.slots.chunk_by_mut(|&a, &b| hash_of(a) == hash_of(b)) {
            if run.len() > 1 {
                run.sort_unstable_by(|&a, &b| {
                    let (left, right) = (name_of(of, a), name_of(of, b));
                    left.cmp(&right).then(a.cmp(&b))
                });
            }
        }
    }
}

fn hash_of(slot: u64) -> u32 {
    (slot >> 32) as u32
}

fn number_of(slot: u64) -> usize {
    // The lower half is what was put there.
    slot as u32 as usize
}

fn name_of(of: Named<'_>, slot: u64) -> Option<Cow<'_, [u8]>> {
    let entry = of.index.entry(of.bytes, number_of(slot)).and_then(Result::ok)?;
    Some(path_bytes(&entry, of.charset))
}

#[inline]
fn path_bytes<'a>(entry: &Entry<'a>, charset: Option<&'a dyn Charset>) -> Cow<'a, [u8]> {
    let raw = entry.raw_name();
    // ASCII without an extra record that could replace it is itself, whatever the encoding.
    if raw.is_ascii() && extra::is_plain(entry.header().extra()) {
        return Cow::Borrowed(raw);
    }
    entry.name_in(charset).path_bytes()
}

/// A multiplicative hash, eight bytes a step: spread enough for names, and cheap.
#[inline]
fn hash(name: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |state: u64, word: u64| {
        let product = (state ^ word).wrapping_mul(FACTOR);
        product ^ product >> 32
    };
    let (words, tail) = name.as_chunks::<8>();
    let mut state = name.len() as u64;
    for word in words {
        state = mix(state, u64::from_le_bytes(*word));
    }
    if !tail.is_empty() {
        let word = match name.last_chunk::<8>() {
            // The last eight bytes, some of them for the second time.
            Some(last) => u64::from_le_bytes(*last),
            None => tail.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        state = mix(state, word);
    }
    (state.wrapping_mul(FACTOR) >> 32) as u32
}

/// Sorts by the upper halves: a stable radix sort, so equal ones keep the order of their numbers.
fn sort_by_hash(slots: &mut Vec<u64>) {
    const BITS: u32 = 11;
    const SHIFTS: [u32; 3] = [32, 32 + BITS, 32 + 2 * BITS];
    const DIGITS: usize = 1 << BITS;
    // Below this the tables cost more than they save.
    if slots.len() < 512 {
        slots.sort_unstable();
        return;
    }
    let digit = |slot: u64, shift: u32| (slot >> shift) as usize & (DIGITS - 1);
    let mut counts = alloc::vec![[0_u32; DIGITS]; SHIFTS.len()];
    for &slot in slots.iter() {
        for (count, shift) in counts.iter_mut().zip(SHIFTS) {
            count[digit(slot, shift)] += 1;
        }
    }
    let mut from = core::mem::take(slots);
    let mut to = alloc::vec![0; from.len()];
    for (count, shift) in counts.iter_mut().zip(SHIFTS) {
        let mut next = 0;
        for count in count.iter_mut() {
            next += core::mem::replace(count, next);
        }
        for &slot in &from {
            let place = &mut count[digit(slot, shift)];
            // Counted above: each digit has as many places as it has slots.
            to[*place as usize] = slot;
            *place += 1;
        }
        core::mem::swap(&mut from, &mut to);
    }
    *slots = from;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_radix_sort_sorts() {
        for len in [0, 1, 2, 511, 512, 5_000] {
            let mut state = 1_u64;
            let mut slots: Vec<u64> = (0..len)
                .map(|number| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    // Few values, so that there are equal ones.
                    (state >> 40 & 0x8_0f0f) << 32 | number
                })
                .collect();
            let mut expected = slots.clone();
            expected.sort_unstable();
            sort_by_hash(&mut slots);
            assert_eq!(slots, expected, "{len} slots");
        }
    }

    #[test]
    fn hashes_of_similar_names_are_spread() {
        let mut hashes: Vec<u32> =
            (0..100_000).map(|n| hash(alloc::format!("dir/file-{n:06}.txt").as_bytes())).collect();
        hashes.sort_unstable();
        let equal = hashes.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!(equal < 10, "{equal} of 100,000 collide; about one is expected");
        let upper = hashes.iter().filter(|&&hash| hash >> 31 == 1).count();
        assert!((49_000..51_000).contains(&upper), "{upper} in the upper half");
        for len in 0..20 {
            let name = &b"aaaaaaaaaaaaaaaaaaaa"[..len];
            assert_ne!(hash(name), hash(&b"aaaaaaaaaaaaaaaaaaaaa"[..len + 1]), "{len}");
        }
    }
}
