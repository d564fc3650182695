//! One entry of a plan in 80 bytes; its texts lie with those of all others.

use zip_format::attributes::Attributes;
use zip_format::directory::build::Meta;
use zip_format::directory::member::Member;
use zip_format::extra::aes::Strength;
use zip_format::extra::unix::Owner;
use zip_format::method::Method;
use zip_format::version::Host;

use crate::entry::{Contents, Entry, Wrap};

/// Times and owners are optional, and keep their width.
const HAS_MODIFIED: u8 = 1;
const HAS_OWNER: u8 = 2;

/// Length of the key the payload is encrypted with, in two bits: nought for none.
const STRENGTH_SHIFT: u32 = 2;

/// What is known of the contents, as stored and as serialised.
const NONE: u8 = 0;
const KNOWN: u8 = 1;
const SIZED_DEFLATE: u8 = 2;
const SIZED_STORED: u8 = 3;
const RAW: u8 = 4;

/// An entry without its texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Offset of the local header.
    pub(super) local: u64,
    /// Offset of the central header.
    pub(super) central: u64,
    /// Where its texts start: name, comment, key.
    pub(super) texts: u64,
    pub(super) size: u64,
    pub(super) compressed_size: u64,
    pub(super) modified: i64,
    pub(super) owner: [u32; 2],
    pub(super) crc32: u32,
    pub(super) external: u32,
    pub(super) name_len: u16,
    pub(super) comment_len: u16,
    pub(super) key_len: u16,
    pub(super) method: u16,
    pub(super) host: u8,
    pub(super) has: u8,
    pub(super) known: u8,
    /// Number of its password, if it is encrypted.
    pub(super) password: u8,
}

impl Row {
    /// The row of an entry whose texts fit; places are filled in by the builder.
    pub(super) fn new(entry: &Entry<'_>, strength: Option<Strength>, texts: u64) -> Self {
        let Entry { meta, key, contents } = entry;
        let payload = contents.payload();
        let known = match contents {
            Contents::None => NONE,
            Contents::Known { .. } => KNOWN,
            Contents::Sized { wrap: Wrap::DeflateStored, .. } => SIZED_DEFLATE,
            Contents::Sized { wrap: Wrap::Stored, .. } => SIZED_STORED,
            Contents::Raw { .. } => RAW,
        };
        let modified = if meta.modified.is_some() { HAS_MODIFIED } else { 0 };
        let owner = meta.owner.map_or([0; 2], |owner| [owner.uid, owner.gid]);
        Self {
            local: 0,
            central: 0,
            texts,
            size: payload.size,
            compressed_size: payload.compressed_size,
            modified: meta.modified.unwrap_or(0),
            owner,
            crc32: payload.crc32,
            external: meta.attributes.external,
            // The builder has looked at the lengths.
            name_len: meta.name.len() as u16,
            comment_len: meta.comment.len() as u16,
            key_len: key.len() as u16,
            method: payload.method.0,
            host: meta.attributes.host.0,
            has: modified
                | if meta.owner.is_some() { HAS_OWNER } else { 0 }
                | code_of(strength) << STRENGTH_SHIFT,
            known,
            password: 0,
        }
    }

    /// What is known of the contents; `None` for a kind of another version.
    pub(super) const fn contents(&self) -> Option<Contents> {
        let Self { size, compressed_size, crc32, .. } = *self;
        Some(match self.known {
            NONE => Contents::None,
            KNOWN => Contents::Known { size, crc32 },
            SIZED_DEFLATE => Contents::Sized { size, wrap: Wrap::DeflateStored },
            SIZED_STORED => Contents::Sized { size, wrap: Wrap::Stored },
            RAW => Contents::Raw { method: Method(self.method), compressed_size, size, crc32 },
            _ => return None,
        })
    }

    /// The fields that follow from the contents. A row that was read has to have those that its
    /// entry gives, or one plan would have two forms.
    pub(super) const fn facts(&self) -> ([u8; 3], u16, u64, u64, u32, i64, [u32; 2]) {
        let Self { known, has, password, .. } = *self;
        let Self { method, size, compressed_size, crc32, modified, owner, .. } = *self;
        ([known, has, password], method, size, compressed_size, crc32, modified, owner)
    }

    /// Bytes of all texts, and of the salt behind them.
    pub(super) fn texts_len(&self) -> usize {
        self.salt_at() + self.strength().map_or(0, Strength::salt_len)
    }

    fn salt_at(&self) -> usize {
        usize::from(self.name_len) + usize::from(self.comment_len) + usize::from(self.key_len)
    }

    /// Length of the key the payload is encrypted with, if it is.
    pub(super) const fn strength(&self) -> Option<Strength> {
        strength_of(self.has >> STRENGTH_SHIFT)
    }

    /// The salt of the payload, out of the texts of all; `None` if it is not encrypted.
    pub(super) fn salt<'a>(&self, texts: &'a [u8]) -> Option<&'a [u8]> {
        let len = self.strength()?.salt_len();
        let start = usize::try_from(self.texts).ok()?.checked_add(self.salt_at())?;
        texts.get(start..)?.get(..len)
    }

    /// The records of the member, as far as the plan knows them.
    pub(super) fn member<'a>(&self, texts: &'a [u8]) -> Option<Member<'a>> {
        let Entry { meta, contents, .. } = self.entry(texts)?;
        Some(contents.records(meta, self.strength()))
    }

    /// The entry, with its texts out of those of all; `None` if they are not there.
    pub(super) fn entry<'a>(&self, texts: &'a [u8]) -> Option<Entry<'a>> {
        let start = usize::try_from(self.texts).ok()?;
        let (name, rest) = texts.get(start..)?.split_at_checked(self.name_len.into())?;
        let (comment, rest) = rest.split_at_checked(self.comment_len.into())?;
        let key = rest.get(..self.key_len.into())?;
        let [uid, gid] = self.owner;
        let meta = Meta {
            name,
            comment,
            modified: (self.has & HAS_MODIFIED != 0).then_some(self.modified),
            attributes: Attributes { external: self.external, host: Host(self.host) },
            owner: (self.has & HAS_OWNER != 0).then_some(Owner { uid, gid }),
        };
        Some(Entry { meta, key, contents: self.contents()? })
    }
}

/// The strength as the record of APPNOTE 7.2 counts it; nought for none.
pub(super) const fn code_of(strength: Option<Strength>) -> u8 {
    match strength {
        None => 0,
        Some(Strength::Aes128) => 1,
        Some(Strength::Aes192) => 2,
        Some(Strength::Aes256) => 3,
    }
}

/// The strength of a code, out of its lowest two bits.
pub(super) const fn strength_of(code: u8) -> Option<Strength> {
    match code & 3 {
        1 => Some(Strength::Aes128),
        2 => Some(Strength::Aes192),
        3 => Some(Strength::Aes256),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_the_promise_of_100_bytes() {
        assert_eq!(size_of::<Row>(), 80, "docs/benchmarks.md and the crate's head say so");
    }
}
