//! The records of the trailer, the directory, and bytes that belong to no record. ZipDiff C1 to C4.

use super::row::{Class, Expect, Hostile, hello, text, two};
use crate::lay::{LaidEntry, Lay, Zip64End};

use Expect::{Accept, RejectEntry, RejectOpen};

pub(super) fn rows() -> Vec<Hostile> {
    let mut rows = no_archives();
    rows.extend(comments());
    rows.extend(around());
    rows.extend(gaps());
    rows.extend(counts());
    rows.extend(directories());
    rows
}

fn no_archives() -> Vec<Hostile> {
    let raw = |name, why, bytes| Hostile::raw(Class::Framing, name, RejectOpen, why, bytes);
    vec![
        raw("e_zero_bytes", "empty file", Vec::new()),
        raw("e_one_byte", "one byte", b"P".to_vec()),
        raw("e_only_zeros", "zeros", vec![0; 4096]),
        raw("e_signature_only", "an end signature and nothing behind it", b"PK\x05\x06".to_vec()),
        raw(
            "e_other_format",
            "a gzip file",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0".repeat(3),
        ),
        raw("e_text", "a text of 100 KB", text().repeat(40)),
    ]
}

fn comments() -> Vec<Hostile> {
    let hidden = || LaidEntry::stored("hidden.txt", "evil");
    let inner = Lay::of([hidden()]).build();
    let with_comment = |comment: &[u8]| two().with(|lay| lay.comment = comment.to_vec());
    // The inner archive counts its offsets from the start of the outer one, whose comment it is.
    let rebased = Lay::of([hidden()]).with(|lay| {
        lay.prefix = Lay::of([LaidEntry::stored("a", "AAAA")])
            .with(|outer| outer.eocd.comment_len = Some(inner.len() as u16))
            .build();
    });
    let (plain, map) = two().build_with_map();
    let member = &plain[..map.directory.start];
    vec![
        case(
            "e_zip_in_comment",
            RejectOpen,
            "the comment is itself an archive: two end records (ZipDiff C2)",
            with_comment(&inner),
        )
        .compat(Accept),
        Hostile::raw(
            Class::Framing,
            "e_zip_in_comment_rebased",
            RejectOpen,
            "comment archive with absolute offsets: both parse fully",
            rebased.build(),
        )
        .compat(Accept),
        case(
            "e_eocd_sig_in_comment",
            RejectOpen,
            "stray signature in the comment",
            with_comment(b"see PK\x05\x06 for details"),
        )
        .compat(Accept),
        case(
            "e_eocd_twice",
            RejectOpen,
            "the comment repeats the end record: two that name one directory",
            with_comment(&plain[map.eocd..]),
        )
        .compat(Accept),
        case(
            "e_local_in_comment",
            Accept,
            "a local header in the comment: only readers that scan for them see it (ZipDiff C1)",
            with_comment(member),
        ),
        case(
            "e_comment_len_long",
            RejectOpen,
            "comment length past EOF (ZipDiff C2)",
            with_comment(b"comment").with(|lay| lay.eocd.comment_len = Some(8)),
        ),
        case(
            "e_comment_len_short",
            RejectOpen,
            "comment longer than its length (ZipDiff C2)",
            with_comment(b"comment").with(|lay| lay.eocd.comment_len = Some(6)),
        )
        .compat(Accept),
        case(
            "e_comment_65535",
            Accept,
            "the longest comment there is",
            with_comment(&[b'c'; 65_535]),
        ),
    ]
}

