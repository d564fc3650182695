//! What is said of an entry before the first byte: its headers, and how much of its contents is
//! known.

use zip_format::attributes::{Attributes, Kind};
use zip_format::crc32::crc32;
use zip_format::directory::build::{Framing, Meta, Payload};
use zip_format::directory::member::Member;
use zip_format::encryption::Scheme;
use zip_format::extra::aes::{AesExtra, Strength};
use zip_format::extra::unix::Owner;
use zip_format::method::Method;
use zip_format::size::LocalSizes;

/// What is known of the contents of an entry, which decides the shape of its member.
///
/// | known | payload | behind it |
/// | --- | --- | --- |
/// | size and CRC-32 | stored | nothing |
/// | size | deflate of stored blocks, or stored | a descriptor |
/// | both sizes, CRC-32, method | as it is | nothing |
///
/// In an [encrypted plan](crate::Plan) contents of which the size is known are stored, whatever
/// their [`Wrap`], and nothing follows any payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contents {
    /// None at all: a directory. Nothing is ever opened for it.
    None,
    /// Size and checksum: stored, readable in every way. A pass over the whole checks both.
    Known {
        /// Bytes.
        size: u64,
        /// CRC-32.
        crc32: u32,
    },
    /// The size alone; the checksum is computed on the way and follows the payload.
    Sized {
        /// Bytes.
        size: u64,
        /// How the payload is made.
        wrap: Wrap,
    },
    /// Compressed already: what is opened for the entry is the payload itself.
    Raw {
        /// The method it is compressed with.
        method: Method,
        /// Bytes of the payload.
        compressed_size: u64,
        /// Bytes of the contents.
        size: u64,
        /// CRC-32 of the contents. Not checked here: that would take decoding.
        crc32: u32,
    },
}

/// How contents of which only the size is known become a payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrap {
    /// Method 8, made of stored blocks: five bytes more for each 64 KiB, and readers that go
    /// forward only find the end by themselves.
    #[default]
    DeflateStored,
    /// Method 0 with a descriptor: no byte more, but readers that go forward only may refuse it
    /// (Java, stream-unzip). The sizes stand in the local header as well, for those who use them.
    Stored,
}

impl Contents {
    /// Contents that are at hand: size and checksum are taken from them.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::Known { size: bytes.len() as u64, crc32: crc32(bytes) }
    }

    /// Contents of this size, as deflate of stored blocks.
    #[must_use]
    pub const fn sized(size: u64) -> Self {
        Self::Sized { size, wrap: Wrap::DeflateStored }
    }

    /// Bytes of the contents.
    #[must_use]
    pub const fn size(&self) -> u64 {
        match *self {
            Self::None => 0,
            Self::Known { size, .. } | Self::Sized { size, .. } | Self::Raw { size, .. } => size,
        }
    }

    /// Bytes that are read when the entry is opened: of the payload for [`Contents::Raw`], else of
    /// the contents.
    #[must_use]
    pub const fn read_size(&self) -> u64 {
        match *self {
            Self::Raw { compressed_size, .. } => compressed_size,
            _ => self.size(),
        }
    }

    /// What is the same and says more: of no bytes the checksum is known.
    pub(crate) const fn settled(self) -> Self {
        match self {
            Self::Sized { size: 0, .. } => Self::Known { size: 0, crc32: 0 },
            other => other,
        }
    }

    /// The facts of the payload, with a zero for a checksum that is not known yet.
    pub(crate) const fn payload(&self) -> Payload {
        match *self {
            Self::None => stored_payload(0, 0),
            Self::Known { size, crc32 } => stored_payload(size, crc32),
            Self::Sized { size, wrap: Wrap::Stored } => stored_payload(size, 0),
            Self::Sized { size, wrap: Wrap::DeflateStored } => Payload {
                method: Method::DEFLATE,
                crc32: 0,
                compressed_size: zip_codec::deflate_stored::exact_len(size),
                size,
            },
            Self::Raw { method, compressed_size, size, crc32 } => {
                Payload { method, crc32, compressed_size, size }
            }
        }
    }

    /// What the records of the member say; with this length of key, if it is encrypted.
    pub(crate) fn records<'a>(&self, meta: Meta<'a>, strength: Option<Strength>) -> Member<'a> {
        let Some(strength) = strength else {
            let (payload, framing) = (self.payload(), self.framing());
            return Member { meta, payload, framing, scheme: Scheme::None };
        };
        let mut payload = match *self {
            // No checksum has to wait for the end, so neither do readers.
            Self::Sized { size, .. } => stored_payload(size, 0),
            _ => self.payload(),
        };
        let scheme = Scheme::Aes(AesExtra { ae2: true, strength, method: payload.method });
        payload.compressed_size = payload.compressed_size.saturating_add(scheme.overhead_bytes());
        Member { meta, payload, framing: Framing::Local, scheme }
    }

    /// Where CRC and sizes stand.
    const fn framing(&self) -> Framing {
        match *self {
            Self::Sized { wrap, .. } => {
                let Payload { size, compressed_size, .. } = self.payload();
                let sizes = LocalSizes { size, compressed_size };
                Framing::descriptor(sizes, matches!(wrap, Wrap::Stored))
            }
            _ => Framing::Local,
        }
    }

    /// The checksum, if it is known beforehand.
    pub(crate) const fn crc32(&self) -> Option<u32> {
        match *self {
            Self::None => Some(0),
            Self::Known { crc32, .. } | Self::Raw { crc32, .. } => Some(crc32),
            Self::Sized { .. } => None,
        }
    }
}

