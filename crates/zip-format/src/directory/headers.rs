//! Where the central headers of a directory are, in half a byte each.
//!
//! Lengths of headers stand in the headers themselves, so the place of every eighth is enough:
//! from there it is at most seven steps to any other. Memory that is never taken is what makes
//! opening cheap: fresh pages cost more than the walk that fills them.

use alloc::vec::Vec;

use crate::central;

/// Headers from one mark to the next.
const STRIDE: usize = 8;

/// The places of the headers, counted from where the directory starts.
#[derive(Clone, Debug)]
pub(super) struct Headers {
    /// Of the headers number 0, 8, 16 and so on.
    marks: Vec<u32>,
    len: usize,
}

impl Headers {
    /// None so far, and room for this many.
    pub(super) fn with_capacity(entries: usize) -> Self {
        Self { marks: Vec::with_capacity(entries.div_ceil(STRIDE)), len: 0 }
    }

    /// Number of headers.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Appends the header that comes next, at this place.
    #[inline(always)]
    pub(super) fn push(&mut self, at: u32) {
        if self.len.is_multiple_of(STRIDE) {
            self.marks.push(at);
        }
        self.len += 1;
    }

    /// Where the header of this number is, in the same directory; `None` past the last.
    #[inline]
    pub(super) fn at(&self, directory: &[u8], number: usize) -> Option<usize> {
        if number >= self.len {
            return None;
        }
        let mut at = *self.marks.get(number / STRIDE)? as usize;
        for _ in 0..number % STRIDE {
            at += central::record_len(directory.get(at..)?)?;
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::central::CentralHeader;
    use crate::directory::read;

    #[test]
    fn every_header_is_found_again() {
        for count in [0, 1, 7, 8, 9, 64, 100] {
            let mut bytes = Vec::new();
            for number in 0..count {
                let mut header = [0; central::FIXED_LEN];
                header[..4].copy_from_slice(b"PK\x01\x02");
                // Name, extra field and comment, each of its own length.
                (header[28], header[30], header[32]) = (number, number / 2, number % 3);
                bytes.extend(header);
                bytes.resize(bytes.len() + usize::from(number + number / 2 + number % 3), b'x');
            }
            let places: Vec<u64> =
                read::entries(&bytes, 0).map(|entry| entry.expect("laid well").at()).collect();
            assert_eq!(places.len(), count.into());
            let mut headers = Headers::with_capacity(0);
            places.iter().for_each(|&at| headers.push(at as u32));
            for (number, &at) in places.iter().enumerate() {
                assert_eq!(headers.at(&bytes, number), Some(at as usize), "{number} of {count}");
                assert!(CentralHeader::parse(&bytes[at as usize..]).is_ok());
            }
            assert_eq!((headers.len(), headers.at(&bytes, places.len())), (places.len(), None));
            // Bytes of another directory are a mistake of the caller, and no reason to panic.
            assert_eq!(headers.at(&[], 1), None);
        }
    }
}
