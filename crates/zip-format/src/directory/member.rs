//! The records of one member, one by one and with their lengths beforehand: for writers that
//! lay an archive out before they write it, and keep facts instead of a directory.

use alloc::vec::Vec;

use super::record::{self, Framing, Meta, Payload};
use crate::descriptor::DataDescriptor;
use crate::encryption::Scheme;
use crate::error::Result;
use crate::extra::zip64::Values;
use crate::position::Position;
use crate::size::{self, LocalSizes};

/// A member as its records tell of it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// What both headers say.
    pub meta: Meta<'a>,
    /// The payload. Lengths of records depend on its sizes, and not on its CRC.
    pub payload: Payload,
    /// Where CRC and sizes stand.
    pub framing: Framing,
    /// How the payload is encrypted; as [`record::write_local_sealed`].
    pub scheme: Scheme,
}

impl Framing {
    /// A descriptor for a payload of known sizes: wide where they need it.
    #[must_use]
    pub const fn descriptor(sizes: LocalSizes, in_local: bool) -> Self {
        Self::Descriptor { zip64: sizes.zip64(), sizes: in_local }
    }
}

impl Member<'_> {
    /// The local header has a zip64 record.
    const fn zip64(&self) -> bool {
        let Payload { size, compressed_size, .. } = self.payload;
        match self.framing {
            Framing::Local => LocalSizes { size, compressed_size }.zip64(),
            Framing::Descriptor { zip64, .. } => zip64,
        }
    }

    /// Bytes of the local header.
    #[must_use]
    pub fn local_len(&self) -> u64 {
        size::local_len(
            self.meta.name.len(),
            record::extras_len(&self.meta, self.scheme),
            self.zip64(),
        )
    }

    /// Bytes of the descriptor; zero where there is none.
    #[must_use]
    pub const fn descriptor_len(&self) -> u64 {
        match self.framing {
            Framing::Local => 0,
            Framing::Descriptor { zip64, .. } => size::descriptor_len(zip64),
        }
    }

    /// Bytes of the central header, if the local one is at `local`.
    #[must_use]
    pub fn central_len(&self, local: Position) -> u64 {
        let values = Values {
            size: self.payload.size,
            compressed_size: self.payload.compressed_size,
            offset: local.offset,
            disk: local.disk,
        };
        let Meta { name, comment, .. } = self.meta;
        size::central_len(
            name.len(),
            record::extras_len(&self.meta, self.scheme),
            comment.len(),
            &values,
        )
    }

    /// Appends the local header.
    ///
    /// # Errors
    /// The name holds a NUL byte or is longer than 65,535 bytes.
    pub fn write_local(&self, out: &mut Vec<u8>) -> Result<()> {
        record::local_header(&self.meta, &self.payload, (self.framing, self.scheme), false, out)
    }

    /// Appends the descriptor, or nothing where there is none.
    pub fn write_descriptor(&self, out: &mut Vec<u8>) {
        if let Framing::Descriptor { zip64, .. } = self.framing {
            let Payload { crc32, compressed_size, size, .. } = self.payload;
            record::write_descriptor(&DataDescriptor { crc32, compressed_size, size }, zip64, out);
        }
    }

    /// Appends the central header, for a local one at `local`; `extra` is scratch.
    ///
    /// # Errors
    /// Name or comment do not fit; part of the header may have been appended.
    pub fn write_central(
        &self,
        local: Position,
        extra: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        record::central_header(
            &self.meta,
            &self.payload,
            (self.framing, self.scheme),
            local,
            extra,
            out,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::{Attributes, Kind};
    use crate::extra::aes::{AesExtra, Strength};
    use crate::extra::unix::Owner;
    use crate::method::Method;

    #[test]
    fn every_record_has_the_length_that_was_promised() {
        const BIG: u64 = u32::MAX as u64;
        let meta = Meta {
            name: "é/b".as_bytes(),
            comment: b"c",
            modified: Some(7),
            attributes: Attributes::unix(Kind::File, 0o644),
            owner: Some(Owner { uid: 1, gid: 2 }),
        };
        let metas = [
            meta,
            Meta { modified: Some(i64::MAX), owner: None, ..meta },
            Meta { modified: None, ..meta },
        ];
        let aes = AesExtra { ae2: true, strength: Strength::Aes256, method: Method::DEFLATE };
        let schemes = [Scheme::None, Scheme::Traditional, Scheme::Aes(aes)];
        for (meta, scheme) in
            metas.into_iter().flat_map(|meta| schemes.map(|scheme| (meta, scheme)))
        {
            for size in [0, 1, BIG - 1, BIG, BIG + 1] {
                let payload =
                    Payload { method: Method::DEFLATE, crc32: 9, compressed_size: size, size };
                let sizes = LocalSizes { size, compressed_size: size };
                for framing in [
                    Framing::Local,
                    Framing::descriptor(sizes, true),
                    Framing::descriptor(sizes, false),
                    Framing::Descriptor { zip64: true, sizes: false },
                ] {
                    let member = Member { meta, payload, framing, scheme };
                    let mut out = Vec::new();
                    member.write_local(&mut out).unwrap();
                    assert_eq!(out.len() as u64, member.local_len(), "{member:?}");
                    out.clear();
                    member.write_descriptor(&mut out);
                    assert_eq!(out.len() as u64, member.descriptor_len(), "{member:?}");
                    for offset in [0, BIG - 1, BIG] {
                        let local = Position::on_first(offset);
                        out.clear();
                        member.write_central(local, &mut Vec::new(), &mut out).unwrap();
                        assert_eq!(out.len() as u64, member.central_len(local), "{member:?}");
                    }
                }
            }
        }
    }
}