const fn stored_payload(size: u64, crc32: u32) -> Payload {
    Payload { method: Method::STORED, crc32, compressed_size: size, size }
}

/// One entry as it is told to a plan.
///
/// ```
/// use zip_stream_encoder::{Contents, Entry};
/// let entry = Entry::file(b"video.mp4", Contents::sized(3 << 30))
///     .with_modified(1_700_000_000)
///     .with_key(b"bucket/video.mp4#etag-of-that-version");
/// # let _ = entry;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Name, comment, time, attributes, owner.
    pub meta: Meta<'a>,
    /// Identity and version of what will be opened, as any bytes; empty if there is none. Two
    /// entries with equal keys have equal contents, now and later. It makes checksums outlive a
    /// download, and is part of the archive's tag.
    pub key: &'a [u8],
    /// What is known of the contents.
    pub contents: Contents,
}

impl<'a> Entry<'a> {
    const fn new(name: &'a [u8], kind: Kind, permissions: u32, contents: Contents) -> Self {
        let attributes = Attributes::unix(kind, permissions);
        let meta = Meta { name, comment: b"", modified: None, attributes, owner: None };
        Self { meta, key: b"", contents }
    }

    /// A file of mode 644.
    #[must_use]
    pub const fn file(name: &'a [u8], contents: Contents) -> Self {
        Self::new(name, Kind::File, 0o644, contents)
    }

    /// A directory of mode 755; the name must end in `/`.
    #[must_use]
    pub const fn directory(name: &'a [u8]) -> Self {
        Self::new(name, Kind::Directory, 0o755, Contents::None)
    }

    /// A symbolic link, of whose contents, the target, what is to be said stands in `contents`.
    #[must_use]
    pub const fn symlink(name: &'a [u8], contents: Contents) -> Self {
        Self::new(name, Kind::Symlink, 0o777, contents)
    }

    /// With these Unix permission bits.
    #[must_use]
    pub fn with_mode(mut self, permissions: u32) -> Self {
        let kind = self.meta.attributes.kind().unwrap_or(Kind::File);
        self.meta.attributes = Attributes::unix(kind, permissions);
        self
    }

    /// With this time of modification, in seconds since 1970 UTC.
    #[must_use]
    pub const fn with_modified(mut self, seconds: i64) -> Self {
        self.meta.modified = Some(seconds);
        self
    }

    /// With this owner.
    #[must_use]
    pub const fn with_owner(mut self, owner: Owner) -> Self {
        self.meta.owner = Some(owner);
        self
    }

    /// With this comment.
    #[must_use]
    pub const fn with_comment(mut self, comment: &'a [u8]) -> Self {
        self.meta.comment = comment;
        self
    }

    /// With this identity and version of its contents.
    #[must_use]
    pub const fn with_key(mut self, key: &'a [u8]) -> Self {
        self.key = key;
        self
    }
}
