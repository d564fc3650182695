//! The header of a sealed archive, 80 bytes: `docs/sealed-format.md`, "Header".

use zip_io::Source;

use crate::sealed::error::{Error, Result};
use crate::sealed::geometry::{HEADER_LEN, MAX_FRAME_BYTES, MIN_FRAME_BYTES};

/// First bytes of a sealed archive. The first has its high bit set, and the line ends show a copy
/// that was taken for text, as in PNG.
pub(crate) const MAGIC: [u8; 8] = *b"\x8aPZS\r\n\x1a\n";
pub(crate) const VERSION: u8 = 1;
/// The bytes that the key check authenticates.
pub(crate) const CHECKED_LEN: usize = 48;

/// Parameters of Argon2id (RFC 9106), version 0x13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2 {
    /// Memory, in KiB; at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes. They are computed one after the other here.
    pub lanes: u32,
}

/// The second choice that RFC 9106 recommends, for less than 2 GiB: 64 MiB, three passes, four
/// lanes. About a tenth of a second.
impl Default for Argon2 {
    fn default() -> Self {
        Self { memory_kib: 64 << 10, passes: 3, lanes: 4 }
    }
}

/// How the secret becomes key material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Derivation {
    /// The secret is a key of 32 bytes, and is the material.
    RawKey,
    /// The secret is a password.
    Argon2id(Argon2),
}

/// What a header may ask for. It is believed only after the key was derived, so a hostile one
/// could otherwise ask for any time and memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Plain bytes of a frame: what one read holds in memory at least.
    pub frame_bytes: u32,
    /// Memory of Argon2, in KiB.
    pub memory_kib: u32,
    /// Passes of Argon2.
    pub passes: u32,
    /// Lanes of Argon2.
    pub lanes: u32,
}

/// Frames of 16 MiB; 256 MiB of memory, 16 passes and 16 lanes, which takes some seconds.
impl Default for Limits {
    fn default() -> Self {
        Self { frame_bytes: MAX_FRAME_BYTES, memory_kib: 256 << 10, passes: 16, lanes: 16 }
    }
}

/// The header of a sealed archive. Nothing in it is secret, and nothing is proven until the
/// archive was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    bytes: [u8; HEADER_LEN],
    frame_bytes: u32,
    derivation: Derivation,
}

impl Header {
    /// A header whose key check is still missing.
    pub(crate) fn new(frame_bytes: u32, derivation: Derivation, salt: &[u8; 16]) -> Self {
        let (kind, argon) = match derivation {
            Derivation::RawKey => (0, [0; 3]),
            Derivation::Argon2id(a) => (1, [a.memory_kib, a.passes, a.lanes]),
        };
        let mut bytes = [0; HEADER_LEN];
        let (head, salt_on) = bytes.split_at_mut(32);
        let [memory, passes, lanes] = argon.map(u32::to_le_bytes);
        let fields: [&[u8]; 7] = [
            &MAGIC,
            &[VERSION, kind, 0, 0],
            &frame_bytes.to_le_bytes(),
            &memory,
            &passes,
            &lanes,
            &[0; 4],
        ];
        let fields = fields.into_iter().flatten();
        head.iter_mut().zip(fields).for_each(|(to, from)| *to = *from);
        salt_on.iter_mut().zip(salt).for_each(|(to, from)| *to = *from);
        Self { bytes, frame_bytes, derivation }
    }

    pub(crate) fn with_check(mut self, check: &[u8; 32]) -> Self {
        self.bytes.iter_mut().skip(CHECKED_LEN).zip(check).for_each(|(to, from)| *to = *from);
        self
    }

    /// Reads the header of a source.
    ///
    /// # Errors
    /// [`Error::NotSealed`] for anything else, so that this is also the question whether a source
    /// is sealed; what [`Header::parse`] says; and what the source says.
    pub fn read<S: Source + ?Sized>(source: &S) -> Result<Self> {
        let mut bytes = [0; HEADER_LEN];
        let len = usize::try_from(source.len()).unwrap_or(usize::MAX).min(HEADER_LEN);
        let there = bytes.get_mut(..len).unwrap_or(&mut []);
        source.read_exact_at(there, 0).map_err(|source| Error::Read { at: 0, source })?;
        Self::parse(there)
    }

