//! Lengths and places: how many frames, how many bytes, which frames a range of bytes needs.

use std::ops::Range;

use crate::sealed::error::{Error, Result};

/// Bytes before the first frame.
pub const HEADER_LEN: usize = 80;
/// Bytes of authentication behind each frame.
pub const TAG_LEN: usize = 16;
/// Smallest frame, in plain bytes.
pub const MIN_FRAME_BYTES: u32 = 64;
/// Largest frame, in plain bytes.
pub const MAX_FRAME_BYTES: u32 = 16 << 20;
/// Longest archive that one key and salt may seal, in plain bytes: 1 PiB. Far below the point
/// where blocks of AES under one key begin to repeat.
pub const MAX_PLAIN_BYTES: u64 = 1 << 50;

/// The lengths of one sealed archive: all of them follow from its plain length and its frame size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    frame_bytes: u32,
    plain_len: u64,
}

/// Refuses frame sizes outside of the format.
pub(crate) fn check_frame_bytes(frame_bytes: u32) -> Result<()> {
    if frame_bytes > MAX_FRAME_BYTES {
        let (limit, found) = (MAX_FRAME_BYTES.into(), frame_bytes.into());
        return Err(Error::Limit { what: "frame size", limit, found });
    }
    if frame_bytes < MIN_FRAME_BYTES {
        return Err(Error::Usage("frames have at least 64 bytes"));
    }
    Ok(())
}

impl Geometry {
    /// Of `plain_len` bytes in frames of `frame_bytes`.
    ///
    /// # Errors
    /// The frame size is none, or the archive is longer than [`MAX_PLAIN_BYTES`].
    pub fn of_plain(plain_len: u64, frame_bytes: u32) -> Result<Self> {
        check_frame_bytes(frame_bytes)?;
        if plain_len > MAX_PLAIN_BYTES {
            let (limit, found) = (MAX_PLAIN_BYTES, plain_len);
            return Err(Error::Limit { what: "length of the archive", limit, found });
        }
        Ok(Self { frame_bytes, plain_len })
    }

    /// Of a sealed archive of `sealed_len` bytes, header included; `None` if no sealed archive of
    /// this frame size has that length.
    ///
    /// # Errors
    /// As [`Geometry::of_plain`].
    pub fn of_sealed(sealed_len: u64, frame_bytes: u32) -> Result<Option<Self>> {
        check_frame_bytes(frame_bytes)?;
        let Some(body) = sealed_len.checked_sub(HEADER_LEN as u64) else { return Ok(None) };
        let tag = TAG_LEN as u64;
        let frames = body.div_ceil(u64::from(frame_bytes) + tag).max(1);
        let Some(plain_len) = body.checked_sub(frames * tag) else { return Ok(None) };
        let geometry = Self::of_plain(plain_len, frame_bytes)?;
        Ok((geometry.sealed_len() == sealed_len).then_some(geometry))
    }

    /// Bytes of the plain archive.
    #[must_use]
    pub const fn plain_len(&self) -> u64 {
        self.plain_len
    }

    /// Plain bytes of every frame but the last.
    #[must_use]
    pub const fn frame_bytes(&self) -> u32 {
        self.frame_bytes
    }

