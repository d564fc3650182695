//! The only place where bytes become integers and integers become bytes.
//!
//! Every number of the format is little-endian (APPNOTE 4.4.1.1). A record is read in two steps:
//! its fixed part as a [`Head`], whose field offsets the compiler checks, then its variable
//! parts, split off by their claimed lengths.

use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Record, Result};

/// The fixed part of a record: `N` bytes that are really there.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a, const N: usize>(&'a [u8; N]);

impl<'a, const N: usize> Head<'a, N> {
    /// The fixed part at the start of `bytes`, if they are there.
    #[inline]
    pub(crate) fn first(bytes: &'a [u8]) -> Option<Self> {
        bytes.first_chunk::<N>().map(Self)
    }

    /// Splits the fixed part off, or says how many bytes are missing.
    #[inline]
    pub(crate) fn split(bytes: &'a [u8], record: Record) -> Result<(Self, &'a [u8])> {
        match bytes.split_first_chunk::<N>() {
            Some((head, rest)) => Ok((Self(head), rest)),
            None => Err(truncated(record, N as u64, bytes.len() as u64)),
        }
    }

    #[inline]
    pub(crate) const fn u16<const AT: usize>(self) -> u16 {
        const { assert!(AT + 2 <= N, "field within the record") };
        u16::from_le_bytes([self.0[AT], self.0[AT + 1]])
    }

    #[inline]
    pub(crate) const fn u32<const AT: usize>(self) -> u32 {
        const { assert!(AT + 4 <= N, "field within the record") };
        u32::from_le_bytes([self.0[AT], self.0[AT + 1], self.0[AT + 2], self.0[AT + 3]])
    }

    #[inline]
    pub(crate) const fn u64<const AT: usize>(self) -> u64 {
        const { assert!(AT + 8 <= N, "field within the record") };
        let b = self.0;
        u64::from_le_bytes([
            b[AT],
            b[AT + 1],
            b[AT + 2],
            b[AT + 3],
            b[AT + 4],
            b[AT + 5],
            b[AT + 6],
            b[AT + 7],
        ])
    }

    /// The record's signature must be `signature`.
    #[inline]
    pub(crate) fn expect(self, signature: u32, record: Record) -> Result<()> {
        const { assert!(N >= 4, "room for a signature") };
        let found = self.u32::<0>();
        if found == signature {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::Signature { record, found }, 0))
        }
    }
}

/// Splits `len` bytes off a record whose parts so far took `before` bytes.
#[inline]
pub(crate) fn split_part(
    bytes: &[u8],
    len: u16,
    record: Record,
    before: usize,
) -> Result<(&[u8], &[u8])> {
    match bytes.split_at_checked(usize::from(len)) {
        Some(parts) => Ok(parts),
        None => Err(truncated(
            record,
            before as u64 + u64::from(len),
            before as u64 + bytes.len() as u64,
        )),
    }
}

#[cold]
pub(crate) fn truncated(record: Record, needed: u64, available: u64) -> Error {
    Error::new(ErrorKind::Truncated { record, needed, available }, 0)
}

/// A forward reader over an extra record's data, where fields come and go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.chunk::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.chunk().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.chunk().map(u32::from_le_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.chunk().map(i32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.chunk().map(u64::from_le_bytes)
    }

    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }
}

/// Appends a little-endian `u16`.
#[inline]
pub(crate) fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a little-endian `u32`.
#[inline]
pub(crate) fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a little-endian `u64`.
#[inline]
pub(crate) fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends a variable part's length, or says that it does not fit 16 bits.
pub(crate) fn put_len(out: &mut Vec<u8>, part: &[u8], record: Record) -> Result<()> {
    let claimed = part.len() as u64;
    let len =
        u16::try_from(claimed).map_err(|_| Error::new(ErrorKind::Length { record, claimed }, 0))?;
    put_u16(out, len);
    Ok(())
}