/// Bytes before and after. A prefix is accepted by default: self-extractors and zipapps have one.
fn around() -> Vec<Hostile> {
    let trailing = |bytes: Vec<u8>| two().with(|lay| lay.trailing = bytes);
    let prefixed = |prefix: &[u8], unadjusted| {
        two().with(|lay| {
            lay.prefix = prefix.to_vec();
            lay.prefix_unadjusted = unadjusted;
        })
    };
    let stub = vec![0x90; 70_000];
    vec![
        case(
            "e_trailing_1",
            RejectOpen,
            "one byte after the end record",
            trailing(vec![b'\n']),
        )
        .compat(Accept),
        case(
            "e_trailing_zeros",
            RejectOpen,
            "zero padding",
            trailing(vec![0; 512]),
        )
        .compat(Accept),
        case(
            "e_trailing_70000",
            RejectOpen,
            "end record out of the window of 64 KiB + 22",
            trailing(vec![0; 70_000]),
        ),
        case(
            "e_trailing_sentinel_disk",
            RejectOpen,
            "bytes after an end record of which only the disk refers to zip64",
            trailing(b"junk".to_vec()).with(|lay| {
                lay.zip64 = Zip64End::Copies;
                lay.eocd.disk = Some(u16::MAX);
            }),
        )
        .compat(Accept),
        case(
            "e_prefix_adjusted",
            Accept,
            "prefix data with adjusted offsets (self-extractor)",
            prefixed(b"this is a stub......", false),
        ),
        case(
            "e_prefix_unadjusted",
            Accept,
            "prefix data, offsets off by the prefix (ZipDiff C4)",
            prefixed(b"this is a stub......", true),
        ),
        case(
            "e_prefix_shebang",
            Accept,
            "zipapp with adjusted offsets, as CPython's zipapp writes it",
            prefixed(b"#!/bin/sh\n", false),
        ),
        case(
            "e_prefix_shebang_unadjusted",
            Accept,
            "zipapp by cat: offsets do not count the first line",
            prefixed(b"#!/bin/sh\n", true),
        ),
        case(
            "e_prefix_70000",
            Accept,
            "stub of 70,000 bytes with adjusted offsets",
            prefixed(&stub, false),
        ),
        case(
            "e_prefix_70000_unadjusted",
            Accept,
            "stub of 70,000 bytes, offsets do not count it",
            prefixed(&stub, true),
        ),
        case(
            "e_prefix_empty_archive",
            Accept,
            "stub before an archive without entries",
            Lay::new().with(|lay| {
                lay.prefix = b"#!/bin/sh\n".to_vec();
                lay.prefix_unadjusted = true;
            }),
        ),
        case(
            "e_prefix_half",
            RejectEntry,
            "directory offset counts the prefix, offsets of the entries do not",
            prefixed(b"#!/bin/sh\n", false).with(|lay| {
                lay.entries[0].central.offset = Some(0);
                lay.entries[1].central.offset = Some(35);
            }),
        ),
        case(
            "e_prefix_one_entry",
            RejectEntry,
            "only the second entry's offset does not count the prefix",
            prefixed(b"#!/bin/sh\n", false)
                .with(|lay| lay.entries[1].central.offset = Some(35)),
        )
        .fault(1),
        case(
            "e_concatenated",
            RejectOpen,
            "two archives in one file: streaming readers see the first, others the second; a stub is no archive",
            Lay::of([LaidEntry::stored("c", "CCCC")]).with(|lay| {
                lay.prefix = two().build();
                lay.prefix_unadjusted = true;
            }),
        )
        .compat(Accept),
    ]
}

fn gaps() -> Vec<Hostile> {
    let hide = |index: usize| {
        Lay::of([
            LaidEntry::stored("a", "AAAA"),
            LaidEntry::stored("b", "BBBB"),
            LaidEntry::stored("c", "CCCC"),
        ])
        .with(|lay| lay.entries[index].has_central = false)
    };
    let behind = |before: &[u8]| {
        let (hidden, map) = Lay::of([LaidEntry::stored("hidden", "evil")]).build_with_map();
        two().with(|lay| lay.prefix = [before, &hidden[..map.directory.start]].concat())
    };
    let why = "a member the directory does not name (ZipDiff C1)";
    vec![
        case(
            "e_gap_between",
            RejectOpen,
            "bytes between entries",
            two().with(|lay| lay.entries[0].gap_after = b"secret gap".to_vec()),
        )
        .compat(Accept),
        case(
            "e_gap_before_cd",
            RejectOpen,
            "gap between last entry and central directory",
            two().with(|lay| lay.gap_before_directory = b"secret gap".to_vec()),
        )
        .compat(Accept),
        case(
            "e_apk_block",
            Accept,
            "an APK Signing Block between members and directory: every signed Android package",
            two().with(|lay| lay.gap_before_directory = signing_block(0, 0)),
        ),
        case(
            "e_apk_block_first_size",
            RejectOpen,
            "an APK Signing Block whose first size is one off: a gap",
            two().with(|lay| lay.gap_before_directory = signing_block(1, 0)),
        )
        .compat(Accept),
        case(
            "e_apk_block_second_size",
            RejectOpen,
            "an APK Signing Block whose second size is one off: a gap",
            two().with(|lay| lay.gap_before_directory = signing_block(0, 1)),
        )
        .compat(Accept),
        case(
            "e_apk_block_and_gap",
            RejectOpen,
            "bytes between the last member and an APK Signing Block",
            two().with(|lay| {
                lay.gap_before_directory = [b"gap".to_vec(), signing_block(0, 0)].concat();
            }),
        )
        .compat(Accept),
        case(
            "e_apk_block_in_payload",
            Accept,
            "a stored member that ends as an APK Signing Block does",
            Lay::of([LaidEntry::stored("a", signing_block(0, 0))]),
        ),
        case(
            "e_gap_before_eocd",
            RejectOpen,
            "gap between central directory and end record",
            two().with(|lay| lay.gap_before_eocd = b"gap.".to_vec()),
        )
        .compat(Accept),
        case(
            "e_hidden_local_first",
            RejectOpen,
            "a prefix that begins with a local header is a hidden member and no stub (ZipDiff C1)",
            hide(0),
        )
        .compat(Accept),
        case(
            "e_hidden_behind_marker",
            RejectOpen,
            "the same behind the four bytes of a split archive",
            behind(b"PK00"),
        )
        .compat(Accept),
        case(
            "e_hidden_behind_spanning_marker",
            RejectOpen,
            "the same behind the other four bytes of a split archive",
            behind(b"PK\x07\x08"),
        )
        .compat(Accept),
        case(
            "e_hidden_behind_byte",
            RejectOpen,
            "the same behind one byte, which readers that scan forward skip",
            behind(b"\n"),
        )
        .compat(Accept),
        case(
            "e_hidden_behind_stub",
            RejectOpen,
            "the same behind what looks like a program",
            behind(&[0x90; 3_000]),
        )
        .compat(Accept),
        case(
            "e_prefix_signatures",
            Accept,
            "a stub that has the signatures in its code and data, as unzipsfx and 7z's have",
            two().with(|lay| {
                let data =
                    b"\x81\x3ePK\x03\x04\x0f\x85\x9c\x01PK\x03\x04PK\x01\x02PK\x05\x06 damaged\0";
                lay.prefix = [b"MZ", &[0x90; 300][..], data, &[0; 300]].concat();
            }),
        ),
        case("e_hidden_local_between", RejectOpen, why, hide(1)).compat(Accept),
        case("e_hidden_local_last", RejectOpen, why, hide(2)).compat(Accept),
        case(
            "e_hidden_local_same_name",
            RejectOpen,
            "a hidden member of a listed name with other contents (uv, CVE-2025-54368)",
            hide(1).with(|lay| lay.entries[1].local.name = b"c".to_vec()),
        )
        .compat(Accept),
    ]
}

