//! ZIP records as bytes and back.
//!
//! This crate knows every record of APPNOTE 6.3.10, zip64 included, and nothing else: no file, no
//! thread, no clock, no payload. It has no `unsafe`, and no input makes it panic. Readers, writers
//! and encoders are built on it; so can be yours, over any source of bytes.
//!
//! ```text
//! bytes of a file ──> locate::Locator ──> bytes of the directory ──> directory::index::Index
//!                     (says what it wants)                            (walked, checked once)
//!                                                                          │
//! payload span  <──── audit::member(entry, local header) <──── entry::Entry┘
//! ```
//!
//! # Reading
//! [`locate::Locator`] finds the central directory without I/O of its own, [`directory::read`]
//! walks it without allocating, [`directory::index::Index`] validates its layout, and
//! [`audit::member`] compares each local header with the directory before a payload is touched;
//! [`directory::names::NameIndex`] finds entries by name, and names that stand twice. How strict
//! all of this is stands in [`profile::Relax`], what it may cost in [`limits::Limits`].
//!
//! # Writing
//! [`directory::build`] writes the headers of a member and ends the archive; [`size`] knows the
//! length of each record beforehand.
//!
//! # Example
//! An empty archive, written and found again:
//!
//! ```
//! use zip_format::directory::build::Builder;
//! use zip_format::locate::Locator;
//! use zip_format::profile::Relax;
//!
//! let archive = Builder::new().trailer(0, b"nothing in here")?;
//! let mut locator = Locator::new(archive.len() as u64, Relax::STRICT);
//! let located = loop {
//!     let want = locator.want();
//!     let bytes = &archive[want.start as usize..want.end as usize];
//!     if let Some(located) = locator.feed(bytes)? {
//!         break located;
//!     }
//! };
//! assert_eq!(located.claimed_entries, 0);
//! # Ok::<(), zip_format::error::Error>(())
//! ```
//!
//! # Features
//! `std` (default) picks the fastest CRC-32 of the machine at run time; without it the crate is
//! `no_std` with `alloc`. `arbitrary` is for fuzz targets.
#![no_std]

extern crate alloc;

#[cfg(any(feature = "std", test))]
extern crate std;

mod bytes;
mod relax;

pub mod attributes;
pub mod audit;
pub mod central;
pub mod cp437;
pub mod crc32;
pub mod descriptor;
pub mod directory;
pub mod dos_time;
pub mod encryption;
pub mod entry;
pub mod eocd;
pub mod eocd64;
pub mod error;
pub mod extra;
pub mod flags;
pub mod limits;
pub mod local;
pub mod locate;
pub mod method;
pub mod name;
pub mod path;
pub mod position;
pub mod profile;
pub mod signature;
pub mod size;
pub mod time;
pub mod version;
