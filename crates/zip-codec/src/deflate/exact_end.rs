//! libdeflate's decompressor with the one fact its safe face leaves out: where the stream ended.
//! The crate's one unsafe room.
//!
//! A member is only sound if its payload ends where its deflate stream does. `libdeflater` says
//! how much came out, not how much went in, so bytes behind the stream would pass; the C function
//! below says both. It is the same code that the safe face calls.

#![expect(unsafe_code, reason = "see above; docs/decisions/0006-unsafe-rooms.md")]

use std::ptr::{self, NonNull};

use libdeflate_sys as c;

/// A decompressor, reused from stream to stream. Keeps nothing between calls.
///
/// *Limits*: about 12 KiB.
pub(super) struct Decompressor(NonNull<c::libdeflate_decompressor>);

// SAFETY: the pointer is owned, its memory is plain and holds nothing of the thread that made it.
unsafe impl Send for Decompressor {}

impl Decompressor {
    /// `None` if there is no memory for it.
    pub(super) fn new() -> Option<Self> {
        // SAFETY: no arguments; null is told apart.
        NonNull::new(unsafe { c::libdeflate_alloc_decompressor() }).map(Self)
    }

    /// Fills all of `output` from one stream at the start of `input`; returns how many bytes of
    /// `input` the stream took, or `None` if that cannot be done.
    pub(super) fn fill(&mut self, input: &[u8], output: &mut [u8]) -> Option<usize> {
        let mut used = 0;
        // SAFETY: both slices are valid for their lengths and do not overlap, `input` is only
        // read, `output` only written; `self.0` came from the allocation above and is not freed
        // before `drop`; `used` outlives the call. A null last argument asks for exactly
        // `output.len()` bytes.
        let result = unsafe {
            c::libdeflate_deflate_decompress_ex(
                self.0.as_ptr(),
                input.as_ptr().cast(),
                input.len(),
                output.as_mut_ptr().cast(),
                output.len(),
                &raw mut used,
                ptr::null_mut(),
            )
        };
        (result == c::libdeflate_result_LIBDEFLATE_SUCCESS).then_some(used)
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: allocated in `new`, freed here only.
        unsafe { c::libdeflate_free_decompressor(self.0.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1951, 3.2.4: a final stored block of five bytes.
    const STORED: [u8; 10] = [1, 5, 0, 0xfa, 0xff, b'h', b'e', b'l', b'l', b'o'];

    #[test]
    fn the_end_is_where_the_stream_ends() {
        let mut decompressor = Decompressor::new().expect("memory");
        for behind in [0, 1, 7, 8, 9, 300] {
            let mut input = STORED.to_vec();
            input.resize(STORED.len() + behind, 0xa5);
            let mut output = [0; 5];
            assert_eq!(decompressor.fill(&input, &mut output), Some(STORED.len()), "{behind}");
            assert_eq!(&output, b"hello");
        }
    }

    #[test]
    fn too_much_too_little_and_nonsense_are_refused() {
        let mut decompressor = Decompressor::new().expect("memory");
        assert_eq!(decompressor.fill(&STORED, &mut [0; 4]), None, "more than there is room for");
        assert_eq!(decompressor.fill(&STORED, &mut [0; 6]), None, "less than asked for");
        for len in 0..STORED.len() {
            assert_eq!(decompressor.fill(&STORED[..len], &mut [0; 5]), None, "{len} bytes of it");
        }
        assert_eq!(decompressor.fill(&[], &mut []), None);
        assert_eq!(decompressor.fill(&[0xff; 64], &mut [0; 5]), None);
        // Fixed Huffman codes, end of block at once: nothing is a stream of two bytes.
        assert_eq!(decompressor.fill(&[3, 0], &mut []), Some(2));
    }
}
