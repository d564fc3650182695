//! Data descriptor, APPNOTE 4.3.9: CRC and sizes after the payload, when bit 3 is set.
//!
//! *Shape*: optional signature u32, CRC-32 u32, compressed size, size: u32 each, or u64 each when
//! the local header has a zip64 record. Four forms in all; nothing in the record says which.

use alloc::vec::Vec;

use crate::signature;

/// The values of a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataDescriptor {
    /// CRC-32 of the contents; zero for AE-2.
    pub crc32: u32,
    /// Bytes of the payload.
    pub compressed_size: u64,
    /// Bytes of the contents.
    pub size: u64,
}

/// One of the four forms a descriptor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Starts with the signature.
    pub signature: bool,
    /// Sizes of 64 bits.
    pub wide: bool,
}

impl Form {
    /// All forms, the ones that writers use most first.
    pub const ALL: [Self; 4] = [
        Self { signature: true, wide: false },
        Self { signature: true, wide: true },
        Self { signature: false, wide: false },
        Self { signature: false, wide: true },
    ];

    /// Bytes of a descriptor in this form: 12, 16, 20 or 24.
    #[must_use]
    pub const fn len(self) -> usize {
        let sizes = if self.wide { 16 } else { 8 };
        let signature = if self.signature { 4 } else { 0 };
        signature + 4 + sizes
    }

    /// Never true.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// Bytes of the longest form.
pub const MAX_LEN: usize = 24;

impl DataDescriptor {
    /// Appends the descriptor; in a narrow form sizes are cut to 32 bits, so the caller must have
    /// chosen the form by the sizes.
    pub fn write(&self, form: Form, out: &mut Vec<u8>) {
        let (laid, len) = self.lay(form);
        // A form is never longer than the longest.
        out.extend_from_slice(laid.get(..len).unwrap_or(&laid));
    }

    /// The form in which these values stand at the start of `bytes`, if in any.
    ///
    /// `len` narrows the search to forms of that length: what there is room for before the next
    /// record. The values come from the directory, so a form is only found when it agrees.
    #[must_use]
    pub fn find_form(&self, bytes: &[u8], len: Option<u64>) -> Option<Form> {
        Form::ALL.into_iter().find(|form| {
            if len.is_some_and(|len| len != form.len() as u64) {
                return false;
            }
            if !form.wide && (self.size | self.compressed_size) > u64::from(u32::MAX) {
                return false;
            }
            let (laid, len) = self.lay(*form);
            bytes.get(..len) == laid.get(..len)
        })
    }

    /// The descriptor's bytes and how many there are; on the stack, since readers lay one per
    /// member.
    fn lay(&self, form: Form) -> ([u8; MAX_LEN], usize) {
        let mut out = [0; MAX_LEN];
        let mut len = 0;
        let mut put = |bytes: &[u8]| {
            if let Some(room) = out.get_mut(len..len + bytes.len()) {
                room.copy_from_slice(bytes);
            }
            len += bytes.len();
        };
        if form.signature {
            put(&signature::DATA_DESCRIPTOR.to_le_bytes());
        }
        put(&self.crc32.to_le_bytes());
        for size in [self.compressed_size, self.size] {
            let bytes = size.to_le_bytes();
            put(if form.wide { &bytes } else { &bytes[..4] });
        }
        (out, len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_again() {
        let values = DataDescriptor { crc32: 0x0807_4b50, compressed_size: 7, size: 9 };
        for form in Form::ALL {
            let mut bytes = Vec::new();
            values.write(form, &mut bytes);
            assert_eq!(bytes.len(), form.len());
            assert_eq!(values.find_form(&bytes, Some(form.len() as u64)), Some(form));
            assert!(values.find_form(&bytes, None).is_some());
            bytes[4] ^= 1;
            assert_eq!(values.find_form(&bytes, None), None);
        }
        let big = DataDescriptor { crc32: 0, compressed_size: 1 << 32, size: 1 << 32 };
        assert_eq!(big.find_form(&[0; 16], None), None, "never cut to 32 bits");
    }
}
