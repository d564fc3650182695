//! Contents to payload: CRC-32, then coder; whole or pushed.
//!
//! # What is not worth compressing
//!
//! Match finders crawl over bytes that are compressed already: 40 MB/s for a gain of 2 %. So a
//! whole buffer of 64 KiB or more is looked at first: up to 16 probes of 1/64 of it, at most
//! 16 KiB each, go through the method's fastest level. The first one that shrinks by more than
//! 1/64 ends the look, so that ordinary files pay for one probe, under 2 % of their time. If none
//! does, the member is stored. What passes is compressed and stored all the same if the
//! result is not smaller.

use zip_format::crc32::{Crc32, crc32};
use zip_format::method::Method;

use super::facts::Facts;
use super::scratch::Scratch;
use crate::coder::Encode;
use crate::error::Result;
use crate::level::Level;
use crate::step::Step;

/// Below this size the attempt costs no more than the look.
const PROBED_BYTES: usize = 64 << 10;
/// Most bytes of a probe.
const MOST_PROBED_BYTES: usize = 16 << 10;

/// Compresses a whole member, or finds that it is better stored.
///
/// If the facts say [`Method::STORED`], the payload is `input` itself and `output` is empty;
/// else the payload is `output`. Stored is what is empty, what level 0 asks for and what would
/// not get smaller. `output` is cleared first; its capacity is reused and grows to the length
/// of `input` at most.
///
/// # Errors
/// [`Error::UnknownMethod`](crate::Error::UnknownMethod),
/// [`Error::NotBuiltIn`](crate::Error::NotBuiltIn), [`Error::BackEnd`](crate::Error::BackEnd).
pub fn encode_all(
    scratch: &mut Scratch,
    method: Method,
    level: Level,
    input: &[u8],
    output: &mut Vec<u8>,
) -> Result<Facts> {
    output.clear();
    if method != Method::STORED && level != Level::NONE {
        output.resize(input.len().saturating_sub(1), 0);
    }
    let facts = encode_into(scratch, method, level, input, output);
    let length = facts.as_ref().map_or(0, |facts| match facts.method {
        Method::STORED => 0,
        // No longer than `output`.
        _ => facts.compressed_size as usize,
    });
    output.truncate(length);
    facts
}

/// The same into a buffer that is there: the payload is its start, as long as the facts say.
///
/// Who keeps the buffer from member to member saves clearing it each time. In less room than one
/// byte short of `input` the payload may be another, or stored. If the facts say
/// [`Method::STORED`], there may be anything in `output`.
///
/// # Errors
/// As [`encode_all`].
pub fn encode_into(
    scratch: &mut Scratch,
    method: Method,
    level: Level,
    input: &[u8],
    output: &mut [u8],
) -> Result<Facts> {
    let size = input.len() as u64;
    let stored = Facts { method: Method::STORED, crc32: crc32(input), size, compressed_size: size };
    if method == Method::STORED || level == Level::NONE || input.is_empty() {
        return Ok(stored);
    }
    let room = output.len().min(input.len() - 1);
    let output = &mut output[..room];
    let length = match shrinks(scratch, method, input, output)? {
        true => compress(scratch, method, level, input, output)?,
        false => None,
    };
    Ok(match length {
        Some(length) => Facts { method, compressed_size: length as u64, ..stored },
        None => stored,
    })
}

/// Whether contents that begin with `first` are worth compressing: the look described at the top,
/// on its own.
///
/// # Errors
/// As [`encode_all`].
pub fn is_worth_it(scratch: &mut Scratch, method: Method, first: &[u8]) -> Result<bool> {
    if method == Method::STORED {
        return Ok(false);
    }
    let mut room = scratch.take_window(MOST_PROBED_BYTES);
    let shrinks = shrinks(scratch, method, first, &mut room);
    scratch.keep_window(room);
    shrinks
}

/// One member as a push machine: contents in, payload out.
///
/// ```text
/// new -> push, push, .. until Want::Nothing -> facts, recycle
/// ```
///
/// Bytes already delivered cannot be taken back, so the method is the one asked for even where
/// storing would be smaller. Level 0 of deflate gives stored blocks.
pub struct Encoder {
    coder: Box<dyn Encode>,
    level: Level,
    crc: Crc32,
    facts: Facts,
}

impl Encoder {
    /// A machine at the start of a member, with a coder out of `scratch`.
    ///
    /// # Errors
    /// [`Error::UnknownMethod`](crate::Error::UnknownMethod),
    /// [`Error::NotBuiltIn`](crate::Error::NotBuiltIn).
    pub fn new(scratch: &mut Scratch, method: Method, level: Level) -> Result<Self> {
        let coder = scratch.take_encoder(method, level)?;
        let facts = Facts { method, crc32: 0, size: 0, compressed_size: 0 };
        Ok(Self { coder, level, crc: Crc32::new(), facts })
    }

    /// Encodes some of `input` into `output`; the rules are those of [`Encode::push`].
    ///
    /// # Errors
    /// [`Error::BackEnd`](crate::Error::BackEnd).
    pub fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let step = self.coder.push(input, last, output)?;
        self.crc.update(&input[..step.consumed]);
        self.facts.size += step.consumed as u64;
        self.facts.compressed_size += step.produced as u64;
        Ok(step)
    }

    /// Length in bytes of the payload for `n` bytes of contents, where the method makes that
    /// lawful: stored, and deflate of level 0.
    #[must_use]
    pub fn exact_len(&self, n: u64) -> Option<u64> {
        self.coder.exact_len(n)
    }

    /// What went in and came out so far; the member's facts after [`Want::Nothing`](crate::Want::Nothing).
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts { crc32: self.crc.value(), ..self.facts }
    }

    /// Gives the coder back for the next member; to be called in whatever state the machine is.
    pub fn recycle(self, scratch: &mut Scratch) {
        scratch.keep_encoder(self.facts.method, self.level, self.coder);
    }
}

fn compress(
    scratch: &mut Scratch,
    method: Method,
    level: Level,
    input: &[u8],
    output: &mut [u8],
) -> Result<Option<usize>> {
    let mut coder = scratch.take_encoder(method, level)?;
    let result = coder.encode_all(input, output);
    scratch.keep_encoder(method, level, coder);
    result
}

/// Whether a look at a few places lets hope for a smaller result; `output` is used for it.
pub(crate) fn shrinks(
    scratch: &mut Scratch,
    method: Method,
    input: &[u8],
    output: &mut [u8],
) -> Result<bool> {
    if input.len() < PROBED_BYTES {
        return Ok(true);
    }
    let probe = (input.len() / 64).min(MOST_PROBED_BYTES);
    let probes = (input.len() >> 18).clamp(3, 16);
    let stride = (input.len() - probe) / (probes - 1);
    let most = (probe - probe / 64).min(output.len());
    for i in 0..probes {
        let piece = &input[i * stride..][..probe];
        if compress(scratch, method, Level::FAST, piece, &mut output[..most])?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
