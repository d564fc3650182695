//! Payload to contents: coder, then size, CRC-32 and exact end; whole or pushed.

use zip_format::crc32::{Crc32, crc32};
use zip_format::limits::Limits;
use zip_format::method::Method;

use super::scratch::Scratch;
use super::spec::DecodeSpec;
use crate::coder::{Decode, check_crc};
use crate::error::{Error, Result};
use crate::guard;
use crate::step::{Step, Want};
use crate::store;

/// Contents up to this size are verified in one piece, by the fastest back end; beyond it the
/// pieces are windows that stay in the cache.
const WHOLE_BYTES: u64 = 1 << 20;

/// Fills `output` with the contents of a member.
///
/// `Ok` means: size exact, CRC-32 exact (unless the directory has none), payload used up exactly.
/// After an error the bytes of `output` are unspecified.
///
/// # Errors
/// [`Error::BufferLength`] if `output` is not `spec.size` bytes long; [`Error::Limit`];
/// everything that [`Decode::decode_verified`] returns.
pub fn decode_into(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    limits: &Limits,
    payload: &[u8],
    output: &mut [u8],
) -> Result<()> {
    if output.len() as u64 != spec.size {
        return Err(Error::BufferLength { expected: spec.size, found: output.len() as u64 });
    }
    check_payload(spec, payload)?;
    with_decoder(scratch, spec, limits, |coder| decode_exactly(coder, spec, payload, output))
}

/// Decodes a member and throws the contents away.
///
/// `Ok` means what it means for [`decode_into`].
///
/// *Limits*: 1 MiB besides the coder, whatever the member's size.
///
/// # Errors
/// As [`decode_into`].
pub fn verify_whole(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    limits: &Limits,
    payload: &[u8],
) -> Result<()> {
    check_payload(spec, payload)?;
    if spec.method == Method::STORED {
        guard::admit(spec.size, spec.compressed_size, limits)?;
        store::check_len(payload.len() as u64, spec.size)?;
        return spec.crc32.map_or(Ok(()), |expected| check_crc(expected, crc32(payload)));
    }
    let whole = spec.size <= WHOLE_BYTES;
    // Within `usize`: at most a MiB.
    let size = if whole { spec.size as usize } else { 0 };
    let mut window = scratch.take_window(size);
    let result = if whole {
        let output = &mut window[..size];
        with_decoder(scratch, spec, limits, |coder| decode_exactly(coder, spec, payload, output))
    } else {
        verify_windows(scratch, spec, limits, payload, &mut window)
    };
    scratch.keep_window(window);
    result
}

/// One member as a push machine: payload in, verified contents out.
///
/// ```text
/// new -> push, push, .. until Want::Nothing -> recycle
/// ```
///
/// Contents come out before the last check is made: only [`Want::Nothing`] says that all of them
/// were right. Never more than `spec.size` bytes come out, and never more than
/// `spec.compressed_size` bytes are taken in, whatever is offered.
pub struct Decoder {
    coder: Box<dyn Decode>,
    spec: DecodeSpec,
    crc: Crc32,
    consumed: u64,
    produced: u64,
    verified: bool,
}

impl Decoder {
    /// A machine at the start of a member, with a coder out of `scratch`.
    ///
    /// # Errors
    /// [`Error::Limit`], [`Error::UnknownMethod`], [`Error::NotBuiltIn`]; [`Error::SizeMismatch`]
    /// for a stored member with two sizes.
    pub fn new(scratch: &mut Scratch, spec: &DecodeSpec, limits: &Limits) -> Result<Self> {
        guard::admit(spec.size, spec.compressed_size, limits)?;
        if spec.method == Method::STORED {
            store::check_len(spec.compressed_size, spec.size)?;
        }
        let mut coder = scratch.take_decoder(spec.method)?;
        coder.begin(&spec.about(limits));
        let crc = Crc32::new();
        Ok(Self { coder, spec: *spec, crc, consumed: 0, produced: 0, verified: false })
    }

