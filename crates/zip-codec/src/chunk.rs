//! One large member as pieces that are compressed apart and join into one deflate stream.
//!
//! Every piece but the last ends on a byte boundary with an empty stored block (what zlib calls a
//! sync flush), so their bytes only need to be put behind each other; the checksums of their
//! contents are combined. Nothing in a piece points back before its start: pieces need no order to
//! be made in, and one day none to be decoded in. That costs 0.2 to 0.4 % of size at 1 MiB.
//!
//! The cuts lie where the contents say, every [`PIECE_BYTES`], so the stream is the same for any
//! number of threads. This module starts none: it is called by whoever has them.
//!
//! ```
//! # #[cfg(any(feature = "zlib-rs", feature = "miniz_oxide"))] {
//! use zip_codec::chunk::{Joined, PIECE_BYTES, encode_piece};
//! use zip_codec::level::Level;
//! use zip_codec::member::Scratch;
//!
//! let contents = vec![b'x'; 3 * PIECE_BYTES / 2];
//! let (mut scratch, mut piece, mut payload) = (Scratch::new(), Vec::new(), Vec::new());
//! let mut joined = Joined::default();
//! for part in contents.chunks(PIECE_BYTES) {
//!     let last = part.len() < PIECE_BYTES;
//!     let crc = encode_piece(&mut scratch, Level::DEFAULT, part, last, &mut piece)?;
//!     joined.add(&crc, part.len() as u64, piece.len() as u64);
//!     payload.extend_from_slice(&piece);
//! }
//! assert_eq!(joined.facts().size, contents.len() as u64);
//! # }
//! # Ok::<(), zip_codec::error::Error>(())
//! ```

use zip_format::crc32::Crc32;
use zip_format::method::Method;

use crate::coder::Encode;
use crate::deflate_stored;
use crate::error::Result;
use crate::level::Level;
use crate::member::encode::shrinks;
use crate::member::{Facts, Scratch};

/// Contents of every piece but the last.
pub const PIECE_BYTES: usize = 1 << 20;

/// True for methods whose members can be made of pieces: deflate, above level 0.
#[must_use]
pub fn is_divisible(method: Method, level: Level) -> bool {
    method == Method::DEFLATE && level != Level::NONE
}

/// Most bytes of the piece for `n` bytes of contents: those of stored blocks, five more for each
/// 65,535.
#[must_use]
pub const fn piece_bound(n: usize) -> u64 {
    deflate_stored::exact_len(n as u64)
}

/// Compresses one piece; `output` is cleared and filled with it. Returns the checksum of `input`.
///
/// The last piece is the one that closes the stream; it may be empty, the others may not.
/// What does not get smaller becomes stored blocks ([`piece_bound`]).
///
/// # Errors
/// [`Error::NotBuiltIn`](crate::Error::NotBuiltIn), [`Error::BackEnd`](crate::Error::BackEnd).
pub fn encode_piece(
    scratch: &mut Scratch,
    level: Level,
    input: &[u8],
    last: bool,
    output: &mut Vec<u8>,
) -> Result<Crc32> {
    let mut crc = Crc32::new();
    crc.update(input);
    output.clear();
    // A piece fits into memory, and the blocks around it are few.
    output.resize(piece_bound(input.len()) as usize, 0);
    let made = match shrinks(scratch, Method::DEFLATE, input, output) {
        Ok(true) => {
            let mut coder = scratch.take_encoder(Method::DEFLATE, level)?;
            let made = encode_as(&mut *coder, input, last, output);
            scratch.keep_encoder(Method::DEFLATE, level, coder);
            made?
        }
        Ok(false) => None,
        Err(error) => return Err(error),
    };
    let made = match made {
        Some(length) => Some(length),
        None => encode_as(&mut deflate_stored::Encoder::default(), input, last, output)?,
    };
    // Stored blocks fit: the buffer was made for them.
    output.truncate(made.unwrap_or(0));
    Ok(crc)
}

fn encode_as(
    coder: &mut dyn Encode,
    input: &[u8],
    last: bool,
    output: &mut [u8],
) -> Result<Option<usize>> {
    if last { coder.encode_all(input, output) } else { coder.encode_piece(input, output) }
}

/// The member that pieces joined in their order make.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    crc: Crc32,
    size: u64,
    compressed_size: u64,
}

impl Joined {
    /// Takes the next piece in: the checksum of its contents, their size, and its own.
    pub fn add(&mut self, crc: &Crc32, size: u64, compressed_size: u64) {
        self.crc.combine(crc);
        self.size = self.size.saturating_add(size);
        self.compressed_size = self.compressed_size.saturating_add(compressed_size);
    }

    /// What the member weighs so far.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts {
            method: Method::DEFLATE,
            crc32: self.crc.value(),
            size: self.size,
            compressed_size: self.compressed_size,
        }
    }
}
