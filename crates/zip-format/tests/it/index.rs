//! The layout of a directory: bounds, order, overlaps, limits.

use proptest::collection::vec;
use proptest::prelude::*;
use zip_format::directory::index::Index;
use zip_format::error::{ErrorKind, Result};
use zip_format::limits::Limits;
use zip_format::profile::Relax;
use zip_testkit::lay::{LaidEntry, Lay};

use crate::locate::locate;

/// Locates and indexes; the bytes of the directory come with it.
pub(crate) fn index(bytes: &[u8], relax: Relax) -> Result<(&[u8], Index)> {
    let located = locate(bytes, relax)?;
    let directory = &bytes[located.directory.start as usize..located.directory.end as usize];
    let mut index = Index::build(directory, &located, relax, &Limits::default())?;
    let head = &bytes[..index.prefix_head().end as usize];
    index.check_prefix(head, relax)?;
    Ok((directory, index))
}

#[test]
fn members_end_where_the_next_begin_in_any_order() {
    let lay = Lay::of((0..50).map(|n| LaidEntry::stored(format!("{n}"), vec![n; n.into()])));
    for step in [1, 3, 7, 49] {
        let order: Vec<usize> = (0..50).map(|n| n * step % 50).collect();
        let (bytes, map) =
            lay.clone().with(|l| l.directory_order = Some(order.clone())).build_with_map();
        let (directory, index) = index(&bytes, Relax::STRICT).expect("valid");
        for (number, &laid) in order.iter().enumerate() {
            let entry = index.entry(directory, number).expect("there").expect("valid");
            let end = map.locals.get(laid + 1).copied().flatten().unwrap_or(map.directory.start);
            let limit = index.member_limit(directory, number, &entry);
            assert_eq!(limit as usize, end, "step {step}, entry {number}");
            assert_eq!(Some(index.local_at(&entry) as usize), map.locals[laid]);
        }
        let in_order: Vec<usize> = index.in_archive_order().map(|number| order[number]).collect();
        assert!(in_order.is_sorted() && in_order.len() == 50, "{in_order:?}");
        assert!(index.entry(directory, 50).is_none());
    }
}

#[test]
fn shared_bytes_and_bounds() {
    let lay = || Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::stored("b", "BBBB")]);
    let error = |change: fn(&mut Lay)| {
        let bytes = lay().with(change).build();
        index(&bytes, Relax::LENIENT).expect_err("refused").kind
    };
    let twice = |lay: &mut Lay| lay.directory_order = Some(vec![0, 0]);
    assert_eq!(error(twice), ErrorKind::Overlap { other: 0 });
    let same = |lay: &mut Lay| lay.entries[1].central.offset = Some(0);
    assert_eq!(error(same), ErrorKind::Overlap { other: 0 });
    let longer = |lay: &mut Lay| lay.entries[0].central.compressed_size = 5;
    assert_eq!(error(longer), ErrorKind::Overlap { other: 0 });
    let past = |lay: &mut Lay| lay.entries[1].central.offset = Some(36);
    assert!(matches!(error(past), ErrorKind::OutOfBounds { start: 36, end: 71, limit: 70, .. }));
    let sentinel = |lay: &mut Lay| lay.entries[1].central.offset = Some(u32::MAX);
    assert!(matches!(error(sentinel), ErrorKind::MissingZip64 { .. }));
    let elsewhere = |lay: &mut Lay| lay.entries[1].central.disk = 1;
    assert_eq!(error(elsewhere), ErrorKind::OtherDisk { disk: 1 });
}

proptest! {
    /// Whatever stands in the directory: no panic, and what is indexed can be walked.
    #[test]
    fn a_damaged_directory(edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let lay = Lay::of([
            LaidEntry::stored("a", "AAAA").zip64(),
            LaidEntry::deflated("b", "BBBB"),
            LaidEntry::directory("d/"),
        ]);
        let (mut bytes, map) = lay.build_with_map();
        for (at, value) in edits {
            bytes[map.directory.start + at.index(map.directory.len())] = value;
        }
        let Ok((directory, index)) = index(&bytes, Relax::LENIENT) else { return Ok(()) };
        let mut limits = Vec::new();
        for number in 0..index.len() {
            let entry = index.entry(directory, number).unwrap().unwrap();
            let limit = index.member_limit(directory, number, &entry);
            prop_assert!(limit > index.local_at(&entry) && limit <= map.directory.start as u64);
            limits.push((index.local_at(&entry), limit));
        }
        limits.sort_unstable();
        prop_assert!(limits.windows(2).all(|pair| pair[0].1 == pair[1].0), "members tile");
    }
}
