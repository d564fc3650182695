//! How an archive is cut: the kind of its volumes and their size, and what follows from both.

use std::ops::RangeInclusive;

use crate::error::{Error, Result};

pub use zip_format::position::MOST_VOLUMES;

/// Smallest volumes of a split archive, APPNOTE 8.5.1.
pub const LEAST_SPLIT: u64 = zip_format::position::LEAST_VOLUME;
/// Largest volumes of a split archive: offsets on them have 32 bits.
pub const MOST_SPLIT: u64 = zip_format::position::MOST_VOLUME;

/// What volumes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The volumes of APPNOTE 8: `a.z01`, `a.z02`, ..., `a.zip`. Records name volume and offset, no
    /// record is parted, and the first volume begins with a marker.
    Split,
    /// The bytes of a plain archive, cut where a volume is full: `a.zip.001`, `a.zip.002`, ...
    /// Behind each other they are the archive.
    Raw,
}

/// How an archive is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    kind: Kind,
    size: u64,
}

impl Policy {
    /// Volumes of `kind` of at most `size` bytes: between [`LEAST_SPLIT`] and [`MOST_SPLIT`] where
    /// they are [`Kind::Split`], any but 0 where they are [`Kind::Raw`].
    ///
    /// # Errors
    /// [`Error::VolumeSize`].
    pub const fn new(kind: Kind, size: u64) -> Result<Self> {
        let (least, most) = match kind {
            Kind::Split => (LEAST_SPLIT, MOST_SPLIT),
            Kind::Raw => (1, u64::MAX),
        };
        if size < least || size > most {
            return Err(Error::VolumeSize { size, least, most });
        }
        Ok(Self { kind, size })
    }

    /// The kind of volumes.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// Most bytes of a volume.
    #[must_use]
    pub const fn size(self) -> u64 {
        self.size
    }

    /// How many volumes an archive of `total` bytes takes whose longest record has
    /// `longest_record` bytes.
    ///
    /// Raw cuts: exactly so many, all of the full size but the last one. Split archives: a volume
    /// ends early where a record would not fit, by less than that record's length; `total`
    /// counts the marker.
    ///
    /// # Errors
    /// [`Error::TooManyVolumes`] where even the fewest are too many.
    pub fn volumes_of(self, total: u64, longest_record: u64) -> Result<RangeInclusive<u64>> {
        let least = total.div_ceil(self.size).max(1);
        if least > u64::from(MOST_VOLUMES) {
            return Err(Error::TooManyVolumes { most: MOST_VOLUMES, found: least });
        }
        let most = match self.kind {
            Kind::Raw => least,
            Kind::Split => {
                let unused = longest_record.saturating_sub(1).min(self.size - 1);
                total.div_ceil(self.size - unused).max(1)
            }
        };
        Ok(least..=most)
    }

    /// The sizes of the volumes of an archive of `total` bytes, where they are known beforehand:
    /// for raw cuts. `None` for split archives.
    #[must_use]
    pub fn sizes_of(self, total: u64) -> Option<impl Iterator<Item = u64>> {
        let count = total.div_ceil(self.size).max(1);
        let size =
            move |number| self.size.min(total.saturating_sub(self.size.saturating_mul(number)));
        (self.kind == Kind::Raw).then(|| (0..count).map(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_bounds() {
        let split = |size| Policy::new(Kind::Split, size);
        assert!(split(LEAST_SPLIT).is_ok() && split(MOST_SPLIT).is_ok());
        assert!(split(LEAST_SPLIT - 1).is_err() && split(MOST_SPLIT + 1).is_err());
        assert!(Policy::new(Kind::Raw, 0).is_err() && Policy::new(Kind::Raw, 1).is_ok());
        assert!(Policy::new(Kind::Raw, u64::MAX).is_ok());
    }

    #[test]
    fn what_is_known_beforehand() {
        let raw = Policy::new(Kind::Raw, 10).unwrap();
        for (total, sizes) in [(0, &[0][..]), (10, &[10]), (11, &[10, 1]), (30, &[10, 10, 10])] {
            assert!(raw.sizes_of(total).unwrap().eq(sizes.iter().copied()), "{total}");
            let count = sizes.len() as u64;
            assert_eq!(raw.volumes_of(total, 99).unwrap(), count..=count);
        }
        let split = Policy::new(Kind::Split, 65_536).unwrap();
        assert!(split.sizes_of(10).is_none());
        assert_eq!(split.volumes_of(1 << 20, 1).unwrap(), 16..=16);
        assert_eq!(split.volumes_of(1 << 20, 32_769).unwrap(), 16..=32);
        assert_eq!(split.volumes_of(1 << 20, 1 << 30).unwrap(), 16..=1 << 20);
        let most = u64::from(MOST_VOLUMES);
        assert!(raw.volumes_of(most * 10, 1).is_ok() && raw.volumes_of(most * 10 + 1, 1).is_err());
    }
}
