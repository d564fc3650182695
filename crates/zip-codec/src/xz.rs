//! Method 95: one XZ stream (APPNOTE 4.4.5, the .xz file format 1.2).

use std::io;

use lzma_rust2::{Action, Status, XzOptions, XzStream, XzWriter};
use zip_format::method::Method;

use crate::coder::{About, Decode};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::lzma::{failed, options};
use crate::spill::{Spill, Spilling};
use crate::step::{Step, Want};

/// Decodes whole buffers and streams; at most one filter before LZMA2.
///
/// *Limits*: the dictionary plus 100 KiB, at most `Limits::window_bytes`; new for each member.
pub struct Decoder {
    state: Box<XzStream>,
    limit: u64,
}

/// Encodes whole buffers and streams, with CRC-32 as the integrity check: the member has one
/// anyway.
///
/// *Limits*: about eleven times the dictionary, which is the preset's (256 KiB to 64 MiB) or, of
/// whole buffers, the contents' size if smaller; new for each member.
pub type Encoder = Spilling<XzWriter<Vec<u8>>>;

impl Decoder {
    /// A decoder ready for its first stream.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(About::of_size(0).window_bytes)
    }

    fn with_limit(limit: u64) -> Self {
        let kibibytes = u32::try_from(limit >> 10).unwrap_or(u32::MAX);
        Self { state: Box::new(XzStream::new_mem_limit(false, kibibytes)), limit }
    }

    fn failed(&self, error: &io::Error) -> Error {
        let found = self.state.memory_usage().map_or(0, |kibibytes| u64::from(kibibytes) << 10);
        if error.kind() == io::ErrorKind::OutOfMemory && found > self.limit {
            return Error::Limit { what: "XZ dictionary in bytes", limit: self.limit, found };
        }
        failed(Method::XZ, error, self.state.total_in())
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let action = if last { Action::Finish } else { Action::Run };
        let (mut consumed, mut produced) = (0, 0);
        let want = loop {
            let result = self
                .state
                .process(&input[consumed..], &mut output[produced..], action)
                .map_err(|error| self.failed(&error))?;
            consumed += result.bytes_consumed;
            produced += result.bytes_produced;
            if result.status == Status::StreamEnd {
                break Want::Nothing;
            }
            if produced == output.len() {
                break Want::Output;
            }
            if result.bytes_consumed == 0 && result.bytes_produced == 0 {
                if last {
                    return Err(Error::TruncatedPayload);
                }
                break Want::Input;
            }
        };
        Ok(Step { consumed, produced, want })
    }

    fn reset(&mut self) {
        *self = Self::with_limit(self.limit);
    }

    fn begin(&mut self, about: &About) {
        *self = Self::with_limit(about.window_bytes);
    }
}

impl Spill for XzWriter<Vec<u8>> {
    const METHOD: Method = Method::XZ;

    fn open(level: Level, size: usize, to: Vec<u8>) -> io::Result<Self> {
        let mut xz = XzOptions { lzma_options: options(level, size), ..XzOptions::default() };
        xz.set_check_sum_type(lzma_rust2::CheckType::Crc32);
        Self::new(to, xz)
    }

    fn spilled(&mut self) -> &mut Vec<u8> {
        self.inner_mut()
    }

    fn close(self) -> io::Result<Vec<u8>> {
        self.finish()
    }
}
