//! Frames in their order, each number handed out once. This is where a nonce cannot come twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sealed::cipher::{FrameCipher, FrameId};
use crate::sealed::derive::FileKeys;
use crate::sealed::error::{Error, Result};
use crate::sealed::geometry::{Geometry, HEADER_LEN, MAX_PLAIN_BYTES, TAG_LEN, check_frame_bytes};
use crate::sealed::header::{Argon2, Derivation, Header};
use crate::sealed::ivs;
use crate::sealed::secret::{RawKey, Secret};

/// How to seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealOptions {
    /// Plain bytes of a frame, from 64 to 16 MiB. A read decrypts at least one frame; 16 bytes
    /// of authentication are added to each.
    pub frame_bytes: u32,
    /// How hard a password is to guess. [`Limits`](crate::sealed::Limits) of a reader must allow it.
    pub argon2: Argon2,
}

/// Frames of 64 KiB.
impl Default for SealOptions {
    fn default() -> Self {
        Self { frame_bytes: 64 << 10, argon2: Argon2::default() }
    }
}

/// Seals one archive: hands out its frames in order.
///
/// [`SealedSink`](crate::sealed::SealedSink) drives one of these. Drive it yourself to read, seal
/// and write from several threads: [`Sealer::take`] under a lock together with whatever says
/// which bytes come next, then [`Frames::seal_into`] anywhere, then writing in order.
pub struct Sealer {
    cipher: Arc<FrameCipher>,
    header: Header,
    next: u64,
    plain_len: u64,
    ended: bool,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Sealer {
    /// A sealer with a new salt from the system.
    ///
    /// # Errors
    /// [`Error::Random`]; options outside of the format; [`Error::EmptyPassword`].
    ///
    /// *Limits*: with a password, the time and memory of [`SealOptions::argon2`].
    pub fn new(secret: Secret<'_>, options: &SealOptions) -> Result<Self> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(Error::Random)?;
        let (header, keys) = prepare(secret, &salt, options)?;
        Self::with_keys(header, &keys)
    }

    /// A sealer for a key and an IV (the salt) that the caller chose, as interfaces have it that
    /// take both. **Never use a pair twice**: two archives sealed with one pair reveal each other,
    /// and whoever has both can forge more. Prefer [`Sealer::new`].
    ///
    /// # Errors
    /// As [`Sealer::new`]; [`Error::IvReused`] for a pair that was given here before, also if that
    /// run failed. What other processes did, an earlier life of this one, or [`Sealer::new`] by
    /// drawing the same, is not seen.
    ///
    /// *Limits*: 32 bytes are kept for each such pair as long as the process lives.
    pub fn with_iv(key: &RawKey, iv: &[u8; 16], options: &SealOptions) -> Result<Self> {
        let (header, keys) = prepare(Secret::Key(key), iv, options)?;
        ivs::claim(keys.fingerprint()?)?;
        Self::with_keys(header, &keys)
    }

    /// A sealer with a given salt, for test vectors.
    #[cfg(test)]
    pub(crate) fn with_salt(secret: Secret<'_>, salt: &[u8; 16], options: &SealOptions) -> Self {
        let (header, keys) = prepare(secret, salt, options).unwrap();
        Self::with_keys(header, &keys).unwrap()
    }

    fn with_keys(header: Header, keys: &FileKeys) -> Result<Self> {
        let cipher = Arc::new(FrameCipher::new(keys, &header)?);
        Ok(Self { cipher, header, next: 0, plain_len: 0, ended: false })
    }

    /// The first bytes of the sealed archive.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Plain bytes of a frame.
    #[must_use]
    pub fn frame_bytes(&self) -> usize {
        self.header.frame_bytes() as usize
    }

    /// Plain bytes handed out so far.
    #[must_use]
    pub const fn plain_len(&self) -> u64 {
        self.plain_len
    }

    /// Hands out the frames of the next `plain_len` bytes; the archive ends with them if `ends`.
    ///
    /// # Errors
    /// [`Error::Usage`] unless these are whole frames and at least one; only those that end the
    /// archive may have a shorter last one, and none at all only if the archive is empty.
    /// [`Error::Limit`] beyond [`MAX_PLAIN_BYTES`]. Nothing is handed out then.
    pub fn take(&mut self, plain_len: usize, ends: bool) -> Result<Frames> {
        if self.ended {
            return Err(Error::Usage("the last frame was handed out before"));
        }
        let whole = plain_len.is_multiple_of(self.frame_bytes());
        if !whole && !ends {
            return Err(Error::Usage("only the last frame may be short"));
        }
        if plain_len == 0 && !(ends && self.next == 0) {
            return Err(Error::Usage("only an empty archive has an empty frame"));
        }
        let found = self.plain_len.saturating_add(plain_len as u64);
        if found > MAX_PLAIN_BYTES {
            let what = "length of the archive";
            return Err(Error::Limit { what, limit: MAX_PLAIN_BYTES, found });
        }
        let count = plain_len.div_ceil(self.frame_bytes()).max(1);
        let (cipher, first) = (Arc::clone(&self.cipher), self.next);
        let frame_bytes = self.frame_bytes();
        self.next += count as u64;
        self.plain_len = found;
        self.ended = ends;
        Ok(Frames { cipher, first, count, plain_len, frame_bytes, ends })
    }

    /// Length of the whole once it has ended, or if it ended with the last byte handed out.
    #[must_use]
    pub fn sealed_len(&self) -> u64 {
        // `take` kept both inside of the format.
        Geometry::of_plain(self.plain_len, self.header.frame_bytes())
            .map_or(HEADER_LEN as u64, |geometry| geometry.sealed_len())
    }
}

fn prepare(
    secret: Secret<'_>,
    salt: &[u8; 16],
    options: &SealOptions,
) -> Result<(Header, FileKeys)> {
    check_frame_bytes(options.frame_bytes)?;
    let derivation = match secret {
        Secret::Key(_) => Derivation::RawKey,
        Secret::Password(empty) if empty.bytes().is_empty() => return Err(Error::EmptyPassword),
        Secret::Password(_) if options.argon2.is_lawful() => Derivation::Argon2id(options.argon2),
        Secret::Password(_) => return Err(Error::Usage("impossible parameters of Argon2")),
    };
    let header = Header::new(options.frame_bytes, derivation, salt);
    let keys = FileKeys::derive(secret, &header)?;
    let check = keys.check_of(&header)?;
    Ok((header.with_check(&check), keys))
}

/// Frames that follow each other, to be sealed once, by any thread.
pub struct Frames {
    cipher: Arc<FrameCipher>,
    first: u64,
    count: usize,
    plain_len: usize,
    frame_bytes: usize,
    ends: bool,
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers = self.first..self.first.saturating_add(self.count as u64);
        f.debug_tuple("Frames").field(&numbers).finish()
    }
}

