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

/// The back end's levels for ours: roughly equal steps in time.
const LEVELS: [i32; 10] = [1, 1, 2, 3, 5, 7, 9, 12, 15, 19];

/// Decodes whole buffers and streams.
///
/// *Limits*: 160 KiB and the window, which must not exceed `Limits::window_bytes` rounded down
/// to a power of two; kept from member to member.
pub struct Decoder {
    state: zstd::stream::raw::Decoder<'static>,
    about: Option<About>,
    /// The first bytes of the frame, to tell what it asked for if it asked for too much.
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
        let limit = about.unwrap_or(About::of_size(0)).window_bytes;
        let _ = self.state.set_parameter(DParameter::WindowLogMax(window_log(limit)));
        self.about = about;
        (self.seen, self.between_frames, self.consumed, self.produced) = (0, true, 0, 0);
    }

    fn note_header(&mut self, input: &[u8]) {
        if self.between_frames {
            self.seen = 0;
            self.between_frames = input.is_empty();
        }
        let n = input.len().min(HEADER_BYTES - self.seen);
        self.header[self.seen..self.seen + n].copy_from_slice(&input[..n]);
        self.seen += n;
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        // The binding passes the library's words on, and nothing else.
        if error.to_string().contains("too much memory") {
            let limit = self.about.unwrap_or(About::of_size(0)).window_bytes;
            let found = window_of(&self.header[..self.seen]).unwrap_or(u64::MAX);
            return Error::Limit { what: "zstd window in bytes", limit, found };
        }
        Error::Damaged { method: Method::ZSTD, what: "invalid data", at: self.consumed }
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
            self.note_header(&input[consumed..]);
            let mut from = InBuffer::around(&input[consumed..]);
            let mut to = OutBuffer::around(&mut output[produced..]);
            let hint = self.state.run(&mut from, &mut to).map_err(|error| self.failed(&error))?;
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

/// The back end's parameter for a limit in bytes: 10 (1 KiB) to 31 (2 GiB), or 30 where pointers
/// have 32 bits.
fn window_log(limit: u64) -> u32 {
    let most = if usize::BITS > 32 { 31 } else { 30 };
    limit.checked_ilog2().unwrap_or(0).clamp(10, most)
}

/// The window that a frame header asks for (RFC 8878, 3.1.1.1), in bytes.
fn window_of(header: &[u8]) -> Option<u64> {
    let (&descriptor, rest) = header.get(4..)?.split_first()?;
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
