//! Payloads sealed whole, where they are in memory, or on their way into the archive.
//!
//! What leaves a worker in pieces is sealed before it reaches a spool, so that nothing readable is
//! in a temporary file. Only the traditional way cannot do that: its first bytes hold a piece of
//! the CRC-32, so that payload is spooled as it is, and sealed when all of it is there.

use std::io;

use zip_codec::error::Error as CodecError;
use zip_codec::member::{Encryption, Facts, Keyring, Scratch, Sealer, seal};
use zip_format::encryption::Scheme;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_io::Sink;
use zip_io::spool::Spool;

use crate::error::{Error, Result};
use crate::outlet::SPOOL_BYTES;
use crate::read::PIECE_BYTES;

/// Bytes copied and sealed at a time: they stay in a near cache.
const SEALED_BYTES: usize = 32 << 10;

/// What the headers say of a payload once it is sealed.
pub(crate) const fn described(encryption: &Encryption, plain: Facts) -> (Facts, Scheme) {
    let compressed_size = plain.compressed_size + encryption.overhead_bytes();
    (Facts { compressed_size, ..plain }, encryption.scheme(plain.method))
}

/// Seals a payload that is in memory onto the end of `out`.
pub(crate) fn append(
    scratch: &mut Scratch,
    encryption: &Encryption,
    plain: &Facts,
    payload: &[u8],
    out: &mut Vec<u8>,
) -> Result<()> {
    Ok(seal::append(scratch, encryption, plain, payload, out)?)
}

/// The encryption of one payload that leaves in pieces.
pub(crate) struct Seal {
    encryption: Encryption,
    /// Absent where all of the payload must be there first.
    sealer: Option<Sealer>,
    begun: bool,
    buffer: Vec<u8>,
}

impl Seal {
    /// At the start of a payload.
    pub(crate) fn begin(encryption: &Encryption, scratch: &mut Scratch) -> Result<Self> {
        let sealer = match encryption.scheme(Method::STORED) {
            Scheme::Traditional => None,
            _ => Some(sealer(encryption, 0, scratch.keyring())?),
        };
        Ok(Self { encryption: encryption.clone(), sealer, begun: false, buffer: Vec::new() })
    }

    /// Nothing of the payload can be written before all of it is there.
    pub(crate) const fn waits(&self) -> bool {
        self.sealer.is_none()
    }

    /// Bytes that sealing adds to the payload.
    pub(crate) const fn overhead_bytes(&self) -> u64 {
        self.encryption.overhead_bytes()
    }

    /// What the headers say of a payload of this method.
    pub(crate) const fn scheme(&self, method: Method) -> Scheme {
        self.encryption.scheme(method)
    }

    /// Gives the next bytes of the payload on, sealed if that can be done yet.
    pub(crate) fn pass(
        &mut self,
        bytes: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let Some(sealer) = &mut self.sealer else { return out(bytes) };
        if !self.begun {
            self.begun = true;
            out(sealer.head())?;
        }
        for piece in bytes.chunks(SEALED_BYTES) {
            self.buffer.clear();
            self.buffer.extend_from_slice(piece);
            sealer.seal(&mut self.buffer);
            out(&self.buffer)?;
        }
        Ok(())
    }

    /// Gives the end of a payload on that was sealed on the way.
    pub(crate) fn close(mut self, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        // Of no bytes, there is a head all the same.
        self.pass(&[], out)?;
        match self.sealer {
            Some(sealer) => out(&sealer.finish()),
            None => Ok(()),
        }
    }

    /// The sealed payload out of the spool it was passed to; `crc32` is that of the contents.
    pub(crate) fn close_spool(self, mut spool: Spool, crc32: u32) -> Result<Spool> {
        if self.sealer.is_some() {
            self.close(&mut |bytes| spool.write_all(bytes).map_err(Error::Spool))?;
            return Ok(spool);
        }
        let check = (crc32 >> 24) as u8;
        let mut sealer = sealer(&self.encryption, check, &mut Keyring::new())?;
        let mut sealed = Spool::new(SPOOL_BYTES);
        sealed.write_all(sealer.head()).map_err(Error::Spool)?;
        let mut sink = Sealing { sealer: &mut sealer, buffer: self.buffer, spool: &mut sealed };
        spool.drain(&mut sink, &mut vec![0; PIECE_BYTES]).map_err(Error::Spool)?;
        sealed.write_all(&sealer.finish()).map_err(Error::Spool)?;
        Ok(sealed)
    }
}

fn sealer(encryption: &Encryption, check: u8, ring: &mut Keyring) -> Result<Sealer> {
    Ok(Sealer::new(encryption, check, ring).map_err(CodecError::from)?)
}

/// A sink that seals what it is given into a spool.
struct Sealing<'s> {
    sealer: &'s mut Sealer,
    buffer: Vec<u8>,
    spool: &'s mut Spool,
}

impl Sink for Sealing<'_> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.clear();
        self.buffer.extend_from_slice(bytes);
        self.sealer.seal(&mut self.buffer);
        self.spool.write_all(&self.buffer)
    }

    fn position(&self) -> Position {
        Position::on_first(self.spool.len())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