impl Frames {
    /// Bytes of these frames when they are sealed.
    #[must_use]
    pub const fn sealed_len(&self) -> usize {
        self.plain_len + self.count * TAG_LEN
    }

    /// Seals them one after the other into `out`, which holds just them afterwards.
    ///
    /// # Errors
    /// [`Error::Usage`] if `plain` has another length than was taken.
    pub fn seal_into(self, plain: &[u8], out: &mut Vec<u8>) -> Result<()> {
        // What was there is overwritten, and not cleared first.
        out.resize(self.sealed_len(), 0);
        self.seal_with(plain, out, |jobs| jobs.into_iter().for_each(FrameJob::seal))
    }

    /// Seals them on whatever threads `run` takes: it is given a job for each frame, and calls
    /// [`FrameJob::seal`] on all of them before it returns. With rayon:
    /// `|jobs| jobs.into_par_iter().for_each(FrameJob::seal)`.
    ///
    /// # Errors
    /// [`Error::Usage`] if `plain` has another length than was taken, `out` another than
    /// [`Frames::sealed_len`], or if `run` left a job out. `out` is then of no use.
    pub fn seal_with(
        self,
        plain: &[u8],
        out: &mut [u8],
        run: impl FnOnce(Vec<FrameJob<'_>>),
    ) -> Result<()> {
        if plain.len() != self.plain_len || out.len() != self.sealed_len() {
            return Err(Error::Usage("bytes or room for frames are not what was taken"));
        }
        let done = AtomicUsize::new(0);
        let sealed = out.chunks_mut(self.frame_bytes + TAG_LEN);
        // The one frame of an empty archive has no bytes, and no chunk.
        let plain = plain.chunks(self.frame_bytes).chain(plain.is_empty().then_some(plain));
        let jobs = sealed.zip(plain).zip(self.first..).enumerate();
        let jobs = jobs.map(|(index, ((out, plain), number))| FrameJob {
            cipher: &self.cipher,
            id: FrameId { number, last: self.ends && index + 1 == self.count },
            plain,
            out,
            done: &done,
        });
        run(jobs.collect());
        if done.into_inner() == self.count {
            Ok(())
        } else {
            Err(Error::Usage("not all frames were sealed"))
        }
    }
}

/// One frame to be sealed: [`Frames::seal_with`].
pub struct FrameJob<'j> {
    cipher: &'j FrameCipher,
    id: FrameId,
    plain: &'j [u8],
    out: &'j mut [u8],
    done: &'j AtomicUsize,
}

