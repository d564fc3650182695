//! What the directory says about a member, as far as decoding must hold it to that.

use zip_format::method::Method;

use super::facts::Facts;
use crate::coder::About;
use zip_format::limits::Limits;

/// What decoding a member must verify; filled from the central header, never from the local one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeSpec {
    /// The method of the payload.
    pub method: Method,
    /// Contents in bytes.
    pub size: u64,
    /// Payload in bytes, without what encryption adds.
    pub compressed_size: u64,
    /// CRC-32 of the contents; `None` where the archive holds none (AE-2) and an authentication
    /// code takes its place.
    pub crc32: Option<u32>,
    /// General purpose bit 1 of a member of method 14: an end marker closes the stream.
    pub flags_lzma_eos: bool,
}

impl DecodeSpec {
    pub(crate) const fn about(&self, limits: &Limits) -> About {
        About {
            claimed_size: self.size,
            lzma_end_marker: self.flags_lzma_eos,
            window_bytes: limits.window_bytes,
        }
    }
}

impl From<Facts> for DecodeSpec {
    /// A member written here: LZMA, if any, with an end marker.
    fn from(facts: Facts) -> Self {
        Self {
            method: facts.method,
            size: facts.size,
            compressed_size: facts.compressed_size,
            crc32: Some(facts.crc32),
            flags_lzma_eos: facts.method == Method::LZMA,
        }
    }
}
