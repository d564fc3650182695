//! Where split volumes begin, while the records of an archive are placed one after the other.

use zip_format::position::{LEAST_VOLUME, MOST_VOLUME, MOST_VOLUMES, Position, VolumeMap};

use crate::error::{Error, Result};

/// Bytes of the marker.
pub(super) const MARKER_LEN: u64 = 4;

/// Where volumes begin: found while records are placed one after the other, and kept.
#[derive(Debug)]
pub(super) struct Borders {
    /// Most bytes of a volume.
    size: u64,
    /// In the whole, from 0.
    starts: Vec<u64>,
}

impl Borders {
    /// The first volume, whose marker is placed.
    pub(super) fn new(size: u64) -> Result<Self> {
        if !(LEAST_VOLUME..=MOST_VOLUME).contains(&size) {
            return Err(Error::VolumeSize { size, least: LEAST_VOLUME, most: MOST_VOLUME });
        }
        Ok(Self { size, starts: vec![0] })
    }

    /// Most bytes of a volume.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Where volumes begin, in the whole.
    pub(super) fn starts(&self) -> &[u64] {
        &self.starts
    }

    fn last(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    fn begin(&mut self, at: u64) -> Result<()> {
        if self.starts.len() as u64 >= u64::from(MOST_VOLUMES) {
            return Err(Error::TooManyVolumes { most: MOST_VOLUMES, size: self.size });
        }
        self.starts.push(at);
        Ok(())
    }

    /// Places a record of `len` bytes at `at`, on one volume.
    pub(super) fn record(&mut self, at: u64, len: u64) -> Result<()> {
        if len > self.size {
            return Err(Error::RecordTooLong { len, size: self.size });
        }
        if len > 0 && at.saturating_add(len) - self.last() > self.size {
            self.begin(at)?;
        }
        Ok(())
    }

    /// Places bytes that may be parted.
    pub(super) fn bytes(&mut self, at: u64, len: u64) -> Result<()> {
        let end = at.saturating_add(len);
        while end - self.last() > self.size {
            self.begin(self.last() + self.size)?;
        }
        Ok(())
    }

    /// The volume of what was placed last at `at`, and where there.
    pub(super) fn position(&self, at: u64) -> Position {
        VolumeMap::new(&self.starts, u64::MAX).position(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stay_together_and_bytes_fill_volumes() {
        let mut borders = Borders::new(65_536).unwrap();
        borders.record(4, 65_532).unwrap();
        assert_eq!(borders.starts, [0], "it fits exactly");
        borders.record(65_536, 0).unwrap();
        assert_eq!(borders.starts, [0], "nothing needs no volume");
        borders.record(65_536, 30).unwrap();
        borders.bytes(65_566, 65_506).unwrap();
        assert_eq!(borders.starts, [0, 65_536]);
        borders.bytes(131_072, 1).unwrap();
        borders.record(131_073, 65_536).unwrap();
        assert_eq!(borders.starts, [0, 65_536, 131_072, 131_073]);
        assert_eq!(borders.position(131_072), Position { disk: 2, offset: 0 });
        assert_eq!(borders.position(131_080), Position { disk: 3, offset: 7 });
        let error = borders.record(196_609, 65_537).unwrap_err();
        assert!(matches!(error, Error::RecordTooLong { len: 65_537, size: 65_536 }), "{error}");
    }

    #[test]
    fn sizes_and_counts_have_bounds() {
        for size in [0, LEAST_VOLUME - 1, MOST_VOLUME + 1] {
            assert!(matches!(Borders::new(size), Err(Error::VolumeSize { .. })), "{size}");
        }
        let mut borders = Borders::new(65_536).unwrap();
        borders.bytes(4, 65_536 * 65_535 - 4).unwrap();
        assert_eq!(borders.starts.len(), 65_535);
        let error = borders.bytes(65_536 * 65_535, 1).unwrap_err();
        assert!(matches!(error, Error::TooManyVolumes { .. }), "{error}");
    }
}
