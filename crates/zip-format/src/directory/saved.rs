//! The index of names as bytes, so that another process need not make it again.
//!
//! The layout itself is not saved: it is checked in one walk over the directory, which is as fast
//! as reading it from elsewhere would be. Nothing that is loaded is believed: every slot is held
//! against its entry, so an index of another archive, or a forged one, is an error and never
//! another answer.
//!
//! *Shape*, little-endian: magic and version, CRC-32 of the directory u32, slots u64 each.

use alloc::vec::Vec;

use super::names::{NameIndex, Named};
use crate::bytes::{Cursor, put_u32, put_u64};
use crate::crc32::crc32;
use crate::error::{Error, ErrorKind, Result};

/// Magic and version. Another version is another format: indexes are made again, not converted.
const MAGIC: [u8; 8] = *b"PZIPIDX\x01";

/// Writes an index of names.
///
/// *Limits*: 8 bytes an entry, and 12.
#[must_use]
pub fn save(names: &NameIndex, of: Named<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(MAGIC.len() + 4 + 8 * names.slots().len());
    out.extend_from_slice(&MAGIC);
    put_u32(&mut out, crc32(of.bytes));
    for &slot in names.slots() {
        put_u64(&mut out, slot);
    }
    out
}

/// Reads what [`save`] wrote, and proves that it is the index of this directory.
///
/// *Limits*: 8 bytes an entry. Takes one walk and no sort.
///
/// # Errors
/// [`ErrorKind::SavedIndex`], with the reason.
pub fn load(bytes: &[u8], of: Named<'_>) -> Result<NameIndex> {
    let misfit = |why| Error::new(ErrorKind::SavedIndex(why), 0);
    let rest = bytes.strip_prefix(&MAGIC);
    let mut rest = Cursor(rest.ok_or_else(|| misfit("it is none, or of another version"))?);
    let sum = rest.u32().ok_or_else(|| misfit("it is cut off"))?;
    if sum != crc32(of.bytes) {
        return Err(misfit("the archive has another directory by now"));
    }
    let (slots, odd) = rest.0.as_chunks();
    if slots.len() != of.index.len() || !odd.is_empty() {
        return Err(misfit("it has another number of entries"));
    }
    let slots = slots.iter().map(|&slot| u64::from_le_bytes(slot)).collect();
    NameIndex::proven(slots, of).ok_or_else(|| misfit("it says what the archive does not"))
}
