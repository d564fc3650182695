//! The key by which two names are one to some file system: case folded, letters decomposed, dots
//! and spaces at the end stripped.
//!
//! Windows and macOS fold case, macOS takes composed and decomposed letters for the same, Windows
//! strips dots and spaces. No two systems agree on the details (NTFS carries a table on the
//! volume, ext4 and APFS follow Unicode versions); the key unites what any of them may unite.
//! Where it misses one, the file system's own refusal to create a file twice remains.

mod canonical;

use std::borrow::Cow;

use canonical::{DECOMPOSITIONS, MARKS};

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

fn fold(text: &str) -> String {
    let mut chars = Vec::with_capacity(text.len());
    for char in text.chars() {
        decompose(char, &mut chars);
    }
    // Marks that follow one letter come in any order. Sorted by number, not by class: that may
    // unite what Unicode keeps apart, but never the reverse.
    for run in chars.chunk_by_mut(|_, next| is_mark(*next)) {
        let letter = usize::from(!run.first().copied().is_some_and(is_mark));
        run.get_mut(letter..).unwrap_or(&mut []).sort_unstable();
    }
    chars.into_iter().flat_map(folded).collect()
}

/// Full case folding, by way of upper case: sharp s becomes `ss`, final sigma a sigma.
fn folded(char: char) -> impl Iterator<Item = char> {
    // The dotless i has the upper case of i, but no file system takes one for the other.
    let (plain, other) = if char == 'ı' { (Some(char), None) } else { (None, Some(char)) };
    let other = other.into_iter().flat_map(char::to_lowercase);
    plain.into_iter().chain(other.flat_map(char::to_uppercase).flat_map(char::to_lowercase))
}

fn decompose(char: char, out: &mut Vec<char>) {
    let code = u32::from(char);
    if code < 0xc0 {
        return out.push(char);
    }
    // Hangul syllables, The Unicode Standard, 3.12.
    if let Some(syllable) = code.checked_sub(0xac00).filter(|&syllable| syllable < 11_172) {
        let (lead, vowel, tail) = (syllable / 588, syllable % 588 / 28, syllable % 28);
        out.extend(char::from_u32(0x1100 + lead));
        out.extend(char::from_u32(0x1161 + vowel));
        out.extend((tail > 0).then(|| char::from_u32(0x11a7 + tail)).flatten());
        return;
    }
    let found = u16::try_from(code)
        .ok()
        .and_then(|code| DECOMPOSITIONS.binary_search_by_key(&code, |row| row.0).ok())
        .and_then(|at| DECOMPOSITIONS.get(at));
    let Some(&(_, first, second)) = found else { return out.push(char) };
    for part in [first, second].into_iter().filter(|&part| part != 0) {
        if let Some(part) = char::from_u32(part.into()) {
            decompose(part, out);
        }
    }
}

fn is_mark(char: char) -> bool {
    let Ok(code) = u16::try_from(u32::from(char)) else { return false };
    let after = MARKS.partition_point(|&(first, _)| first <= code);
    after.checked_sub(1).and_then(|at| MARKS.get(at)).is_some_and(|&(_, last)| code <= last)
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

    #[test]
    fn the_tables_are_sorted() {
        assert!(DECOMPOSITIONS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(MARKS.is_sorted_by(|a, b| a.1 < b.0));
    }
}
