//! One entry as a caller sees it: its central header, with zip64 merged in.

use crate::attributes::{Attributes, Kind};
use crate::central::{self, CentralHeader};
use crate::encryption::Scheme;
use crate::error::{Error, ErrorKind, Field, Result};
use crate::extra::unix::Owner;
use crate::extra::zip64::{SATURATED_32, Slots, Values};
use crate::extra::{self, find, id, unicode};
use crate::flags::Flags;
use crate::limits::Limits;
use crate::method::Method;
use crate::name::{Charset, Encoding, Name};
use crate::position::Position;
use crate::profile::{Gate, Judge, Placed, Relax};
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
        let values = if slots.any_saturated() { widened(&header, &slots)? } else { slots.plain() };
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
        self.name_in(None)
    }

    /// Name, read as text, in the caller's charset where it does not tell its own.
    #[must_use]
    pub fn name_in(&self, charset: Option<&'a dyn Charset>) -> Name<'a> {
        let raw = self.header.name();
        let unicode = self.unicode_text(id::UNICODE_PATH, raw);
        let host = self.header.made_by().host();
        Name::decode_with(raw, self.header.flags(), host, unicode, charset)
    }

    /// Comment, read as text.
    #[must_use]
    pub fn comment(&self) -> Name<'a> {
        let raw = self.header.comment();
        let unicode = self.unicode_text(id::UNICODE_COMMENT, raw);
        Name::decode(raw, self.header.flags(), self.header.made_by().host(), unicode)
    }

    /// The Unicode record that replaces `raw`. It matters only without bit 11; a broken one is
    /// reported by `validate`.
    #[inline]
    fn unicode_text(&self, id: u16, raw: &[u8]) -> Option<&'a str> {
        let extra = self.header.extra();
        if extra.is_empty() || self.header.flags().contains(Flags::UTF8) {
            return None;
        }
        unicode::text_for(extra, id, raw).ok().flatten()
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

    /// What the entry is. Links and special files are told by their mode, directories by their
    /// attributes or a trailing `/`, be it of the raw name or of the one that replaces it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind_by(|| self.unicode_text(id::UNICODE_PATH, self.raw_name()))
    }

    fn kind_by(&self, unicode: impl FnOnce() -> Option<&'a str>) -> Kind {
        match self.header.attributes().kind() {
            Some(kind @ (Kind::Symlink | Kind::Special)) => kind,
            Some(Kind::Directory) => Kind::Directory,
            _ if self.raw_name().ends_with(b"/") => Kind::Directory,
            _ if unicode().is_some_and(|text| text.ends_with('/')) => Kind::Directory,
            _ => Kind::File,
        }
    }

    /// The best modification instant. A DOS time counts as UTC here, whose zone is unknown: see
    /// [`Instant::in_zone`].
    #[must_use]
    pub fn modified(&self) -> Instant {
        time::modified(self.header.modified(), self.header.extra())
    }

    /// Fewest bytes the member can take in the archive: a local header with the same name and no
    /// extra field, and the payload. In another encoding the name has a byte for each character at
    /// least ([`Relax::RECODED_NAMES`]).
    pub(crate) fn least_len(&self) -> Option<u64> {
        let name = self.raw_name();
        let is_start = |byte: &&u8| **byte & 0xc0 != 0x80;
        let name_len = if self.flags().contains(Flags::UTF8) {
            name.iter().filter(is_start).count()
        } else {
            name.len()
        };
        let header = crate::local::FIXED_LEN + name_len;
        self.values.compressed_size.checked_add(header as u64)
    }

    /// Checks what the central header alone can show, and says which relaxations it needs.
    ///
    /// # Errors
    /// A contradiction inside the header, or a deviation that `relax` does not have.
    pub fn validate(&self, relax: Relax, limits: &Limits) -> Result<Relax> {
        let mut gate = Gate::new(relax);
        self.examine(limits, &mut gate)?;
        Ok(gate.needs)
    }

    /// The same check before a [`Judge`] of one's own.
    ///
    /// # Errors
    /// What the judge stops at.
    pub fn examine(&self, limits: &Limits, judge: &mut impl Judge) -> Result<()> {
        let judge = &mut Placed { judge, by: self.at };
        let extra = self.header.extra();
        let plain = extra::is_plain(extra);
        // Told once; then whatever would look for a record in it has nothing to say.
        let broken = if plain { None } else { extra::check(extra).err() };
        if let Some(error) = broken {
            judge.judge(Relax::empty(), error)?;
        }
        self.examine_name(plain || broken.is_some(), limits, judge)?;
        let size = self.size();
        let kind = || if plain { self.kind_by(|| None) } else { self.kind() };
        if size > 0 && kind() == Kind::Directory {
            fault(judge, ErrorKind::DirectoryWithData { size })?;
        }
        if !plain && broken.is_none() {
            self.examine_zip64(judge)?;
        }
        match Scheme::read(self.flags(), self.header.method(), extra) {
            Ok((scheme, method)) => self.examine_sizes(scheme, method, kind, judge),
            Err(error) if broken.is_none() => judge.judge(Relax::empty(), error),
            Err(_) => Ok(()),
        }
    }

    /// `plain`: nothing in the extra field concerns the name, or can be read.
    fn examine_name(&self, plain: bool, limits: &Limits, judge: &mut impl Judge) -> Result<()> {
        let name = self.raw_name();
        examine_text(name, limits, judge)?;
        if plain && name.is_ascii() {
            return Ok(());
        }
        if !plain {
            match unicode::text_for(self.header.extra(), id::UNICODE_PATH, name) {
                Ok(Some(text)) if self.flags().contains(Flags::UTF8) && text.as_bytes() != name => {
                    // Bit 11 and the record both say what the name is. No tool writes two names;
                    // readers that believe the one or the other see them.
                    let (expected, found) = (name.len() as u64, text.len() as u64);
                    fault(judge, ErrorKind::Mismatch { field: Field::Name, expected, found })?;
                }
                Ok(Some(text)) if text.as_bytes() != name => {
                    examine_text(text.as_bytes(), limits, judge)?;
                }
                Ok(_) => {}
                Err(error) => judge.judge(Relax::empty(), error)?,
            }
        }
        if self.name().encoding() == Encoding::BadUtf8 {
            // What a careless decoder takes for ASCII is a second name, and in no profile.
            let needs = if is_overlong(name) { Relax::empty() } else { Relax::BAD_UTF8 };
            judge.judge(needs, Error::new(ErrorKind::BadUtf8, 0))?;
        }
        Ok(())
    }

    /// The zip64 record, be it asked for by a slot or not.
    fn examine_zip64(&self, judge: &mut impl Judge) -> Result<()> {
        let slots = self.header.slots();
        match find(self.header.extra(), id::ZIP64) {
            Ok(None) => Ok(()),
            Ok(Some(data)) => slots.merge(data).map(drop).or_else(|error| {
                let zeroed = slots.is_zeroed(data);
                judge.judge(if zeroed { Relax::ZEROED_ZIP64 } else { Relax::empty() }, error)
            }),
            Err(error) => judge.judge(Relax::empty(), error),
        }
    }

    fn examine_sizes(
        &self,
        scheme: Scheme,
        method: Method,
        kind: impl FnOnce() -> Kind,
        judge: &mut impl Judge,
    ) -> Result<()> {
        let (size, compressed) = (self.size(), self.compressed_size());
        let payload = compressed.checked_sub(scheme.overhead_bytes());
        let contradicts = match method {
            Method::STORED => payload != Some(size),
            // Nothing is no deflate stream, but a few writers and readers take it for an empty one.
            Method::DEFLATE => payload.is_none() || (payload == Some(0) && size != 0),
            _ => payload.is_none(),
        };
        if contradicts {
            fault(judge, ErrorKind::PayloadSize { compressed, size })?;
        } else if method == Method::DEFLATE && payload == Some(0) && kind() != Kind::Directory {
            // A directory has no contents to disagree about, whatever its method says.
            judge.judge(Relax::EMPTY_DEFLATE, Error::new(ErrorKind::EmptyDeflate, 0))?;
        }
        if scheme.hides_crc() && self.crc32() != 0 {
            let error = Error::new(ErrorKind::Ae2Crc { crc32: self.crc32() }, 0);
            judge.judge(Relax::AE2_CRC, error)?;
        }
        Ok(())
    }

    /// The zip64 value a slot announces is missing: the reason for a span that cannot be.
    pub(crate) fn missing_zip64(&self) -> Option<Field> {
        let slots = self.header.slots();
        if find(self.header.extra(), id::ZIP64) != Ok(None) {
            return None;
        }
        if slots.offset == Some(SATURATED_32) {
            return Some(Field::LocalOffset);
        }
        (slots.compressed_size == SATURATED_32).then_some(Field::CompressedSize)
    }

    /// Puts the offset of this entry's central header into an error.
    const fn here(&self, error: Error) -> Error {
        error.offset(self.at)
    }
}

