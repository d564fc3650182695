//! Names of volumes: `a.z01` ... `a.z99`, `a.z100` ... `a.zip` and `a.zip.001` ..., and which files of
//! a directory belong together.
//!
//! Names are matched without regard to ASCII case, as `.Z01` of old tools and `.zip` of new ones
//! meet in one set. Numbers are plain decimals of at least two (`.z`) or three digits.

use std::ffi::{OsStr, OsString};

use crate::error::{Error, Result};
use crate::policy::Kind;

/// What a file name says about a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `.zip`: the last volume of a split archive, or a whole one.
    Last,
    /// `.z01` and so on: a volume of a split archive before the last; the number counts from 1.
    Numbered(u32),
    /// `.001` and so on: a raw cut; the number counts from 1.
    Raw(u32),
}

/// Takes a file name apart: what comes before `.zip`, `.z01` or `.001`, and the place.
#[must_use]
pub fn parse(name: &OsStr) -> Option<(&[u8], Place)> {
    let bytes = name.as_encoded_bytes();
    let dot = bytes.iter().rposition(|&byte| byte == b'.')?;
    let (stem, extension) = (bytes.get(..dot)?, bytes.get(dot + 1..)?);
    if stem.is_empty() {
        return None;
    }
    if extension.eq_ignore_ascii_case(b"zip") {
        return Some((stem, Place::Last));
    }
    if let [b'z' | b'Z', digits @ ..] = extension {
        return Some((stem, Place::Numbered(number(digits, 2)?)));
    }
    Some((stem, Place::Raw(number(extension, 3)?)))
}

/// A decimal number from 1 of at least so many digits.
fn number(digits: &[u8], least: usize) -> Option<u32> {
    if digits.len() < least || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|&number| number > 0)
}

/// The name of a volume whose last one is to be `last`: `a.zip`, or for raw cuts any name.
///
/// `number` counts from 0. The case of the extension follows that of `last`.
#[must_use]
pub fn volume_name(last: &OsStr, kind: Kind, number: u32) -> OsString {
    let number = u64::from(number) + 1;
    let bytes = last.as_encoded_bytes();
    let mut name = last.to_os_string();
    match kind {
        Kind::Raw => name.push(format!(".{number:03}")),
        Kind::Split => {
            let letter = if bytes.ends_with(b"ZIP") { 'Z' } else { 'z' };
            // Replaces the extension, and is the system's own way to do so.
            let path = std::path::Path::new(last).with_extension(format!("{letter}{number:02}"));
            name = path.into_os_string();
        }
    }
    name
}

/// The files of one archive, among those of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Siblings {
    /// `a.zip`.
    pub last: Option<OsString>,
    /// `a.z01` and so on, or `a.zip.001` and so on, by number.
    pub numbered: Vec<(u32, OsString)>,
}

