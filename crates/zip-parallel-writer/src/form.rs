//! What the bytes of an item are: contents to be compressed, or a payload that is one already.

use zip_codec::member::Facts;
use zip_format::directory::carry::Carried;

/// What the bytes of an item are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Contents.
    #[default]
    Contents,
    /// A payload.
    Compressed(Compressed),
    /// A gzip file (RFC 1952) of one member.
    Gzip,
    /// The payload of an entry of another archive, and its headers.
    Carried(Box<Carried>),
}

/// A payload that was compressed elsewhere.
///
/// *Shape* of LZMA payloads: with an end marker (APPNOTE 5.8.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compressed {
    pub(crate) facts: Facts,
    pub(crate) verify: bool,
}

impl Compressed {
    /// A payload of these facts; it is decoded on the way, and the item fails if they are wrong.
    #[must_use]
    pub const fn new(facts: Facts) -> Self {
        Self { facts, verify: true }
    }

    /// The same without a look at the payload but for its length: a payload that is not what its
    /// facts say makes an entry that no reader accepts.
    #[must_use]
    pub const fn unverified(facts: Facts) -> Self {
        Self { facts, verify: false }
    }
}