    /// Decodes some of `input` into `output`; the rules are those of [`Decode::push`].
    ///
    /// [`Want::Nothing`] means: size exact, CRC-32 exact, payload used up exactly. `last` may be
    /// left unset where the input is bounded by the payload's size anyway.
    ///
    /// # Errors
    /// As [`Decode::push`], and [`Error::TooLong`], [`Error::SizeMismatch`],
    /// [`Error::CrcMismatch`], [`Error::TrailingBytes`]. The machine is of no use afterwards.
    pub fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        if self.verified {
            return Ok(Step { consumed: 0, produced: 0, want: Want::Nothing });
        }
        let input = &input[..bounded(input.len(), self.spec.compressed_size - self.consumed)];
        let last = last || input.len() as u64 == self.spec.compressed_size - self.consumed;
        let room = bounded(output.len(), self.spec.size - self.produced);
        let mut step = self.advance(input, last, &mut output[..room])?;
        if step.want == Want::Output && self.produced == self.spec.size {
            // All contents are out. One more byte of room shows whether the stream ends here.
            let more = self.advance(&input[step.consumed..], last, &mut [0])?;
            step.consumed += more.consumed;
            step.want = more.want;
        }
        if step.want == Want::Nothing {
            self.verify()?;
        }
        Ok(step)
    }

    /// Gives the coder back for the next member; to be called in whatever state the machine is.
    pub fn recycle(self, scratch: &mut Scratch) {
        scratch.keep_decoder(self.spec.method, self.coder);
    }

    fn advance(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let step = self.coder.push(input, last, output).map_err(|error| match error {
            // A coder that reads ahead counts up to the end of its input; the rest is unused too.
            Error::TrailingBytes { unused } => {
                let rest = self.spec.compressed_size - self.consumed - input.len() as u64;
                Error::TrailingBytes { unused: unused + rest }
            }
            other => other,
        })?;
        self.consumed += step.consumed as u64;
        if step.produced as u64 > self.spec.size - self.produced {
            return Err(Error::TooLong { expected: self.spec.size });
        }
        self.produced += step.produced as u64;
        self.crc.update(&output[..step.produced]);
        Ok(step)
    }

    fn verify(&mut self) -> Result<()> {
        let unused = self.spec.compressed_size - self.consumed;
        if unused > 0 {
            return Err(Error::TrailingBytes { unused });
        }
        check_size(self.spec.size, self.produced)?;
        if let Some(expected) = self.spec.crc32 {
            check_crc(expected, self.crc.value())?;
        }
        self.verified = true;
        Ok(())
    }
}

fn with_decoder<T>(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    limits: &Limits,
    run: impl FnOnce(&mut dyn Decode) -> Result<T>,
) -> Result<T> {
    guard::admit(spec.size, spec.compressed_size, limits)?;
    let mut coder = scratch.take_decoder(spec.method)?;
    coder.begin(&spec.about(limits));
    let result = run(&mut *coder);
    scratch.keep_decoder(spec.method, coder);
    result
}

fn decode_exactly(
    coder: &mut dyn Decode,
    spec: &DecodeSpec,
    payload: &[u8],
    output: &mut [u8],
) -> Result<()> {
    match spec.crc32 {
        Some(crc32) => coder.decode_verified(payload, output, crc32),
        None => check_size(spec.size, coder.decode_all(payload, output)? as u64),
    }
}

fn verify_windows(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    limits: &Limits,
    payload: &[u8],
    window: &mut [u8],
) -> Result<()> {
    let mut decoder = Decoder::new(scratch, spec, limits)?;
    let mut used = 0;
    let result = loop {
        match decoder.push(&payload[used..], true, window) {
            Ok(step) if step.want == Want::Nothing => break Ok(()),
            Ok(step) => used += step.consumed,
            Err(error) => break Err(error),
        }
    };
    decoder.recycle(scratch);
    result
}

/// The payload given is the one the directory speaks of.
const fn check_payload(spec: &DecodeSpec, payload: &[u8]) -> Result<()> {
    let given = payload.len() as u64;
    if given < spec.compressed_size {
        Err(Error::TruncatedPayload)
    } else if given > spec.compressed_size {
        Err(Error::BufferLength { expected: spec.compressed_size, found: given })
    } else {
        Ok(())
    }
}

const fn check_size(expected: u64, found: u64) -> Result<()> {
    if expected == found { Ok(()) } else { Err(Error::SizeMismatch { expected, found }) }
}

/// The smaller of a slice's length and a 64-bit count.
fn bounded(length: usize, most: u64) -> usize {
    usize::try_from(most).map_or(length, |most| length.min(most))
}
