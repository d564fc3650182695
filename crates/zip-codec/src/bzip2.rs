//! Method 12: one bzip2 stream (APPNOTE 4.4.5).

use bzip2::{Action, Compress, Compression, Decompress, Status};
use zip_format::method::Method;

use crate::coder::{About, Decode, Encode};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::step::{Step, Want};

/// What the largest block size takes to decode, by the format's own account.
const DECODER_BYTES: u64 = 3_700_000;

/// Decodes whole buffers and streams.
///
/// *Limits*: up to 3.7 MB, new for each member: the back end cannot be reset.
pub struct Decoder {
    state: Decompress,
    limit: u64,
    ended: bool,
}

/// Encodes whole buffers and streams.
///
/// *Limits*: 1.2 to 7.6 MB by level, new for each member.
pub struct Encoder {
    state: Compress,
    level: Level,
    ended: bool,
}

impl Decoder {
    /// A decoder ready for its first stream.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Decompress::new(false), limit: u64::MAX, ended: false }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        if self.limit < DECODER_BYTES {
            let (what, limit, found) = ("bzip2 block in bytes", self.limit, DECODER_BYTES);
            return Err(Error::Limit { what, limit, found });
        }
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            if self.ended {
                break Want::Nothing;
            }
            let before = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(&input[consumed..], &mut output[produced..]);
            let used = (self.state.total_in() - before.0) as usize;
            let made = (self.state.total_out() - before.1) as usize;
            consumed += used;
            produced += made;
            let (method, at) = (Method::BZIP2, self.state.total_in());
            match status {
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(Status::MemNeeded) => {
                    return Err(Error::BackEnd { method, what: "out of memory" });
                }
                Err(bzip2::Error::DataMagic) => {
                    return Err(Error::Damaged { method, what: "no bzip2 header", at });
                }
                Err(_) => return Err(Error::Damaged { method, what: "invalid data", at }),
                Ok(_) if produced == output.len() => break Want::Output,
                Ok(_) if used > 0 || made > 0 => {}
                Ok(_) if last => return Err(Error::TruncatedPayload),
                Ok(_) => break Want::Input,
            }
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        *self = Self::new();
    }

    fn begin(&mut self, about: &About) {
        self.reset();
        self.limit = about.window_bytes;
    }
}

impl Encoder {
    /// An encoder ready for its first stream.
    #[must_use]
    pub fn new(level: Level) -> Self {
        let block = Compression::new(u32::from(level.get().max(1)));
        // Work factor 0: the library's default.
        Self { state: Compress::new(block, 0), level, ended: false }
    }
}

impl Encode for Encoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let action = if last { Action::Finish } else { Action::Run };
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            if self.ended {
                break Want::Nothing;
            }
            if produced == output.len() {
                break Want::Output;
            }
            if consumed == input.len() && !last {
                // The back end takes a call without any progress for a mistake.
                break Want::Input;
            }
            let before = (self.state.total_in(), self.state.total_out());
            let status = self.state.compress(&input[consumed..], &mut output[produced..], action);
            consumed += (self.state.total_in() - before.0) as usize;
            produced += (self.state.total_out() - before.1) as usize;
            match status {
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(_) => {}
                Err(_) => {
                    let what = "the stream is in a wrong state";
                    return Err(Error::BackEnd { method: Method::BZIP2, what });
                }
            }
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        *self = Self::new(self.level);
    }
}
