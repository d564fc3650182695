//! Checksums that a run has found out: four bytes and a bit for each entry, from the first on.

/// Checksums by number of entry.
#[derive(Debug, Default)]
pub(super) struct Crcs {
    values: Vec<u32>,
    known: Vec<u64>,
}

impl Crcs {
    pub(super) fn get(&self, index: usize) -> Option<u32> {
        let word = self.known.get(index / 64)?;
        if word >> (index % 64) & 1 == 0 {
            return None;
        }
        self.values.get(index).copied()
    }

    /// Sets one, of so many entries.
    pub(super) fn set(&mut self, index: usize, crc32: u32, entries: usize) {
        if self.values.is_empty() {
            self.values = vec![0; entries];
            self.known = vec![0; entries.div_ceil(64)];
        }
        if let (Some(value), Some(word)) =
            (self.values.get_mut(index), self.known.get_mut(index / 64))
        {
            *value = crc32;
            *word |= 1 << (index % 64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_and_get() {
        let mut crcs = Crcs::default();
        assert_eq!(crcs.get(0), None);
        crcs.set(64, 0, 65);
        assert_eq!((crcs.get(64), crcs.get(63), crcs.get(65)), (Some(0), None, None));
        crcs.set(65, 1, 65);
        assert_eq!(crcs.get(65), None, "no such entry");
    }
}
