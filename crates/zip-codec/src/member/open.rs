//! Encrypted payload to contents: opener, then coder, size, CRC-32 and exact end; whole or pushed.
//!
//! | have | want | call |
//! | --- | --- | --- |
//! | the payload in memory | the contents in a buffer | [`decode_into`] |
//! | the payload in memory | only the verdict | [`verify_whole`] |
//! | the payload in pieces, twice | the contents in pieces, proven before | [`unlock`], [`Prover`], [`Decoder`] |
//! | the payload in pieces, once | the contents in pieces, proven at the end | [`unlock`], [`Decoder`] |
//!
//! With AES nothing is decoded, far less given out, before the authentication code of the whole
//! payload was found right; only a [`Decoder`] without a [`Prover`] before it does otherwise.
//! A `spec` speaks of what is below the cipher: its compressed size is without head and tail.

use zip_crypto::{Error as CryptoError, Lock, Opener, Password};
use zip_format::limits::Limits;
use zip_format::method::Method;

use super::decode;
use super::scratch::Scratch;
use super::spec::DecodeSpec;
use crate::error::{Error, Result};
use crate::step::{Step, Want};

/// Bytes that are decrypted at a time where the payload comes in pieces.
const PIECE: usize = 64 << 10;

/// How a member is encrypted, and the passwords that may open it.
#[derive(Clone, Copy, Debug)]
pub struct Locked<'p> {
    /// What its headers say.
    pub lock: Lock,
    /// Tried in their order, but first the one that opened the last member.
    pub passwords: &'p [Password],
}

/// Fills `output` with the contents of an encrypted member.
///
/// `Ok` means what it means for [`decode::decode_into`], and that the authentication code was
/// right before anything was decoded. After an error `output` holds nothing of the contents.
///
/// # Errors
/// As [`zip_crypto::open_whole`], in [`Error::Crypto`]; as [`decode::decode_into`].
pub fn decode_into(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    locked: &Locked<'_>,
    limits: &Limits,
    payload: &[u8],
    output: &mut [u8],
) -> Result<()> {
    if output.len() as u64 != spec.size {
        return Err(Error::BufferLength { expected: spec.size, found: output.len() as u64 });
    }
    if spec.method == Method::STORED && spec.size == spec.compressed_size {
        // No scratch between: the caller's buffer is where the body is decrypted.
        return open_whole(scratch, locked, payload, output, |scratch, body| {
            decode::verify_whole(scratch, spec, limits, body)
        });
    }
    let result = with_body(scratch, spec, locked, payload, |scratch, body| {
        decode::decode_into(scratch, spec, limits, body, output)
    });
    if result.is_err() {
        output.fill(0);
    }
    result
}

/// Decrypts and decodes a member and throws the contents away.
///
/// `Ok` means what it means for [`decode_into`].
///
/// *Limits*: a buffer as long as the payload, and what [`decode::verify_whole`] needs.
///
/// # Errors
/// As [`decode_into`].
pub fn verify_whole(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    locked: &Locked<'_>,
    limits: &Limits,
    payload: &[u8],
) -> Result<()> {
    with_body(scratch, spec, locked, payload, |scratch, body| {
        decode::verify_whole(scratch, spec, limits, body)
    })
}

/// Decrypts into a buffer of the scratch, which is overwritten afterwards.
fn with_body(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    locked: &Locked<'_>,
    payload: &[u8],
    decode: impl FnMut(&mut Scratch, &[u8]) -> Result<()>,
) -> Result<()> {
    let overhead = locked.lock.head_len() + locked.lock.tail_len();
    let len = payload.len().saturating_sub(overhead);
    if len as u64 != spec.compressed_size {
        return Err(Error::TruncatedPayload);
    }
    let mut body = core::mem::take(&mut scratch.body);
    if body.len() < len {
        body.resize(len, 0);
    }
    let result = open_whole(scratch, locked, payload, &mut body[..len], decode);
    scratch.body = body;
    result
}

