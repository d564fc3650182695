//! One entry as a caller sees it: its central header, with zip64 merged in.

use crate::attributes::{Attributes, Kind};
use crate::central::{self, CentralHeader};
use crate::encryption::Scheme;
use crate::error::{Error, ErrorKind, Result};
use crate::extra::unix::Owner;
use crate::extra::zip64::Values;
use crate::extra::{find, id, unicode};
use crate::flags::Flags;
use crate::limits::Limits;
use crate::method::Method;
use crate::name::{Encoding, Name};
use crate::position::Position;
use crate::profile::Relax;
use crate::time::{self, Instant};

/// One entry of the directory. Cheap to copy: it borrows the directory's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    header: CentralHeader<'a>,
    values: Values,
    at: u64,
}

impl<'a> Entry<'a> {
    /// Merges a central header with its zip64 record, where a slot is saturated.
    ///
    /// # Errors
    /// The zip64 record contradicts the header, or stands twice.
    #[inline]
    pub fn new(header: CentralHeader<'a>, at: u64) -> Result<Self> {
        let slots = header.slots();
        let values = if slots.any_saturated() {
            // Without a record the slots are plain numbers: an archive may hold exactly
            // 0xffff_ffff bytes without zip64.
            match find(header.extra(), id::ZIP64)? {
                Some(data) => slots.merge(data)?,
                None => slots.plain(),
            }
        } else {
            slots.plain()
        };
        Ok(Self { header, values, at })
    }