    /// Reads a header from the first bytes of a sealed archive.
    ///
    /// # Errors
    /// [`Error::NotSealed`], [`Error::Truncated`], or the field that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if !bytes.starts_with(&MAGIC) {
            return Err(Error::NotSealed);
        }
        let Some(&bytes) = bytes.first_chunk::<HEADER_LEN>() else {
            return Err(Error::Truncated { len: bytes.len() as u64 });
        };
        let [_, _, _, _, _, _, _, _, version, kind, zero, zero_too, ..] = bytes;
        if version != VERSION {
            return Err(Error::Version { found: version, known: VERSION });
        }
        let field = |at| bytes.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; 4]);
        let [frame_bytes, memory_kib, passes, lanes, reserved] =
            [12, 16, 20, 24, 28].map(|at| u32::from_le_bytes(field(at)));
        if (zero, zero_too, reserved) != (0, 0, 0) {
            let at = if reserved == 0 { 10 } else { 28 };
            return Err(Error::Header { what: "reserved bytes are not zero", at });
        }
        if !(MIN_FRAME_BYTES..=MAX_FRAME_BYTES).contains(&frame_bytes) {
            return Err(Error::Header { what: "impossible frame size", at: 12 });
        }
        let argon = Argon2 { memory_kib, passes, lanes };
        let derivation = match kind {
            0 if (memory_kib, passes, lanes) == (0, 0, 0) => Derivation::RawKey,
            0 => return Err(Error::Header { what: "a raw key has no parameters", at: 16 }),
            1 if argon.is_lawful() => Derivation::Argon2id(argon),
            1 => return Err(Error::Header { what: "impossible parameters of Argon2", at: 16 }),
            found => return Err(Error::Derivation { found }),
        };
        Ok(Self { bytes, frame_bytes, derivation })
    }

    /// Plain bytes of each frame.
    #[must_use]
    pub const fn frame_bytes(&self) -> u32 {
        self.frame_bytes
    }

    /// Whether a key or a password opens it, and the parameters.
    #[must_use]
    pub const fn derivation(&self) -> Derivation {
        self.derivation
    }

    /// The salt; with a raw key, this is what other systems call the IV.
    #[must_use]
    pub fn salt(&self) -> [u8; 16] {
        self.bytes.get(32..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; 16])
    }

    /// The bytes, as they stand in the archive.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; HEADER_LEN] {
        &self.bytes
    }

    pub(crate) fn checked_bytes(&self) -> &[u8] {
        self.bytes.split_at(CHECKED_LEN).0
    }

    pub(crate) fn check_bytes(&self) -> &[u8] {
        self.bytes.split_at(CHECKED_LEN).1
    }

    pub(crate) fn admit(&self, limits: &Limits) -> Result<()> {
        let Limits { frame_bytes, memory_kib, passes, lanes } = *limits;
        admit("frame size", self.frame_bytes, frame_bytes)?;
        if let Derivation::Argon2id(argon) = self.derivation {
            admit("memory of Argon2 in KiB", argon.memory_kib, memory_kib)?;
            admit("passes of Argon2", argon.passes, passes)?;
            admit("lanes of Argon2", argon.lanes, lanes)?;
        }
        Ok(())
    }
}

impl Argon2 {
    /// Whether RFC 9106 allows them.
    pub(crate) fn is_lawful(&self) -> bool {
        let lanes = (1..1 << 24).contains(&self.lanes);
        lanes && self.passes >= 1 && self.memory_kib / 8 >= self.lanes
    }
}

fn admit(what: &'static str, found: u32, limit: u32) -> Result<()> {
    if found > limit {
        return Err(Error::Limit { what, limit: limit.into(), found: found.into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARGON: Argon2 = Argon2 { memory_kib: 0x0102_0304, passes: 0x11, lanes: 0x22 };

    #[test]
    fn fields_stand_where_the_format_says() {
        let header = Header::new(0x1_0000, Derivation::Argon2id(ARGON), &[0x55; 16]);
        let header = header.with_check(&[0xcc; 32]);
        let bytes = header.as_bytes();
        assert_eq!(bytes[..8], [0x8a, b'P', b'Z', b'S', 13, 10, 26, 10]);
        assert_eq!(bytes[8..16], [1, 1, 0, 0, 0, 0, 1, 0]);
        assert_eq!(bytes[16..32], [4, 3, 2, 1, 0x11, 0, 0, 0, 0x22, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!((&bytes[32..48], &bytes[48..]), (&[0x55; 16][..], &[0xcc; 32][..]));
        assert_eq!(Header::parse(bytes).unwrap(), header);
        assert_eq!(header.salt(), [0x55; 16]);
    }

    #[test]
    fn each_bad_field_is_named() {
        let good = *Header::new(64, Derivation::RawKey, &[1; 16]).as_bytes();
        let with = |at: usize, value: &[u8]| {
            let mut bytes = good;
            bytes[at..at + value.len()].copy_from_slice(value);
            Header::parse(&bytes).unwrap_err()
        };
        assert!(Header::parse(&good).is_ok());
        assert!(matches!(with(0, b"P"), Error::NotSealed));
        assert!(matches!(with(8, &[2]), Error::Version { found: 2, known: 1 }));
        assert!(matches!(with(9, &[2]), Error::Derivation { found: 2 }));
        assert!(matches!(with(10, &[1]), Error::Header { at: 10, .. }));
        assert!(matches!(with(28, &[1]), Error::Header { at: 28, .. }));
        for size in [0, 63, (16 << 20) + 1, u32::MAX] {
            assert!(matches!(with(12, &size.to_le_bytes()), Error::Header { at: 12, .. }));
        }
        assert!(matches!(with(16, &[1]), Error::Header { at: 16, .. }));
        assert!(matches!(with(9, &[1]), Error::Header { at: 16, .. }), "Argon2 of nothing");
        for len in 8..80 {
            assert!(matches!(Header::parse(&good[..len]), Err(Error::Truncated { .. })));
        }
        assert!(matches!(Header::parse(&good[..7]), Err(Error::NotSealed)));
    }

    #[test]
    fn limits_hold_each_for_itself() {
        let header = |frame, memory_kib, passes, lanes| {
            let argon = Derivation::Argon2id(Argon2 { memory_kib, passes, lanes });
            Header::new(frame, argon, &[0; 16])
        };
        let limits = Limits { frame_bytes: 100, memory_kib: 200, passes: 3, lanes: 4 };
        assert!(header(100, 200, 3, 4).admit(&limits).is_ok());
        for over in [header(101, 1, 1, 1), header(1, 201, 1, 1), header(1, 1, 4, 1)] {
            assert!(matches!(over.admit(&limits), Err(Error::Limit { .. })));
        }
        assert!(matches!(header(1, 1, 1, 5).admit(&limits), Err(Error::Limit { .. })));
    }
}
