//! Archives made to break readers, one fault each, and controls that a reader must not refuse.
//!
//! Each row says what a strict, safe reader does by default, what a documented and opted-in relaxation may do, and why.
//! Classes and outcomes follow the kinds of ZipDiff (You et al., USENIX Security 2025) and of published advisories.
//! A row is an opinion: where one seems wrong, argue with its `why` rather than bend the reader.

mod bomb;
mod collision;
mod control;
mod crypto;
mod data;
mod extra;
mod framing;
mod large;
mod mismatch;
mod path;
mod row;
mod symlink;
mod truncation;
mod zip64;

pub use self::row::{Class, Expect, Hostile};

/// Every row, large ones included: some 35 MiB, a second or two in debug builds.
#[must_use]
pub fn all() -> Vec<Hostile> {
    let mut rows = small();
    rows.extend(large::rows());
    rows
}

/// The rows of at most 300 KiB each: all but those about tens of thousands of entries.
#[must_use]
pub fn small() -> Vec<Hostile> {
    [
        control::rows(),
        extra::rows(),
        path::rows(),
        symlink::rows(),
        collision::rows(),
        bomb::rows(),
        mismatch::rows(),
        data::rows(),
        framing::rows(),
        truncation::rows(),
        zip64::rows(),
        crypto::rows(),
    ]
    .concat()
}

/// The row of this name.
#[must_use]
pub fn named(name: &str) -> Option<Hostile> {
    all().into_iter().find(|row| row.name == name)
}

/// Every proper prefix of an archive, the empty one first: each must be an error, never a shorter success.
pub fn prefixes(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..bytes.len()).map(|end| &bytes[..end])
}

/// Every copy of an archive with one bit flipped: each must be an error, or give the same contents.
pub fn bit_flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(move |bit| {
        let mut copy = bytes.to_vec();
        copy[bit / 8] ^= 1 << (bit % 8);
        (bit, copy)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::oracle::{Tool, python_entries_of, with_file};

    #[test]
    fn names_are_unique_and_say_their_class() {
        let mut names = BTreeSet::new();
        for row in all() {
            assert!(names.insert(row.name), "{} comes twice", row.name);
            let letters: &[&str] = match row.class {
                Class::Control => &["a_"],
                Class::Path => &["p_"],
                Class::Symlink | Class::Mode => &["s_", "a_symlink"],
                Class::Collision => &["n_"],
                Class::Bomb => &["b_"],
                Class::Mismatch => &["m_"],
                Class::Data => &["d_"],
                Class::Framing => &["e_"],
                Class::Truncation => &["t_"],
                Class::Zip64 => &["z_"],
                Class::Crypto => &["c_"],
            };
            assert!(
                letters.iter().any(|l| row.name.starts_with(l)),
                "{row:?}: the name begins with the letter of the class"
            );
        }
        assert!(names.len() > 319, "only {} rows", names.len());
    }

    #[test]
    fn verdicts_are_consistent() {
        for row in all() {
            assert!(!row.why.is_empty(), "{row:?}");
            if row.class == Class::Control {
                assert_eq!(row.expect, Expect::Accept, "{row:?}");
            }
            if row.expect == Expect::Accept {
                assert_eq!(row.compat, Expect::Accept, "{row:?}: compat is laxer");
                assert_eq!(row.fault, None, "{row:?}");
            }
            if row.expect == Expect::Encrypted {
                assert!(row.password.is_some(), "{row:?}");
            }
            if let Some(fault) = row.fault.filter(|_| row.lists_entries()) {
                assert!(fault < row.entries.len(), "{row:?}");
            }
        }
    }

    #[test]
    fn small_rows_are_small_and_every_fault_is_its_own() {
        let mut seen = BTreeMap::new();
        for row in small() {
            assert!(row.bytes.len() <= 300 << 10, "{row:?}");
            if let Some(other) = seen.insert(row.bytes.clone(), row.name) {
                panic!("{other} and {} are the same bytes", row.name);
            }
        }
    }

    /// What zipfile refuses though there is nothing wrong: it takes version needed at its word, and expects the zip64
    /// record to have no extensible data, and nothing but headers in the directory.
    const PYTHON_REFUSES: &[&str] = &["a_version_high", "a_zip64_extensible", "e_cd_signed"];

    #[test]
    fn python_agrees_on_what_is_accepted() {
        let directory = tempfile::tempdir().expect("a directory");
        let rows: Vec<Hostile> = small()
            .into_iter()
            .filter(|row| matches!(row.expect, Expect::Accept | Expect::RefuseExtract))
            .filter(|row| !PYTHON_REFUSES.contains(&row.name))
            .collect();
        let paths: Vec<_> = rows
            .iter()
            .map(|row| {
                let path = directory.path().join(row.name);
                std::fs::write(&path, &row.bytes).expect("room for a small file");
                path
            })
            .collect();
        let Some(answers) = python_entries_of(&paths, None) else {
            return;
        };
        for (row, answer) in rows.iter().zip(answers) {
            let listed = match answer {
                Ok(listed) => listed,
                Err(error) if row.needs.is_some() && error.contains("not supported") => continue,
                Err(error) => panic!("{row:?}: {error}"),
            };
            let read: Vec<_> = listed.iter().map(|e| (e.read, e.crc32)).collect();
            let expected: Vec<_> = row
                .entries
                .iter()
                .map(|(_, contents)| (contents.len() as u64, crc32fast::hash(contents)))
                .collect();
            assert_eq!(read, expected, "{row:?}: other contents");
        }
    }

    #[test]
    fn python_counts_the_large_ones() {
        for row in large::rows() {
            if row.expect != Expect::Accept {
                continue;
            }
            let Some((verdict, names)) = with_file(&row.bytes, |path| Tool::Python.names(path))
            else {
                return;
            };
            assert!(verdict.accepted, "{row:?}: {}", verdict.errors);
            assert_eq!(names.len(), row.entries.len(), "{row:?}");
        }
    }

    #[test]
    fn seven_zip_opens_the_encrypted_ones() {
        for row in small() {
            let (Expect::Encrypted, Some(password)) = (row.expect, row.password) else {
                continue;
            };
            let Some(verdict) =
                with_file(&row.bytes, |path| Tool::SevenZip.test(path, Some(password)))
            else {
                return;
            };
            assert!(verdict.accepted, "{row:?}: {verdict:?}");
            let wrong = with_file(&row.bytes, |path| Tool::SevenZip.test(path, Some("wrong")));
            assert!(wrong.is_some_and(|v| !v.accepted), "{row:?}: another password opens it");
        }
    }
}
