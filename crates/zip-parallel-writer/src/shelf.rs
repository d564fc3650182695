//! Large buffers between two uses.
//!
//! An allocator that is given a buffer back by one thread and asked for the like by another often
//! has both: glibc's keeps what is freed for each thread apart. So buffers of a run stay in it, up
//! to a cap, whatever they were used for.

/// Buffers below this size are the allocator's own business.
const LEAST_BYTES: usize = 32 << 10;
/// A buffer serves wants down to this part of its capacity.
const SLACK: usize = 2;

/// Empty buffers, the smallest first.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// Most bytes of all capacities.
    cap: usize,
    held: usize,
    buffers: Vec<Vec<u8>>,
}

impl Shelf {
    pub(crate) const fn new(cap: usize) -> Self {
        Self { cap, held: 0, buffers: Vec::new() }
    }

    /// The smallest buffer that has room for `wanted` bytes, if it is not far too large.
    pub(crate) fn take(&mut self, wanted: usize) -> Option<Vec<u8>> {
        let place = self.buffers.partition_point(|buffer| buffer.capacity() < wanted);
        let fits = self.buffers.get(place)?.capacity() / SLACK <= wanted;
        if !fits {
            return None;
        }
        let buffer = self.buffers.remove(place);
        self.held = self.held.saturating_sub(buffer.capacity());
        Some(buffer)
    }

    /// Keeps a buffer for later, or gives it back to stay below the cap: to be dropped outside of
    /// the lock, since large ones go back to the system.
    #[must_use]
    pub(crate) fn keep(&mut self, mut buffer: Vec<u8>) -> Option<Vec<u8>> {
        let capacity = buffer.capacity();
        if capacity < LEAST_BYTES || self.held.saturating_add(capacity) > self.cap {
            return Some(buffer);
        }
        buffer.clear();
        let place = self.buffers.partition_point(|other| other.capacity() < capacity);
        self.buffers.insert(place, buffer);
        self.held = self.held.saturating_add(capacity);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(capacity: usize) -> Vec<u8> {
        let mut buffer = Vec::new();
        buffer.reserve_exact(capacity);
        assert_eq!(buffer.capacity(), capacity);
        buffer
    }

    #[test]
    fn the_smallest_that_fits_is_taken() {
        let mut shelf = Shelf::new(1 << 20);
        for capacity in [256 << 10, 64 << 10, 128 << 10] {
            assert!(shelf.keep(buffer(capacity)).is_none());
        }
        assert!(shelf.take(100).is_none(), "far too large");
        assert!(shelf.take(300 << 10).is_none(), "too small");
        assert_eq!(shelf.take(65 << 10).expect("fits").capacity(), 128 << 10);
        assert!(shelf.take(65 << 10).is_none(), "too large");
        assert_eq!(shelf.take(129 << 10).expect("fits").capacity(), 256 << 10);
        assert_eq!(shelf.take(64 << 10).expect("fits").capacity(), 64 << 10);
        assert_eq!((shelf.held, shelf.buffers.len()), (0, 0));
    }

    #[test]
    fn no_more_than_the_cap_and_nothing_small_is_kept() {
        let mut shelf = Shelf::new(100 << 10);
        for (capacity, is_kept) in
            [(LEAST_BYTES - 1, false), (64 << 10, true), (64 << 10, false), (32 << 10, true)]
        {
            assert_eq!(shelf.keep(buffer(capacity)).is_none(), is_kept);
        }
        assert_eq!((shelf.held, shelf.buffers.len()), (96 << 10, 2));
    }
}
