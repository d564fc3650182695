//! Compression methods, APPNOTE 4.4.5.

use core::fmt;

/// The compression method field. An open set: unknown ids survive a round trip.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Method(pub u16);

macro_rules! methods {
    ($($(#[$doc:meta])* $const:ident = $id:literal, $name:literal;)*) => {
        impl Method {
            $($(#[$doc])* pub const $const: Self = Self($id);)*

            /// The usual name of a known method, in lower case.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($id => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

methods! {
    /// No compression.
    STORED = 0, "stored";
    /// PKZIP 1 "shrunk" (dynamic LZW); legacy.
    SHRUNK = 1, "shrunk";
    /// PKZIP 1 "reduced", factor 1; legacy.
    REDUCED1 = 2, "reduced-1";
    /// PKZIP 1 "reduced", factor 2; legacy.
    REDUCED2 = 3, "reduced-2";
    /// PKZIP 1 "reduced", factor 3; legacy.
    REDUCED3 = 4, "reduced-3";
    /// PKZIP 1 "reduced", factor 4; legacy.
    REDUCED4 = 5, "reduced-4";
    /// PKZIP 1 "imploded"; legacy.
    IMPLODED = 6, "imploded";
    /// DEFLATE, RFC 1951.
    DEFLATE = 8, "deflate";
    /// DEFLATE with a 64 KiB window.
    DEFLATE64 = 9, "deflate64";
    /// bzip2.
    BZIP2 = 12, "bzip2";
    /// LZMA with a 4-byte prefix and 5 bytes of properties, APPNOTE 5.8.
    LZMA = 14, "lzma";
    /// Zstandard under its first, deprecated id.
    ZSTD_DEPRECATED = 20, "zstd-20";
    /// Zstandard, RFC 8878.
    ZSTD = 93, "zstd";
    /// MP3.
    MP3 = 94, "mp3";
    /// XZ.
    XZ = 95, "xz";
    /// JPEG variant.
    JPEG = 96, "jpeg";
    /// WavPack.
    WAVPACK = 97, "wavpack";
    /// PPMd version I, revision 1.
    PPMD = 98, "ppmd";
    /// WinZip AES: the real method stands in extra record 0x9901.
    AES = 99, "aes";
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "method-{}", self.0),
        }
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Method({}", self.0)?;
        if let Some(name) = self.name() {
            write!(f, ", {name}")?;
        }
        f.write_str(")")
    }
}
