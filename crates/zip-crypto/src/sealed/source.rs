//! `SealedSource`: a source that opens the frames a read touches, out of the source below.

use std::io;
use std::sync::{Mutex, PoisonError};

use zip_io::Source;

use crate::sealed::cache::Cache;
use crate::sealed::cipher::{FrameCipher, FrameId};
use crate::sealed::derive::FileKeys;
use crate::sealed::diagnose::diagnose;
use crate::sealed::error::{Error, Result};
use crate::sealed::geometry::Geometry;
use crate::sealed::header::{Header, Limits};
use crate::sealed::secret::Secret;

/// How to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// What the header may ask for.
    pub limits: Limits,
    /// Bytes of opened frames that reads share; two frames at least.
    pub cache_bytes: usize,
}

/// A cache of 4 MiB.
impl Default for OpenOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), cache_bytes: 4 << 20 }
    }
}

/// A sealed archive, read as if it were plain.
///
/// Every frame is authenticated before a byte of it is given out, and opening proves that the
/// archive has its right end: what was cut off, appended, reordered or mixed with another archive
/// is an error and never other bytes.
///
/// Errors of reads are [`io::Error`]s that hold an [`Error`]; their kind is `InvalidData` where
/// the sealed bytes are wrong.
///
/// *Threads*: reads of any number of threads run side by side. Whole frames are opened right into
/// the caller's buffer without a lock; parts of frames go through a cache with a lock for every
/// two frames. *Limits*: [`OpenOptions::cache_bytes`], and one sealed frame for each thread that
/// reads at the same time.
pub struct SealedSource<S> {
    source: S,
    header: Header,
    geometry: Geometry,
    cipher: FrameCipher,
    cache: Cache,
    /// Buffers for sealed frames, as many as reads ran at once.
    spare: Mutex<Vec<Vec<u8>>>,
}

impl<S: std::fmt::Debug> std::fmt::Debug for SealedSource<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("SealedSource");
        debug.field("source", &self.source).field("header", &self.header);
        debug.field("geometry", &self.geometry).finish_non_exhaustive()
    }
}

impl<S: Source> SealedSource<S> {
    /// Opens the sealed archive that is all of `source`. Reads its header and its last frame.
    ///
    /// # Errors
    /// What [`Header::read`] says; [`Error::Limit`] before any key is derived;
    /// [`Error::SecretKind`] and [`Error::WrongSecret`]; [`Error::Truncated`],
    /// [`Error::Trailing`] or [`Error::End`] for an end that is not right.
    ///
    /// *Limits*: with a password, the time and memory the header asks for, up to
    /// [`OpenOptions::limits`].
    pub fn open(source: S, secret: Secret<'_>, options: &OpenOptions) -> Result<Self> {
        let header = Header::read(&source)?;
        header.admit(&options.limits)?;
        let keys = FileKeys::derive(secret, &header)?;
        if !keys.fits(&header)? {
            return Err(Error::WrongSecret { kind: secret.kind() });
        }
        let cipher = FrameCipher::new(&keys, &header)?;
        let Some(geometry) = Geometry::of_sealed(source.len(), header.frame_bytes())? else {
            return Err(diagnose(&source, &cipher, header.frame_bytes()));
        };
        let cache = Cache::new(options.cache_bytes, header.frame_bytes(), geometry.frames());
        let spare = Mutex::default();
        let opened = Self { source, header, geometry, cipher, cache, spare };
        // The end of a ZIP archive is what is read next, so the frame is opened into the cache.
        match opened.part(geometry.frames() - 1, |_| ()) {
            Err(Error::Frame { .. }) => {
                let frame_bytes = opened.header.frame_bytes();
                Err(diagnose(&opened.source, &opened.cipher, frame_bytes))
            }
            other => other.map(|()| opened),
        }
    }

    /// The header, authenticated.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Lengths, frames and ranges.
    #[must_use]
    pub const fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// The source below.
    #[must_use]
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// Reads from the frame that holds `at`, up to its end; returns how much.
    fn read_in_frame(&self, buf: &mut [u8], at: u64) -> Result<usize> {
        let frame = self.geometry.frame_at(at);
        let held = self.geometry.plain_range(frame);
        // Both below the size of a frame.
        let skip = usize::try_from(at - held.start).unwrap_or(usize::MAX);
        let len = usize::try_from(held.end - at).unwrap_or(usize::MAX).min(buf.len());
        let Some(out) = buf.get_mut(..len) else { return Ok(0) };
        if skip == 0 && held.end - at == len as u64 {
            self.whole(frame, out)?;
            return Ok(len);
        }
        self.part(frame, |plain| {
            let from = plain.get(skip..).unwrap_or(&[]);
            out.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            len.min(from.len())
        })
    }

    /// Opens a whole frame into `out`, which has its length.
    fn whole(&self, frame: u64, out: &mut [u8]) -> Result<()> {
        let sealed = self.geometry.sealed_frame(frame);
        let id = FrameId { number: frame, last: frame + 1 == self.geometry.frames() };
        let right = if let Some(all) = self.source.as_slice() {
            let clamp = |at| usize::try_from(at).unwrap_or(usize::MAX).min(all.len());
            let bytes = all.get(clamp(sealed.start)..clamp(sealed.end)).unwrap_or(&[]);
            self.cipher.open(id, bytes, out)
        } else {
            let mut buffer = self.lock_spare().pop().unwrap_or_default();
            // A frame is at most 16 MiB and 16 bytes.
            buffer.resize(usize::try_from(sealed.end - sealed.start).unwrap_or(0), 0);
            let read = self.source.read_exact_at(&mut buffer, sealed.start);
            let right = read.is_ok() && self.cipher.open(id, &buffer, out);
            self.lock_spare().push(buffer);
            read.map_err(|source| Error::Read { at: sealed.start, source })?;
            right
        };
        if right { Ok(()) } else { Err(Error::Frame { frame, at: sealed.start }) }
    }

    /// Shows the plain bytes of a frame, opened now or before.
    fn part<T>(&self, frame: u64, show: impl FnOnce(&[u8]) -> T) -> Result<T> {
        let open = |plain: &mut Vec<u8>| {
            let held = self.geometry.plain_range(frame);
            plain.resize(usize::try_from(held.end - held.start).unwrap_or(0), 0);
            self.whole(frame, plain)
        };
        self.cache.with(frame, open, show)
    }

    fn lock_spare(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Source> Source for SealedSource<S> {
    /// Of the plain archive.
    fn len(&self) -> u64 {
        self.geometry.plain_len()
    }

    /// Fills the buffer, up to the first frame that is wrong or the end.
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = at.saturating_add(done as u64);
            if at >= self.len() {
                break;
            }
            match self.read_in_frame(rest, at) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if done == 0 => return Err(error.into()),
                // What was opened is right; the next read meets the error.
                Err(_) => break,
            }
        }
        Ok(done)
    }
}
