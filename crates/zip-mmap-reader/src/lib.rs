//! Thread-safe random access to finished ZIP archives.
//!
//! An [`Archive`] sits on any [`zip_io::Source`]: a file read by position ([`Archive::open`], the
//! safe default), a memory map (`Archive::map`, `unsafe` and said why), bytes in memory, or
//! whatever implements the trait. All methods take `&self`; any number of threads may use one
//! archive, and [`Archive::visit`] runs them for you.
//!
//! Contents are given out checked: the local header agrees with the directory, the member ends
//! where the next one starts, size and CRC-32 are exact. There is no way around that.
//! [`Archive::audit`] tells everything that is unusual about an archive without decoding it.
//!
//! ```
//! use zip_mmap_reader::{Archive, Options, Parallel};
//! # let mut bytes = Vec::new();
//! # use zip_format::{attributes::{Attributes, Kind}, directory::build::*, method::Method};
//! # let meta = Meta { name: b"hello.txt", comment: b"", modified: None,
//! #     attributes: Attributes::unix(Kind::File, 0o644), owner: None };
//! # let payload = Payload { method: Method::STORED, crc32: zip_format::crc32::crc32(b"hello"),
//! #     compressed_size: 5, size: 5 };
//! # write_local(&meta, &payload, &mut bytes).unwrap();
//! # bytes.extend(b"hello");
//! # let mut builder = Builder::new();
//! # builder.push(&meta, &payload, Default::default()).unwrap();
//! # let trailer = builder.trailer(bytes.len() as u64, b"").unwrap();
//! # bytes.extend(builder.directory());
//! # bytes.extend(trailer);
//! let archive = Archive::new(bytes, Options::default())?;
//! assert_eq!(archive.by_name("hello.txt")?.read()?, b"hello");
//!
//! // All entries on all cores; results by number, each with its own outcome.
//! let all: Vec<usize> = (0..archive.len()).collect();
//! for result in archive.visit(&all, Parallel::default(), |visit| Ok(visit.contents()?.len())) {
//!     assert_eq!(result?, 5);
//! }
//! # Ok::<(), zip_mmap_reader::Error>(())
//! ```

pub mod error;
pub mod passwords;

pub mod options;

mod member;
mod piece;
mod pieces;

mod in_place;
mod job;
mod open;
mod opened;
mod stream;

pub mod read;

pub mod entry;

pub mod archive;

pub mod glob;
#[cfg(feature = "mmap")]
pub mod map;
mod plan;

#[cfg(feature = "crypto")]
mod keys;

pub mod visit;

mod serial;

pub mod stored;

pub mod parallel;

#[cfg(feature = "async")]
pub mod asynchronous;

pub mod check;

pub use archive::Archive;
#[cfg(feature = "async")]
pub use asynchronous::AsyncArchive;
pub use check::{Audit, Finding};
pub use entry::EntryRef;
pub use error::{Error, Result};
pub use glob::Glob;
pub use member::Scratch;
pub use options::{DosZone, NameCharset, Options, Parallel};
pub use passwords::Passwords;
pub use piece::Piece;
pub use stored::StoredReader;
pub use visit::Visit;
#[cfg(feature = "crypto")]
pub use zip_codec::member::Password;
