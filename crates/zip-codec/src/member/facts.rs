//! What a finished member weighs: the fields that local header, descriptor and central header
//! share (APPNOTE 4.4.5, 4.4.7 to 4.4.9).

use zip_format::method::Method;

/// What a finished member weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The method used, which may be another than the one asked for.
    pub method: Method,
    /// CRC-32 of the contents.
    pub crc32: u32,
    /// Contents in bytes.
    pub size: u64,
    /// Payload in bytes.
    pub compressed_size: u64,
}
