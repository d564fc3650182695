//! Entries by name: found, counted, and not slow when somebody wants it to be.

use proptest::collection::vec;
use proptest::prelude::*;
use zip_format::directory::names::{NameIndex, Named};
use zip_format::profile::Relax;
use zip_testkit::lay::{LaidEntry, Lay};

use crate::index::index;

/// All names, by the list of them.
fn check(names: &[Vec<u8>]) {
    let bytes = Lay::of(names.iter().map(|name| LaidEntry::stored(name, ""))).build();
    let (directory, index) = index(&bytes, Relax::LENIENT).expect("valid");
    let of = Named { bytes: directory, index: &index, charset: None };
    let built = NameIndex::build(of);
    let numbers_of = |name: &[u8]| -> Vec<usize> {
        names.iter().enumerate().filter(|(_, n)| n[..] == *name).map(|(at, _)| at).collect()
    };
    for name in names {
        let found: Vec<usize> = built.find(of, name).collect();
        assert_eq!(found, numbers_of(name), "{name:?}");
        let longer = [&name[..], b"!"].concat();
        assert_eq!(built.find(of, &longer).count(), numbers_of(&longer).len());
    }
    let mut pairs: Vec<(usize, usize)> = built.duplicates(of).collect();
    pairs.sort_unstable();
    let expected: Vec<(usize, usize)> = names
        .iter()
        .enumerate()
        .filter_map(|(at, name)| {
            let before = names[..at].iter().rposition(|other| other == name)?;
            Some((at, before))
        })
        .collect();
    assert_eq!(pairs, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_name_is_found(names in vec("[ab/]{0,3}|[a-zäöü]{1,12}", 0..700)) {
        check(&names.into_iter().map(String::into_bytes).collect::<Vec<_>>());
    }
}

#[test]
fn no_names_and_equal_names() {
    check(&[]);
    check(&[b"".to_vec()]);
    check(&vec![b"same".to_vec(); 600]);
}

/// The hash has no secret: its steps can be undone, and names made that all have one hash. Runs
/// of equal hashes are sorted by name, so this takes a moment; quadratic, it would take minutes.
#[test]
fn names_made_to_collide() {
    let names: Vec<Vec<u8>> = (0..20_000_u64).map(colliding).collect();
    let bytes = Lay::of(names.iter().map(|name| LaidEntry::stored(name, ""))).build();
    let (directory, index) = index(&bytes, Relax::LENIENT).expect("valid");
    let of = Named { bytes: directory, index: &index, charset: None };
    let built = NameIndex::build(of);
    assert_eq!(built.duplicates(of).count(), 0);
    for (number, name) in names.iter().enumerate() {
        assert!(built.find(of, name).eq([number]), "{name:?}");
    }
}

/// Sixteen bytes whose two words leave the hash in the same state: the second undoes the first.
fn colliding(n: u64) -> Vec<u8> {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    // The name's length, the first word mixed in as the hash does it, and a second that brings
    // the state to zero.
    let product = (16 ^ n).wrapping_mul(FACTOR);
    let state = product ^ product >> 32;
    // NUL bytes are no matter of the index.
    [n.to_le_bytes(), state.to_le_bytes()].concat()
}
