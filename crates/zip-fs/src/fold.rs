//! The key by which two names are one to some file system: case folded, letters decomposed, dots
//! and spaces at the end stripped.
//!
//! Windows and macOS fold case, macOS takes composed and decomposed letters for the same, Windows
//! strips dots and spaces. No two systems agree on the details (NTFS carries a table on the
//! volume, ext4 and APFS follow Unicode versions); the key unites what any of them may unite.
//! Where it misses one, the file system's own refusal to create a file twice remains.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The key of one component. Components with equal keys may be one file.
pub(crate) fn key(component: &[u8]) -> Cow<'_, [u8]> {
    let plain = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if component.iter().all(plain) {
        return Cow::Borrowed(strip(component));
    }
    let mut key = match std::str::from_utf8(component) {
        Ok(text) if !text.is_ascii() => fold(text).into_bytes(),
        _ => component.to_ascii_lowercase(),
    };
    key.truncate(strip(&key).len());
    Cow::Owned(key)
}

fn strip(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| !matches!(byte, b'.' | b' '));
    bytes.get(..end.map_or(0, |last| last + 1)).unwrap_or(&[])
}

/// Decomposed, case folded, and decomposed again, since folding can bring composed letters back.
fn fold(text: &str) -> String {
    text.nfd().flat_map(folded).nfd().collect()
}

/// Full case folding, by way of upper case: sharp s becomes `ss`, final sigma a sigma.
fn folded(char: char) -> impl Iterator<Item = char> {
    // The dotless i has the upper case of i, but no file system takes one for the other.
    let (plain, other) = if char == 'ı' { (Some(char), None) } else { (None, Some(char)) };
    let other = other.into_iter().flat_map(char::to_lowercase);
    plain.into_iter().chain(other.flat_map(char::to_uppercase).flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_one_somewhere_have_one_key() {
        for (one, other) in [
            ("readme", "README"),
            ("a", "a."),
            ("a", "A ."),
            ("ä", "Ä"),
            ("straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("é", "e\u{301}"),
            ("Ḕ", "e\u{304}\u{300}"),
            ("q\u{323}\u{307}", "q\u{307}\u{323}"),
            ("\u{323}\u{307}", "\u{307}\u{323}"),
            ("한", "\u{1112}\u{1161}\u{11ab}"),
            ("が", "か\u{3099}"),
            ("ΟΔΟΣ", "οδος"),
            ("\u{212a}", "k"),
            ("ǆ", "ǅ"),
        ] {
            assert_eq!(key(one.as_bytes()), key(other.as_bytes()), "{one} and {other}");
        }
    }

    #[test]
    fn others_do_not() {
        for (one, other) in [
            ("a", "b"),
            ("e", "é"),
            ("o", "ø"),
            ("i", "ı"),
            ("a.b", "ab"),
            (".a", "a"),
            ("가", "각"),
        ] {
            assert_ne!(key(one.as_bytes()), key(other.as_bytes()), "{one} and {other}");
        }
        assert_ne!(key(b"\xff"), key(b"\xfe"), "bytes that are no text");
        assert_eq!(key(b"A\xff"), key(b"a\xff"));
    }
}
