//! Many inputs at once into one archive, on all cores, in bounded memory.
//!
//! [`ParallelWriter`] takes [`Item`]s (bytes, files, any `Read`, directories, links) and writes
//! them to any [`zip_io::Sink`], in the order given. Its bytes are the same for any number of
//! threads. One failing input does not kill the archive: it is left out and named in the
//! [`Report`].
//!
//! Large members are divided among the threads; inputs that wait for others are read side by side;
//! payloads that are compressed already, and entries of other archives, are taken over as they are
//! ([`Item::compressed`], [`Item::gzip`], [`Item::carried`]). A [`Queue`] takes items while its
//! archive is being written. Items can be encrypted, each with a password of its own
//! ([`Options::encryption`], [`Item::with_encryption`]). Features: `libdeflate` (on), one for each
//! method, `crypto`, and `async`.
//!
//! ```text
//! items ──> pool: read, compress ──> order: wait for the turn ──> assemble: headers, offsets ──> sink
//!           (one coder a worker)     (bounded in bytes)           (one at a time)
//! ```
//!
//! ```no_run
//! use zip_io::file::FileSink;
//! use zip_parallel_writer::{Item, ParallelWriter};
//!
//! let items = (0..1000).map(|n| Item::file(format!("{n}.log"), format!("/var/log/app/{n}.log")));
//! let (_, report) = ParallelWriter::default().write(FileSink::create("logs.zip")?, items)?;
//! for failure in &report.failed {
//!     eprintln!("{}: {}", failure.name, failure.error);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod error;
pub mod form;
pub mod monitor;

pub mod item;
pub mod options;
pub mod report;

mod cipher;

mod threads;

mod budget;
mod carried;
mod events;
mod member;
mod names;
mod read;
mod shelf;

mod desk;
mod feed;
mod gzip;
mod pieces;

mod assemble;
mod copy;

mod order;

mod hall;

mod intake;

mod outlet;

mod large;
mod takeover;

mod work;

mod pool;

pub mod writer;

pub mod queue;

#[cfg(feature = "async")]
pub mod asynchronous;

#[cfg(feature = "async")]
pub use asynchronous::{AsyncInput, AsyncSink, StreamInput};
pub use error::{Error, Result};
pub use form::{Compressed, Form};
pub use item::Item;
#[cfg(feature = "crypto")]
pub use item::Protection;
pub use monitor::{Monitor, Snapshot};
pub use options::{OnFailure, Options, Order};
pub use queue::Queue;
pub use report::{Report, Run, Verdict};
pub use writer::ParallelWriter;
#[cfg(feature = "crypto")]
pub use zip_codec::member::{Encryption, Password};
