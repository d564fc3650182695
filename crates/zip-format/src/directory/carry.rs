//! The headers of an entry that moves from one archive to another with its payload as it is.
//!
//! Everything is kept: flags, times, attributes, unknown extra records, what encryption needs. New
//! are only the zip64 records, which follow from sizes and place, and the sizes in the local
//! header, which make a data descriptor unnecessary.
//!
//! One member keeps its descriptor: with traditional encryption, the check byte of a member with
//! bit 3 is that of its time, and of one without that of its CRC-32 (APPNOTE 6.1.6), so the bit is
//! part of the payload's meaning.

use alloc::vec::Vec;

use crate::central::CentralFields;
use crate::descriptor::{DataDescriptor, Form};
use crate::encryption::Scheme;
use crate::entry::Entry;
use crate::error::{Error, ErrorKind, Field, Result};
use crate::extra::zip64::{self, SATURATED_32};
use crate::extra::{id, push_without};
use crate::flags::Flags;
use crate::local::LocalHeader;
use crate::size::{LocalSizes, narrow};
use crate::version::{MadeBy, raised};

/// An entry on its way into another archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    made_by: MadeBy,
    version_needed: u16,
    flags: Flags,
    method: crate::method::Method,
    modified: crate::dos_time::DosDateTime,
    crc32: u32,
    compressed_size: u64,
    size: u64,
    internal_attributes: u16,
    external_attributes: u32,
    name: Vec<u8>,
    comment: Vec<u8>,
    /// The comment as text, for when the flag that says what it is in changes.
    comment_text: Vec<u8>,
    local_extra: Vec<u8>,
    central_extra: Vec<u8>,
    descriptor: bool,
}

impl Carried {
    /// Takes both headers of a member along.
    ///
    /// # Errors
    /// The cipher's record is broken, an extra field is, or the two headers are not of one member.
    pub fn new(entry: &Entry<'_>, local: &LocalHeader<'_>) -> Result<Self> {
        if entry.raw_name() != local.name {
            let (expected, found) = (entry.raw_name().len() as u64, local.name.len() as u64);
            let kind = ErrorKind::Mismatch { field: Field::Name, expected, found };
            return Err(Error::new(kind, entry.at()));
        }
        let header = entry.header();
        let (scheme, _) = entry.scheme()?;
        let descriptor =
            scheme == Scheme::Traditional && header.flags().contains(Flags::DESCRIPTOR);
        let flags = if descriptor { header.flags() } else { header.flags() - Flags::DESCRIPTOR };
        let comment = entry.comment();
        Ok(Self {
            made_by: header.made_by(),
            version_needed: header.version_needed(),
            flags,
            method: header.method(),
            modified: header.modified(),
            crc32: header.crc32(),
            compressed_size: entry.compressed_size(),
            size: entry.size(),
            internal_attributes: header.internal_attributes(),
            external_attributes: header.attributes().external,
            name: header.name().to_vec(),
            comment: header.comment().to_vec(),
            comment_text: comment.path_bytes().to_vec(),
            local_extra: without(local.extra, &[id::ZIP64])?,
            central_extra: without(header.extra(), &[id::ZIP64])?,
            descriptor,
        })
    }

    /// Name, as bytes.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Method of the payload, [`Method::AES`](crate::method::Method::AES) below that cipher.
    #[must_use]
    pub const fn method(&self) -> crate::method::Method {
        self.method
    }

    /// CRC-32 of the contents, as the headers give it.
    #[must_use]
    pub const fn crc32(&self) -> u32 {
        self.crc32
    }

    /// Bytes of the contents.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of the payload.
    #[must_use]
    pub const fn compressed_size(&self) -> u64 {
        self.compressed_size
    }

    /// Gives the entry another name. UTF-8 that is not ASCII gets bit 11, and the comment then
    /// becomes UTF-8 as well.
    ///
    /// # Errors
    /// The extra field is broken.
    pub fn rename(&mut self, name: &[u8]) -> Result<()> {
        let utf8 = core::str::from_utf8(name).is_ok() && !name.is_ascii();
        if utf8 && !self.flags.contains(Flags::UTF8) {
            self.flags |= Flags::UTF8;
            self.comment.clone_from(&self.comment_text);
        }
        // They hold the old name, or the comment that is UTF-8 now.
        let stale = [id::UNICODE_PATH, id::UNICODE_COMMENT];
        let stale = if self.flags.contains(Flags::UTF8) { &stale[..] } else { &stale[..1] };
        self.local_extra = without(&self.local_extra, stale)?;
        self.central_extra = without(&self.central_extra, stale)?;
        self.name = name.to_vec();
        Ok(())
    }

    /// Appends the local header.
    ///
    /// # Errors
    /// Name or extra field are too long.
    pub fn write_local(&self, out: &mut Vec<u8>) -> Result<()> {
        let sizes = self.sizes();
        let mut extra = Vec::with_capacity(self.local_extra.len() + 20);
        let zip64 = sizes.zip64();
        if zip64 {
            zip64::push_local(&mut extra, sizes.size, sizes.compressed_size);
        }
        extra.extend_from_slice(&self.local_extra);
        LocalHeader {
            version_needed: raised(self.version_needed, zip64),
            flags: self.flags,
            method: self.method,
            modified: self.modified,
            crc32: self.crc32,
            // Both slots are saturated together: the record always has both sizes.
            compressed_size: if zip64 { SATURATED_32 } else { narrow(self.compressed_size) },
            size: if zip64 { SATURATED_32 } else { narrow(self.size) },
            name: &self.name,
            extra: &extra,
        }
        .write(out)
    }

    /// Appends the data descriptor, if the member has one.
    pub fn write_descriptor(&self, out: &mut Vec<u8>) {
        if self.descriptor {
            let Self { crc32, compressed_size, size, .. } = *self;
            let wide = self.sizes().zip64();
            let values = DataDescriptor { crc32, compressed_size, size };
            values.write(Form { signature: true, wide }, out);
        }
    }

    /// The central header, but for sizes, place and zip64 record.
    pub(super) fn fields(&self) -> CentralFields<'_> {
        CentralFields {
            made_by: self.made_by,
            version_needed: self.version_needed,
            flags: self.flags,
            method: self.method,
            modified: self.modified,
            crc32: self.crc32,
            compressed_size: 0,
            size: 0,
            disk: 0,
            internal_attributes: self.internal_attributes,
            external_attributes: self.external_attributes,
            offset: 0,
            name: &self.name,
            extra: &self.central_extra,
            comment: &self.comment,
        }
    }

    pub(super) const fn sizes(&self) -> LocalSizes {
        LocalSizes { size: self.size, compressed_size: self.compressed_size }
    }
}

/// The extra field without some of its records.
fn without(field: &[u8], ids: &[u16]) -> Result<Vec<u8>> {
    let mut kept = Vec::with_capacity(field.len());
    push_without(field, ids, &mut kept)?;
    Ok(kept)
}
