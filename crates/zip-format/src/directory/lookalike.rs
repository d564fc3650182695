//! Names and comments that readers could take for the end of an archive.
//!
//! A reader searches the last 65,557 bytes for an end record, and the 20 bytes before it for a
//! zip64 locator (APPNOTE 4.3.16, 4.3.15). What stands there may be the bytes of a name. The
//! zip64 records between directory and end record, which are always allowed, put both right: they
//! bring a true locator, and they move the end of the archive away from where another record's
//! comment would end.

use crate::eocd;
use crate::eocd64::LOCATOR_LEN;
use crate::error::{Error, ErrorKind, Record, Result};
use crate::signature;

/// What an end record starts with.
const SIGNATURE: [u8; 4] = signature::EOCD.to_le_bytes();

/// As much of a directory's end as readers search for end records.
pub const SEARCHED_LEN: usize = eocd::FIXED_LEN + u16::MAX as usize;

/// Says whether an archive can have this comment.
///
/// # Errors
/// It is longer than 65,535 bytes, or holds the signature of an end record, which readers that
/// search from the end would find first.
pub fn check_comment(comment: &[u8]) -> Result<()> {
    if comment.len() > usize::from(u16::MAX) {
        let claimed = comment.len() as u64;
        return Err(Error::new(ErrorKind::Length { record: Record::Eocd, claimed }, 0));
    }
    match comment.windows(SIGNATURE.len()).position(|four| four == SIGNATURE) {
        Some(at) => Err(Error::new(ErrorKind::EndInComment, at as u64)),
        None => Ok(()),
    }
}

/// The last name or comment ends in what stands where a zip64 locator would.
pub(super) fn ends_like_locator(directory: &[u8]) -> bool {
    let tail = directory.len().checked_sub(LOCATOR_LEN).and_then(|at| directory.get(at..));
    tail.is_some_and(|tail| tail.starts_with(&signature::EOCD64_LOCATOR.to_le_bytes()))
}

/// Something at the end of the directory, with this trailer behind it, reads like an end record
/// whose comment ends where the archive does. It may go on in the trailer.
pub(super) fn has_other_end(directory: &[u8], trailer: &[u8]) -> bool {
    let searched = directory.len().saturating_sub(SEARCHED_LEN);
    let tail = directory.get(searched..).unwrap_or(directory);
    let byte = |at: usize| match at.checked_sub(tail.len()) {
        Some(behind) => trailer.get(behind).copied(),
        None => tail.get(at).copied(),
    };
    let end = |at: usize| {
        let comment = at + eocd::FIXED_LEN;
        let len = u16::from_le_bytes([byte(comment - 2)?, byte(comment - 1)?]);
        Some(comment + usize::from(len))
    };
    let signatures =
        tail.windows(SIGNATURE.len()).enumerate().filter(|(_, four)| *four == SIGNATURE);
    signatures.map(|(at, _)| at).any(|at| end(at) == Some(tail.len() + trailer.len()))
}
