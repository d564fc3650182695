//! Memory for reading ahead: inputs that wait hold some each, and together no more than a cap.
//!
//! Who comes first is served first, and the one whose number is lowest always is: what is next in
//! the archive never waits for memory that later items hold.

use std::collections::BTreeMap;

/// Bytes held by the readers of a run, by the number of their job.
#[derive(Debug)]
pub(crate) struct Budget {
    cap: usize,
    used: usize,
    holders: BTreeMap<u64, usize>,
}

impl Budget {
    pub(crate) const fn new(cap: usize) -> Self {
        Self { cap, used: 0, holders: BTreeMap::new() }
    }

    /// Takes so much, or so much more, for job `number` that it holds `bytes`, if there is room or
    /// nobody before it holds any.
    pub(crate) fn take(&mut self, number: u64, bytes: usize) -> bool {
        let first = self.holders.first_key_value().is_none_or(|(&lowest, _)| number <= lowest);
        let more = bytes.saturating_sub(self.holders.get(&number).copied().unwrap_or(0));
        if !first && !self.has_room(more) {
            return false;
        }
        self.used = self.used.saturating_add(more);
        *self.holders.entry(number).or_default() += more;
        true
    }

    /// Whether `bytes` more would stay below the cap.
    pub(crate) const fn has_room(&self, bytes: usize) -> bool {
        self.used.saturating_add(bytes) <= self.cap
    }

    /// Gives back what job `number` holds.
    pub(crate) fn give(&mut self, number: u64) {
        if let Some(bytes) = self.holders.remove(&number) {
            self.used = self.used.saturating_sub(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_always_served() {
        let mut budget = Budget::new(100);
        assert!(budget.take(3, 90));
        assert!(!budget.take(4, 20), "no room");
        assert!(budget.take(2, 500), "nobody before it");
        budget.give(3);
        assert!(!budget.take(4, 1));
        budget.give(2);
        assert!(budget.take(4, 100));
    }

    #[test]
    fn who_grows_holds_no_more_than_it_grows_to() {
        let mut budget = Budget::new(100);
        for number in 0..3 {
            assert!(budget.take(number, 10));
        }
        assert!(budget.take(2, 80), "just room for it");
        assert!(!budget.take(1, 11), "no room");
        assert!(budget.take(0, 90), "nobody before it");
        budget.give(0);
        assert!(budget.take(1, 20));
        assert!(!budget.take(3, 1));
        budget.give(1);
        budget.give(2);
        assert_eq!((budget.used, budget.holders.len()), (0, 0));
    }
}
