//! Method 9: deflate with a 64 KiB window and lengths up to 65,538 (APPNOTE 4.4.5).
//!
//! # The exact end
//!
//! The back end loads two bytes at a time where it can, so that after the end of the stream up to
//! three more bytes may count as used. It loads no byte that it does not need when it is given one
//! at a time. So the last bytes of each slice are given one at a time: if the stream ends there,
//! it ends exactly where reported; if it ends before, input is left over either way.

use deflate64::InflaterManaged;
use zip_format::method::Method;

use crate::coder::Decode;
use crate::error::{Error, Result};
use crate::step::{Step, Want};

/// More than the back end ever reads ahead.
const TAIL_BYTES: usize = 8;

/// Decodes whole buffers and streams.
///
/// *Limits*: about 150 KiB of state, the window included.
pub struct Decoder {
    state: Box<InflaterManaged>,
    consumed: u64,
}

impl Decoder {
    /// A decoder ready for its first stream.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Box::new(InflaterManaged::new()), consumed: 0 }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let bulk = input.len().saturating_sub(TAIL_BYTES);
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            let end = if consumed < bulk { bulk } else { input.len().min(consumed + 1) };
            let result = self.state.inflate(&input[consumed..end], &mut output[produced..]);
            consumed += result.bytes_consumed;
            produced += result.bytes_written;
            self.consumed += result.bytes_consumed as u64;
            if result.data_error || self.state.errored() {
                let what = "invalid data";
                return Err(Error::Damaged { method: Method::DEFLATE64, what, at: self.consumed });
            }
            if self.state.finished() {
                break Want::Nothing;
            }
            if produced == output.len() {
                break Want::Output;
            }
            if result.bytes_consumed == 0 && result.bytes_written == 0 {
                if last {
                    return Err(Error::TruncatedPayload);
                }
                break Want::Input;
            }
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        *self.state = InflaterManaged::new();
        self.consumed = 0;
    }
}