    /// Number of frames: one even where there is nothing to hold.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.plain_len.div_ceil(self.frame_bytes.into()).max(1)
    }

    /// Bytes of the sealed archive: header, plain bytes, 16 for each frame.
    #[must_use]
    pub fn sealed_len(&self) -> u64 {
        // At most 2^50 bytes and a quarter of that, by the limits above.
        HEADER_LEN as u64 + self.plain_len + self.frames() * TAG_LEN as u64
    }

    /// The frame that holds a plain offset.
    #[must_use]
    pub fn frame_at(&self, plain_offset: u64) -> u64 {
        plain_offset / u64::from(self.frame_bytes)
    }

    /// Which plain bytes a frame holds; an empty range past the last frame.
    #[must_use]
    pub fn plain_range(&self, frame: u64) -> Range<u64> {
        let start = frame.saturating_mul(self.frame_bytes.into()).min(self.plain_len);
        let end = start.saturating_add(self.frame_bytes.into()).min(self.plain_len);
        start..end
    }

    /// Where a frame lies in the sealed archive, its authentication included. `frame` is below
    /// [`Geometry::frames`].
    #[must_use]
    pub fn sealed_frame(&self, frame: u64) -> Range<u64> {
        let plain = self.plain_range(frame);
        let before = HEADER_LEN as u64 + frame.saturating_mul(TAG_LEN as u64);
        let start = before.saturating_add(plain.start);
        start..start.saturating_add(plain.end - plain.start + TAG_LEN as u64)
    }

    /// Which bytes of the sealed archive hold a range of plain bytes: whole frames. Empty for an
    /// empty range; cut where the archive ends.
    #[must_use]
    pub fn sealed_range(&self, plain: Range<u64>) -> Range<u64> {
        let end = plain.end.min(self.plain_len);
        if plain.start >= end {
            let at = HEADER_LEN as u64;
            return at..at;
        }
        let first = self.sealed_frame(self.frame_at(plain.start));
        first.start..self.sealed_frame(self.frame_at(end - 1)).end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_at_the_borders_of_frames() {
        for (plain, frames) in [(0, 1), (1, 1), (63, 1), (64, 1), (65, 2), (128, 2), (129, 3)] {
            let geometry = Geometry::of_plain(plain, 64).unwrap();
            assert_eq!(geometry.frames(), frames, "{plain}");
            assert_eq!(geometry.sealed_len(), 80 + plain + 16 * frames, "{plain}");
        }
        // A last frame without a byte is only there when it is the first.
        for sealed in [0, 79, 80, 95, 80 + 80 + 1, 80 + 80 + 16] {
            assert_eq!(Geometry::of_sealed(sealed, 64).unwrap(), None, "{sealed}");
        }
        assert!(matches!(Geometry::of_plain(0, 63), Err(Error::Usage(_))));
        assert!(matches!(Geometry::of_plain(0, (16 << 20) + 1), Err(Error::Limit { .. })));
        assert!(Geometry::of_plain(1 << 50, 64).is_ok());
        assert!(matches!(Geometry::of_plain((1 << 50) + 1, 64), Err(Error::Limit { .. })));
        assert!(matches!(Geometry::of_sealed(u64::MAX, 64), Err(Error::Limit { .. })));
    }

    proptest! {
        #[test]
        fn sealed_lengths_go_back_to_plain_ones(plain in 0..=MAX_PLAIN_BYTES, frame in 64..=MAX_FRAME_BYTES) {
            let geometry = Geometry::of_plain(plain, frame).unwrap();
            prop_assert_eq!(Geometry::of_sealed(geometry.sealed_len(), frame).unwrap(), Some(geometry));
        }

        #[test]
        fn frames_lie_side_by_side(plain in 0..5_000_u64, frame in 64..400_u32, a in 0..6_000_u64, b in 0..6_000_u64) {
            let geometry = Geometry::of_plain(plain, frame).unwrap();
            let (mut at, mut plain_at) = (HEADER_LEN as u64, 0);
            for number in 0..geometry.frames() {
                let sealed = geometry.sealed_frame(number);
                let held = geometry.plain_range(number);
                prop_assert_eq!((sealed.start, held.start), (at, plain_at));
                prop_assert_eq!(sealed.end - sealed.start, held.end - held.start + TAG_LEN as u64);
                (at, plain_at) = (sealed.end, held.end);
            }
            prop_assert_eq!((at, plain_at), (geometry.sealed_len(), plain));
            let range = geometry.sealed_range(a..b);
            if a < b.min(plain) {
                prop_assert_eq!(range.start, geometry.sealed_frame(geometry.frame_at(a)).start);
                let last = geometry.frame_at(b.min(plain) - 1);
                prop_assert_eq!(range.end, geometry.sealed_frame(last).end);
            } else {
                prop_assert!(range.is_empty());
            }
        }
    }
}
