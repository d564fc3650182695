//! Methods 93 and 20: Zstandard frames (RFC 8878).
//!
//! A payload is one frame, or several until the size of the directory is reached: encoders with
//! many threads wrote such members.

use zip_format::method::Method;
use zstd::stream::raw::{CParameter, DParameter, InBuffer, Operation, OutBuffer};

use crate::coder::{About, Decode, Encode, push_all};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::step::{Step, Want};

/// Bytes of the longest frame header, magic number included (RFC 8878, 3.1.1).
const HEADER_BYTES: usize = 18;

/// Starts every frame that is not skipped.
const MAGIC: u32 = 0xfd2f_b528;

/// The back end's levels for ours: roughly equal steps in time.
const LEVELS: [i32; 10] = [1, 1, 2, 3, 5, 7, 9, 12, 15, 19];

/// Decodes whole buffers and streams.
///
/// *Limits*: 160 KiB and the window, at most `Limits::window_bytes`, also where a whole buffer
/// would do without it: the verdict does not depend on the cut. Kept from member to member.
pub struct Decoder {
    state: zstd::stream::raw::Decoder<'static>,
    about: Option<About>,
    /// The first bytes of the frame, which tell its window.
    header: [u8; HEADER_BYTES],
    seen: usize,
    between_frames: bool,
    consumed: u64,
    produced: u64,
}

/// Encodes whole buffers and streams, one frame each.
///
/// *Limits*: 1 to 80 MiB by level; kept from member to member.
pub struct Encoder {
    state: zstd::stream::raw::Encoder<'static>,
    ended: bool,
}

impl Decoder {
    /// A decoder ready for its first stream.
    ///
    /// # Errors
    /// [`Error::BackEnd`] for want of memory.
    pub fn new() -> Result<Self> {
        let state = zstd::stream::raw::Decoder::new().map_err(|_| no_memory())?;
        Ok(Self {
            state,
            about: None,
            header: [0; HEADER_BYTES],
            seen: 0,
            between_frames: true,
            consumed: 0,
            produced: 0,
        })
    }

    fn restart(&mut self, about: Option<About>) {
        // Resetting a session and a parameter within its bounds cannot fail.
        let _ = self.state.reinit();
        self.about = about;
        let _ = self.state.set_parameter(DParameter::WindowLogMax(window_log(self.limit())));
        (self.seen, self.between_frames, self.consumed, self.produced) = (0, true, 0, 0);
    }

    fn limit(&self) -> u64 {
        self.about.unwrap_or(About::of_size(0)).window_bytes
    }

    /// Looks at the header, as far as it is there, before the back end allocates what it asks for.
    fn check_header(&mut self, input: &[u8]) -> Result<()> {
        if self.between_frames {
            self.seen = 0;
            self.between_frames = input.is_empty();
        }
        let n = input.len().min(HEADER_BYTES - self.seen);
        if n == 0 {
            return Ok(());
        }
        self.header[self.seen..self.seen + n].copy_from_slice(&input[..n]);
        self.seen += n;
        match window_of(&self.header[..self.seen]) {
            Some(found) if found > self.limit() => {
                Err(Error::Limit { what: "zstd window in bytes", limit: self.limit(), found })
            }
            _ => Ok(()),
        }
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            let complete = self.about.is_none_or(|about| self.produced >= about.claimed_size);
            let complete = complete || last && consumed == input.len();
            if self.between_frames && self.consumed > 0 && complete {
                break Want::Nothing;
            }
            self.check_header(&input[consumed..])?;
            let mut from = InBuffer::around(&input[consumed..]);
            let mut to = OutBuffer::around(&mut output[produced..]);
            let at = self.consumed;
            let damaged = |_| Error::Damaged { method: Method::ZSTD, what: "invalid data", at };
            let hint = self.state.run(&mut from, &mut to).map_err(damaged)?;
            let (used, made) = (from.pos(), to.pos());
            consumed += used;
            produced += made;
            self.consumed += used as u64;
            self.produced += made as u64;
            if hint == 0 && (used > 0 || made > 0) {
                self.between_frames = true;
            } else if produced == output.len() {
                break Want::Output;
            } else if used == 0 && made == 0 {
                if last {
                    return Err(Error::TruncatedPayload);
                }
                break Want::Input;
            }
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        self.restart(None);
    }

    fn begin(&mut self, about: &About) {
        self.restart(Some(*about));
    }
}

