//! Bytes missing at the end, at the start, in the middle. [`super::prefixes`] gives every cut of any archive.

use super::row::{Class, Expect, Hostile, hello, text};
use crate::lay::{DescriptorForm, LaidEntry, Lay};

use Expect::{RejectEntry, RejectOpen};

pub(super) fn rows() -> Vec<Hostile> {
    let (bytes, map) = Lay::of([
        LaidEntry::deflated("a", text()),
        LaidEntry::deflated("b", text()).with_descriptor(DescriptorForm::Signed32),
        hello("c"),
    ])
    .with(|lay| lay.comment = b"end".to_vec())
    .build_with_map();

    let second = map.locals[1].unwrap_or(0);
    let third = map.locals[2].unwrap_or(0);
    let cuts = [
        ("t_two_bytes", 2, "ends after two bytes"),
        ("t_first_signature", 4, "ends after the first signature"),
        ("t_in_local", 29, "ends in the first local header"),
        ("t_after_local", 31, "ends behind the first local header"),
        ("t_in_payload", 40, "ends in the first payload"),
        ("t_after_member", second, "ends behind the first member"),
        ("t_in_descriptor", map.descriptors[1].start + 9, "ends in a descriptor"),
        ("t_after_descriptor", third, "ends behind a descriptor"),
        ("t_before_directory", map.directory.start, "ends where the directory would begin"),
        ("t_in_central", map.centrals[1].start + 20, "ends in the second central header"),
        ("t_after_central", map.centrals[1].end, "ends behind the second central header"),
        ("t_after_directory", map.eocd, "ends behind the directory"),
        ("t_in_eocd", map.eocd + 10, "ends in the end record"),
        ("t_eocd_minus_one", map.eocd + 21, "ends one byte before the end of the end record"),
        ("t_no_comment", map.eocd + 22, "the whole comment is missing"),
        ("t_comment_minus_one", map.len - 1, "the last byte of the comment is missing"),
    ];
    let mut rows: Vec<Hostile> = cuts
        .iter()
        .map(|&(name, len, why)| raw(name, RejectOpen, why, bytes[..len].to_vec()))
        .collect();

    let without = |from: usize, to: usize| [&bytes[..from], &bytes[to..]].concat();
    let mut hole = bytes.clone();
    hole[map.payloads[0].start + 10..][..20].fill(0);
    let mut far_hole = bytes.clone();
    far_hole[map.centrals[1].start..][..20].fill(0);
    let payload = map.payloads[0].start;
    rows.extend([
        raw(
            "t_head_missing",
            RejectOpen,
            "first 10 bytes missing",
            without(0, 10),
        ),
        raw(
            "t_first_member_missing",
            RejectOpen,
            "the first member is missing: directory lies before its offset",
            without(0, second),
        ),
        raw(
            "t_middle_missing",
            RejectOpen,
            "20 bytes of the first payload are missing",
            without(payload + 10, payload + 30),
        ),
        raw(
            "t_hole",
            RejectEntry,
            "20 bytes zeroed in a payload (lost sector)",
            hole,
        )
        .fault(0),
        raw(
            "t_hole_in_directory",
            RejectOpen,
            "20 bytes zeroed in the directory",
            far_hole,
        ),
        raw(
            "t_bytes_inserted",
            RejectEntry,
            "a byte more on the way (text mode transfer): looks like a prefix of one byte, which the first entry denies",
            [&bytes[..second], b"\r", &bytes[second..]].concat(),
        )
        .fault(0),
    ]);
    rows
}

fn raw(name: &'static str, expect: Expect, why: &'static str, bytes: Vec<u8>) -> Hostile {
    Hostile::raw(Class::Truncation, name, expect, why, bytes)
}
