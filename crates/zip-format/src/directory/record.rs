//! Writing: the headers and the descriptor of one member.
//!
//! Zip64 is chosen by value and only where it is needed, in [`crate::size`]: a member below the
//! limits has the same bytes it would have without zip64.

use alloc::vec::Vec;

use crate::attributes::Attributes;
use crate::central::CentralFields;
use crate::descriptor::{DataDescriptor, Form};
use crate::dos_time::{Civil, DosDateTime};
use crate::encryption::Scheme;
use crate::error::{Error, ErrorKind, Result};
use crate::extra::aes::AesExtra;
use crate::extra::timestamp::Timestamp;
use crate::extra::unix::Owner;
use crate::extra::zip64::{self, SATURATED_16, Values};
use crate::flags::Flags;
use crate::local::LocalHeader;
use crate::method::Method;
use crate::position::Position;
use crate::size::{LocalSizes, narrow};
use crate::version::{MadeBy, NEEDED_AES, NEEDED_DEFLATE, NEEDED_ZIP64, needed_for};

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

/// Flags that follow from a member's texts, method and cipher.
fn flags_of(meta: &Meta<'_>, method: Method, scheme: Scheme) -> Flags {
    // Our LZMA streams always end in a marker (APPNOTE 5.8.9).
    let mut method = if method == Method::LZMA { Flags::OPTION_1 } else { Flags::empty() };
    if scheme != Scheme::None {
        method |= Flags::ENCRYPTED;
    }
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

/// Method and CRC-32 as both headers show them: AES stands in the place of the method, which its
/// extra record has, and AE-2 keeps no CRC-32.
const fn shown(payload: &Payload, scheme: Scheme) -> (Method, u32) {
    let method = if matches!(scheme, Scheme::Aes(_)) { Method::AES } else { payload.method };
    (method, if scheme.hides_crc() { 0 } else { payload.crc32 })
}

/// Appends the extra records that both headers share.
fn push_extras(meta: &Meta<'_>, payload: &Payload, scheme: Scheme, out: &mut Vec<u8>) {
    if let Scheme::Aes(aes) = scheme {
        AesExtra { method: payload.method, ..aes }.push(out);
    }
    // The record has 32 bits; a time outside of them stands in the DOS field alone.
    if let Some(seconds) = meta.modified.and_then(|seconds| i32::try_from(seconds).ok()) {
        Timestamp::push_modified(out, seconds);
    }
    if let Some(owner) = meta.owner {
        owner.push(out);
    }
}

/// Bytes [`push_extras`] appends.
pub(super) fn extras_len(meta: &Meta<'_>, scheme: Scheme) -> usize {
    let timed = meta.modified.is_some_and(|seconds| i32::try_from(seconds).is_ok());
    let times = if timed { Timestamp::MODIFIED_LEN } else { 0 };
    let owner = if meta.owner.is_some() { Owner::LEN } else { 0 };
    let aes = if matches!(scheme, Scheme::Aes(_)) { AesExtra::LEN } else { 0 };
    usize::from(times) + usize::from(owner) + usize::from(aes)
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
    write_local_for(meta, payload, Scheme::None, false, out)
}

/// The same for a payload whose sizes are still to come: with `wide` there is a zip64 record
/// whatever they are now, so that the header written again later has the same length. As to the
/// scheme, see [`write_local_sealed`].
///
/// # Errors
/// As [`write_local`].
pub fn write_local_for(
    meta: &Meta<'_>,
    payload: &Payload,
    scheme: Scheme,
    wide: bool,
    out: &mut Vec<u8>,
) -> Result<()> {
    local_header(meta, payload, (Framing::Local, scheme), wide, out)
}

/// Appends the local header of a member whose payload is known, and encrypted in this way.
///
/// `payload` has the method below the cipher, the CRC-32 of the contents, and the compressed size
/// with what encryption adds; what the header shows of them follows from the scheme.
///
/// # Errors
/// As [`write_local`].
pub fn write_local_sealed(
    meta: &Meta<'_>,
    payload: &Payload,
    scheme: Scheme,
    out: &mut Vec<u8>,
) -> Result<()> {
    write_local_for(meta, payload, scheme, false, out)
}

/// Appends a local header, framed in either way; with a zip64 record if `wide`, or if it needs one.
pub(super) fn local_header(
    meta: &Meta<'_>,
    payload: &Payload,
    (framing, scheme): (Framing, Scheme),
    wide: bool,
    out: &mut Vec<u8>,
) -> Result<()> {
    check_name(meta)?;
    let (sizes, zip64) = framing.local(payload);
    let zip64 = zip64 || wide;
    let mut extra = Vec::with_capacity(32);
    // Zip64 first: Explorer of Windows 7 looks only there.
    if zip64 {
        zip64::push_local(&mut extra, sizes.size, sizes.compressed_size);
    }
    push_extras(meta, payload, scheme, &mut extra);
    let (method, crc32) = shown(&sizes, scheme);
    LocalHeader {
        version_needed: version_needed(payload.method, scheme, zip64),
        flags: flags_of(meta, payload.method, scheme) | framing.flags(),
        method,
        modified: dos_time(meta),
        crc32,
        // Both slots are saturated together: the record always has both sizes.
        compressed_size: if zip64 { zip64::SATURATED_32 } else { narrow(sizes.compressed_size) },
        size: if zip64 { zip64::SATURATED_32 } else { narrow(sizes.size) },
        name: meta.name,
        extra: &extra,
    }
    .write(out)
}

/// Appends a data descriptor, with signature; wide when its sizes need it.
pub fn write_descriptor(descriptor: &DataDescriptor, zip64: bool, out: &mut Vec<u8>) {
    descriptor.write(Form { signature: true, wide: zip64 }, out);
}

fn version_needed(method: Method, scheme: Scheme, zip64: bool) -> u16 {
    let scheme = match scheme {
        Scheme::None => 0,
        Scheme::Traditional => NEEDED_DEFLATE,
        Scheme::Aes(_) => NEEDED_AES,
    };
    let needed = needed_for(method).max(scheme);
    if zip64 { needed.max(NEEDED_ZIP64) } else { needed }
}

/// Appends the central header of a member; `extra` is scratch.
pub(super) fn central_header(
    meta: &Meta<'_>,
    payload: &Payload,
    (framing, scheme): (Framing, Scheme),
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
    push_extras(meta, payload, scheme, extra);
    let (method, crc32) = shown(payload, scheme);
    CentralFields {
        made_by: MadeBy(u16::from(meta.attributes.host.0) << 8 | (MadeBy::PZIP.0 & 0xff)),
        version_needed: version_needed(payload.method, scheme, zip64),
        flags: flags_of(meta, payload.method, scheme) | framing.flags(),
        method,
        modified: dos_time(meta),
        crc32,
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
