//! Rows about tens of thousands of entries: counts around 65,535, and work per entry.

use super::row::{Class, Expect, Hostile, hello};
use crate::lay::{LaidEntry, Lay, Zip64End};

use Expect::{Accept, RejectOpen};

pub(super) fn rows() -> Vec<Hostile> {
    let control = |name, why, lay: Lay| Hostile::laid(Class::Control, name, Accept, why, lay);
    let mut rows = vec![
        control("a_many_30000", "30,000 empty entries", empty(30_000)),
        control("a_65534", "65,534 entries: the last plain count", empty(65_534)),
        control(
            "a_exactly_65535",
            "65,535 entries need no zip64: 0xFFFF is also a plain count",
            empty(65_535),
        ),
        control(
            "a_zip64_count_65535",
            "65,535 entries through zip64, as most writers do",
            empty(65_535).with(|lay| lay.zip64 = Zip64End::Sentinels),
        ),
        control(
            "a_zip64_count_65536",
            "65,536 entries through zip64",
            empty(65_536).with(|lay| lay.zip64 = Zip64End::Sentinels),
        ),
        Hostile::laid(
            Class::Framing,
            "e_count_mod_65536",
            RejectOpen,
            "65,537 entries, count 1 (mod 65,536) without zip64 (ZipDiff C3)",
            empty(65_537),
        )
        .compat(Accept),
        Hostile::laid(
            Class::Collision,
            "n_dup_10000",
            RejectOpen,
            "10,000 equal names: detection must be O(n log n) (Go CVE-2025-61728 class)",
            Lay::of((0..10_000).map(|_| hello("d".repeat(24)))),
        )
        .compat(Accept)
        .fault(1),
        Hostile::laid(
            Class::Bomb,
            "b_deep_dirs_quadratic",
            Accept,
            "2,000 entries each 200 levels deep: no quadratic directory handling",
            deep(),
        ),
    ];
    for row in &mut rows {
        if row.class == Class::Framing {
            row.fault = None;
        }
    }
    rows
}

fn empty(count: usize) -> Lay {
    Lay::of((0..count).map(|i| LaidEntry::stored(format!("f{i:05}"), "")))
}

fn deep() -> Lay {
    let stem = "d/".repeat(200);
    Lay::of((0..2000).map(|i| LaidEntry::stored(format!("{stem}{i:04}"), "")))
}
