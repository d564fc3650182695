//! A plan over split volumes: the places where one ends and the next begins.
//!
//! All bytes of the archive lie behind each other as on one volume, and where each record is stays
//! an offset in this whole. What differs is the marker before the first member (APPNOTE 8.5.3),
//! that a volume ends early where a record would be parted (8.5.2), and that records name volumes.

use zip_format::position::{Position, Span, VolumeMap};
use zip_format::signature::{SINGLE_VOLUME_MARKER, SPANNING_MARKER};

use super::borders::Borders;
use super::layout::Plan;
use crate::error::Result;

impl Plan {
    /// Puts the end records behind the directory.
    pub(super) fn place_trailer(&mut self) -> Result<()> {
        let len = self.settle_trailer();
        if let Some(borders) = &mut self.volumes {
            borders.record(self.len, len)?;
        }
        self.len += len;
        Ok(())
    }

    /// Most bytes of a split volume; `None` where there is one archive.
    #[must_use]
    pub fn volume_size(&self) -> Option<u64> {
        self.volumes.as_ref().map(Borders::size)
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
            Some(volumes) => VolumeMap::new(volumes.starts(), self.len),
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
            Some(volumes) if volumes.starts().len() > 1 => SPLIT,
            Some(_) => ONE,
        }
    }

    /// Where that is.
    pub(super) fn marker_span(&self) -> Span {
        Span { start: 0, end: self.marker().len() as u64 }
    }
}
