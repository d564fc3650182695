//! Contents to encrypted payload: CRC-32, coder, then sealer; whole or pushed.
//!
//! The facts are those of the member below the cipher, but that the compressed size counts head
//! and tail too. The headers say the rest: [`Encryption::scheme`] of the method that was used.

use zip_crypto::{Encryption, Sealer, seal_whole};
use zip_format::method::Method;

use super::encode;
use super::facts::Facts;
use super::scratch::Scratch;
use crate::error::Result;
use crate::level::Level;
use crate::step::{Step, Want};

/// Compresses a whole member, or finds that it is better stored, and encrypts it.
///
/// The payload is `output` in any case; the method is chosen as [`encode::encode_all`] does.
/// `output` is cleared first; its capacity is reused and grows to the length of `input` and what
/// encryption adds at most. An empty member becomes one of head and tail.
///
/// The check byte of traditional encryption is that of the CRC-32, so the headers must not
/// announce a data descriptor then.
///
/// # Errors
/// As [`encode::encode_all`]; [`zip_crypto::Error::Random`].
pub fn encode_all(
    scratch: &mut Scratch,
    method: Method,
    level: Level,
    encryption: &Encryption,
    input: &[u8],
    output: &mut Vec<u8>,
) -> Result<Facts> {
    let facts = encode::encode_all(scratch, method, level, input, output)?;
    if facts.method == Method::STORED {
        append(scratch, encryption, &facts, input, output)?;
    } else {
        let mut sealer = Sealer::new(encryption, check_of(&facts), &mut scratch.ring)?;
        let (head, body) = (sealer.head().len(), output.len());
        output.resize(head + body, 0);
        output.copy_within(..body, head);
        output[..head].copy_from_slice(sealer.head());
        sealer.seal(&mut output[head..]);
        output.extend_from_slice(&sealer.finish());
    }
    Ok(Facts { compressed_size: output.len() as u64, ..facts })
}

/// Appends the encrypted payload of a member that was encoded before, as `facts` say: `body` is
/// what [`encode::encode_all`] made of it, or the contents if that is stored.
///
/// # Errors
/// [`zip_crypto::Error::Random`].
pub fn append(
    scratch: &mut Scratch,
    encryption: &Encryption,
    facts: &Facts,
    body: &[u8],
    output: &mut Vec<u8>,
) -> Result<()> {
    Ok(seal_whole(encryption, check_of(facts), &mut scratch.ring, body, output)?)
}

/// The check byte of a member without a data descriptor.
const fn check_of(facts: &Facts) -> u8 {
    (facts.crc32 >> 24) as u8
}

/// One encrypted member as a push machine: contents in, payload out. As [`encode::Encoder`].
pub struct Encoder {
    inner: encode::Encoder,
    sealer: Option<Sealer>,
    overhead: u64,
    /// Head or tail on its way out.
    frame: [u8; FRAME],
    frame_left: core::ops::Range<usize>,
}

/// Room for the longest head, and for the tail.
const FRAME: usize = 18;

impl Encoder {
    /// A machine at the start of a member, with a coder out of `scratch` and a fresh salt.
    ///
    /// `check` is for traditional encryption, whose members need a data descriptor when they are
    /// pushed: the upper byte of the DOS time in the headers.
    ///
    /// # Errors
    /// As [`encode::Encoder::new`]; [`zip_crypto::Error::Random`].
    pub fn new(
        scratch: &mut Scratch,
        method: Method,
        level: Level,
        encryption: &Encryption,
        check: u8,
    ) -> Result<Self> {
        let sealer = Sealer::new(encryption, check, &mut scratch.ring)?;
        let inner = encode::Encoder::new(scratch, method, level)?;
        let overhead = encryption.overhead_bytes();
        let mut encoder =
            Self { inner, sealer: None, overhead, frame: [0; FRAME], frame_left: 0..0 };
        encoder.hold(sealer.head());
        encoder.sealer = Some(sealer);
        Ok(encoder)
    }

    /// Encodes some of `input` into `output`; the rules are those of [`encode::Encoder::push`].
    ///
    /// # Errors
    /// As [`encode::Encoder::push`].
    pub fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        let mut produced = self.drain(output);
        let mut consumed = 0;
        if self.frame_left.is_empty()
            && let Some(sealer) = &mut self.sealer
        {
            let room = &mut output[produced..];
            let step = self.inner.push(input, last, room)?;
            sealer.seal(&mut room[..step.produced]);
            (consumed, produced) = (step.consumed, produced + step.produced);
            if step.want != Want::Nothing {
                return Ok(Step { consumed, produced, want: step.want });
            }
            if let Some(sealer) = self.sealer.take() {
                self.hold(&sealer.finish());
            }
            produced += self.drain(&mut output[produced..]);
        }
        let done = self.sealer.is_none() && self.frame_left.is_empty();
        let want = if done { Want::Nothing } else { Want::Output };
        Ok(Step { consumed, produced, want })
    }

    /// Length in bytes of the payload for `n` bytes of contents, where the method makes that
    /// lawful; head and tail are counted.
    #[must_use]
    pub fn exact_len(&self, n: u64) -> Option<u64> {
        self.inner.exact_len(n)?.checked_add(self.overhead)
    }

    /// What went in and came out so far; the member's facts after [`Want::Nothing`].
    #[must_use]
    pub fn facts(&self) -> Facts {
        let facts = self.inner.facts();
        Facts { compressed_size: facts.compressed_size + self.overhead, ..facts }
    }

    /// Gives the coder back for the next member; to be called in whatever state the machine is.
    pub fn recycle(self, scratch: &mut Scratch) {
        self.inner.recycle(scratch);
    }

    fn hold(&mut self, bytes: &[u8]) {
        self.frame[..bytes.len()].copy_from_slice(bytes);
        self.frame_left = 0..bytes.len();
    }

    fn drain(&mut self, output: &mut [u8]) -> usize {
        let len = self.frame_left.len().min(output.len());
        output[..len].copy_from_slice(&self.frame[self.frame_left.start..][..len]);
        self.frame_left.start += len;
        len
    }
}

impl core::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Encoder").field("overhead", &self.overhead).finish_non_exhaustive()
    }
}
