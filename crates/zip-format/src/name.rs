//! Names and comments: raw bytes, and how they are read as text (APPNOTE 4.4.17, appendix D).
//!
//! The specification knows two encodings, UTF-8 when bit 11 is set and code page 437 otherwise;
//! tools do more. The order here, first match wins:
//!
//! 1. bit 11: UTF-8; bytes that are none are an error, readable only escaped.
//! 2. a Unicode Path extra record (0x7075) whose CRC fits the raw name: its UTF-8.
//! 3. ASCII: itself.
//! 4. a Unix host: the bytes as they are. Info-ZIP on Unix writes UTF-8 with neither flag nor
//!    extra, and 7zz, bsdtar and unzip read it so; what is not UTF-8 stays raw bytes and comes
//!    back as the same file name.
//! 5. otherwise code page 437.
//!
//! Raw bytes are always there, and callers who know better (a Shift_JIS archive, say) give a
//! [`Charset`], which is asked for names that are neither marked nor ASCII, before rule 4.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::{self, Write as _};

use crate::cp437;
use crate::flags::Flags;
use crate::version::Host;

/// How the text of a name was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// ASCII, the same in every encoding that occurs.
    Ascii,
    /// UTF-8 by bit 11.
    Utf8,
    /// UTF-8 from a Unicode Path (or Comment) extra record.
    UnicodeExtra,
    /// UTF-8 of a Unix host that did not say so.
    UnixUtf8,
    /// Code page 437.
    Cp437,
    /// Raw bytes of a Unix host that are no UTF-8.
    UnixBytes,
    /// Flagged as UTF-8, but not.
    BadUtf8,
    /// The caller's [`Charset`].
    Given,
}

/// Reads names of an encoding that the archive does not tell.
///
/// Any function of the right shape is one.
pub trait Charset: Send + Sync {
    /// The text of a name, or `None` where the bytes are none of this encoding.
    fn decode(&self, raw: &[u8]) -> Option<String>;
}

impl<F: Fn(&[u8]) -> Option<String> + Send + Sync> Charset for F {
    fn decode(&self, raw: &[u8]) -> Option<String> {
        self(raw)
    }
}

/// A name (or comment) with its reading.
#[derive(Clone, Copy)]
pub struct Name<'a> {
    /// The bytes that carry the text: the field, or the extra record's.
    bytes: &'a [u8],
    encoding: Encoding,
    /// There for [`Encoding::Given`].
    charset: Option<&'a dyn Charset>,
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {self}", self.encoding)
    }
}

impl<'a> Name<'a> {
    /// Reads the bytes of a name field.
    #[must_use]
    pub fn decode(raw: &'a [u8], flags: Flags, host: Host, unicode: Option<&'a str>) -> Self {
        Self::decode_with(raw, flags, host, unicode, None)
    }

    /// The same, with the caller's charset for names that do not tell theirs.
    #[must_use]
    pub fn decode_with(
        raw: &'a [u8],
        flags: Flags,
        host: Host,
        unicode: Option<&'a str>,
        charset: Option<&'a dyn Charset>,
    ) -> Self {
        let valid = || core::str::from_utf8(raw).is_ok();
        let encoding = if flags.contains(Flags::UTF8) {
            if valid() { Encoding::Utf8 } else { Encoding::BadUtf8 }
        } else if let Some(text) = unicode {
            let encoding = Encoding::UnicodeExtra;
            return Self { bytes: text.as_bytes(), encoding, charset: None };
        } else if raw.is_ascii() {
            Encoding::Ascii
        } else if charset.is_some_and(|charset| charset.decode(raw).is_some()) {
            Encoding::Given
        } else if !host.has_unix_mode() {
            Encoding::Cp437
        } else if valid() {
            Encoding::UnixUtf8
        } else {
            Encoding::UnixBytes
        };
        Self { bytes: raw, encoding, charset }
    }

    /// How the text was found.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The text where it stands in the archive as UTF-8 already.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        match self.encoding {
            Encoding::Cp437 | Encoding::Given | Encoding::UnixBytes | Encoding::BadUtf8 => None,
            _ => core::str::from_utf8(self.bytes).ok(),
        }
    }

    /// The text, if the bytes are text at all.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        if let Some(text) = self.as_str() {
            return Some(Cow::Borrowed(text));
        }
        self.converted().map(Cow::Owned)
    }

    /// The text where it takes a conversion.
    fn converted(&self) -> Option<String> {
        match self.encoding {
            Encoding::Cp437 => Some(self.bytes.iter().copied().map(cp437::char_of).collect()),
            Encoding::Given => self.charset.and_then(|charset| charset.decode(self.bytes)),
            _ => None,
        }
    }

    /// The bytes that name the file on disk: UTF-8 of the text, or the raw bytes where there is
    /// no text. Two entries with equal path bytes have the same name.
    #[must_use]
    pub fn path_bytes(&self) -> Cow<'a, [u8]> {
        match self.converted() {
            Some(text) => Cow::Owned(text.into_bytes()),
            None => Cow::Borrowed(self.bytes),
        }
    }
}

impl fmt::Display for Name<'_> {
    /// The text; bytes that are none appear as `\xHH`, and then a backslash as `\\`, so that
    /// the escaped form can be read back without loss.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => f.write_str(&text),
            None => write_escaped(f, self.bytes),
        }
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '\\' => f.write_str("\\\\")?,
                other => f.write_char(other)?,
            }
        }
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02x}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn decode(raw: &[u8], flags: Flags, host: Host) -> (String, Encoding) {
        let name = Name::decode(raw, flags, host, None);
        (name.to_string(), name.encoding())
    }

    #[test]
    fn the_order_of_encodings() {
        let e_acute = "é".as_bytes();
        assert_eq!(decode(b"a", Flags::empty(), Host::FAT), ("a".into(), Encoding::Ascii));
        assert_eq!(decode(e_acute, Flags::UTF8, Host::FAT), ("é".into(), Encoding::Utf8));
        assert_eq!(decode(e_acute, Flags::empty(), Host::UNIX), ("é".into(), Encoding::UnixUtf8));
        assert_eq!(decode(&[0x82], Flags::empty(), Host::FAT), ("é".into(), Encoding::Cp437));
        assert_eq!(
            decode(b"\\\x82", Flags::empty(), Host::UNIX),
            ("\\\\\\x82".into(), Encoding::UnixBytes),
            "escaped, and the backslash with it"
        );
        assert_eq!(decode(&[0xed, 0xa0, 0x80], Flags::UTF8, Host::UNIX).1, Encoding::BadUtf8);
    }

    #[test]
    fn equal_names_through_two_encodings() {
        let utf8 = Name::decode("é".as_bytes(), Flags::UTF8, Host::UNIX, None);
        let dos = Name::decode(&[0x82], Flags::empty(), Host::FAT, None);
        assert_eq!(utf8.path_bytes(), dos.path_bytes());
    }

    #[test]
    fn a_given_charset_reads_what_is_not_marked() {
        let shout = |raw: &[u8]| raw.starts_with(&[0x80]).then(|| String::from("given"));
        let decode =
            |raw, flags| Name::decode_with(raw, flags, Host::UNIX, None, Some(&shout)).to_string();
        assert_eq!(decode(&[0x80, 1], Flags::empty()), "given");
        assert_eq!(decode(b"ascii", Flags::empty()), "ascii");
        assert_eq!(decode("é".as_bytes(), Flags::UTF8), "é");
        assert_eq!(decode("é".as_bytes(), Flags::empty()), "é", "not of that charset");
    }
}
