//! A lazy walk over the bytes of a central directory. Nothing is allocated.

use crate::central::{CentralHeader, Skimmed};
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::signature;

/// The entries of a directory, in its order.
///
/// The walk ends at the first error, after yielding it: behind a broken header nothing is known.
/// A digital signature behind the last header ends it too.
/// It does not compare the number of entries with the end record's; [`super::index::Index`] does.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
    /// Bytes of the directory.
    len: usize,
    /// Where `rest` ends; the offset of each header follows from its length.
    end: u64,
}

/// Walks the `bytes` of a directory that starts at offset `at` of the archive.
#[must_use]
pub const fn entries(bytes: &[u8], at: u64) -> Entries<'_> {
    Entries { rest: bytes, len: bytes.len(), end: at.saturating_add(bytes.len() as u64) }
}

/// Reads the one entry whose central header starts at the start of `bytes`, at offset `at` of
/// the archive.
///
/// # Errors
/// The header, or its zip64 record, is malformed.
pub fn entry(bytes: &[u8], at: u64) -> Result<Entry<'_>> {
    let place = |error: Error| error.offset(at);
    let (header, _) = CentralHeader::parse(bytes).map_err(place)?;
    Entry::new(header, at).map_err(place)
}

impl Entries<'_> {
    /// Passes the headers that come next as long as they are plain and `takes` them; it is given
    /// the place of each, counted from where the directory starts.
    #[inline(always)]
    pub(super) fn skim(&mut self, mut takes: impl FnMut(u32, Skimmed) -> bool) {
        let all = self.len;
        let mut rest = self.rest;
        while let Some(header) = CentralHeader::skim(rest) {
            // No more than `u32::MAX`, or the index would not have been begun.
            if !takes((all - rest.len()) as u32, header) {
                break;
            }
            rest = rest.get(header.len..).unwrap_or(&[]);
        }
        self.rest = rest;
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>>;

    // The walk is the whole cost of listing: inlined, the compiler drops what a caller does not
    // look at.
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let at = self.end.saturating_sub(self.rest.len() as u64);
        let step = CentralHeader::parse(self.rest)
            .and_then(|(header, rest)| Ok((Entry::new(header, at)?, rest)));
        Some(match step {
            Ok((entry, rest)) => {
                self.rest = rest;
                Ok(entry)
            }
            Err(error) => {
                let rest = core::mem::take(&mut self.rest);
                if is_digital_signature(rest) {
                    return None;
                }
                Err(error.offset(at))
            }
        })
    }
}

/// The rest of a directory is the record that signs it, APPNOTE 4.3.13: signature u32, length u16,
/// data. PKZIP for Windows and SecureZIP write it; what it proves nobody can look up any more.
#[cold]
fn is_digital_signature(rest: &[u8]) -> bool {
    let Some((head, data)) = rest.split_first_chunk::<6>() else { return false };
    let [_, _, _, _, low, high] = *head;
    head.starts_with(&signature::DIGITAL_SIGNATURE.to_le_bytes())
        && data.len() == usize::from(u16::from_le_bytes([low, high]))
}