    /// The central header, field by field.
    #[must_use]
    pub const fn header(&self) -> &CentralHeader<'a> {
        &self.header
    }

    /// Offset of the central header in the archive.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// Name, raw.
    #[inline]
    #[must_use]
    pub fn raw_name(&self) -> &'a [u8] {
        self.header.name()
    }

    /// Name, read as text.
    #[must_use]
    pub fn name(&self) -> Name<'a> {
        let raw = self.header.name();
        // A Unicode Path record matters only without bit 11 and where the raw name is one that
        // could not say it all; a broken one is reported by `validate`.
        let unicode = unicode::text_for(self.header.extra(), id::UNICODE_PATH, raw).ok().flatten();
        Name::decode(raw, self.header.flags(), self.header.made_by().host(), unicode)
    }

    /// Comment, read as text.
    #[must_use]
    pub fn comment(&self) -> Name<'a> {
        let raw = self.header.comment();
        let unicode =
            unicode::text_for(self.header.extra(), id::UNICODE_COMMENT, raw).ok().flatten();
        Name::decode(raw, self.header.flags(), self.header.made_by().host(), unicode)
    }

    /// Uncompressed size the directory claims. Decoding proves it.
    #[inline]
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.values.size
    }

    /// Bytes of the payload.
    #[inline]
    #[must_use]
    pub const fn compressed_size(&self) -> u64 {
        self.values.compressed_size
    }

    /// Where the local header is, relative to the start of the archive (not of a prefix).
    #[inline]
    #[must_use]
    pub const fn local(&self) -> Position {
        Position { disk: self.values.disk, offset: self.values.offset }
    }

    /// CRC-32 of the contents the directory claims; zero for AE-2.
    #[inline]
    #[must_use]
    pub const fn crc32(&self) -> u32 {
        self.header.crc32()
    }

    /// General purpose flags.
    #[inline]
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.header.flags()
    }

    /// The payload is encrypted, in whatever way.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.header.flags().contains(Flags::ENCRYPTED)
    }

    /// The cipher, and the method below it.
    ///
    /// # Errors
    /// As [`Scheme::read`].
    #[inline]
    pub fn scheme(&self) -> Result<(Scheme, Method)> {
        Scheme::read(self.header.flags(), self.header.method(), self.header.extra())
            .map_err(|error| self.here(error))
    }

    /// The method of the payload; below the cipher, where it can be read.
    #[must_use]
    pub fn method(&self) -> Method {
        self.scheme().map_or(self.header.method(), |(_, method)| method)
    }

    /// External attributes.
    #[must_use]
    pub const fn attributes(&self) -> Attributes {
        self.header.attributes()
    }

    /// The Unix mode, where the entry has one.
    #[must_use]
    pub const fn unix_mode(&self) -> Option<u32> {
        self.header.attributes().unix_mode()
    }

    /// Owner, where the entry has one.
    #[must_use]
    pub fn owner(&self) -> Option<Owner> {
        Owner::find(self.header.extra())
    }

    /// What the entry is. Links and special files are told by their mode, directories by a
    /// trailing `/` or their attributes.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.header.attributes().kind() {
            Some(kind @ (Kind::Symlink | Kind::Special)) => kind,
            Some(Kind::Directory) => Kind::Directory,
            _ if self.raw_name().ends_with(b"/") => Kind::Directory,
            _ => Kind::File,
        }
    }

    /// The best modification instant.
    #[must_use]
    pub fn modified(&self) -> Instant {
        time::modified(self.header.modified(), self.header.extra())
    }

    /// Fewest bytes the member can take in the archive: a local header with the same name and no
    /// extra field, and the payload.
    #[inline]
    pub(crate) fn least_len(&self) -> Option<u64> {
        let header = crate::local::FIXED_LEN + self.raw_name().len();
        self.values.compressed_size.checked_add(header as u64)
    }

    /// Checks what the central header alone can show, and says which relaxations it needs.
    ///
    /// # Errors
    /// A contradiction inside the header, or a deviation that `relax` does not have.
    pub fn validate(&self, relax: Relax, limits: &Limits) -> Result<Relax> {
        self.check(relax, limits).map_err(|error| self.here(error))
    }

    fn check(&self, relax: Relax, limits: &Limits) -> Result<Relax> {
        let mut needs = Relax::empty();
        let fail = |kind| Err(Error::new(kind, 0));
        let name = self.raw_name();
        if name.contains(&0) {
            return fail(ErrorKind::NulInName);
        }
        if name.len() as u64 > limits.name_bytes {
            return fail(ErrorKind::Limit {
                what: "bytes of a name",
                limit: limits.name_bytes,
                found: name.len() as u64,
            });
        }
        if self.name().encoding() == Encoding::BadUtf8 {
            let error = Error::new(ErrorKind::BadUtf8, 0);
            relax.allow(&mut needs, Relax::BAD_UTF8, error)?;
        }
        let extra = self.header.extra();
        if !extra.is_empty() {
            unicode::text_for(extra, id::UNICODE_PATH, name)?;
            if let Some(data) = find(extra, id::ZIP64)? {
                self.header.slots().merge(data)?;
            }
        }
        if self.values.disk != 0 {
            return fail(ErrorKind::OtherDisk { disk: self.values.disk });
        }
        let (scheme, method) = Scheme::read(self.flags(), self.header.method(), extra)?;
        let size = self.size();
        if size > 0 && self.kind() == Kind::Directory {
            return fail(ErrorKind::DirectoryWithData { size });
        }
        let compressed = self.compressed_size();
        if scheme == Scheme::None && method == Method::STORED && compressed != size {
            return fail(ErrorKind::StoredSize { compressed, size });
        }
        if scheme == Scheme::None && method == Method::DEFLATE && compressed == 0 {
            // Nothing is no deflate stream; some readers take it for an empty one.
            let error = Error::new(ErrorKind::EmptyDeflate, 0);
            if size != 0 {
                return fail(ErrorKind::StoredSize { compressed, size });
            }
            relax.allow(&mut needs, Relax::EMPTY_DEFLATE, error)?;
        }
        if scheme.hides_crc() && self.crc32() != 0 {
            let error = Error::new(ErrorKind::BadExtra { id: id::AES }, 0);
            relax.allow(&mut needs, Relax::AE2_CRC, error)?;
        }
        Ok(needs)
    }

    /// Puts the offset of this entry's central header into an error.
    const fn here(&self, error: Error) -> Error {
        error.offset(self.at)
    }
}

/// Fewest bytes one entry takes in the directory.
pub(crate) const LEAST_CENTRAL_LEN: u64 = central::FIXED_LEN as u64;
