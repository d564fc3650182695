//! Where checksums wait for the next download: by identity and version of what was summed.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::runs::Runs;

/// Keeps checksums of contents, whole or in pieces, from one stream to the next.
///
/// The key is the [key of an entry](crate::Entry::key): whoever makes the keys promises that
/// equal ones mean equal contents. A cache may forget whatever it likes.
///
/// *Threads*: shared by all streams, and asked from any of them; a slow cache slows them down.
pub trait CrcCache: Send + Sync {
    /// What is known of these contents.
    fn load(&self, key: &[u8]) -> Runs;

    /// Takes in what a stream has found out, beside what is known.
    fn store(&self, key: &[u8], runs: &Runs);
}

/// A cache in memory.
///
/// *Limits*: the key, and about 100 bytes where the sum is complete, for each of the contents it
/// keeps; those told of first are forgotten first.
#[derive(Debug)]
pub struct MemoryCache {
    inner: Mutex<Inner>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Inner {
    known: HashMap<Box<[u8]>, Runs>,
    /// The keys, oldest first.
    order: VecDeque<Box<[u8]>>,
}

impl Default for MemoryCache {
    /// Room for 65,536 contents.
    fn default() -> Self {
        Self::new(1 << 16)
    }
}

impl MemoryCache {
    /// A cache that keeps the checksums of this many contents.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { inner: Mutex::default(), capacity }
    }

    /// How many contents something is known of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).known.len()
    }

    /// True when nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl CrcCache for MemoryCache {
    fn load(&self, key: &[u8]) -> Runs {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.known.get(key).cloned().unwrap_or_default()
    }

    fn store(&self, key: &[u8], runs: &Runs) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        if let Some(known) = inner.known.get_mut(key) {
            known.merge(runs);
            return;
        }
        if self.capacity == 0 {
            return;
        }
        while inner.known.len() >= self.capacity {
            let Some(oldest) = inner.order.pop_front() else { break };
            inner.known.remove(&oldest);
        }
        inner.order.push_back(key.into());
        inner.known.insert(key.into(), runs.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first() {
        let cache = MemoryCache::new(2);
        for (n, key) in [b"a", b"b", b"c"].into_iter().enumerate() {
            cache.store(key, &Runs::whole(n as u32, 5));
        }
        assert_eq!(cache.load(b"a"), Runs::new());
        assert_eq!(cache.load(b"c").complete(5), Some(2));
        assert_eq!(cache.len(), 2);
        cache.store(b"c", &Runs::whole(9, 5));
        assert_eq!(cache.load(b"c").complete(5), Some(2), "the first word stands");
        MemoryCache::new(0).store(b"a", &Runs::new());
    }
}
