//! A ZIP archive as a stream whose exact size is known before the first byte.
//!
//! Entries are described first: name, times, mode, and what is known of their contents. The
//! [`Plan`] made of them knows the length of the archive and the place of every record, in 80
//! bytes an entry, and opens nothing. Any byte range of the archive can then be streamed, by
//! anybody who has the plan, as often as needed, and always the same bytes:
//!
//! ```text
//! entries ──> Plan ──> Machine ──> Encoder: Iterator, Read, into a Sink
//!             size,    sans-io,    AsyncEncoder: Stream of Bytes (feature `async`)
//!             places   any range
//! ```
//!
//! Sources are opened when their turn comes, one at a time, at the byte that is needed. A source
//! that turns out shorter, longer or other than promised ends the stream with an error that names
//! it, before the directory; what was given out until then opens in no reader.
//!
//! ```
//! use std::io::Read;
//! use std::sync::Arc;
//! use bytes::Bytes;
//! use zip_stream_encoder::{Contents, Encoder, Entry, Plan};
//!
//! let contents = vec![Bytes::from_static(b"hello"), Bytes::new()];
//! let mut plan = Plan::builder();
//! plan.push(&Entry::file(b"greeting.txt", Contents::of(b"hello")))?;
//! plan.push(&Entry::directory(b"empty/"))?;
//! let plan = Arc::new(plan.finish());
//!
//! println!("Content-Length: {}", plan.len());
//! let mut archive = Vec::new();
//! Encoder::new(Arc::clone(&plan), contents).into_reader().read_to_end(&mut archive)?;
//! assert_eq!(archive.len() as u64, plan.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Below are `zip-format` (records and their lengths), `zip-io` and `zip-codec` (stored blocks of
//! deflate); above is `zip-http`, which answers requests with it.

pub mod error;

pub mod entry;
pub mod runs;

pub mod cache;
mod seal;

pub mod plan;

pub mod machine;

pub mod content;
mod copy;
mod gather;
pub mod gzip;

mod drive;
mod out;
mod push;
pub mod read;

pub mod encoder;

pub mod ahead;
pub mod open_ended;

#[cfg(feature = "async")]
pub mod stream;

pub use cache::{CrcCache, MemoryCache};
pub use content::{Contained, Content, Opened};
pub use encoder::Encoder;
pub use entry::{Contents, Entry, Wrap};
pub use error::{Error, Result};
pub use machine::Machine;
pub use plan::Plan;
#[cfg(feature = "async")]
pub use stream::AsyncEncoder;
