//! Where bytes are: a position over volumes, and a span in the whole.

/// Most volumes of one archive, numbered from 0: the number 65,535 refers to zip64 in the classic
/// records, and nobody is known to read that.
pub const MOST_VOLUMES: u32 = 65_535;
/// Smallest volumes on which records are placed, in bytes: APPNOTE 8.5.1.
pub const LEAST_VOLUME: u64 = 64 << 10;
/// Largest volumes on which records are placed, in bytes: offsets on them have 32 bits, and the
/// last value of these refers to zip64.
pub const MOST_VOLUME: u64 = u32::MAX as u64;

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

/// Where the volumes of an archive start in the whole, which is what lies behind each other: how
/// records that say "volume and offset" are understood without I/O.
///
/// Plain archives and raw cuts, whose records know one volume only, are [`VolumeMap::one`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolumeMap<'v> {
    /// Fewer than two where there is one volume.
    starts: &'v [u64],
    len: u64,
}

impl VolumeMap<'static> {
    /// One volume of `len` bytes.
    #[must_use]
    pub const fn one(len: u64) -> Self {
        Self { starts: &[], len }
    }
}

impl<'v> VolumeMap<'v> {
    /// Volumes that start at these offsets, ascending from 0, of `len` bytes together. Fewer than
    /// two starts mean one volume.
    #[must_use]
    pub const fn new(starts: &'v [u64], len: u64) -> Self {
        Self { starts, len }
    }

    /// There is one volume, and positions on it are offsets in the whole.
    #[inline]
    #[must_use]
    pub const fn is_one(&self) -> bool {
        self.starts.len() < 2
    }

    /// Where the volumes start; fewer than two where there is one.
    #[must_use]
    pub const fn starts(&self) -> &'v [u64] {
        self.starts
    }

    /// Number of volumes.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len().max(1)).unwrap_or(u32::MAX)
    }

    /// Bytes of all volumes together.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes of a volume, in the whole; `None` if there is no such volume.
    #[must_use]
    pub fn span(&self, disk: u32) -> Option<Span> {
        if self.is_one() {
            return (disk == 0).then_some(Span { start: 0, end: self.len });
        }
        let disk = usize::try_from(disk).ok()?;
        let start = *self.starts.get(disk)?;
        let end = self.starts.get(disk + 1).copied().unwrap_or(self.len);
        Some(Span { start, end })
    }

    /// The bytes of the last volume, in the whole.
    #[must_use]
    pub fn last(&self) -> Span {
        let start = if self.is_one() { 0 } else { self.starts.last().copied().unwrap_or(0) };
        Span { start, end: self.len }
    }

    /// Offset in the whole of a position; `None` if there is no such volume, or if it ends
    /// before. The end of a volume is a position: that of the next one's first byte.
    #[must_use]
    pub fn resolve(&self, position: Position) -> Option<u64> {
        let span = self.span(position.disk)?;
        (position.offset <= span.len()).then(|| span.start + position.offset)
    }

    /// The volume that an offset in the whole lies on, and where there.
    #[must_use]
    pub fn position(&self, at: u64) -> Position {
        if self.is_one() {
            return Position::on_first(at);
        }
        let disk = self.starts.partition_point(|&start| start <= at).saturating_sub(1);
        let start = self.starts.get(disk).copied().unwrap_or(0);
        Position { disk: u32::try_from(disk).unwrap_or(u32::MAX), offset: at.saturating_sub(start) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_offsets_of_volumes() {
        let starts = [0, 10, 10, 25];
        let map = VolumeMap::new(&starts, 30);
        let at = |disk, offset| map.resolve(Position { disk, offset });
        assert_eq!((at(0, 0), at(0, 10), at(0, 11)), (Some(0), Some(10), None));
        assert_eq!((at(1, 0), at(1, 1)), (Some(10), None), "an empty volume");
        assert_eq!((at(3, 5), at(3, 6), at(4, 0), at(u32::MAX, 0)), (Some(30), None, None, None));
        assert_eq!(at(3, u64::MAX), None);
        assert_eq!((map.count(), map.last()), (4, Span { start: 25, end: 30 }));
        for offset in 0..30 {
            assert_eq!(map.resolve(map.position(offset)), Some(offset));
        }
        assert_eq!(map.position(10), Position { disk: 2, offset: 0 }, "where the byte is");

        for one in [VolumeMap::one(30), VolumeMap::new(&[0], 30)] {
            assert!(one.is_one() && one.count() == 1);
            assert_eq!(one.resolve(Position::on_first(30)), Some(30));
            assert_eq!(one.resolve(Position { disk: 1, offset: 0 }), None);
            assert_eq!(one.position(29), Position::on_first(29));
        }
    }
}
