//! "Version made by" and "version needed to extract", APPNOTE 4.4.2 and 4.4.3.

use crate::method::Method;

/// The host system whose file attributes an entry carries: the upper byte of "made by".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Host(pub u8);

impl Host {
    /// MS-DOS and OS/2 (FAT).
    pub const FAT: Self = Self(0);
    /// Unix.
    pub const UNIX: Self = Self(3);
    /// Windows NTFS.
    pub const NTFS: Self = Self(10);
    /// macOS (Darwin); as Unix.
    pub const DARWIN: Self = Self(19);

    /// True when the upper half of the external attributes is a Unix mode.
    #[must_use]
    pub const fn has_unix_mode(self) -> bool {
        matches!(self, Self::UNIX | Self::DARWIN)
    }
}

/// "Version made by": host and the version of the specification its writer knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct MadeBy(pub u16);

impl MadeBy {
    /// What this library writes: Unix attributes, specification 6.3.
    pub const PZIP: Self = Self((Host::UNIX.0 as u16) << 8 | 63);

    /// The host system.
    #[must_use]
    pub const fn host(self) -> Host {
        Host((self.0 >> 8) as u8)
    }
}

/// The version a reader needs for plain directories and deflate.
pub const NEEDED_DEFLATE: u16 = 20;
/// The version a reader needs for zip64 records.
pub const NEEDED_ZIP64: u16 = 45;
/// The version WinZip AES entries carry.
pub const NEEDED_AES: u16 = 51;

/// The version a reader needs for this method (APPNOTE 4.4.3.2).
#[must_use]
pub const fn needed_for(method: Method) -> u16 {
    match method {
        Method::STORED => 10,
        Method::DEFLATE64 => 21,
        Method::BZIP2 => 46,
        Method::AES => NEEDED_AES,
        Method::LZMA | Method::PPMD | Method::ZSTD | Method::ZSTD_DEPRECATED | Method::XZ => 63,
        _ => NEEDED_DEFLATE,
    }
}

/// The version of an entry that moves to where it takes a zip64 record, or none. Some writers put
/// their host into the upper byte; it stays.
pub(crate) const fn raised(version: u16, zip64: bool) -> u16 {
    if zip64 && version & 0xff < NEEDED_ZIP64 { version & 0xff00 | NEEDED_ZIP64 } else { version }
}
