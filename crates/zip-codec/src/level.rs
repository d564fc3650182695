//! Compression level 0 to 9, and how each method reads it.
//!
//! | level | deflate, whole (libdeflate) | deflate, stream (zlib-rs, miniz) | bzip2 | zstd | xz, LZMA | PPMd |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | 0 | stored | stored blocks | as 1 | as 1 | preset 0 | as 1 |
//! | 1-8 | that number | that number | that number | 1, 2, 3, 5, 7, 9, 12, 15 | that preset | order 4-11 in 1-128 MiB |
//! | 9 | 10, or 8 | 9 | 9 | 19 | preset 9 | order 12 in 256 MiB |
//!
//! Figures of deflate, 2 threads, files of 1 MB (199.8 MB of sources): level 0 112 ms and 199.8 MB;
//! 1 376 ms, 40.4; 2 483 ms, 39.1; 3 533 ms, 38.0; 4 592 ms, 37.2; 5 664 ms, 36.5; 6 853 ms, 35.9;
//! 7 1.26 s, 35.6; 8 2.22 s, 35.3; 9 8.20 s, 34.2 (docs/benchmarks.md).
//!
//! Whole buffers of level 0 are stored, whatever the method.
//!
//! libdeflate's own 9 is a third slower than its 8 and 0.05 % smaller; its 10 is the first of the
//! near-optimal parsers and 2 to 5 % smaller, which is what a caller means by "best". It takes
//! four to five times as long, so what hardly gains by it, or even loses, goes through its 8
//! (`deflate/whole.rs`). Time goes up and size goes down with every step, whichever back end is
//! chosen.

use crate::error::Error;

/// How much time to spend on size: 0 (none) to 9 (best), 6 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// No compression.
    pub const NONE: Self = Self(0);
    /// The least effort that compresses.
    pub const FAST: Self = Self(1);
    /// What most tools use.
    pub const DEFAULT: Self = Self(6);
    /// The smallest result.
    pub const BEST: Self = Self(9);

    /// The number, 0 to 9.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u8> for Level {
    type Error = Error;

    /// # Errors
    /// [`Error::BadLevel`] above 9.
    fn try_from(level: u8) -> Result<Self, Error> {
        if level <= 9 { Ok(Self(level)) } else { Err(Error::BadLevel(level)) }
    }
}
