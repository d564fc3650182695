//! Names, comments and numbers that readers could take for the end of an archive.
//!
//! A reader searches the last 65,557 bytes for an end record, and the 20 bytes before it for a
//! zip64 locator (APPNOTE 4.3.16, 4.3.15). What stands there may be the bytes of a name. The
//! zip64 records between directory and end record, which are always allowed, bring a true locator,
//! and move the end of the archive away from where another record's comment would end. So the
//! trailer has the first form in which the strict search finds nothing but its own end record.

use alloc::vec::Vec;

use crate::eocd::{self, Eocd};
use crate::eocd64::LOCATOR_LEN;
use crate::error::{Error, ErrorKind, Record, Result};
use crate::locate::candidates::choose;
use crate::profile::Relax;
use crate::signature;

/// As much of a directory's end as readers search for end records.
pub const SEARCHED_LEN: usize = eocd::FIXED_LEN + u16::MAX as usize;

/// Says whether an archive can have this comment.
///
/// # Errors
/// It is longer than 65,535 bytes; or it holds the signature of an end record, or completes one
/// that its length begins, which readers that search from the end would find first.
pub fn check_comment(comment: &[u8]) -> Result<()> {
    let Ok(len) = u16::try_from(comment.len()) else {
        let claimed = comment.len() as u64;
        return Err(Error::new(ErrorKind::Length { record: Record::Eocd, claimed }, 0));
    };
    let begins = [len.to_le_bytes().as_slice(), comment.get(..3).unwrap_or(comment)].concat();
    if holds_end(&begins) || holds_end(comment) {
        return Err(Error::new(ErrorKind::EndInComment, 0));
    }
    Ok(())
}

/// The signature of an end record is in there.
#[must_use]
pub fn holds_end(text: &[u8]) -> bool {
    let signature = signature::EOCD.to_le_bytes();
    text.windows(signature.len()).any(|four| four == signature)
}

/// Whether readers that search strictly find the end record of this trailer, which ends with a
/// comment of so many bytes, and no other record, in it or in the directory before it.
pub(super) fn is_told_apart(directory: &[u8], trailer: &[u8], comment: usize) -> bool {
    let searched = directory.len().saturating_sub(SEARCHED_LEN);
    let tail = directory.get(searched..).unwrap_or(directory);
    let bytes: Vec<u8> = [tail, trailer].concat();
    let Some(own) = bytes.len().checked_sub(eocd::FIXED_LEN + comment) else { return false };
    // Without zip64 records, nothing there may read like their locator.
    let before = own.checked_sub(LOCATOR_LEN).and_then(|at| bytes.get(at..own));
    let locator = signature::EOCD64_LOCATOR.to_le_bytes();
    let is_classic = own == tail.len();
    let has_false_locator = is_classic && before.is_some_and(|bytes| bytes.starts_with(&locator));
    let is_own = |_: &Eocd<'_>, at| at == own as u64;
    !has_false_locator && choose(&bytes, 0, Relax::STRICT, &mut Relax::empty(), is_own) == Ok(own)
}
