//! What is to be done with one member's payload: decoded, and decrypted before if need be.
//!
//! With the feature `crypto` off nothing is left of the cipher but the error that says so.

use zip_codec::member::decode::{self, decode_into, verify_whole};
#[cfg(feature = "crypto")]
use zip_codec::member::{Lock, Password, open};
use zip_codec::member::{Scratch as CodecScratch, spec::DecodeSpec};
use zip_codec::step::{Step, Want};
#[cfg(not(feature = "crypto"))]
use zip_format::encryption::Scheme;
use zip_format::entry::Entry;
use zip_format::flags::Flags;
use zip_format::method::Method;
use zip_format::position::Span;
use zip_io::Source;

#[cfg(feature = "crypto")]
use crate::error::Error;
use crate::error::Result;
use crate::member::room;
#[cfg(feature = "crypto")]
use crate::open::read_exact;
use crate::options::Options;
use crate::passwords::Passwords;
use crate::piece::Piece;
use crate::pieces::{PIECE_BYTES, Pieces};

/// What decoding a member has to prove, and what opens it.
pub(crate) struct Job {
    pub(crate) spec: DecodeSpec,
    #[cfg(feature = "crypto")]
    pub(crate) locked: Option<Locked>,
}

/// How a member is encrypted, and its passwords: at least one.
#[cfg(feature = "crypto")]
pub(crate) struct Locked {
    pub(crate) lock: Lock,
    pub(crate) passwords: std::sync::Arc<[Password]>,
}

#[cfg(feature = "crypto")]
impl Locked {
    pub(crate) fn borrow(&self) -> open::Locked<'_> {
        open::Locked { lock: self.lock, passwords: &self.passwords }
    }
}

/// When the authentication code of a large member is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Before its contents are given out piece by piece: the payload is read twice.
    First,
    /// At the end, where nobody sees the contents before.
    Last,
}

impl Job {
    /// The job for an entry; an error where it cannot be done at all.
    pub(crate) fn new(entry: &Entry<'_>, index: usize, passwords: &Passwords) -> Result<Self> {
        let (scheme, method) = entry.scheme()?;
        #[cfg(feature = "crypto")]
        let locked = locked(entry, index, passwords)?;
        #[cfg(not(feature = "crypto"))]
        {
            let _ = (index, passwords);
            if scheme != Scheme::None {
                let scheme = scheme.name();
                return Err(zip_codec::error::Error::EncryptionNotBuiltIn { scheme }.into());
            }
        }
        // `Entry::examine` refuses members that are smaller than what encryption adds.
        let compressed_size = entry.compressed_size().saturating_sub(scheme.overhead_bytes());
        // Not even an empty stream; accepted as what it stands for, if at all (`examine`).
        let nothing = method == Method::DEFLATE && compressed_size == 0;
        let spec = DecodeSpec {
            method: if nothing { Method::STORED } else { method },
            size: entry.size(),
            compressed_size,
            // One that AE-2 should not have is relaxed about, and has to be right.
            crc32: Some(entry.crc32()).filter(|&crc32| crc32 != 0 || !scheme.hides_crc()),
            flags_lzma_eos: entry.flags().contains(Flags::OPTION_1),
        };
        Ok(Self {
            spec,
            #[cfg(feature = "crypto")]
            locked,
        })
    }

    /// The payload is the contents.
    pub(crate) fn is_in_place(&self) -> bool {
        self.spec.method == Method::STORED && !self.is_locked()
    }

    pub(crate) const fn is_locked(&self) -> bool {
        #[cfg(feature = "crypto")]
        return self.locked.is_some();
        #[cfg(not(feature = "crypto"))]
        false
    }

