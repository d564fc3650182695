//! Archives to seal, and sources that behave differently.

use std::io;

use zip_crypto::sealed::{
    Error, OpenOptions, RawKey, SealOptions, SealedSink, SealedSource, Sealer, Secret,
};
use zip_io::{Sink, Source};

pub(crate) fn key() -> RawKey {
    RawKey::new(&[0x42; 32])
}

pub(crate) fn options(frame_bytes: u32) -> SealOptions {
    SealOptions { frame_bytes, ..SealOptions::default() }
}

/// Sealed with [`key`].
pub(crate) fn seal(plain: &[u8], frame_bytes: u32) -> Vec<u8> {
    let sealer = Sealer::new(Secret::Key(&key()), &options(frame_bytes)).unwrap();
    let mut sink = SealedSink::new(Vec::new(), sealer);
    sink.write_all(plain).unwrap();
    sink.finish().unwrap();
    sink.into_inner()
}

pub(crate) fn open<S: Source>(source: S) -> Result<SealedSource<S>, Error> {
    SealedSource::open(source, Secret::Key(&key()), &OpenOptions::default())
}

/// All plain bytes.
pub(crate) fn read_all<S: Source>(source: &S) -> io::Result<Vec<u8>> {
    let mut plain = vec![0; usize::try_from(source.len()).unwrap()];
    source.read_exact_at(&mut plain, 0)?;
    Ok(plain)
}

/// Bytes read by position only, at most so many at once.
pub(crate) struct Positioned<'b>(pub(crate) &'b [u8], pub(crate) usize);

impl Source for Positioned<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let len = buf.len().min(self.1);
        Source::read_at(self.0, buf.get_mut(..len).unwrap_or(&mut []), at)
    }
}

/// Bytes that differ from place to place.
pub(crate) fn plain_of(len: usize) -> Vec<u8> {
    zip_testkit::data::noise(len, 7)
}

/// The error that a source has put into an [`io::Error`].
pub(crate) fn inner(error: &io::Error) -> &Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.expect("an error of a sealed archive")
}
