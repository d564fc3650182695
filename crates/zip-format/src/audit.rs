//! Cross-record checks: a member's local header and descriptor against its central header.
//!
//! The central directory is the truth; the local header is compared, not believed. Every field
//! that can change bytes, name or kind must agree, or two readers see two archives (ZipDiff
//! classes A1 to A5). Times, versions and the order of extra records may differ.

use crate::cp437;
use crate::descriptor::{DataDescriptor, MAX_LEN};
use crate::encryption::Scheme;
use crate::entry::Entry;
use crate::error::{Error, ErrorKind, Field, Record, Result};
use crate::extra::{self, id, unicode};
use crate::flags::Flags;
use crate::local::LocalHeader;
use crate::method::Method;
use crate::position::Span;
use crate::profile::{Gate, Judge, Placed, Relax};
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
/// their first [`MAX_LEN`] bytes.
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
    let mut gate = Gate::new(relax);
    let (payload, end) = examine(entry, header, tail, at, limit, &mut gate)?;
    Ok(Member { payload, end, needs: gate.needs })
}

/// The same check before a [`Judge`] of one's own; returns the payload, and where the member ends.
///
/// # Errors
/// What the judge stops at; and what no check can go on after: no local header, or a payload that
/// runs into the next record.
pub fn examine(
    entry: &Entry<'_>,
    header: &[u8],
    tail: &[u8],
    at: u64,
    limit: u64,
    judge: &mut impl Judge,
) -> Result<(Span, u64)> {
    let payload = payload_span(entry, header, at, limit)?;
    let (local, _) = LocalHeader::parse(header).map_err(|error| error.offset(at))?;
    let mut placed = Placed { judge, by: at };
    compare(entry, &local, &mut placed)?;
    let wide = compare_sizes(entry, &local, &mut placed)?;
    let member = Known { entry, local: &local, wide, payload, limit };
    let end = member.descriptor(tail, judge)?;
    if end < limit {
        judge.judge(Relax::GAPS, Error::new(ErrorKind::Gap { bytes: limit - end }, end))?;
    }
    Ok((payload, end))
}

/// A judge for whom a gap that starts at `from` or behind it is none, but the padding of what comes
/// behind the members: see [`Index::padding_start`](crate::directory::index::Index::padding_start).
#[derive(Debug)]
pub struct Padded<'j, J> {
    /// Who judges everything else.
    pub judge: &'j mut J,
    /// Where the padding starts.
    pub from: u64,
}

impl<J: Judge> Judge for Padded<'_, J> {
    #[inline]
    fn judge(&mut self, needs: Relax, error: Error) -> Result<()> {
        match error.kind {
            ErrorKind::Gap { .. } if error.at >= self.from => Ok(()),
            _ => self.judge.judge(needs, error),
        }
    }
}

fn mismatch(field: Field, expected: u64, found: u64) -> Error {
    Error::new(ErrorKind::Mismatch { field, expected, found }, 0)
}

/// Two values that must be one in every profile.
#[inline]
fn agree(judge: &mut impl Judge, field: Field, expected: u64, found: u64) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    judge.judge(Relax::empty(), mismatch(field, expected, found))
}

/// The value, unless it could not be read; then the judge says whether to go on without it.
fn unless_broken<T>(judge: &mut impl Judge, read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) => judge.judge(Relax::empty(), error).map(|()| None),
    }
}

/// Name, method, cipher and the flags that matter.
fn compare(entry: &Entry<'_>, local: &LocalHeader<'_>, judge: &mut impl Judge) -> Result<()> {
    let name = entry.raw_name();
    let name_len = name.len() as u64;
    let recoded = name != local.name && is_recoded(entry, local);
    if name != local.name {
        let needs = if recoded { Relax::RECODED_NAMES } else { Relax::empty() };
        judge.judge(needs, mismatch(Field::Name, name_len, local.name.len() as u64))?;
    }
    agree(judge, Field::Method, entry.header().method().0.into(), local.method.0.into())?;
    let mut decisive = Flags::ENCRYPTED | Flags::PATCHED | Flags::STRONG_ENCRYPTION | Flags::MASKED;
    if !name.is_ascii() && !recoded {
        // Two readings of one name.
        decisive |= Flags::UTF8;
    }
    let (expected, found) = (entry.flags() & decisive, local.flags & decisive);
    agree(judge, Field::Flags, expected.bits().into(), found.bits().into())?;
    let central_extra = entry.header().extra();
    if central_extra == local.extra {
        return Ok(());
    }
    if extra::check(central_extra).is_err() || extra::check(local.extra).is_err() {
        // That was told of the header it stands in; what they say cannot be compared.
        return Ok(());
    }
    if !(extra::is_plain(central_extra) && extra::is_plain(local.extra)) {
        compare_unicode(name, central_extra, local.extra, judge)?;
    }
    if entry.is_encrypted() {
        let central = Scheme::read(entry.flags(), local.method, central_extra);
        let local = Scheme::read(local.flags, local.method, local.extra);
        let central = unless_broken(judge, central)?;
        let local = unless_broken(judge, local)?;
        if let (Some(central), Some(local)) = (central, local)
            && central != local
        {
            judge.judge(Relax::empty(), mismatch(Field::Encryption, 0, 1))?;
        }
    }
    Ok(())
}

