//! Payload bytes to payload bytes: the compression methods of ZIP, and the member pipelines made
//! of them.
//!
//! ```text
//! encode   contents -> CRC-32 -> coder [-> sealer] -> payload
//! decode   payload  [-> opener] -> coder -> size, CRC-32, exact end -> contents
//! ```
//!
//! Below is `zip-format` (method numbers, CRC-32, limits); above are the readers and writers,
//! which all use [`member`] so that one order of steps and one set of checks holds for all of
//! them. This crate knows no header, no file and no thread: a [`member::Scratch`] belongs to the
//! thread that drives, and everything is pushed slices or called with whole buffers.
//!
//! `Ok` at the end of a member means: size exact, CRC-32 exact, payload used up exactly.
//!
//! ```
//! # #[cfg(any(feature = "zlib-rs", feature = "miniz_oxide"))] {
//! use zip_codec::level::Level;
//! use zip_codec::member::{DecodeSpec, Scratch, decode, encode};
//! use zip_format::limits::Limits;
//! use zip_format::method::Method;
//!
//! let contents = b"to be or not to be, that is the question: to be or not to be";
//! let (mut scratch, mut payload) = (Scratch::new(), Vec::new());
//! let facts =
//!     encode::encode_all(&mut scratch, Method::DEFLATE, Level::DEFAULT, contents, &mut payload)?;
//! assert!(facts.compressed_size < facts.size);
//!
//! let mut back = vec![0; contents.len()];
//! let spec = DecodeSpec::from(facts);
//! decode::decode_into(&mut scratch, &spec, &Limits::default(), &payload, &mut back)?;
//! assert_eq!(back, contents);
//! # }
//! # Ok::<(), zip_codec::error::Error>(())
//! ```
//!
//! Features: `libdeflate` and `zlib-rs` (both on) and `miniz_oxide` are back ends of deflate, of
//! which [`deflate`] picks the best that is there. Without any of them method 8 is
//! [`error::Error::NotBuiltIn`], except for writing its stored blocks. `deflate64`, `bzip2`,
//! `lzma`, `xz`, `zstd` and `ppmd` bring one method each, `crypto` brings encrypted members.

pub mod error;
pub mod level;
pub mod step;

pub mod coder;
#[cfg(any(feature = "lzma", feature = "ppmd"))]
mod spill;

#[cfg(feature = "bzip2")]
pub mod bzip2;
pub mod deflate;
#[cfg(feature = "deflate64")]
pub mod deflate64;
pub mod deflate_stored;
#[cfg(feature = "lzma")]
pub mod lzma;
#[cfg(feature = "ppmd")]
pub mod ppmd;
pub mod store;
#[cfg(feature = "xz")]
pub mod xz;
#[cfg(feature = "zstd")]
pub mod zstd;

pub mod guard;
pub mod registry;

pub mod member;

pub mod chunk;

pub use error::{Error, Result};
pub use level::Level;
pub use step::{Step, Want};
