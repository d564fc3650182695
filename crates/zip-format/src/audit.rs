//! Cross-record checks: a member's local header and descriptor against its central header.
//!
//! The central directory is the truth; the local header is compared, not believed. Every field
//! that can change bytes, name or kind must agree, or two readers see two archives (ZipDiff
//! classes A1 to A5). Times, versions and the order of extra records may differ.

use crate::descriptor::DataDescriptor;
use crate::encryption::Scheme;
use crate::entry::Entry;
use crate::error::{Error, ErrorKind, Field, Record, Result};
use crate::extra::{id, unicode};
use crate::flags::Flags;
use crate::local::LocalHeader;
use crate::position::Span;
use crate::profile::Relax;
use crate::version::NEEDED_ZIP64;

/// A member whose records were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The payload, in the file.
    pub payload: Span,
    /// Byte after the member's last record.
    pub end: u64,
    /// Relaxations it needs.
    pub needs: Relax,
}

/// Where the payload of a member is, out of the start of its local header.
///
/// # Errors
/// No local header there, or the payload would run into the next record at `limit`.
pub fn payload_span(entry: &Entry<'_>, header: &[u8], at: u64, limit: u64) -> Result<Span> {
    let len = LocalHeader::peek_len(header).map_err(|error| error.offset(at))?;
    let span = Span::at(at.saturating_add(len as u64), entry.compressed_size());
    span.filter(|span| span.end <= limit).ok_or_else(|| {
        let end = at.saturating_add(len as u64).saturating_add(entry.compressed_size());
        let kind = ErrorKind::OutOfBounds { record: Record::LocalHeader, start: at, end, limit };
        Error::new(kind, at)
    })
}

/// Checks a member at `at` that must end by `limit`, where the next record starts.
///
/// `header` holds the whole local header; `tail` the bytes between the payload and `limit`, or
/// their first [`MAX_LEN`](crate::descriptor::MAX_LEN) bytes.
///
/// # Errors
/// A contradiction, with the offset of the record that shows it; or a deviation that `relax`
/// does not have.
pub fn member(
    entry: &Entry<'_>,
    header: &[u8],
    tail: &[u8],
    at: u64,
    limit: u64,
    relax: Relax,
) -> Result<Member> {
    let payload = payload_span(entry, header, at, limit)?;
    let place = |error: Error| error.offset(at);
    let (local, _) = LocalHeader::parse(header).map_err(place)?;
    let mut needs = Relax::empty();
    compare(entry, &local).map_err(place)?;
    let wide = compare_sizes(entry, &local).map_err(place)?;
    let end = descriptor(entry, &local, wide, payload, tail, limit, relax, &mut needs)?;
    if end < limit {
        let error = Error::new(ErrorKind::Gap { bytes: limit - end }, end);
        relax.allow(&mut needs, Relax::GAPS, error)?;
    }
    Ok(Member { payload, end, needs })
}

fn mismatch(field: Field, expected: u64, found: u64) -> Error {
    Error::new(ErrorKind::Mismatch { field, expected, found }, 0)
}

fn agree(field: Field, expected: u64, found: u64) -> Result<()> {
    if expected == found { Ok(()) } else { Err(mismatch(field, expected, found)) }
}

/// Name, method, cipher and the flags that matter.
fn compare(entry: &Entry<'_>, local: &LocalHeader<'_>) -> Result<()> {
    let name = entry.raw_name();
    if name != local.name {
        return Err(mismatch(Field::Name, name.len() as u64, local.name.len() as u64));
    }
    agree(Field::Method, entry.header().method().0.into(), local.method.0.into())?;
    let mut decisive = Flags::ENCRYPTED | Flags::PATCHED | Flags::STRONG_ENCRYPTION | Flags::MASKED;
    if !name.is_ascii() {
        // Two readings of one name.
        decisive |= Flags::UTF8;
    }
    let (expected, found) = (entry.flags() & decisive, local.flags & decisive);
    agree(Field::Flags, expected.bits().into(), found.bits().into())?;
    let central_extra = entry.header().extra();
    if central_extra == local.extra {
        return Ok(());
    }
    if unicode::text_for(central_extra, id::UNICODE_PATH, name)?
        != unicode::text_for(local.extra, id::UNICODE_PATH, name)?
    {
        return Err(mismatch(Field::Name, name.len() as u64, name.len() as u64));
    }
    if entry.is_encrypted() {
        let central = Scheme::read(entry.flags(), local.method, central_extra)?;
        let local = Scheme::read(local.flags, local.method, local.extra)?;
        if central != local {
            return Err(mismatch(Field::Encryption, 0, 1));
        }
    }
    Ok(())
}

/// CRC and sizes; returns whether the local header has a zip64 record.
fn compare_sizes(entry: &Entry<'_>, local: &LocalHeader<'_>) -> Result<bool> {
    let (values, wide) = local.sizes()?;
    if local.flags.contains(Flags::DESCRIPTOR) {
        // Not known when the header was written: zero, saturated, or filled in afterwards.
        let known = |field, expected: u64, slot: u32, found: u64| {
            if found == 0 || found == expected || (slot == u32::MAX && !wide) {
                return Ok(());
            }
            Err(mismatch(field, expected, found))
        };
        known(Field::Size, entry.size(), local.size, values.size)?;
        let compressed = values.compressed_size;
        known(Field::CompressedSize, entry.compressed_size(), local.compressed_size, compressed)?;
        if local.crc32 != 0 {
            agree(Field::Crc32, entry.crc32().into(), local.crc32.into())?;
        }
        return Ok(wide);
    }
    agree(Field::CompressedSize, entry.compressed_size(), values.compressed_size)?;
    agree(Field::Size, entry.size(), values.size)?;
    agree(Field::Crc32, entry.crc32().into(), local.crc32.into())?;
    Ok(wide)
}

/// Finds the descriptor behind the payload; returns where the member ends.
#[expect(clippy::too_many_arguments, reason = "one rule over all that is known of a member")]
fn descriptor(
    entry: &Entry<'_>,
    local: &LocalHeader<'_>,
    wide: bool,
    payload: Span,
    tail: &[u8],
    limit: u64,
    relax: Relax,
    needs: &mut Relax,
) -> Result<u64> {
    let announced =
        (entry.flags().contains(Flags::DESCRIPTOR), local.flags.contains(Flags::DESCRIPTOR));
    if announced == (false, false) {
        return Ok(payload.end);
    }
    let room = limit - payload.end;
    let values = DataDescriptor {
        crc32: entry.crc32(),
        compressed_size: entry.compressed_size(),
        size: entry.size(),
    };
    // A form that fills the room exactly is the one; otherwise one that fits leaves a gap.
    let form = values.find_form(tail, Some(room)).or_else(|| values.find_form(tail, None));
    let announced_form = form.is_some_and(|form| {
        let version = entry.header().version_needed().max(local.version_needed);
        let sizes = entry.size().max(entry.compressed_size());
        // .NET's packaging writes wide descriptors with version 45 and no zip64 record, Go's
        // writer with sizes that need them; a narrow one is unambiguous wherever it fits.
        !form.wide || wide || version >= NEEDED_ZIP64 || crate::size::needs_zip64(sizes)
    });
    if announced != (true, true) || !announced_form {
        let error = Error::new(ErrorKind::BadDescriptor, payload.end);
        relax.allow(needs, Relax::DESCRIPTOR, error)?;
    }
    Ok(match form {
        Some(form) => payload.end + form.len() as u64,
        // Not found, and that was allowed: the bytes there are its remains, not a gap.
        None => limit,
    })
}