/// The local name is, read as APPNOTE says, the text that the directory gives in UTF-8. CPython
/// recodes so the directory of an archive that it appends to, and leaves the members alone; where
/// the name was in truth UTF-8 without a mark, readers that guess this see another in the member.
fn is_recoded(entry: &Entry<'_>, local: &LocalHeader<'_>) -> bool {
    entry.flags().contains(Flags::UTF8)
        && !local.flags.contains(Flags::UTF8)
        && str::from_utf8(entry.raw_name())
            .is_ok_and(|name| name.chars().eq(local.name.iter().map(|&byte| cp437::char_of(byte))))
}

/// The texts that replace the name, where there are any.
fn compare_unicode(
    name: &[u8],
    central_extra: &[u8],
    local_extra: &[u8],
    judge: &mut impl Judge,
) -> Result<()> {
    let central = unicode::text_for(central_extra, id::UNICODE_PATH, name);
    let local = unicode::text_for(local_extra, id::UNICODE_PATH, name);
    let central = unless_broken(judge, central)?;
    let local = unless_broken(judge, local)?;
    if let (Some(central), Some(local)) = (central, local)
        && central != local
    {
        let len = |text: Option<&str>| text.map_or(name.len(), str::len) as u64;
        judge.judge(Relax::empty(), mismatch(Field::Name, len(central), len(local)))?;
    }
    Ok(())
}

/// CRC and sizes; returns whether the local header has a zip64 record.
fn compare_sizes(
    entry: &Entry<'_>,
    local: &LocalHeader<'_>,
    judge: &mut impl Judge,
) -> Result<bool> {
    // A broken chain is a fault of the local header here, and told before anything in it is.
    let sizes = extra::check(local.extra).and_then(|()| local.sizes());
    let (values, wide) = match (sizes, local.sizes_beside_zeroed()) {
        (Ok(sizes), _) => sizes,
        (Err(error), Some(values)) => {
            judge.judge(Relax::ZEROED_ZIP64, error)?;
            (values, true)
        }
        (Err(error), None) => {
            judge.judge(Relax::empty(), error)?;
            return Ok(false);
        }
    };
    if local.flags.contains(Flags::DESCRIPTOR) {
        // Not known when the header was written: zero, saturated, or filled in afterwards.
        let mut known = |field, expected: u64, slot: u32, found: u64| {
            if found == 0 || (slot == u32::MAX && !wide) {
                return Ok(());
            }
            agree(judge, field, expected, found)
        };
        known(Field::Size, entry.size(), local.size, values.size)?;
        let mut compressed = values.compressed_size;
        let piped = is_piped_by_info_zip(entry, local);
        if piped && local.method == Method::STORED {
            compressed = compressed.saturating_add(Scheme::Traditional.overhead_bytes());
        }
        known(Field::CompressedSize, entry.compressed_size(), local.compressed_size, compressed)?;
        if local.crc32 != 0 && !piped {
            agree(judge, Field::Crc32, entry.crc32().into(), local.crc32.into())?;
        }
        return Ok(wide);
    }
    agree(judge, Field::CompressedSize, entry.compressed_size(), values.compressed_size)?;
    agree(judge, Field::Size, entry.size(), values.size)?;
    agree(judge, Field::Crc32, entry.crc32().into(), local.crc32.into())?;
    Ok(wide)
}

/// Info-ZIP 3.0 writing encrypted members into a pipe, or with descriptors, shows in the local
/// header the check value it makes of the time as CRC-32, and of what is stored a size without the
/// 12 bytes of the cipher.
fn is_piped_by_info_zip(entry: &Entry<'_>, local: &LocalHeader<'_>) -> bool {
    entry.flags().contains(Flags::ENCRYPTED)
        && local.crc32 == u32::from(local.modified.time) << 16
        && local.crc32 != 0
}

/// What is known of a member before its descriptor is looked for.
struct Known<'k, 'a> {
    entry: &'k Entry<'a>,
    local: &'k LocalHeader<'k>,
    /// The local header has a zip64 record.
    wide: bool,
    payload: Span,
    limit: u64,
}

impl Known<'_, '_> {
    /// Finds the descriptor behind the payload; returns where the member ends.
    fn descriptor(&self, tail: &[u8], judge: &mut impl Judge) -> Result<u64> {
        let Self { entry, payload, limit, .. } = *self;
        let announced = (
            entry.flags().contains(Flags::DESCRIPTOR),
            self.local.flags.contains(Flags::DESCRIPTOR),
        );
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
        if announced != (true, true) || !form.is_some_and(|form| self.announces(form.wide)) {
            judge.judge(Relax::DESCRIPTOR, Error::new(ErrorKind::BadDescriptor, payload.end))?;
        }
        Ok(match form {
            Some(form) => payload.end + form.len() as u64,
            // Not found, and that was allowed: the bytes there are its remains, not a gap; but
            // only as many as a descriptor has, or a whole member could hide there.
            None if room <= MAX_LEN as u64 => limit,
            None => payload.end,
        })
    }

    /// The headers announce a descriptor of this width.
    fn announces(&self, wide: bool) -> bool {
        if wide == self.wide {
            return true;
        }
        // The upper byte is not part of the version; some writers put their host there.
        let low = |version: u16| version & 0xff;
        let version = low(self.entry.header().version_needed()).max(low(self.local.version_needed));
        let sizes = self.entry.size().max(self.entry.compressed_size());
        // .NET's packaging writes wide descriptors with version 45 and no zip64 record, Go's
        // writer with sizes that need them. A narrow one where the zip64 record asks for a wide
        // one sends readers that go forward only to another place.
        wide && (version >= NEEDED_ZIP64 || crate::size::needs_zip64(sizes))
    }
}
