//! Writing: the headers of one member, and the directory and trailer of all of them.
//!
//! Zip64 is chosen by value and only where it is needed, in [`crate::size`]: a member below the
//! limits has the same bytes it would have without zip64.

use alloc::vec::Vec;

use crate::attributes::Attributes;
use crate::central::CentralFields;
use crate::descriptor::{DataDescriptor, Form};
use crate::dos_time::{Civil, DosDateTime};
use crate::eocd::Eocd;
use crate::eocd64::{Eocd64, Eocd64Locator};
use crate::error::{Error, ErrorKind, Result};
use crate::extra::timestamp::Timestamp;
use crate::extra::unix::Owner;
use crate::extra::zip64::{self, SATURATED_16, SATURATED_32, Values};
use crate::flags::Flags;
use crate::local::LocalHeader;
use crate::method::Method;
use crate::position::Position;
use crate::size::{LocalSizes, needs_zip64, trailer_needs_zip64};
use crate::version::{MadeBy, NEEDED_ZIP64, needed_for};

/// What the headers of a member say about it, beside its payload.
#[derive(Clone, Copy, Debug)]
pub struct Meta<'a> {
    /// Name, as bytes. UTF-8 that is not ASCII gets bit 11.
    pub name: &'a [u8],
    /// Comment, as bytes; UTF-8 where the name is.
    pub comment: &'a [u8],
    /// Last modification in seconds since 1970 UTC; `None` writes 1980-01-01 and no timestamp.
    pub modified: Option<i64>,
    /// External attributes.
    pub attributes: Attributes,
    /// Owner, if it is to be kept.
    pub owner: Option<Owner>,
}

/// What is known of a member's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Compression method.
    pub method: Method,
    /// CRC-32 of the contents.
    pub crc32: u32,
    /// Bytes of the payload.
    pub compressed_size: u64,
    /// Bytes of the contents.
    pub size: u64,
}

/// Where CRC and sizes of a member stand, beside the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// In the local header.
    Local,
    /// In a descriptor behind the payload (bit 3).
    Descriptor {
        /// The local header has a zip64 record, and so the descriptor is wide.
        zip64: bool,
        /// The sizes stand in the local header all the same, which lets readers that go forward
        /// find the end of a stored payload; only the CRC waits. Else they are zero there, as
        /// APPNOTE 4.4.4 has it.
        sizes: bool,
    },
}

impl Framing {
    /// Bit 3, where there is a descriptor.
    const fn flags(self) -> Flags {
        match self {
            Self::Local => Flags::empty(),
            Self::Descriptor { .. } => Flags::DESCRIPTOR,
        }
    }

    /// The values of the local header, and whether they take a zip64 record.
    const fn local(self, payload: &Payload) -> (Payload, bool) {
        let Payload { method, size, compressed_size, .. } = *payload;
        match self {
            Self::Local => (*payload, LocalSizes { size, compressed_size }.zip64()),
            Self::Descriptor { zip64, sizes: true } => (Payload { crc32: 0, ..*payload }, zip64),
            Self::Descriptor { zip64, sizes: false } => {
                (Payload { method, crc32: 0, compressed_size: 0, size: 0 }, zip64)
            }
        }
    }
}

/// Flags that follow from a member's texts and method.
fn flags_of(meta: &Meta<'_>, method: Method) -> Flags {
    // Our LZMA streams always end in a marker (APPNOTE 5.8.9).
    let method = if method == Method::LZMA { Flags::OPTION_1 } else { Flags::empty() };
    let plain = meta.name.is_ascii() && meta.comment.is_ascii();
    let utf8 =
        core::str::from_utf8(meta.name).is_ok() && core::str::from_utf8(meta.comment).is_ok();
    if !plain && utf8 { method | Flags::UTF8 } else { method }
}

fn dos_time(meta: &Meta<'_>) -> DosDateTime {
    meta.modified.map_or_else(DosDateTime::default, |seconds| {
        DosDateTime::from_civil(Civil::from_unix(seconds))
    })
}

/// Appends the extra records that both headers share.
fn push_extras(meta: &Meta<'_>, out: &mut Vec<u8>) {
    // The record has 32 bits; a time outside of them stands in the DOS field alone.
    if let Some(seconds) = meta.modified.and_then(|seconds| i32::try_from(seconds).ok()) {
        Timestamp::push_modified(out, seconds);
    }
    if let Some(owner) = meta.owner {
        owner.push(out);
    }
}

/// Bytes [`push_extras`] appends.
pub(super) fn extras_len(meta: &Meta<'_>) -> usize {
    let timed = meta.modified.is_some_and(|seconds| i32::try_from(seconds).is_ok());
    let times = if timed { Timestamp::MODIFIED_LEN } else { 0 };
    let owner = if meta.owner.is_some() { Owner::LEN } else { 0 };
    usize::from(times) + usize::from(owner)
}

fn narrow(value: u64) -> u32 {
    if needs_zip64(value) { SATURATED_32 } else { value as u32 }
}

fn check_name(meta: &Meta<'_>) -> Result<()> {
    let fail = |kind| Err(Error::new(kind, 0));
    match meta.name {
        name if name.len() > usize::from(u16::MAX) => {
            fail(ErrorKind::NameTooLong { bytes: name.len() as u64 })
        }
        name if name.contains(&0) => fail(ErrorKind::NulInName),
        _ => Ok(()),
    }
}

/// Appends the local header of a member whose payload is known.
///
/// # Errors
/// The name holds a NUL byte or is longer than 65,535 bytes.
pub fn write_local(meta: &Meta<'_>, payload: &Payload, out: &mut Vec<u8>) -> Result<()> {
    local_header(meta, payload, Framing::Local, out)
}

