//! ZIP archives, read and written in parallel.
//!
//! This crate re-exports the crates of the family as modules and adds nothing:
//!
//! | module | crate | feature | what it does |
//! |---|---|---|---|
//! | [`mod@format`] | `zip-format` | always | records as bytes and back, without I/O |
//! | [`io`] | `zip-io` | always | where bytes come from and go to |
//! | [`codec`] | `zip-codec` | always | compression methods, members |
//! | `crypto` | `zip-crypto` | `crypto`, `sealed` | passwords and ciphers, with `crypto` in `reader`, `writer` and `stream` too; whole archives, encrypted |
//! | `reader` | `zip-mmap-reader` | `mmap-reader` | random access, in parallel |
//! | `writer` | `zip-parallel-writer` | `parallel-writer` | many inputs into one archive |
//! | `segment` | `zip-segment` | `segment` | archives over several volumes |
//! | `stream` | `zip-stream-encoder` | `stream-encoder` | an archive as a stream of known size |
//! | `http` | `zip-http` | `http` | such an archive as an HTTP response |
//! | `fs` | `zip-fs` | `fs` | directory trees, safely |
//!
//! ```
//! # #[cfg(all(feature = "mmap-reader", feature = "parallel-writer"))]
//! # {
//! use pzip::reader::{Archive, Options};
//! use pzip::writer::{Item, ParallelWriter};
//!
//! let items = [Item::bytes("hello.txt", "hello"), Item::directory("empty")];
//! let (bytes, report) = ParallelWriter::default().write(Vec::new(), items)?;
//! assert!(report.is_complete());
//!
//! let archive = Archive::new(bytes, Options::default())?;
//! assert_eq!(archive.by_name("hello.txt")?.read()?, b"hello");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use zip_codec as codec;
#[cfg(any(feature = "crypto", feature = "sealed"))]
pub use zip_crypto as crypto;
pub use zip_format as format;
#[cfg(feature = "fs")]
pub use zip_fs as fs;
#[cfg(feature = "http")]
pub use zip_http as http;
pub use zip_io as io;
#[cfg(feature = "mmap-reader")]
pub use zip_mmap_reader as reader;
#[cfg(feature = "parallel-writer")]
pub use zip_parallel_writer as writer;
#[cfg(feature = "stream-encoder")]
pub use zip_stream_encoder as stream;

#[cfg(feature = "segment")]
pub use zip_segment as segment;

/// The README's examples, run as tests.
#[cfg(all(doctest, feature = "full"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
