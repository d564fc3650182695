//! Sealed archives: a whole archive, names included, encrypted and authenticated as frames.
//!
//! Nothing of the archive can be seen or changed without the key; only its length can be seen.
//! The bytes are specified in `docs/sealed-format.md`: a header of 80 bytes, then frames of 64 KiB
//! of plain bytes and 16 bytes of authentication each. What comes in and goes out need not be a
//! ZIP archive.
//!
//! | take | for |
//! |---|---|
//! | [`SealedSink`] | writing: a [`Sink`](zip_io::Sink) above any sink |
//! | [`SealedSource`] | reading at random, from many threads: a [`Source`](zip_io::Source) above any source |
//! | [`Sealer`] | frames by hand, on threads of the caller's |
//! | [`Geometry`] | lengths and byte ranges, before anything is written |
//!
//! ```
//! use zip_crypto::sealed::{RawKey, SealedSink, SealedSource, Sealer, Secret};
//! use zip_io::{Sink, Source};
//!
//! let key = RawKey::generate()?;
//! let sealer = Sealer::new(Secret::Key(&key), &Default::default())?;
//! let mut sink = SealedSink::new(Vec::new(), sealer);
//! sink.write_all(b"any archive")?;
//! sink.finish()?;
//! let sealed = sink.into_inner();
//!
//! let source = SealedSource::open(sealed, Secret::Key(&key), &Default::default())?;
//! let mut plain = [0; 7];
//! source.read_exact_at(&mut plain, 4)?;
//! assert_eq!(&plain, b"archive");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *Threads*: none is started here. Frames are independent, so reading scales with the threads
//! that read, and a sink seals on the pool that [`SealedSink::with_spawner`] was given, and gathers meanwhile.
//!
//! *Secrets*: keys are cleared from memory when they are dropped, and nothing here shows them.

mod ahead;
mod cache;
mod cipher;
mod derive;
mod diagnose;
mod error;
mod geometry;
mod header;
mod ivs;
mod sealer;
mod secret;
mod sink;
mod source;

#[cfg(test)]
mod vectors;

pub use ahead::PieceJob;
pub use error::{Error, Result};
pub use geometry::{
    Geometry, HEADER_LEN, MAX_FRAME_BYTES, MAX_PLAIN_BYTES, MIN_FRAME_BYTES, TAG_LEN,
};
pub use header::{Argon2, Derivation, Header, Limits};
pub use sealer::{FrameJob, Frames, SealOptions, Sealer};
pub use secret::{RawKey, Secret};
pub use sink::{Inline, SealedSink, Spawn};
pub use source::{OpenOptions, SealedSource};
