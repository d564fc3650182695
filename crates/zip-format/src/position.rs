//! Where bytes are: a position over volumes, and a span in the whole.

/// A place in an archive that may have several volumes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Number of the volume ("disk" in APPNOTE), from 0.
    pub disk: u32,
    /// Offset inside that volume, in bytes.
    pub offset: u64,
}

impl Position {
    /// A position on the first, usually the only, volume.
    #[must_use]
    pub const fn on_first(offset: u64) -> Self {
        Self { disk: 0, offset }
    }
}

/// A run of bytes in the whole archive: `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
}

impl Span {
    /// The span of `len` bytes at `start`, unless it would pass 2^64.
    #[must_use]
    pub const fn at(start: u64, len: u64) -> Option<Self> {
        match start.checked_add(len) {
            Some(end) => Some(Self { start, end }),
            None => None,
        }
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }
}
