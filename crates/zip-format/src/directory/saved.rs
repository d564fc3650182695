//! An index as bytes, so that another process need not make it again.
//!
//! Loading trusts nothing it can check: the bytes carry a CRC-32 of their own and one of the
//! directory they were made of, and all numbers are bounded by that directory. What it cannot
//! check is that members do not overlap, which was checked when the index was made; so a saved
//! index is as trustworthy as its maker. A forged one leads to other entries or to errors, never
//! out of the archive.
//!
//! *Shape*, little-endian: magic and version; lengths, offsets and flags of the archive; number of
//! entries; offset of each central header u32; number of each entry in archive order u32, unless
//! that is directory order; slots of the name index u64, if it was made; CRC-32 of all that.

use alloc::vec::Vec;

use super::index::{Index, Parts};
use super::names::NameIndex;
use crate::bytes::{Cursor, put_u32, put_u64};
use crate::crc32::crc32;
use crate::error::{Error, ErrorKind, Result};
use crate::locate::Located;
use crate::position::Span;
use crate::profile::Relax;

/// Magic and version. Another version is another format: indexes are made again, not converted.
const MAGIC: [u8; 8] = *b"PZIPIDX\x01";

const ZIP64: u32 = 1;
const ORDER: u32 = 1 << 1;
const NAMES: u32 = 1 << 2;

/// Writes an index, and names if they were indexed without a charset of the caller's.
///
/// `archive_len` is the length of the archive, `directory` the bytes the index was made of.
///
/// *Limits*: 4 bytes an entry, 4 more where archive order is another, 8 more with names.
#[must_use]
pub fn save(
    archive_len: u64,
    located: &Located,
    directory: &[u8],
    index: &Index,
    names: Option<&NameIndex>,
) -> Vec<u8> {
    let Parts { headers, order, first, needs } = index.parts();
    let flag = |set: bool, flag: u32| if set { flag } else { 0 };
    let mut out = Vec::from(MAGIC);
    let spans = [located.directory, located.comment].map(|span| [span.start, span.end]);
    put_u64(&mut out, archive_len);
    for value in spans.into_iter().flatten() {
        put_u64(&mut out, value);
    }
    for value in [located.base, located.claimed_entries, located.eocd_at, first] {
        put_u64(&mut out, value);
    }
    put_u32(&mut out, located.needs.bits());
    put_u32(&mut out, needs.bits());
    put_u32(&mut out, crc32(directory));
    let parts = flag(order.is_some(), ORDER) | flag(names.is_some(), NAMES);
    put_u32(&mut out, flag(located.zip64, ZIP64) | parts);
    put_u64(&mut out, headers.len() as u64);
    for &value in headers.iter().chain(order.unwrap_or(&[])) {
        put_u32(&mut out, value);
    }
    for &slot in names.map_or(&[][..], NameIndex::slots) {
        put_u64(&mut out, slot);
    }
    let sum = crc32(&out);
    put_u32(&mut out, sum);
    out
}

/// A saved index, read but not yet held against its directory.
#[derive(Clone, Debug)]
pub struct SavedIndex {
    /// Length of the archive it belongs to.
    pub archive_len: u64,
    /// Where its directory is.
    pub located: Located,
    directory_crc32: u32,
    index: Index,
    names: Option<NameIndex>,
}

impl SavedIndex {
    /// Reads what [`save`] wrote.
    ///
    /// # Errors
    /// [`ErrorKind::SavedIndex`]: cut off, damaged, or of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let body = bytes.split_last_chunk::<4>();
        let (body, sum) = body.ok_or_else(|| misfit("it is cut off"))?;
        let rest = body.strip_prefix(&MAGIC);
        let rest = rest.ok_or_else(|| misfit("it is none, or of another version"))?;
        if crc32(body) != u32::from_le_bytes(*sum) {
            return Err(misfit("its checksum is wrong"));
        }
        Self::parse_body(Cursor(rest)).ok_or_else(|| misfit("its numbers contradict each other"))
    }

    fn parse_body(mut from: Cursor<'_>) -> Option<Self> {
        let archive_len = from.u64()?;
        let mut span = |within: u64| {
            let span = Span { start: from.u64()?, end: from.u64()? };
            (span.start <= span.end && span.end <= within).then_some(span)
        };
        let (directory, comment) = (span(archive_len)?, span(archive_len)?);
        let [base, claimed_entries, eocd_at, first] =
            [from.u64()?, from.u64()?, from.u64()?, from.u64()?];
        let located_needs = Relax::from_bits(from.u32()?)?;
        let needs = Relax::from_bits(from.u32()?)?;
        let (directory_crc32, flags) = (from.u32()?, from.u32()?);
        let count = usize::try_from(from.u64()?).ok()?;
        let headers = words(from.take(count.checked_mul(4)?)?);
        let order =
            if flags & ORDER == 0 { None } else { Some(words(from.take(count.checked_mul(4)?)?)) };
        let names = if flags & NAMES == 0 {
            None
        } else {
            let (slots, _) = from.take(count.checked_mul(8)?)?.as_chunks();
            Some(slots.iter().map(|&slot| u64::from_le_bytes(slot)).collect())
        };
        let is_number = |&number: &u32| (number as usize) < count;
        let sound = from.0.is_empty()
            && flags & !(ZIP64 | ORDER | NAMES) == 0
            && first <= directory.start
            && headers.last().is_none_or(|&last| u64::from(last) < directory.len())
            && headers.is_sorted_by(|before, after| before < after)
            && order.iter().flatten().all(is_number);
        let located = Located {
            directory,
            base,
            claimed_entries,
            zip64: flags & ZIP64 != 0,
            comment,
            eocd_at,
            needs: located_needs,
        };
        let parts = Parts { headers: &headers, order: order.as_deref(), first, needs };
        let index = Index::from_parts(&located, &parts);
        let names = names.map(NameIndex::from_slots);
        sound.then_some(Self { archive_len, located, directory_crc32, index, names })
    }

    /// The index, if these are the bytes of its directory and `relax` has what the archive needed;
    /// and its name index, if that was saved.
    ///
    /// # Errors
    /// [`ErrorKind::SavedIndex`].
    pub fn bind(self, directory: &[u8], relax: Relax) -> Result<(Index, Option<NameIndex>)> {
        let is_same = directory.len() as u64 == self.located.directory.len()
            && crc32(directory) == self.directory_crc32;
        if !is_same {
            return Err(misfit("the archive has another directory by now"));
        }
        if !relax.contains(self.index.needs()) {
            return Err(misfit("it was made under a profile that accepts more"));
        }
        Ok((self.index, self.names))
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|&word| u32::from_le_bytes(word)).collect()
}

fn misfit(why: &'static str) -> Error {
    Error::new(ErrorKind::SavedIndex(why), 0)
}
