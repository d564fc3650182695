//! The contracts of a decoder and an encoder: object-safe, pushed, reusable.
//!
//! A coder owns state, never a file, thread or clock. It is pushed slices of any size and says
//! with [`Want`] what it needs next. Beside the push there are whole-buffer
//! calls with default bodies, which a one-shot back end replaces: the fastest decoders can
//! neither suspend nor resume.

use zip_format::crc32::Crc32;
use zip_format::limits::Limits;

use crate::error::{Error, Result};
use crate::step::{Step, Want};

/// Contents decoded between two looks at their checksum: small enough to be in the cache still.
pub(crate) const WINDOW_BYTES: usize = 256 << 10;

/// What the headers say about the stream that comes next.
///
/// Methods that carry all they need in their payload ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Size of the contents in bytes, as the directory gives it. Not yet verified.
    pub claimed_size: u64,
    /// General purpose bit 1 of an LZMA member: an end marker closes the stream (APPNOTE 4.4.4).
    pub lzma_end_marker: bool,
    /// Most memory in bytes that window or model may take.
    pub window_bytes: u64,
}

impl About {
    /// A stream of a given size, under the default limits, of a method without header flags.
    #[must_use]
    pub fn of_size(claimed_size: u64) -> Self {
        let window_bytes = Limits::default().window_bytes;
        Self { claimed_size, lzma_end_marker: false, window_bytes }
    }
}

/// Payload in, contents out.
pub trait Decode: Send {
    /// Decodes some of `input` into `output`.
    ///
    /// `last` says that no input follows this slice. Either slice may be empty. Input that the
    /// step does not count as consumed is to be given again. After [`Want::Nothing`] the coder
    /// takes nothing more until it is reset.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::TruncatedPayload`] when `last` is set, all input is used,
    /// there is room in `output` and the stream has not ended; [`Error::Limit`] when window or
    /// model would be larger than allowed. A decoder that reads ahead returns
    /// [`Error::TrailingBytes`] if the stream ended before the bytes taken in by earlier pushes
    /// did; it counts up to the end of this `input`. After an error only [`Decode::begin`] and
    /// [`Decode::reset`] make sense.
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step>;

    /// Forgets the stream, keeps the memory.
    fn reset(&mut self);

    /// Forgets the stream and prepares for the one described.
    fn begin(&mut self, about: &About) {
        let _ = about;
        self.reset();
    }

    /// Decodes a whole payload and returns the number of bytes at the start of `output` that were
    /// filled. The coder must be fresh or reset.
    ///
    /// # Errors
    /// As [`Decode::push`]; [`Error::TrailingBytes`] when input is left after the end of the
    /// stream, [`Error::TooLong`] when `output` is full and the stream not at its end.
    fn decode_all(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        drive(self, input, output, usize::MAX, |_| ())
    }

    /// Fills all of `output` from a whole payload, and proves that its CRC-32 is `crc32`. The
    /// coder must be fresh or reset.
    ///
    /// A back end that gets its checksum for nothing replaces the body.
    ///
    /// # Errors
    /// As [`Decode::decode_all`]; [`Error::SizeMismatch`], [`Error::CrcMismatch`].
    fn decode_verified(&mut self, input: &[u8], output: &mut [u8], crc32: u32) -> Result<()> {
        let mut crc = Crc32::new();
        let expected = output.len();
        let found = drive(self, input, output, WINDOW_BYTES, |bytes| crc.update(bytes))?;
        if found != expected {
            return Err(Error::SizeMismatch { expected: expected as u64, found: found as u64 });
        }
        check_crc(crc32, crc.value())
    }
}

/// Contents in, payload out.
pub trait Encode: Send {
    /// Encodes some of `input` into `output`.
    ///
    /// `last` says that no input follows this slice, and stays set until [`Want::Nothing`].
    /// Either slice may be empty.
    ///
    /// # Errors
    /// [`Error::BackEnd`].
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step>;

    /// Forgets the stream, keeps the memory.
    fn reset(&mut self);

    /// Encodes everything into `output` and returns the number of bytes filled, or `None` if they
    /// do not fit. The coder must be fresh or reset.
    ///
    /// With an output shorter than the input, `None` means: not smaller, store it instead.
    ///
    /// # Errors
    /// [`Error::BackEnd`].
    fn encode_all(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        push_all(self, input, output)
    }

    /// Encodes everything as a piece of a longer stream: it ends on a byte, another piece or the
    /// stream's end can follow, and nothing in it points back before its start. Returns the number
    /// of bytes filled, or `None` if they do not fit or the method has no pieces. The coder must
    /// be fresh or reset.
    ///
    /// # Errors
    /// [`Error::BackEnd`].
    fn encode_piece(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        let _ = (input, output);
        Ok(None)
    }

    /// Length in bytes of the payload for `n` bytes of contents, where that is lawful whatever
    /// the contents are.
    fn exact_len(&self, n: u64) -> Option<u64> {
        let _ = n;
        None
    }
}

/// An error unless the two checksums are the same.
pub(crate) const fn check_crc(expected: u32, found: u32) -> Result<()> {
    if expected == found { Ok(()) } else { Err(Error::CrcMismatch { expected, found }) }
}

/// The body of [`Encode::encode_all`], for those who replace it and still need it.
pub(crate) fn push_all<E: Encode + ?Sized>(
    encoder: &mut E,
    input: &[u8],
    output: &mut [u8],
) -> Result<Option<usize>> {
    let (mut used, mut filled) = (0, 0);
    loop {
        let step = encoder.push(&input[used..], true, &mut output[filled..])?;
        used += step.consumed;
        filled += step.produced;
        match step.want {
            Want::Nothing => return Ok(Some(filled)),
            Want::Output if filled == output.len() => return Ok(None),
            Want::Output | Want::Input => {}
        }
    }
}

/// Decodes a whole payload in pieces of at most `piece` bytes, showing each to `see`.
fn drive<D: Decode + ?Sized>(
    decoder: &mut D,
    input: &[u8],
    output: &mut [u8],
    piece: usize,
    mut see: impl FnMut(&[u8]),
) -> Result<usize> {
    let (mut used, mut filled) = (0, 0);
    loop {
        // Once the output is full, one more byte of room shows whether the stream ends here.
        let mut extra = [0];
        let full = filled == output.len();
        let room = if full {
            &mut extra[..]
        } else {
            let end = output.len().min(filled.saturating_add(piece));
            &mut output[filled..end]
        };
        let step = decoder.push(&input[used..], true, room)?;
        used += step.consumed;
        if full && step.produced > 0 {
            return Err(Error::TooLong { expected: output.len() as u64 });
        }
        see(&room[..step.produced]);
        filled += step.produced;
        if step.want == Want::Nothing {
            return match input.len() - used {
                0 => Ok(filled),
                unused => Err(Error::TrailingBytes { unused: unused as u64 }),
            };
        }
    }
}