    /// Decodes a payload that is in memory into a buffer of exactly the contents' size.
    pub(crate) fn decode(
        &self,
        scratch: &mut CodecScratch,
        options: &Options,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<()> {
        let (spec, limits) = (&self.spec, &options.limits);
        #[cfg(feature = "crypto")]
        if let Some(locked) = &self.locked {
            return Ok(open::decode_into(scratch, spec, &locked.borrow(), limits, payload, out)?);
        }
        Ok(decode_into(scratch, spec, limits, payload, out)?)
    }

    /// Decodes a payload that is in memory and keeps nothing of it.
    pub(crate) fn verify(
        &self,
        scratch: &mut CodecScratch,
        options: &Options,
        payload: &[u8],
    ) -> Result<()> {
        let (spec, limits) = (&self.spec, &options.limits);
        #[cfg(feature = "crypto")]
        if let Some(locked) = &self.locked {
            return Ok(open::verify_whole(scratch, spec, &locked.borrow(), limits, payload)?);
        }
        Ok(verify_whole(scratch, spec, limits, payload)?)
    }

    /// A decoder for a payload that comes in pieces; with [`Proof::First`] all of it was read and
    /// proven when this returns. `check` is asked now and then whether to go on.
    pub(crate) fn decoder(
        &self,
        scratch: &mut CodecScratch,
        options: &Options,
        source: &dyn Source,
        payload: Span,
        proof: Proof,
        check: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Decoder> {
        #[cfg(feature = "crypto")]
        if let Some(locked) = &self.locked {
            let mut head = vec![0; locked.lock.head_len()];
            read_exact(source, &mut head, payload.start)?;
            let mut openers = open::unlock(scratch, &locked.borrow(), &head)?;
            let several = openers.len() > 1;
            let opener = if locked.lock.is_authenticated() && (several || proof == Proof::First) {
                let mut prover = open::Prover::new(&self.spec, &locked.lock, openers);
                let (mut pieces, mut buffer) = (Pieces::new(source, payload), Vec::new());
                while !pieces.is_done() {
                    check()?;
                    prover.push(pieces.next(&mut buffer)?)?;
                }
                prover.finish()?
            } else {
                // Mostly there is one. Of traditional ones the last is not tried in vain.
                loop {
                    let opener = openers.remove(0);
                    if openers.is_empty() || self.fits(scratch, options, source, payload, &opener) {
                        break opener;
                    }
                }
            };
            return self.sealed_decoder(scratch, options, opener);
        }
        let _ = (source, payload, proof, check);
        Ok(Decoder::Plain(decode::Decoder::new(scratch, &self.spec, &options.limits)?))
    }

    /// A decoder behind this opener.
    #[cfg(feature = "crypto")]
    pub(crate) fn sealed_decoder(
        &self,
        scratch: &mut CodecScratch,
        options: &Options,
        opener: zip_codec::member::Opener,
    ) -> Result<Decoder> {
        let lock = self.locked.as_ref().map(|locked| locked.lock);
        let lock = lock.ok_or(Error::Codec(zip_codec::error::Error::TruncatedPayload))?;
        let decoder = open::Decoder::new(scratch, &self.spec, &lock, &options.limits, opener)?;
        Ok(Decoder::Sealed(decoder))
    }

    /// Decodes everything with one of several openers.
    #[cfg(feature = "crypto")]
    fn fits(
        &self,
        scratch: &mut CodecScratch,
        options: &Options,
        source: &dyn Source,
        payload: Span,
        opener: &zip_codec::member::Opener,
    ) -> bool {
        let Ok(decoder) = self.sealed_decoder(scratch, options, opener.again()) else {
            return false;
        };
        let (mut input, mut window) = (Vec::new(), Vec::new());
        let pieces = Pieces::new(source, payload);
        let (result, decoder) = drive(decoder, pieces, &mut input, &mut window, &mut |_| Ok(()));
        decoder.recycle(scratch);
        result.is_ok()
    }
}

#[cfg(feature = "crypto")]
fn locked(entry: &Entry<'_>, index: usize, passwords: &Passwords) -> Result<Option<Locked>> {
    use zip_format::attributes::Kind;
    let Some(lock) = Lock::of(entry)? else {
        if passwords.is_required() && entry.kind() != Kind::Directory {
            return Err(zip_codec::error::Error::from(
                zip_codec::member::CryptoError::NotEncrypted,
            )
            .into());
        }
        return Ok(None);
    };
    let passwords = passwords.of(index, entry);
    if passwords.is_empty() {
        return Err(Error::Encrypted { scheme: lock.scheme().name() });
    }
    Ok(Some(Locked { lock, passwords }))
}

/// A member's decoder, behind an opener or not.
pub(crate) enum Decoder {
    Plain(decode::Decoder),
    #[cfg(feature = "crypto")]
    Sealed(open::Decoder),
}

impl Decoder {
    pub(crate) fn push(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<Step> {
        Ok(match self {
            Self::Plain(decoder) => decoder.push(input, last, output)?,
            #[cfg(feature = "crypto")]
            Self::Sealed(decoder) => decoder.push(input, last, output)?,
        })
    }

    pub(crate) fn recycle(self, scratch: &mut CodecScratch) {
        match self {
            Self::Plain(decoder) => decoder.recycle(scratch),
            #[cfg(feature = "crypto")]
            Self::Sealed(decoder) => decoder.recycle(scratch),
        }
    }
}

/// Pushes all pieces through a decoder, and gives it back.
pub(crate) fn drive(
    mut decoder: Decoder,
    mut pieces: Pieces<'_>,
    payload: &mut Vec<u8>,
    window: &mut Vec<u8>,
    out: &mut dyn FnMut(Piece<'_>) -> Result<()>,
) -> (Result<()>, Decoder) {
    let mut run = || loop {
        let mut input = pieces.next(payload)?;
        let last = pieces.is_done();
        loop {
            let step = decoder.push(input, last, room(window, PIECE_BYTES)?)?;
            input = input.get(step.consumed..).unwrap_or(&[]);
            if step.produced > 0 {
                out(Piece::own(window, step.produced))?;
            }
            match step.want {
                Want::Nothing => return Ok(()),
                Want::Input if !last => break,
                Want::Input | Want::Output => {}
            }
        }
    };
    let result = run();
    (result, decoder)
}
