//! Where the bytes of archives come from and go to.
//!
//! Three contracts, and their implementations over what std has:
//!
//! | contract | for | over |
//! |---|---|---|
//! | [`Source`] | a finished archive, read by position from many threads | slices, vectors, shared bytes, [`file::FileSource`] |
//! | [`Sink`] | an archive being written, forward only | `Vec<u8>`, [`file::FileSink`], [`write::WriteSink`] |
//! | [`Input`] | one item to be added, opened when its turn comes | [`memory::BytesInput`], [`file::FileInput`], [`input::ReadInput`], [`input::LazyInput`] |
//!
//! Readers and writers know these contracts only: a split or an encrypted archive is one more
//! [`Source`] or [`Sink`]. [`CancelToken`] and [`Observer`] go with them.
//!
//! ```
//! use zip_io::Source;
//! let archive: &[u8] = b"PK\x05\x06";
//! let mut two = [0; 2];
//! archive.read_exact_at(&mut two, 2)?;
//! assert_eq!(two, [5, 6]);
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod cancel;
pub mod input;
pub mod progress;
pub mod sink;
pub mod source;

mod destination;
pub mod file;
pub mod memory;
pub mod pending;
pub mod polled;
pub mod spool;
pub mod write;

pub use cancel::CancelToken;
pub use input::Input;
pub use progress::Observer;
pub use sink::Sink;
pub use source::Source;