/// The values of a header that has a saturated slot. Apart, so that a walk over headers without
/// one stays a short loop.
#[cold]
#[inline(never)]
fn widened(header: &CentralHeader<'_>, slots: &Slots) -> Result<Values> {
    // Without a record the slots are plain numbers: an archive may hold exactly 0xffff_ffff bytes
    // without zip64.
    match find(header.extra(), id::ZIP64)? {
        Some(data) => slots.merge(data),
        None => Ok(slots.plain()),
    }
}

/// What holds for every name, be it that of the header or the one that replaces it.
fn examine_text(name: &[u8], limits: &Limits, judge: &mut impl Judge) -> Result<()> {
    if name.contains(&0) {
        fault(judge, ErrorKind::NulInName)?;
    }
    let (limit, found) = (limits.name_bytes, name.len() as u64);
    if found > limit {
        fault(judge, ErrorKind::Limit { what: "bytes of a name", limit, found })?;
    }
    Ok(())
}

/// A fact that no profile accepts.
fn fault(judge: &mut impl Judge, kind: ErrorKind) -> Result<()> {
    judge.judge(Relax::empty(), Error::new(kind, 0))
}

/// Has a UTF-8 sequence that is longer than its character needs: `C0 AE` for a dot, say.
fn is_overlong(name: &[u8]) -> bool {
    name.iter().any(|byte| matches!(byte, 0xc0 | 0xc1))
        || name.windows(2).any(|pair| matches!(pair, [0xe0, 0x80..=0x9f] | [0xf0, 0x80..=0x8f]))
}

/// Fewest bytes one entry takes in the directory.
pub(crate) const LEAST_CENTRAL_LEN: u64 = central::FIXED_LEN as u64;
