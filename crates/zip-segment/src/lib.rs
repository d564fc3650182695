//! One ZIP archive over several volumes, both ways.
//!
//! A [`SegmentedSink`] lies below every writer, and a [`SegmentedSource`] below every reader;
//! neither knows more than that a record must not be parted, and where positions are.
//!
//! ```text
//! writer ──> SegmentedSink ──> Volumes: files, memory, a function that takes each as it is complete
//! reader <── SegmentedSource <── volumes: files found from any of them, or any sources
//! rewrite:   Source ──> the same members at other positions ──> Sink      (split, join, split anew)
//! ```
//!
//! Two kinds of volumes are in use, see [`Kind`]: those of APPNOTE 8 (`a.z01`, `a.z02`, `a.zip`),
//! and plain archives that were cut (`a.zip.001`, `a.zip.002`).
//!
//! ```
//! use zip_mmap_reader::{Archive, Options};
//! use zip_parallel_writer::{Item, ParallelWriter};
//! use zip_segment::volume::MemoryVolumes;
//! use zip_segment::{Kind, Policy, SegmentedSink, SegmentedSource};
//!
//! let policy = Policy::new(Kind::Split, 64 << 10)?;
//! let sink = SegmentedSink::new(MemoryVolumes::new(), policy)?;
//! let items = (0..100_u32).map(|n| Item::bytes(format!("{n}.bin"), n.to_le_bytes().repeat(1000)));
//! let options = zip_parallel_writer::Options { level: 0.try_into()?, ..Default::default() };
//! let (sink, _) = ParallelWriter::new(options).write(sink, items)?;
//! let volumes = sink.into_volumes().into_volumes().expect("the archive is finished");
//! assert_eq!(volumes.len(), 7);
//!
//! let archive = Archive::new(SegmentedSource::new(volumes)?, Options::default())?;
//! assert_eq!(archive.by_name("99.bin")?.read()?, 99_u32.to_le_bytes().repeat(1000));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With a promised total size, number and sizes of the volumes are known before a byte is written:
//! of raw cuts by [`Policy::sizes_of`], of an archive that is only to be split by
//! [`rewrite::volume_sizes`], and of a stream by its plan, whose split volumes
//! (`finish_in_volumes` of `zip-stream-encoder`) can each be made alone as well.
//!
//! This crate knows no payloads: whether contents are right is said by a reader, above.

pub mod error;
pub mod name;
pub mod policy;
pub mod volume;

mod open;
pub mod sink;
pub mod source;

#[cfg(feature = "async")]
pub mod asynchronous;
pub mod check;
pub mod files;
pub mod rewrite;

pub use error::{Error, Result};
pub use policy::{Kind, Policy};
pub use sink::SegmentedSink;
pub use source::SegmentedSource;
pub use volume::Volumes;