fn open_whole(
    scratch: &mut Scratch,
    locked: &Locked<'_>,
    payload: &[u8],
    body: &mut [u8],
    mut decode: impl FnMut(&mut Scratch, &[u8]) -> Result<()>,
) -> Result<()> {
    let Locked { lock, passwords } = locked;
    let mut ring = core::mem::take(&mut scratch.ring);
    let result =
        zip_crypto::open::open_whole_if(lock, passwords, &mut ring, payload, body, |body| {
            decode(scratch, body)
        });
    scratch.ring = ring;
    result
}

/// The openers of a payload that comes in pieces, out of its first [`Lock::head_len`] bytes: one
/// for each password that fits, mostly one.
///
/// # Errors
/// As [`Opener::candidates`], in [`Error::Crypto`].
pub fn unlock(scratch: &mut Scratch, locked: &Locked<'_>, head: &[u8]) -> Result<Vec<Opener>> {
    Ok(Opener::candidates(&locked.lock, locked.passwords, &mut scratch.ring, head)?)
}

/// Checks the authentication code of a payload that comes in pieces, decoding nothing: the first
/// of two passes.
///
/// Traditional encryption has no code: of several passwords that fit its check byte the first is
/// taken, and CRC-32 decides.
#[derive(Debug)]
pub struct Prover {
    openers: Vec<Opener>,
    frame: Frame,
}

impl Prover {
    /// A machine at the start of a payload, with what [`unlock`] returned.
    #[must_use]
    pub const fn new(spec: &DecodeSpec, lock: &Lock, openers: Vec<Opener>) -> Self {
        Self { openers, frame: Frame::new(spec, lock) }
    }

    /// Takes in the next bytes of the payload, all of them.
    ///
    /// # Errors
    /// [`Error::TrailingBytes`] for more than the payload.
    pub fn push(&mut self, input: &[u8]) -> Result<()> {
        let input = self.frame.skip_head(input);
        let (body, rest) = self.frame.split_body(input, usize::MAX);
        for opener in &mut self.openers {
            opener.absorb(body);
        }
        match self.frame.gather_tail(rest) {
            [] => Ok(()),
            rest => Err(Error::TrailingBytes { unused: rest.len() as u64 }),
        }
    }

    /// The opener for a second pass over the same payload.
    ///
    /// # Errors
    /// [`zip_crypto::Error::Unauthentic`]; [`Error::TruncatedPayload`] where not all of the
    /// payload was pushed.
    pub fn finish(self) -> Result<Opener> {
        if !self.frame.is_complete() {
            return Err(Error::TruncatedPayload);
        }
        for opener in self.openers {
            let second = opener.again();
            if opener.authenticate(&self.frame.tail).is_ok() {
                return Ok(second);
            }
        }
        Err(CryptoError::Unauthentic.into())
    }
}

/// One encrypted member as a push machine: payload in, verified contents out.
///
/// As [`decode::Decoder`]: contents come out before the last check is made, and here that is the
/// authentication code too, so *all of them are unauthenticated until [`Want::Nothing`]*. After a
/// [`Prover`] they were proven before, and the second check shows a payload that changed since.
pub struct Decoder {
    inner: decode::Decoder,
    /// Gone once its code was compared.
    opener: Option<Opener>,
    frame: Frame,
    /// Decrypted bytes, and how many of them the coder has taken.
    plain: Vec<u8>,
    taken: usize,
    /// The coder is at its end; the tail is to come.
    decoded: bool,
}

impl Decoder {
    /// A machine at the start of a payload, with a coder out of `scratch` and an opener of
    /// [`unlock`] or [`Prover::finish`].
    ///
    /// # Errors
    /// As [`decode::Decoder::new`].
    pub fn new(
        scratch: &mut Scratch,
        spec: &DecodeSpec,
        lock: &Lock,
        limits: &Limits,
        opener: Opener,
    ) -> Result<Self> {
        Ok(Self {
            inner: decode::Decoder::new(scratch, spec, limits)?,
            opener: Some(opener),
            frame: Frame::new(spec, lock),
            plain: Vec::new(),
            taken: 0,
            decoded: false,
        })
    }

