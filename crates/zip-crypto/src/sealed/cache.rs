//! Opened frames that reads share, so that small reads in one frame open it once.
//!
//! Frames are spread over sets, each with a lock and room for two: threads that read different
//! places rarely meet in one set, and two that do still have a frame each.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::sealed::error::Result;

/// Most sets: beyond that, locks are not the cost.
const MAX_SETS: u64 = 64;
const WAYS: usize = 2;

pub(crate) struct Cache {
    sets: Vec<Mutex<Set>>,
}

#[derive(Default)]
struct Set {
    ways: [Way; WAYS],
    /// The one used last.
    recent: usize,
}

#[derive(Default)]
struct Way {
    frame: Option<u64>,
    plain: Zeroizing<Vec<u8>>,
}

impl Cache {
    /// A cache of about `bytes` over frames of `frame_bytes`; of two frames at least.
    pub(crate) fn new(bytes: usize, frame_bytes: u32, frames: u64) -> Self {
        let set_bytes = u64::from(frame_bytes) * WAYS as u64;
        let sets = (bytes as u64 / set_bytes).min(MAX_SETS).min(frames.div_ceil(WAYS as u64));
        Self { sets: (0..sets.max(1)).map(|_| Mutex::default()).collect() }
    }

    /// Shows the plain bytes of a frame, after `open` has put them there if they were not.
    ///
    /// Others that want a frame of the same set wait meanwhile. If `open` fails nothing is kept.
    pub(crate) fn with<T>(
        &self,
        frame: u64,
        open: impl FnOnce(&mut Vec<u8>) -> Result<()>,
        show: impl FnOnce(&[u8]) -> T,
    ) -> Result<T> {
        let index = usize::try_from(frame % self.sets.len() as u64).unwrap_or(0);
        // One set is there at least, and the index is below their number.
        let set = self.sets.get(index).ok_or(crate::sealed::Error::Usage("no cache"))?;
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        let held = set.ways.iter().position(|way| way.frame == Some(frame));
        let chosen = held.unwrap_or((set.recent + 1) % WAYS);
        set.recent = chosen;
        let [first, second] = &mut set.ways;
        let way = if chosen == 0 { first } else { second };
        if held.is_none() {
            // Should `open` fail or panic, the way holds nothing.
            way.frame = None;
            open(&mut way.plain)?;
            way.frame = Some(frame);
        }
        Ok(show(&way.plain))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::sealed::Error;

    #[test]
    fn two_frames_of_one_set_stay() {
        let cache = Cache::new(0, 64, 100);
        assert_eq!(cache.sets.len(), 1);
        let opened = Cell::new(0);
        let read = |frame: u64| {
            let open = |plain: &mut Vec<u8>| {
                opened.set(opened.get() + 1);
                plain.clear();
                plain.push(frame as u8);
                Ok(())
            };
            assert_eq!(cache.with(frame, open, <[u8]>::to_vec).unwrap(), [frame as u8]);
            opened.get()
        };
        assert_eq!([read(1), read(2), read(1), read(2), read(1)], [1, 2, 2, 2, 2]);
        // The one that was not used last goes.
        assert_eq!([read(3), read(1), read(3), read(2), read(3)], [3, 3, 3, 4, 4]);
    }

    #[test]
    fn a_frame_that_does_not_open_is_not_kept() {
        let cache = Cache::new(1 << 20, 64, 100);
        let fail = |plain: &mut Vec<u8>| {
            plain.extend_from_slice(b"half");
            Err(Error::NotSealed)
        };
        assert!(cache.with(5, fail, |_| ()).is_err());
        let open = |plain: &mut Vec<u8>| {
            plain.clear();
            Ok(())
        };
        assert_eq!(cache.with(5, open, <[u8]>::len).unwrap(), 0);
    }

    #[test]
    fn memory_is_what_was_asked_for() {
        for (bytes, frame, frames, sets) in [
            (4 << 20, 64 << 10, 1 << 20, 32),
            (4 << 20, 16 << 20, 1 << 20, 1),
            (4 << 20, 64, 1 << 20, 64),
            (4 << 20, 64 << 10, 3, 2),
        ] {
            assert_eq!(Cache::new(bytes, frame, frames).sets.len(), sets);
        }
    }
}
