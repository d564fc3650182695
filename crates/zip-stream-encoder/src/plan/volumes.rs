//! A plan over split volumes: the places where one ends and the next begins.
//!
//! All bytes of the archive lie behind each other as on one volume, and where each record is stays
//! an offset in this whole. What differs is the marker before the first member (APPNOTE 8.5.3),
//! that a volume ends early where a record would be parted (8.5.2), and that records name volumes.

use zip_format::position::{LEAST_VOLUME, MOST_VOLUME, MOST_VOLUMES, Position, Span, VolumeMap};
use zip_format::signature::{SINGLE_VOLUME_MARKER, SPANNING_MARKER};

use super::layout::Plan;
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

impl Plan {
    /// Puts the end records behind the directory.
    pub(super) fn place_trailer(&mut self) -> Result<()> {
        let len = self.trailer_len();
        if let Some(borders) = &mut self.volumes {
            borders.record(self.len, len)?;
            borders.starts.shrink_to_fit();
        }
        self.len += len;
        Ok(())
    }

    /// Most bytes of a split volume; `None` where there is one archive.
    #[must_use]
    pub fn volume_size(&self) -> Option<u64> {
        self.volumes.as_ref().map(|volumes| volumes.size)
    }

    /// The volumes in the whole: how many there are, and the bytes of each. One where the plan was
    /// not [made for several](super::Builder::finish_in_volumes), or needs no more.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use std::io::Read;
    /// use std::sync::Arc;
    /// use zip_stream_encoder::{Contents, Encoder, Entry, Plan};
    /// let mut plan = Plan::builder();
    /// plan.push(&Entry::file(b"a.bin", Contents::sized(200_000)))?;
    /// let plan = Arc::new(plan.finish_in_volumes(65_536)?);
    /// assert_eq!(plan.volumes().count(), 4);
    /// // Any volume, in any order: the third.
    /// let third = plan.volumes().span(2).expect("there are four");
    /// assert_eq!(third.len(), 65_536);
    /// let contents = vec![Bytes::from(vec![7; 200_000])];
    /// let mut bytes = Vec::new();
    /// Encoder::over(plan, third, contents)?.into_reader().read_to_end(&mut bytes)?;
    /// assert_eq!(bytes.len(), 65_536);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn volumes(&self) -> VolumeMap<'_> {
        match &self.volumes {
            Some(volumes) => VolumeMap::new(&volumes.starts, self.len),
            None => VolumeMap::one(self.len),
        }
    }

    /// The volume of a byte, and where there: as records say it.
    pub(super) fn position(&self, at: u64) -> Position {
        self.volumes().position(at)
    }

    /// What stands before the first member.
    pub(crate) fn marker(&self) -> &'static [u8] {
        const SPLIT: &[u8] = &SPANNING_MARKER.to_le_bytes();
        const ONE: &[u8] = &SINGLE_VOLUME_MARKER.to_le_bytes();
        match &self.volumes {
            None => &[],
            Some(volumes) if volumes.starts.len() > 1 => SPLIT,
            Some(_) => ONE,
        }
    }

    /// Where that is.
    pub(super) fn marker_span(&self) -> Span {
        Span { start: 0, end: self.marker().len() as u64 }
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