impl Encoder {
    /// An encoder ready for its first stream.
    ///
    /// # Errors
    /// [`Error::BackEnd`] for want of memory.
    pub fn new(level: Level) -> Result<Self> {
        let level = LEVELS[usize::from(level.get())];
        let mut state = zstd::stream::raw::Encoder::new(level).map_err(|_| no_memory())?;
        // The member has a checksum of its own.
        state.set_parameter(CParameter::ChecksumFlag(false)).map_err(|_| no_memory())?;
        Ok(Self { state, ended: false })
    }
}

impl Encode for Encoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let failed = |_| Error::BackEnd { method: Method::ZSTD, what: "the encoder refused" };
        let mut from = InBuffer::around(input);
        let mut to = OutBuffer::around(output);
        let want = loop {
            if self.ended {
                break Want::Nothing;
            }
            if from.pos() < input.len() {
                self.state.run(&mut from, &mut to).map_err(failed)?;
            } else if last {
                self.ended = self.state.finish(&mut to, true).map_err(failed)? == 0;
            } else {
                break Want::Input;
            }
            if !self.ended && to.pos() == to.capacity() {
                break Want::Output;
            }
        };
        Ok(Step { consumed: from.pos(), produced: to.pos(), want })
    }

    fn reset(&mut self) {
        // Resetting a session cannot fail.
        let _ = self.state.reinit();
        self.ended = false;
    }

    fn encode_all(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        // With the size in its header a frame is decoded without a window.
        let _ = self.state.set_pledged_src_size(Some(input.len() as u64));
        push_all(self, input, output)
    }
}

fn no_memory() -> Error {
    Error::BackEnd { method: Method::ZSTD, what: "out of memory" }
}

/// The back end's own limit, which makes sure of ours: 10 (1 KiB) to 31 (2 GiB), or 30 where
/// pointers have 32 bits; rounded up, as ours is exact.
fn window_log(limit: u64) -> u32 {
    let most = if usize::BITS > 32 { 31 } else { 30 };
    limit.checked_next_power_of_two().map_or(most, u64::trailing_zeros).clamp(10, most)
}

/// The window that a frame header asks for (RFC 8878, 3.1.1.1), in bytes; `None` while it cannot
/// be told, and of frames that are skipped.
fn window_of(header: &[u8]) -> Option<u64> {
    let (&magic, rest) = header.split_first_chunk()?;
    let (&descriptor, rest) = rest.split_first()?;
    if u32::from_le_bytes(magic) != MAGIC {
        return None;
    }
    if descriptor & 0x20 == 0 {
        let &window = rest.first()?;
        let base = 1_u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    // A single segment: the window is the contents, whose size stands behind the dictionary's id.
    let id_bytes = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size = rest.get(id_bytes..)?;
    match descriptor >> 6 {
        0 => size.first().map(|&size| u64::from(size)),
        1 => size.first_chunk().map(|&size| u64::from(u16::from_le_bytes(size)) + 256),
        2 => size.first_chunk().map(|&size| u64::from(u32::from_le_bytes(size))),
        _ => size.first_chunk().map(|&size| u64::from_le_bytes(size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_from_every_header() {
        let frame = |rest: &[u8]| window_of(&[&MAGIC.to_le_bytes()[..], rest].concat());
        assert_eq!(frame(&[]), None);
        assert_eq!(frame(&[0, 0]), Some(1 << 10));
        assert_eq!(frame(&[0, 7]), Some(1920));
        assert_eq!(frame(&[3, 20 << 3]), Some(1 << 30));
        assert_eq!(frame(&[0x20, 9]), Some(9));
        assert_eq!(frame(&[0x60, 0, 1]), Some(512));
        assert_eq!(frame(&[0xa1, 0xee, 1, 0, 1, 0]), Some(65_537));
        assert_eq!(frame(&[0xe0, 0, 0, 0, 0, 1, 0, 0, 0]), Some(1 << 32));
        assert_eq!(frame(&[0xe0, 0, 0, 0, 0, 1, 0, 0]), None, "one byte is missing");
        assert_eq!(window_of(&[0x50, 0x2a, 0x4d, 0x18, 3, 0xff]), None, "skippable");
    }

    #[test]
    fn the_limit_of_the_back_end_is_never_below_ours() {
        assert_eq!(window_log(0), 10);
        assert_eq!(window_log(128 << 20), 27);
        assert_eq!(window_log((128 << 20) + 1), 28);
        assert!(window_log(u64::MAX) >= 30);
    }
}