    /// Decodes some of `input`, the payload from its head on, into `output`; the rules are those
    /// of [`decode::Decoder::push`].
    ///
    /// [`Want::Nothing`] means what it means there, and that the authentication code was right.
    ///
    /// # Errors
    /// As [`decode::Decoder::push`], and [`zip_crypto::Error::Unauthentic`]. The machine is of no
    /// use afterwards.
    pub fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let mut rest = self.frame.skip_head(input);
        let mut produced = 0;
        if !self.decoded {
            if self.taken == self.plain.len() {
                rest = self.decrypt(rest);
            }
            let all = self.frame.body_left == 0;
            let step = self.inner.push(&self.plain[self.taken..], all, output)?;
            self.taken += step.consumed;
            produced = step.produced;
            self.decoded = step.want == Want::Nothing;
            if !self.decoded {
                let hungry = step.want == Want::Input
                    && self.taken == self.plain.len()
                    && self.frame.body_left > 0
                    && rest.is_empty();
                if hungry && last {
                    return Err(Error::TruncatedPayload);
                }
                let want = if hungry { Want::Input } else { Want::Output };
                return Ok(Step { consumed: input.len() - rest.len(), produced, want });
            }
        }
        let rest = self.frame.gather_tail(rest);
        let want = if self.frame.is_complete() {
            if let Some(opener) = self.opener.take() {
                opener.authenticate(&self.frame.tail)?;
            }
            Want::Nothing
        } else if last {
            return Err(Error::TruncatedPayload);
        } else {
            Want::Input
        };
        Ok(Step { consumed: input.len() - rest.len(), produced, want })
    }

    /// Gives the coder back for the next member; to be called in whatever state the machine is.
    pub fn recycle(self, scratch: &mut Scratch) {
        self.inner.recycle(scratch);
    }

    /// Decrypts the next piece of the body; returns what is left of the input.
    fn decrypt<'i>(&mut self, input: &'i [u8]) -> &'i [u8] {
        let (piece, rest) = self.frame.split_body(input, PIECE);
        self.plain.clear();
        self.plain.extend_from_slice(piece);
        self.taken = 0;
        if let Some(opener) = &mut self.opener {
            opener.open(&mut self.plain);
        }
        rest
    }
}

impl core::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Decoder").field("frame", &self.frame).finish_non_exhaustive()
    }
}

/// Where in a payload the next byte belongs: head, body or tail.
#[derive(Debug)]
struct Frame {
    head_left: usize,
    body_left: u64,
    tail: Vec<u8>,
    tail_len: usize,
}

impl Frame {
    const fn new(spec: &DecodeSpec, lock: &Lock) -> Self {
        let (head_left, tail_len) = (lock.head_len(), lock.tail_len());
        Self { head_left, body_left: spec.compressed_size, tail: Vec::new(), tail_len }
    }

    fn skip_head<'i>(&mut self, input: &'i [u8]) -> &'i [u8] {
        let (now, rest) = input.split_at(self.head_left.min(input.len()));
        self.head_left -= now.len();
        rest
    }

    /// The bytes of the body, at most so many, and what follows them.
    fn split_body<'i>(&mut self, input: &'i [u8], most: usize) -> (&'i [u8], &'i [u8]) {
        let len = input.len().min(most);
        let len = usize::try_from(self.body_left).map_or(len, |left| len.min(left));
        self.body_left -= len as u64;
        input.split_at(len)
    }

    fn gather_tail<'i>(&mut self, input: &'i [u8]) -> &'i [u8] {
        if self.head_left > 0 || self.body_left > 0 {
            return input;
        }
        let (now, rest) = input.split_at(input.len().min(self.tail_len - self.tail.len()));
        self.tail.extend_from_slice(now);
        rest
    }

    const fn is_complete(&self) -> bool {
        self.head_left == 0 && self.body_left == 0 && self.tail.len() == self.tail_len
    }
}