/// Finds the files that belong to the archive of which `name` is a volume of the given kind.
///
/// Where a directory holds the same name in several spellings, that of `name` counts.
///
/// # Errors
/// [`Error::Duplicate`]: two files with one number, and neither spelling is that of `name`.
pub fn siblings(
    name: &OsStr,
    kind: Kind,
    listing: impl IntoIterator<Item = OsString>,
) -> Result<Siblings> {
    let mut found = Siblings::default();
    let Some((stem, _)) = parse(name) else { return Ok(found) };
    let mut lasts: Vec<(u32, OsString)> = Vec::new();
    for file in listing {
        let Some((other, place)) = parse(&file) else { continue };
        if !other.eq_ignore_ascii_case(stem) {
            continue;
        }
        match (kind, place) {
            (Kind::Split, Place::Last) => lasts.push((0, file)),
            (Kind::Split, Place::Numbered(number)) | (Kind::Raw, Place::Raw(number)) => {
                found.numbered.push((number, file));
            }
            _ => {}
        }
    }
    let same_stem = |file: &OsString| parse(file).is_some_and(|(other, _)| other == stem);
    for list in [&mut lasts, &mut found.numbered] {
        // The file itself before others, then those spelled as it is.
        list.sort_by_key(|(number, file)| (*number, file != name, !same_stem(file), file.clone()));
        let rivals = list.windows(2).find_map(|pair| match pair {
            [(one, file), (two, other)]
                if one == two && file != name && same_stem(file) == same_stem(other) =>
            {
                Some((file, other))
            }
            _ => None,
        });
        if let Some((file, other)) = rivals {
            let text = |name: &OsString| name.to_string_lossy().into_owned();
            return Err(Error::Duplicate { name: text(file), other: text(other) });
        }
        list.dedup_by_key(|(number, _)| *number);
    }
    found.last = lasts.pop().map(|(_, file)| file);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> Option<Place> {
        parse(OsStr::new(name)).map(|(_, place)| place)
    }

    #[test]
    fn names_that_are_volumes_and_others() {
        use Place::{Last, Numbered, Raw};
        for (name, expected) in [
            ("a.zip", Some(Last)),
            ("A.ZIP", Some(Last)),
            ("a.z01", Some(Numbered(1))),
            ("a.Z99", Some(Numbered(99))),
            ("a.z100", Some(Numbered(100))),
            ("a.z1000", Some(Numbered(1000))),
            ("a.z001", Some(Numbered(1))),
            ("a.zip.001", Some(Raw(1))),
            ("a.zip.1000", Some(Raw(1000))),
            ("a.7z.002", Some(Raw(2))),
            ("a.z1", None),
            ("a.z00", None),
            ("a.zip.000", None),
            ("a.zip.01", None),
            ("a.z+1", None),
            ("a.z99999999999", None),
            (".zip", None),
            ("a", None),
            ("a.txt", None),
        ] {
            assert_eq!(place(name), expected, "{name}");
        }
    }

    #[test]
    fn names_are_read_as_they_are_given() {
        for number in [0, 8, 9, 98, 99, 100, 998, 999, 1000, 65_533] {
            let name = volume_name(OsStr::new("a.b.zip"), Kind::Split, number);
            assert_eq!(parse(&name), Some((&b"a.b"[..], Place::Numbered(number + 1))), "{name:?}");
            let name = volume_name(OsStr::new("a.zip"), Kind::Raw, number);
            assert_eq!(parse(&name), Some((&b"a.zip"[..], Place::Raw(number + 1))), "{name:?}");
        }
        let name = |last, number| volume_name(OsStr::new(last), Kind::Split, number);
        assert_eq!((name("a.zip", 0), name("A.ZIP", 99)), ("a.z01".into(), "A.Z100".into()));
    }

    fn found(name: &str, kind: Kind, listing: &[&str]) -> Result<(Option<String>, Vec<String>)> {
        let found = siblings(OsStr::new(name), kind, listing.iter().map(OsString::from))?;
        let text = |name: OsString| name.into_string().unwrap();
        Ok((found.last.map(text), found.numbered.into_iter().map(|(_, name)| text(name)).collect()))
    }

    #[test]
    fn siblings_by_number_and_without_regard_to_case() {
        let listing =
            ["a.Z02", "a.zip", "b.z01", "a.z10", "A.z01", "a.zip.001", "a.z01.txt", "ab.z01"];
        let (last, numbered) = found("a.z10", Kind::Split, &listing).unwrap();
        assert_eq!(last.as_deref(), Some("a.zip"));
        assert_eq!(numbered, ["A.z01", "a.Z02", "a.z10"]);
        let (last, numbered) = found("a.zip.001", Kind::Raw, &listing).unwrap();
        assert_eq!((last, numbered), (None, vec!["a.zip.001".to_owned()]));
    }

    #[test]
    fn two_files_of_one_number() {
        let both = ["a.z01", "A.Z01", "a.zip"];
        assert_eq!(found("a.zip", Kind::Split, &both).unwrap().1, ["a.z01"], "the same spelling");
        assert_eq!(found("A.Z01", Kind::Split, &both).unwrap().1, ["A.Z01"], "the file itself");
        let error = found("a.zip", Kind::Split, &["a.z01", "a.z001", "a.zip"]).unwrap_err();
        assert!(matches!(error, Error::Duplicate { .. }), "{error}");
        assert_eq!(found("a.z001", Kind::Split, &["a.z01", "a.z001"]).unwrap().1, ["a.z001"]);
    }
}