impl std::fmt::Debug for FrameJob<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FrameJob").field(&self.id.number).finish()
    }
}

impl FrameJob<'_> {
    /// Seals it. About 30 us for 64 KiB.
    pub fn seal(self) {
        if self.cipher.seal(self.id, self.plain, self.out).is_ok() {
            // Whoever ran the jobs has seen all of them end; the count needs no order of its own.
            self.done.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::Password;

    fn sealer() -> Sealer {
        let options = SealOptions { frame_bytes: 64, ..SealOptions::default() };
        Sealer::new(Secret::Key(&RawKey::new(&[1; 32])), &options).unwrap()
    }

    #[test]
    fn frames_are_whole_and_handed_out_once() {
        let mut sealer = sealer();
        assert!(matches!(sealer.take(65, false), Err(Error::Usage(_))));
        assert!(matches!(sealer.take(0, false), Err(Error::Usage(_))));
        let two = sealer.take(128, false).unwrap();
        assert_eq!((two.first, two.count, two.sealed_len()), (0, 2, 160));
        assert!(matches!(sealer.take(0, true), Err(Error::Usage(_))), "frame 2 would be empty");
        let rest = sealer.take(65, true).unwrap();
        assert_eq!((rest.first, rest.count, rest.sealed_len()), (2, 2, 97));
        assert!(matches!(sealer.take(64, false), Err(Error::Usage(_))));
        assert!(matches!(sealer.take(0, true), Err(Error::Usage(_))));
        assert_eq!((sealer.plain_len(), sealer.sealed_len()), (193, 80 + 193 + 4 * 16));
    }

    #[test]
    fn jobs_that_were_left_out_are_an_error() {
        let mut sealer = sealer();
        let mut out = vec![0; 160];
        let result = sealer.take(128, false).unwrap().seal_with(&[1; 128], &mut out, |mut jobs| {
            jobs.pop();
            jobs.into_iter().for_each(FrameJob::seal);
        });
        assert!(matches!(result, Err(Error::Usage(_))));
        let wrong = sealer.take(128, false).unwrap().seal_into(&[1; 127], &mut out);
        assert!(matches!(wrong, Err(Error::Usage(_))));
    }

    #[test]
    fn a_pair_of_key_and_iv_is_taken_once() {
        let key = RawKey::generate().unwrap();
        let (iv, options) = ([9; 16], SealOptions::default());
        assert!(Sealer::with_iv(&key, &iv, &options).is_ok());
        let small = SealOptions { frame_bytes: 64, ..options };
        for options in [options, small] {
            assert!(matches!(Sealer::with_iv(&key, &iv, &options), Err(Error::IvReused)));
        }
        assert!(Sealer::with_iv(&key, &[8; 16], &options).is_ok());
        let other = RawKey::generate().unwrap();
        assert!(Sealer::with_iv(&other, &iv, &options).is_ok());
    }

    #[test]
    fn options_outside_of_the_format_are_refused() {
        let key = RawKey::new(&[1; 32]);
        for frame_bytes in [0, 63, (16 << 20) + 1] {
            let options = SealOptions { frame_bytes, ..SealOptions::default() };
            assert!(Sealer::new(Secret::Key(&key), &options).is_err());
        }
        let empty = Sealer::new(Secret::Password(&Password::new("")), &SealOptions::default());
        assert!(matches!(empty, Err(Error::EmptyPassword)));
        let argon2 = Argon2 { memory_kib: 7, passes: 1, lanes: 1 };
        let options = SealOptions { argon2, ..SealOptions::default() };
        let refused = Sealer::new(Secret::Password(&Password::new("x")), &options);
        assert!(matches!(refused, Err(Error::Usage(_))));
    }
}
