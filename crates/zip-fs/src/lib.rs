//! ZIP entries to files in a directory tree, and back.
//!
//! In: an open [`Archive`](zip_mmap_reader::Archive) and a directory, or paths on disk. Out: files,
//! or [`Item`](zip_parallel_writer::Item)s for the writer. Below: the reader and the writer. Above:
//! the command line.
//!
//! ```text
//! archive -> names -> plan -> records checked -> directories, files | links | modes and times
//!            nothing is written before this ^
//! paths   -> walk  -> items, failures
//! ```
//!
//! **Extraction** touches nothing outside of its destination, whatever the archive says and whoever
//! swaps directories for links meanwhile: below the destination's handle every step is one
//! component, relative to a handle, and never through a link. Names that lead elsewhere, names that
//! mean one place twice, links that leave and files that are none are refused, and by default one
//! refusal refuses the whole archive before the first byte is written. Files that were there stay
//! as they are unless a [`Policy`] says otherwise.
//!
//! ```
//! use zip_fs::{Policy, extract};
//! use zip_mmap_reader::{Archive, Options, Parallel};
//! # use zip_testkit::lay::{LaidEntry, Lay};
//! # let bytes = Lay::of([LaidEntry::stored("notes/today.txt", "remember")]).build();
//! # let directory = tempfile::tempdir()?;
//! # let destination = directory.path().join("out");
//! let archive = Archive::new(bytes, Options::default())?;
//! let all: Vec<usize> = (0..archive.len()).collect();
//! let report = extract(&archive, &all, &destination, &Policy::default(), Parallel::default())?;
//! assert_eq!((report.written, report.failed), (1, 0));
//! assert_eq!(std::fs::read(destination.join("notes/today.txt"))?, b"remember");
//!
//! let collected = zip_fs::collect(&[destination], &zip_fs::CollectOptions::default());
//! assert!(collected.items.last().is_some_and(|item| item.name.ends_with(b"notes/today.txt")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Features: `extract` and `collect`, both on by default.

pub mod error;
pub mod policy;

#[cfg(feature = "extract")]
mod beneath;
#[cfg(feature = "extract")]
mod fold;
#[cfg(feature = "extract")]
mod metadata;

#[cfg(feature = "collect")]
pub mod collect;
#[cfg(feature = "extract")]
pub mod extract;

#[cfg(feature = "collect")]
pub use collect::{CollectOptions, Collected, Patterns, collect};
pub use error::{Error, Result};
#[cfg(feature = "extract")]
pub use extract::{Outcome, Report, extract};
pub use policy::Policy;