/// Appends a local header, framed in either way.
pub(super) fn local_header(
    meta: &Meta<'_>,
    payload: &Payload,
    framing: Framing,
    out: &mut Vec<u8>,
) -> Result<()> {
    check_name(meta)?;
    let (sizes, zip64) = framing.local(payload);
    let mut extra = Vec::with_capacity(32);
    // Zip64 first: Explorer of Windows 7 looks only there.
    if zip64 {
        zip64::push_local(&mut extra, sizes.size, sizes.compressed_size);
    }
    push_extras(meta, &mut extra);
    LocalHeader {
        version_needed: version_needed(payload.method, zip64),
        flags: flags_of(meta, payload.method) | framing.flags(),
        method: payload.method,
        modified: dos_time(meta),
        crc32: sizes.crc32,
        // Both slots are saturated together: the record always has both sizes.
        compressed_size: if zip64 { SATURATED_32 } else { narrow(sizes.compressed_size) },
        size: if zip64 { SATURATED_32 } else { narrow(sizes.size) },
        name: meta.name,
        extra: &extra,
    }
    .write(out)
}

/// Appends a data descriptor, with signature; wide when its sizes need it.
pub fn write_descriptor(descriptor: &DataDescriptor, zip64: bool, out: &mut Vec<u8>) {
    descriptor.write(Form { signature: true, wide: zip64 }, out);
}

fn version_needed(method: Method, zip64: bool) -> u16 {
    let method = needed_for(method);
    if zip64 { method.max(NEEDED_ZIP64) } else { method }
}

/// Appends the central header of a member; `extra` is scratch.
pub(super) fn central_header(
    meta: &Meta<'_>,
    payload: &Payload,
    framing: Framing,
    local: Position,
    extra: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<()> {
    check_name(meta)?;
    let values = Values {
        size: payload.size,
        compressed_size: payload.compressed_size,
        offset: local.offset,
        disk: local.disk,
    };
    extra.clear();
    zip64::push_central(extra, &values);
    let (_, local_zip64) = framing.local(payload);
    // A wide descriptor needs the version that knows it, in both headers.
    let zip64 = !extra.is_empty() || local_zip64;
    push_extras(meta, extra);
    CentralFields {
        made_by: MadeBy(u16::from(meta.attributes.host.0) << 8 | (MadeBy::PZIP.0 & 0xff)),
        version_needed: version_needed(payload.method, zip64),
        flags: flags_of(meta, payload.method) | framing.flags(),
        method: payload.method,
        modified: dos_time(meta),
        crc32: payload.crc32,
        compressed_size: narrow(values.compressed_size),
        size: narrow(values.size),
        disk: u16::try_from(values.disk).unwrap_or(SATURATED_16),
        internal_attributes: 0,
        external_attributes: meta.attributes.external,
        offset: narrow(values.offset),
        name: meta.name,
        extra,
        comment: meta.comment,
    }
    .write(out)
}

/// Collects one central header per member and ends the archive.
///
/// *Limits*: holds the bytes of the directory, 46 and the name an entry.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    directory: Vec<u8>,
    extra: Vec<u8>,
    entries: u64,
}

impl Builder {
    /// An empty directory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Entries so far.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// Appends the central header of a member whose local header is at `local`.
    ///
    /// # Errors
    /// Name or comment do not fit; the directory is then as before.
    pub fn push(&mut self, meta: &Meta<'_>, payload: &Payload, local: Position) -> Result<()> {
        self.push_framed(meta, payload, Framing::Local, local)
    }

    /// The same for a member framed in either way.
    ///
    /// # Errors
    /// As [`Builder::push`].
    pub fn push_framed(
        &mut self,
        meta: &Meta<'_>,
        payload: &Payload,
        framing: Framing,
        local: Position,
    ) -> Result<()> {
        let before = self.directory.len();
        let (extra, out) = (&mut self.extra, &mut self.directory);
        central_header(meta, payload, framing, local, extra, out)
            .inspect_err(|_| self.directory.truncate(before))?;
        self.entries += 1;
        Ok(())
    }

    /// The directory's bytes so far.
    #[must_use]
    pub fn directory(&self) -> &[u8] {
        &self.directory
    }

    /// The trailer of a single-volume archive whose directory starts at `offset`.
    ///
    /// # Errors
    /// The comment is longer than 65,535 bytes.
    pub fn trailer(&self, offset: u64, comment: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(128 + comment.len());
        write_trailer(self.entries, self.directory.len() as u64, offset, comment, &mut out)?;
        Ok(out)
    }
}

/// Appends the trailer of a single-volume archive whose directory of `size` bytes starts at
/// `offset`.
///
/// # Errors
/// The comment is longer than 65,535 bytes.
pub fn write_trailer(
    entries: u64,
    size: u64,
    offset: u64,
    comment: &[u8],
    out: &mut Vec<u8>,
) -> Result<()> {
    if trailer_needs_zip64(entries, size, offset) {
        Eocd64::new(0, 0, entries, size, offset).write(out);
        let at = offset.saturating_add(size);
        Eocd64Locator { disk: 0, offset: at, disks: 1 }.write(out);
    }
    let entries = u16::try_from(entries).unwrap_or(SATURATED_16);
    Eocd {
        disk: 0,
        directory_disk: 0,
        entries_on_disk: entries,
        entries,
        directory_size: narrow(size),
        directory_offset: narrow(offset),
        comment,
    }
    .write(out)
}
