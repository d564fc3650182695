//! Method 8 through miniz_oxide: no `unsafe` in the whole chain, at half the speed.

use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use zip_format::crc32::crc32;
use zip_format::method::Method;

use crate::coder::{Decode, Encode, check_crc};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::step::{Step, Want};

/// RFC 1951: distances reach back 2^15 bytes. The back end wants its ring a power of two.
const RING_BYTES: usize = 32 << 10;

/// Decodes whole buffers and streams.
///
/// *Limits*: 44 KiB of state, the window included.
pub struct Decoder {
    state: Box<DecompressorOxide>,
    ring: Box<[u8]>,
    /// Where in the ring the next byte goes.
    at: usize,
    /// Bytes before `at` that are still to be delivered.
    pending: usize,
    consumed: u64,
    ended: bool,
}

/// Encodes whole buffers and streams.
///
/// *Limits*: about 330 KiB of state.
pub struct Encoder(Box<CompressorOxide>);

impl Decoder {
    /// A decoder ready for its first stream.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: Box::default(),
            ring: vec![0; RING_BYTES].into_boxed_slice(),
            at: 0,
            pending: 0,
            consumed: 0,
            ended: false,
        }
    }

    fn deliver(&mut self, output: &mut [u8]) -> usize {
        let n = self.pending.min(output.len());
        // Never across the end of the ring: the back end stops there by itself.
        let from = self.at - self.pending;
        output[..n].copy_from_slice(&self.ring[from..from + n]);
        self.pending -= n;
        if self.pending == 0 && self.at == RING_BYTES {
            self.at = 0;
        }
        n
    }

    fn damaged(&self) -> Error {
        Error::Damaged { method: Method::DEFLATE, what: "invalid data", at: self.consumed }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            produced += self.deliver(&mut output[produced..]);
            if self.pending > 0 {
                break Want::Output;
            }
            if self.ended {
                break Want::Nothing;
            }
            let flags =
                inflate_flags::TINFL_FLAG_IGNORE_ADLER32 | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
            let rest = &input[consumed..];
            let (status, used, made) =
                decompress(&mut self.state, rest, &mut self.ring, self.at, flags);
            consumed += used;
            self.consumed += used as u64;
            self.at += made;
            self.pending = made;
            match status {
                TINFLStatus::Done => self.ended = true,
                TINFLStatus::HasMoreOutput => {}
                TINFLStatus::NeedsMoreInput if made > 0 => {}
                TINFLStatus::NeedsMoreInput if produced == output.len() => break Want::Output,
                TINFLStatus::NeedsMoreInput if last => return Err(Error::TruncatedPayload),
                TINFLStatus::NeedsMoreInput => break Want::Input,
                _ => return Err(self.damaged()),
            }
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        self.state.init();
        (self.at, self.pending, self.consumed, self.ended) = (0, 0, 0, false);
    }

    /// Straight into the output, without the ring.
    fn decode_all(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let flags = inflate_flags::TINFL_FLAG_IGNORE_ADLER32
            | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, used, made) = decompress(&mut self.state, input, output, 0, flags);
        self.consumed = used as u64;
        match status {
            TINFLStatus::Done if used == input.len() => Ok(made),
            TINFLStatus::Done => Err(Error::TrailingBytes { unused: (input.len() - used) as u64 }),
            TINFLStatus::HasMoreOutput => Err(Error::TooLong { expected: output.len() as u64 }),
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
                Err(Error::TruncatedPayload)
            }
            _ => Err(self.damaged()),
        }
    }

    fn decode_verified(&mut self, input: &[u8], output: &mut [u8], crc: u32) -> Result<()> {
        let (expected, found) = (output.len() as u64, self.decode_all(input, output)? as u64);
        if found != expected {
            return Err(Error::SizeMismatch { expected, found });
        }
        check_crc(crc, crc32(output))
    }
}

impl Encoder {
    /// An encoder ready for its first stream.
    #[must_use]
    pub fn new(level: Level) -> Self {
        // Negative window bits: no zlib header. Strategy 0: the default one.
        let flags = create_comp_flags_from_zip_params(i32::from(level.get()), -15, 0);
        let mut state = Box::new(CompressorOxide::new(flags));
        state.set_format_and_level(DataFormat::Raw, level.get());
        Self(state)
    }
}

impl Encode for Encoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        if output.is_empty() {
            // The back end takes an empty output for a mistake.
            return Ok(Step { consumed: 0, produced: 0, want: Want::Output });
        }
        let flush = if last { MZFlush::Finish } else { MZFlush::None };
        let result = deflate(&mut self.0, input, output, flush);
        let (consumed, produced) = (result.bytes_consumed, result.bytes_written);
        let want = match result.status {
            Ok(MZStatus::StreamEnd) => Want::Nothing,
            Ok(_) | Err(MZError::Buf) if produced == output.len() => Want::Output,
            Ok(_) | Err(MZError::Buf) => Want::Input,
            Err(_) => {
                return Err(Error::BackEnd {
                    method: Method::DEFLATE,
                    what: "the stream is in a wrong state",
                });
            }
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn encode_piece(&mut self, input: &[u8], output: &mut [u8]) -> Result<Option<usize>> {
        let (mut consumed, mut produced) = (0, 0);
        while produced < output.len() {
            let (rest, room) = (&input[consumed..], &mut output[produced..]);
            let result = deflate(&mut self.0, rest, room, MZFlush::Sync);
            consumed += result.bytes_consumed;
            produced += result.bytes_written;
            // A flush is complete once there is room left behind it.
            if consumed == input.len() && produced < output.len() {
                return Ok(Some(produced));
            }
            if result.bytes_consumed + result.bytes_written == 0 {
                break;
            }
        }
        Ok(None)
    }
}
