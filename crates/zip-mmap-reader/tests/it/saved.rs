//! An index saved and loaded: the same archive, or a typed error.

use zip_format::error::ErrorKind;
use zip_format::profile::Relax;
use zip_mmap_reader::{Archive, Error, NameCharset, Options};
use zip_testkit::lay::{LaidEntry, Lay};

fn lay(order: Option<Vec<usize>>) -> Lay {
    let entries =
        (0..40).map(|n| LaidEntry::deflated(format!("dir/{n}"), format!("{n} ").repeat(n)));
    Lay::of(entries).with(|lay| lay.directory_order = order)
}

fn why(error: &Error) -> &'static str {
    match error {
        Error::Format(error) => match error.kind {
            ErrorKind::SavedIndex(why) => why,
            _ => panic!("{error}"),
        },
        _ => panic!("{error}"),
    }
}

#[test]
fn a_loaded_index_is_the_one_that_was_saved() {
    for order in [None, Some((0..40).rev().collect())] {
        let archive = lay(order).build();
        let fresh = Archive::new(&archive[..], Options::default()).expect("opens");
        let saved = fresh.save_index();
        assert!(saved.len() <= 200 + 16 * fresh.len(), "{} bytes", saved.len());
        let loaded = Archive::with_index(&archive[..], Options::default(), &saved).expect("loads");
        assert_eq!(loaded.len(), fresh.len());
        assert_eq!(loaded.comment(), fresh.comment());
        for (one, other) in fresh.entries().zip(loaded.entries()) {
            assert_eq!(one.raw_name(), other.raw_name());
            assert_eq!(one.offset(), other.offset());
            assert_eq!(one.read().expect("reads"), other.read().expect("reads"));
        }
        assert_eq!(loaded.by_name("dir/17").expect("found").index(), {
            fresh.by_name("dir/17").expect("found").index()
        });
        assert!(loaded.by_name("dir/40").is_err());
        assert_eq!(loaded.save_index(), saved);
    }
}

#[test]
fn names_in_a_charset_are_not_saved() {
    let archive = lay(None).build();
    let charset = |_: &[u8]| Some("all the same".into());
    let options = Options { charset: Some(NameCharset::new(charset)), ..Options::default() };
    let with_charset = Archive::new(&archive[..], options.clone()).expect("opens").save_index();
    let without = Archive::new(&archive[..], Options::default()).expect("opens").save_index();
    assert_eq!(with_charset.len() + 8 * 40, without.len());
    let loaded = Archive::with_index(&archive[..], options, &without).expect("loads");
    assert!(loaded.by_name("dir/3").is_ok(), "names are read anew, and these are ASCII");
}

#[test]
fn another_archive_is_told() {
    let archive = lay(None).build();
    let saved = Archive::new(&archive[..], Options::default()).expect("opens").save_index();
    let load = |bytes: &[u8]| Archive::with_index(bytes.to_vec(), Options::default(), &saved);
    let longer = [&archive[..], b"x"].concat();
    assert_eq!(why(&load(&longer).expect_err("longer")), "the archive has another length by now");
    let other = lay(Some((0..40).rev().collect())).build();
    assert_eq!(other.len(), archive.len());
    assert_eq!(why(&load(&other).expect_err("other")), "the archive has another directory by now");
}

#[test]
fn a_profile_that_accepts_less_is_told() {
    let archive = [b"#!/bin/sh\n", &lay(None).build()[..]].concat();
    let saved = Archive::new(&archive[..], Options::default()).expect("opens").save_index();
    let strict = Options { relax: Relax::empty(), ..Options::default() };
    let found = Archive::with_index(&archive[..], strict, &saved).expect_err("has a prefix");
    assert_eq!(why(&found), "it was made under a profile that accepts more");
    assert!(Archive::with_index(&archive[..], Options::default(), &saved).is_ok());
}

#[test]
fn every_cut_and_every_flipped_bit_is_an_error() {
    let archive = lay(None).build();
    let saved = Archive::new(&archive[..], Options::default()).expect("opens").save_index();
    let load =
        |saved: &[u8]| Archive::with_index(&archive[..], Options::default(), saved).map(drop);
    for len in 0..saved.len() {
        why(&load(&saved[..len]).expect_err("cut"));
    }
    let mut flipped = saved.clone();
    for bit in 0..saved.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        why(&load(&flipped).expect_err("flipped"));
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
}

/// With a checksum that fits, the numbers themselves are bounded.
#[test]
fn forged_numbers_end_in_errors() {
    let archive = lay(Some((0..40).rev().collect())).build();
    let saved = Archive::new(&archive[..], Options::default()).expect("opens").save_index();
    let body = &saved[..saved.len() - 4];
    for at in 8..body.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut forged = body.to_vec();
            forged[at] = value;
            forged.extend(zip_format::crc32::crc32(&forged).to_le_bytes());
            // Loaded or not, nothing panics, and what is read was checked.
            let Ok(loaded) = Archive::with_index(&archive[..], Options::default(), &forged) else {
                continue;
            };
            for number in 0..loaded.len() {
                if let Some(entry) = loaded.entry(number)
                    && let Ok(contents) = entry.read()
                {
                    let n: usize = entry.name().to_string()[4..].parse().expect("a number");
                    assert_eq!(contents, format!("{n} ").repeat(n).into_bytes());
                }
            }
            drop(loaded.by_name("dir/5"));
            assert!(loaded.duplicates().count() <= loaded.len());
        }
    }
}
