//! An index saved and loaded: the same archive, or a typed error.

use zip_format::error::ErrorKind;
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
        assert_eq!(saved.len(), 12 + 8 * fresh.len());
        let loaded = Archive::with_index(&archive[..], Options::default(), &saved).expect("loads");
        assert_eq!(loaded.len(), fresh.len());
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
fn names_in_another_charset_are_told() {
    let entries = [LaidEntry::stored(vec![0x82], b"x")];
    let archive = Lay::of(entries).build();
    let saved = Archive::new(&archive[..], Options::default()).expect("opens").save_index();
    let charset = |_: &[u8]| Some("another".into());
    let options = Options { charset: Some(NameCharset::new(charset)), ..Options::default() };
    let found = Archive::with_index(&archive[..], options.clone(), &saved).expect_err("charset");
    assert_eq!(why(&found), "it says what the archive does not");
    let saved = Archive::new(&archive[..], options.clone()).expect("opens").save_index();
    let loaded = Archive::with_index(&archive[..], options, &saved).expect("loads");
    assert!(loaded.by_name("another").is_ok());
}

#[test]
fn another_archive_is_told() {
    let saved = Archive::new(lay(None).build(), Options::default()).expect("opens").save_index();
    let other = lay(Some((0..40).rev().collect())).build();
    let found = Archive::with_index(other, Options::default(), &saved).expect_err("other");
    assert_eq!(why(&found), "the archive has another directory by now");
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
    let swapped = [&saved[..12], &saved[20..28], &saved[12..20], &saved[28..]].concat();
    why(&load(&swapped).expect_err("in another order"));
    let doubled = [&saved[..12], &saved[12..20], &saved[12..20], &saved[28..]].concat();
    why(&load(&doubled).expect_err("one slot twice, one missing"));
}

#[test]
fn entries_of_one_name_keep_their_order() {
    let entries = (0..9).map(|n| LaidEntry::stored("same", vec![n]));
    let archive = Lay::of(entries).build();
    let lenient = Options::lenient();
    let saved = Archive::new(&archive[..], lenient.clone()).expect("opens").save_index();
    let loaded = Archive::with_index(&archive[..], lenient, &saved).expect("loads");
    let found: Vec<usize> = loaded.all_by_name("same").map(|entry| entry.index()).collect();
    assert_eq!(found, (0..9).collect::<Vec<_>>());
}
