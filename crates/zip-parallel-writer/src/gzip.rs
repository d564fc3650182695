//! One gzip member (RFC 1952): its header passed over, its deflate stream given on, its trailer
//! compared with what the stream decodes to.

use zip_codec::coder::Decode;
use zip_codec::member::Facts;
use zip_codec::registry;
use zip_codec::step::Want;
use zip_format::crc32::Crc32;
use zip_format::method::Method;

use crate::error::{Error, Result};

/// CRC-32 and size, after the stream.
const TRAILER_BYTES: usize = 8;
/// Contents decoded at a time, to be thrown away.
const WINDOW_BYTES: usize = 256 << 10;

/// Decodes one member that is pushed piece by piece.
pub(crate) struct Gunzip {
    decoder: Box<dyn Decode>,
    window: Vec<u8>,
    modified: u32,
    crc: Crc32,
    size: u64,
    compressed_size: u64,
    ended: bool,
    trailer: Vec<u8>,
}

impl Gunzip {
    /// Reads the header at the start of `first`, which must hold all of it; returns its length.
    pub(crate) fn new(first: &[u8]) -> Result<(Self, usize)> {
        let (modified, head) = header(first).ok_or(Error::Gzip("the header is broken"))?;
        let gunzip = Self {
            decoder: registry::decoder(Method::DEFLATE)?,
            window: vec![0; WINDOW_BYTES],
            modified,
            crc: Crc32::new(),
            size: 0,
            compressed_size: 0,
            ended: false,
            trailer: Vec::new(),
        };
        Ok((gunzip, head))
    }

    /// Time of the file in seconds since 1970; zero for none.
    pub(crate) const fn modified(&self) -> u32 {
        self.modified
    }

    /// Takes the next bytes of the file, and gives those of the deflate stream on.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        take: &mut impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        while !self.ended {
            let step = self.decoder.push(bytes, false, &mut self.window).map_err(Error::Payload)?;
            let contents = self.window.get(..step.produced).unwrap_or(&[]);
            self.crc.update(contents);
            self.size = self.size.saturating_add(contents.len() as u64);
            let (stream, rest) = bytes.split_at(step.consumed);
            take(stream)?;
            self.compressed_size = self.compressed_size.saturating_add(stream.len() as u64);
            bytes = rest;
            match step.want {
                Want::Nothing => self.ended = true,
                Want::Input => return Ok(()),
                Want::Output => {}
            }
        }
        if self.trailer.len() + bytes.len() > TRAILER_BYTES {
            return Err(Error::Gzip("bytes follow its trailer; files of several members fail"));
        }
        self.trailer.extend_from_slice(bytes);
        Ok(())
    }

    /// The facts of the payload, once all of the file was pushed.
    pub(crate) fn finish(self) -> Result<Facts> {
        if !self.ended {
            return Err(Error::Gzip("it ends within its deflate stream"));
        }
        let trailer: [u8; TRAILER_BYTES] =
            self.trailer.try_into().map_err(|_| Error::Gzip("its trailer is cut off"))?;
        let [a, b, c, d, e, f, g, h] = trailer;
        let crc32 = self.crc.value();
        if u32::from_le_bytes([a, b, c, d]) != crc32 {
            return Err(Error::Gzip("its CRC-32 is wrong"));
        }
        // The field holds the size modulo 2^32.
        if u32::from_le_bytes([e, f, g, h]) != self.size as u32 {
            return Err(Error::Gzip("its size is wrong"));
        }
        let (size, compressed_size) = (self.size, self.compressed_size);
        Ok(Facts { method: Method::DEFLATE, crc32, size, compressed_size })
    }
}

/// The time in a header, and the header's length; `None` if there is no whole one.
fn header(bytes: &[u8]) -> Option<(u32, usize)> {
    const HEADER_CRC: u8 = 1 << 1;
    const EXTRA: u8 = 1 << 2;
    const NAME: u8 = 1 << 3;
    const COMMENT: u8 = 1 << 4;
    let &[0x1f, 0x8b, 8, flags, a, b, c, d, _, _] = bytes.first_chunk::<10>()? else {
        return None;
    };
    if flags & 0xe0 != 0 {
        return None;
    }
    let mut at = 10;
    if flags & EXTRA != 0 {
        let len = bytes.get(at..)?.first_chunk()?;
        at += 2 + usize::from(u16::from_le_bytes(*len));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            at += 1 + bytes.get(at..)?.iter().position(|&byte| byte == 0)?;
        }
    }
    if flags & HEADER_CRC != 0 {
        at += 2;
    }
    (at <= bytes.len()).then_some((u32::from_le_bytes([a, b, c, d]), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_with_every_field() {
        let plain = [0x1f, 0x8b, 8, 0, 1, 2, 0, 0, 0, 3];
        assert_eq!(header(&plain), Some((0x201, 10)));
        let mut full = plain.to_vec();
        full[3] = 0b1_1110;
        full.extend_from_slice(&[3, 0, 9, 9, 9]);
        full.extend_from_slice(b"name\0comment\0\x11\x22");
        assert_eq!(header(&full), Some((0x201, full.len())));
        for cut in 0..full.len() {
            assert_eq!(header(&full[..cut]), None, "cut at {cut}");
        }
        full[3] |= 0x20;
        assert_eq!(header(&full), None, "an unknown flag");
    }
}
