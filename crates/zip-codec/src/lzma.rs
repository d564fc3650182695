//! Method 14: LZMA behind a prefix of its own (APPNOTE 5.8.8).
//!
//! | bytes | |
//! | --- | --- |
//! | 2 | version of the LZMA SDK that wrote it; not looked at |
//! | 2 | length of the properties, always 5 |
//! | 1 | `(pb * 5 + lp) * 9 + lc` |
//! | 4 | dictionary in bytes |
//! | .. | the stream, closed by an end marker if general purpose bit 1 is set |
//!
//! Without the bit the stream ends where the directory's size is reached. What is written here
//! always has the marker, so the writer of the header must set the bit.

use std::io;

use lzma_rust2::{Action, LzmaOptions, LzmaStream, LzmaWriter, Status};
use zip_format::method::Method;

use crate::coder::{About, Decode};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::spill::{Spill, Spilling};
use crate::step::{Step, Want};

const PREFIX_BYTES: usize = 9;

/// Any version will do; this is the SDK's that introduced the method to ZIP.
const SDK_VERSION: [u8; 2] = [9, 20];

/// Decodes whole buffers and streams.
///
/// *Limits*: the smaller of dictionary and contents, at most `Limits::window_bytes`, plus 16 KiB
/// to 6 MiB for the model; new for each member.
pub struct Decoder {
    prefix: [u8; PREFIX_BYTES],
    have: usize,
    body: Option<Box<LzmaStream>>,
    about: About,
}

/// Encodes whole buffers and streams.
///
/// *Limits*: about eleven times the dictionary, which is the preset's (256 KiB to 64 MiB) or, of
/// whole buffers, the contents' size if smaller; new for each member.
pub type Encoder = Spilling<LzmaWriter<Vec<u8>>>;

/// A dictionary of more than so many times the limit is refused even for small contents.
const ABSURD: u64 = 16;

impl Decoder {
    /// A decoder ready for a first stream with an end marker.
    #[must_use]
    pub fn new() -> Self {
        let about = About { lzma_end_marker: true, ..About::of_size(u64::MAX) };
        Self { prefix: [0; PREFIX_BYTES], have: 0, body: None, about }
    }

    fn open(&self) -> Result<LzmaStream> {
        let [_, _, low, high, properties, dictionary @ ..] = self.prefix;
        let damaged = |what| Error::Damaged { method: Method::LZMA, what, at: 0 };
        if u16::from_le_bytes([low, high]) != 5 {
            return Err(damaged("the properties are not 5 bytes long"));
        }
        let asked = u32::from_le_bytes(dictionary);
        // No distance reaches back beyond the contents, so no more than that is allocated.
        let useful = self.about.claimed_size.clamp(4096, u64::from(u32::MAX)) as u32;
        let dictionary = asked.min(useful);
        let limit = self.about.window_bytes;
        // Writers fit the dictionary to the contents, or use one of a few sizes. One far beyond
        // the limit is no writer's, whatever it could do here.
        let absurd = u64::from(asked) > limit.saturating_mul(ABSURD);
        let found = u64::from(if absurd { asked } else { dictionary });
        if absurd || found > limit {
            return Err(Error::Limit { what: "LZMA dictionary in bytes", limit, found });
        }
        let size = if self.about.lzma_end_marker { u64::MAX } else { self.about.claimed_size };
        LzmaStream::new_with_props(size, properties, dictionary, None)
            .map_err(|_| damaged("the properties are out of range"))
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decode for Decoder {
    fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let mut consumed = input.len().min(PREFIX_BYTES - self.have);
        self.prefix[self.have..self.have + consumed].copy_from_slice(&input[..consumed]);
        self.have += consumed;
        if self.have < PREFIX_BYTES {
            return match last {
                true => Err(Error::TruncatedPayload),
                false => Ok(Step { consumed, produced: 0, want: Want::Input }),
            };
        }
        if self.body.is_none() {
            self.body = Some(Box::new(self.open()?));
        }
        let body = self.body.as_mut().expect("opened above");
        let mut produced = 0;
        let want = loop {
            let result = body
                // Never `Finish`, which forgives the want of the stream's last byte.
                .process(&input[consumed..], &mut output[produced..], Action::Run)
                .map_err(|error| failed(Method::LZMA, &error, body.total_in()))?;
            consumed += result.bytes_consumed;
            produced += result.bytes_produced;
            if result.status == Status::StreamEnd {
                // It reads ahead, and may find only now that earlier bytes were not its own.
                let unused = body.unused_input().len();
                if unused > consumed {
                    let unused = (unused + input.len() - consumed) as u64;
                    return Err(Error::TrailingBytes { unused });
                }
                consumed -= unused;
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
        *self = Self::new();
    }

    fn begin(&mut self, about: &About) {
        self.reset();
        self.about = *about;
    }
}

impl Spill for LzmaWriter<Vec<u8>> {
    const METHOD: Method = Method::LZMA;

    fn open(level: Level, size: usize, mut to: Vec<u8>) -> io::Result<Self> {
        let options = options(level, size);
        to.extend_from_slice(&SDK_VERSION);
        to.extend_from_slice(&[5, 0, options.get_props()]);
        to.extend_from_slice(&options.dict_size.to_le_bytes());
        Self::new_no_header(to, &options, true)
    }

    fn spilled(&mut self) -> &mut Vec<u8> {
        self.inner_mut()
    }

    fn close(self) -> io::Result<Vec<u8>> {
        self.finish()
    }
}

/// The preset of a level, with a dictionary no larger than the contents call for.
pub(crate) fn options(level: Level, size: usize) -> LzmaOptions {
    let mut options = LzmaOptions::with_preset(u32::from(level.get()));
    let useful = u32::try_from(size).unwrap_or(u32::MAX).max(4096);
    options.dict_size = options.dict_size.min(useful);
    options
}

/// What the back end's errors mean.
pub(crate) fn failed(method: Method, error: &io::Error, at: u64) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::TruncatedPayload,
        io::ErrorKind::OutOfMemory => Error::BackEnd { method, what: "out of memory" },
        io::ErrorKind::Unsupported => {
            Error::Damaged { method, what: "an option nobody here implements", at }
        }
        _ => Error::Damaged { method, what: "invalid data", at },
    }
}