/// One pair of an unknown id in the frame of an APK Signing Block, with sizes off by so much.
fn signing_block(first_off: u64, second_off: u64) -> Vec<u8> {
    let pair = [&14_u64.to_le_bytes()[..], &[0x77; 4], b"0123456789"].concat();
    let size = pair.len() as u64 + 24;
    let (first, second) = (size + first_off, size + second_off);
    [&first.to_le_bytes()[..], &pair, &second.to_le_bytes(), b"APK Sig Block 42"].concat()
}

fn counts() -> Vec<Hostile> {
    let eocd = |name, why, change: fn(&mut Lay)| case(name, RejectOpen, why, two().with(change));
    vec![
        eocd("e_count_high", "count above the directory (ZipDiff C3)", |lay| set_counts(lay, 3)),
        eocd("e_count_low", "count below the directory (ZipDiff C3)", |lay| set_counts(lay, 1))
            .compat(Accept),
        eocd("e_count_zero", "count 0 and a directory of two", |lay| set_counts(lay, 0))
            .compat(Accept),
        eocd("e_count_thisdisk", "per-disk and total counts differ", |lay| {
            lay.eocd.entries_on_disk = Some(1);
        }),
        eocd("e_cdsize_low", "directory size one entry short (ZipDiff C3)", |lay| {
            lay.eocd.directory_size = Some(47);
        }),
        eocd("e_cdsize_minus_one", "directory size one byte short", |lay| {
            lay.eocd.directory_size = Some(93);
        }),
        eocd("e_cdsize_high", "directory size one byte long", |lay| {
            lay.eocd.directory_size = Some(95);
        }),
        eocd("e_cdsize_zero", "directory size 0, count 2", |lay| {
            lay.eocd.directory_size = Some(0);
        }),
        eocd(
            "e_cdsize_before_start",
            "directory size larger than all bytes before the end record",
            |lay| lay.eocd.directory_size = Some(1000),
        ),
        eocd("e_cdoffset_eof", "directory offset past EOF", |lay| {
            lay.eocd.directory_offset = Some(10_000_000);
        }),
        eocd("e_cdoffset_zero", "directory offset at a local header", |lay| {
            lay.eocd.directory_offset = Some(0);
        }),
        eocd(
            "e_cdoffset_plus_one",
            "directory offset one byte late: a prefix cannot be negative",
            |lay| lay.eocd.directory_offset = Some(71),
        ),
        eocd(
            "e_cdoffset_fake",
            "offset and adjacency name two different directories (ZipDiff C4)",
            |lay| {
                set_counts(lay, 1);
                lay.eocd.directory_size = Some(47);
                lay.eocd.directory_offset = Some(70);
            },
        ),
        eocd("e_disk_1", "end record of the second volume", |lay| {
            lay.eocd.disk = Some(1);
        }),
        eocd(
            "e_disk_both_1",
            "end record and directory on the second volume, which is all there is",
            |lay| {
                lay.eocd.disk = Some(1);
                lay.eocd.directory_disk = Some(1);
            },
        ),
        eocd("e_directory_disk_1", "directory on a later volume than the end record", |lay| {
            lay.eocd.directory_disk = Some(1);
        }),
        eocd("e_disk_ffff", "disk numbers 0xFFFF without zip64", |lay| {
            lay.eocd.disk = Some(0xffff);
            lay.eocd.directory_disk = Some(0xffff);
        }),
        case(
            "e_entry_disk_1",
            RejectEntry,
            "entry on another volume",
            two().with(|lay| lay.entries[1].central.disk = 1),
        )
        .fault(1),
    ]
}

