//! Archives whose directory names the members in another order than they stand in.

use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::data::Rng;
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay};

use crate::common::contents_of;

fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut rng = Rng::new(seed);
    for last in (1..count).rev() {
        order.swap(last, rng.below(last as u64 + 1) as usize);
    }
    order
}

fn entries(count: usize) -> impl Iterator<Item = LaidEntry> {
    (0..count).map(|n| {
        let entry = LaidEntry::deflated(format!("entry-{n}"), format!("{n} ").repeat(n % 50));
        match n % 5 {
            0 => entry.with_descriptor(DescriptorForm::Signed32),
            1 => entry.zip64(),
            2 => LaidEntry::stored(format!("entry-{n}"), format!("{n}")),
            _ => entry,
        }
    })
}

#[test]
fn every_order_of_a_few() {
    let mut orders = vec![vec![]];
    for n in 0..4 {
        let longer = |order: &Vec<usize>| {
            let insert = |at: usize| [&order[..at], &[n], &order[at..]].concat();
            (0..=order.len()).map(insert).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    for order in orders {
        let what = format!("order {order:?}");
        let lay = Lay::of(entries(4)).with(|lay| lay.directory_order = Some(order.clone()));
        let expected: Vec<_> = order
            .iter()
            .map(|&n| (lay.entries[n].central.name.clone(), lay.entries[n].contents.clone()))
            .collect();
        assert_eq!(contents_of(&lay.build(), &what), expected, "{what}");
    }
}

#[test]
fn many_in_any_order() {
    let count = 20_000;
    for (what, order) in [
        ("shuffled", shuffled(count, 7)),
        ("reversed", (0..count).rev().collect()),
        ("two swapped", (0..count).map(|n| if n < 2 { 1 - n } else { n }).collect()),
    ] {
        let lay = Lay::of(entries(count)).with(|lay| lay.directory_order = Some(order.clone()));
        let (bytes, map) = lay.build_with_map();
        let archive = Archive::new(bytes, Options::default()).expect(what);
        let all: Vec<usize> = (0..count).collect();
        let results = archive.read_many(&all, Parallel::threads(2));
        for ((entry, contents), &laid) in archive.entries().zip(results).zip(&order) {
            assert_eq!(contents.expect(what), lay.entries[laid].contents, "{what}, {laid}");
            assert_eq!(Some(entry.offset() as usize), map.locals[laid], "{what}, {laid}");
            // The member ends where the one that was laid next begins.
            let end = map.locals.get(laid + 1).copied().flatten().unwrap_or(map.directory.start);
            assert_eq!(entry.check().expect(what).end as usize, end, "{what}, {laid}");
        }
        let audit = archive.audit(Parallel::threads(2)).expect("not cancelled");
        assert!(audit.findings.is_empty(), "{what}: {:?}", audit.findings.first());
    }
}
