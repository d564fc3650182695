//! Extra fields that are odd and harmless. A reader that fails on them fails on real archives.

use super::row::{Class, Expect, HELLO, Hostile, hello};
use crate::lay::{LaidEntry, Lay, extra};

pub(super) fn rows() -> Vec<Hostile> {
    let both = |name, why, bytes: &[u8]| case(name, why, hello("a").extra(bytes));
    let local = |name, why, bytes: &[u8]| {
        let bytes = bytes.to_vec();
        case(name, why, hello("a").with(|a| a.local.extra = bytes))
    };
    vec![
        local("a_extra_pad_1", "one zero byte as padding: Android's zipalign", &[0]),
        local("a_extra_pad_2", "two zero bytes as padding: Android's zipalign", &[0; 2]),
        local("a_extra_pad_3", "three zero bytes as padding: Android's zipalign", &[0; 3]),
        local(
            "a_extra_pad_9",
            "nine zero bytes: two empty records of id 0 and a byte left",
            &[0; 9],
        ),
        both("a_extra_pad_both", "three zero bytes in both headers", &[0; 3]),
        local(
            "a_extra_pad_after_record",
            "a timestamp, then two bytes of padding",
            &[extra::timestamp(1, &[0]), vec![0; 2]].concat(),
        ),
        local(
            "a_extra_android",
            "Android's own alignment record",
            &extra::record(extra::ANDROID, &[4, 0, 0, 0, 0, 0]),
        ),
        both("a_extra_unknown", "an id nobody knows", &extra::record(extra::UNKNOWN, b"opaque")),
        both(
            "a_extra_unknown_twice",
            "an unknown id twice",
            &[extra::record(extra::UNKNOWN, b"one"), extra::record(extra::UNKNOWN, b"two")]
                .concat(),
        ),
        both(
            "a_extra_ut_empty",
            "extended timestamp of no bytes",
            &extra::record(extra::TIMESTAMP, b""),
        ),
        both(
            "a_extra_ut_flags_only",
            "extended timestamp with flags and no time",
            &extra::timestamp(7, &[]),
        ),
        both(
            "a_extra_ut_odd",
            "extended timestamp of three bytes",
            &extra::record(extra::TIMESTAMP, &[1, 2, 3]),
        ),
        case(
            "a_extra_ut_central_short",
            "flags promise three times, the central header holds one: what Info-ZIP writes",
            hello("a").with(|a| {
                a.local.extra = extra::timestamp(7, &[1_700_000_000; 3]);
                a.central.extra = extra::timestamp(7, &[1_700_000_000]);
            }),
        ),
        both(
            "a_extra_ut_extremes",
            "extended timestamp at both ends of 32 bits",
            &extra::timestamp(3, &[i32::MIN, i32::MAX]),
        ),
        both("a_extra_ntfs_empty", "NTFS record of no bytes", &extra::record(extra::NTFS, b"")),
        both(
            "a_extra_ntfs_reserved_only",
            "NTFS record of its reserved word alone",
            &extra::record(extra::NTFS, &[0; 4]),
        ),
        both(
            "a_extra_ntfs_short_tag",
            "NTFS times of 20 bytes instead of 24",
            &extra::ntfs(1, 20, &[1; 20]),
        ),
        both(
            "a_extra_ntfs_tag_overrun",
            "NTFS tag longer than its record",
            &extra::ntfs(1, 200, &[1; 24]),
        ),
        both(
            "a_extra_ntfs_extremes",
            "NTFS times of 2^64-1: no overflow",
            &extra::ntfs(1, 24, &[0xff; 24]),
        ),
        both(
            "a_extra_owner_odd",
            "owner record with three-byte ids",
            &extra::record(extra::OWNER, &[1, 3, 1, 2, 3, 3, 1, 2, 3]),
        ),
        both(
            "a_extra_owner_overrun",
            "owner record whose id length runs out of the record",
            &extra::record(extra::OWNER, &[1, 200, 1, 2]),
        ),
        both("a_extra_owner_empty", "owner record of no bytes", &extra::record(extra::OWNER, b"")),
        case(
            "a_extra_differs",
            "local and central extra fields have nothing in common",
            hello("a").with(|a| {
                a.local.extra = extra::record(extra::UNKNOWN, b"local");
                a.central.extra = extra::ntfs(1, 24, &[1; 24]);
            }),
        ),
        case(
            "a_extra_unicode_path",
            "Unicode path that agrees with the name and its CRC",
            hello(b"\x84.txt").extra(&extra::unicode_path(1, b"\x84.txt", "\u{e4}.txt".as_bytes())),
        ),
        case(
            "a_extra_unicode_stale",
            "Unicode path whose CRC is of another name: a tool renamed the entry; must be ignored",
            hello("good.txt").extra(&extra::unicode_path(1, b"other.txt", b"evil.txt")),
        ),
        both(
            "a_extra_sealed_ids",
            "ids of signatures and key stores, with a few bytes each",
            &[0x0014u16, 0x0015, 0x0016, 0x0018, 0x0019, 0x0065, 0x4b46]
                .map(|id| extra::record(id, HELLO))
                .concat(),
        ),
        case(
            "a_extra_full",
            "65,535 bytes of extra field in both headers",
            hello("a").extra(&extra::record(extra::UNKNOWN, &[7; 65_531])),
        ),
    ]
}

fn case(name: &'static str, why: &'static str, entry: LaidEntry) -> Hostile {
    // An entry behind it shows that the reader found its way past the field.
    let lay = Lay::of([entry, hello("behind")]);
    Hostile::laid(Class::Control, name, Expect::Accept, why, lay)
}