fn directories() -> Vec<Hostile> {
    let one = |name, why, change: fn(&mut LaidEntry)| {
        let lay = Lay::of([hello("a").with(change), hello("b")]);
        case(name, RejectOpen, why, lay)
    };
    let (other, map) =
        Lay::of([LaidEntry::stored("c", "AAAA"), LaidEntry::stored("d", "BBBB")]).build_with_map();
    let second = other[map.directory].to_vec();
    let first_counts = {
        let second = second.clone();
        two().with(|lay| lay.gap_before_eocd = second)
    };
    vec![
        one("e_cdh_sig", "bad central signature", |a| {
            a.central.signature = *b"PK\x01\x03";
        }),
        one("e_cdh_sig_local", "a local signature in the directory", |a| {
            a.central.signature = *b"PK\x03\x04";
        }),
        one("e_cdh_namelen", "central name overruns the directory", |a| {
            a.central.name_len = Some(0xffff);
        }),
        one("e_cdh_namelen_plus_one", "central name eats a byte of the next header", |a| {
            a.central.name_len = Some(2);
        }),
        one("e_cdh_extralen", "central extra field overruns the directory", |a| {
            a.central.extra_len = Some(0xffff);
        }),
        one("e_cdh_commentlen", "central comment overruns the directory", |a| {
            a.central.comment_len = Some(0xffff);
        }),
        one(
            "e_cdh_swallows_next",
            "comment exactly as long as the next header: one entry less than the count",
            |a| a.central.comment_len = Some(47),
        ),
        case(
            "e_cd_tail",
            RejectOpen,
            "bytes behind the last header that the size of the directory counts",
            two().with(|lay| lay.directory_tail = b"tail".to_vec()),
        ),
        case(
            "e_cd_signed",
            Accept,
            "a digital signature as last record of the directory (APPNOTE 4.3.13)",
            two().with(|lay| lay.directory_tail = b"PK\x05\x05\x04\0sign".to_vec()),
        ),
        case(
            "e_cd_signed_short",
            RejectOpen,
            "a digital signature and bytes behind it",
            two().with(|lay| lay.directory_tail = b"PK\x05\x05\x03\0sign".to_vec()),
        ),
        case(
            "e_cd_signed_long",
            RejectOpen,
            "a digital signature that runs past the directory",
            two().with(|lay| lay.directory_tail = b"PK\x05\x05\x05\0sign".to_vec()),
        ),
        case(
            "e_two_directories_first",
            RejectOpen,
            "two directories of equal size; the offset names the first, adjacency the second (ZipDiff C4)",
            first_counts,
        ),
        case(
            "e_two_directories_second",
            RejectOpen,
            "two directories; offset and adjacency name the second, a scan finds the first",
            two().with(|lay| lay.gap_before_directory = second),
        )
        .compat(Accept),
        case(
            "e_no_eocd",
            RejectOpen,
            "members and directory without an end record",
            two().with(|lay| lay.eocd.absent = true),
        ),
        case(
            "e_eocd_sig",
            RejectOpen,
            "bad end signature",
            two().with(|lay| lay.eocd.signature = Some(*b"PK\x05\x07")),
        ),
    ]
}

fn set_counts(lay: &mut Lay, count: u16) {
    lay.eocd.entries = Some(count);
    lay.eocd.entries_on_disk = Some(count);
}

fn case(name: &'static str, expect: Expect, why: &'static str, lay: Lay) -> Hostile {
    let mut row = Hostile::laid(Class::Framing, name, expect, why, lay);
    // The archive is at fault, not an entry of it.
    row.fault = row.fault.filter(|_| expect == RejectEntry);
    row
}
