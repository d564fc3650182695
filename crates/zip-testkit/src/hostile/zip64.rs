//! Zip64 records and extra records: which values are there, in which order, and which record counts. ZipDiff C5, A2.

use super::row::{Class, Expect, HELLO, Hostile, hello};
use crate::lay::{Eocd64Fields, LaidEntry, Lay, SENTINEL32, Zip64End, extra};

use Expect::{Accept, Limit, RejectEntry, RejectOpen};

pub(super) fn rows() -> Vec<Hostile> {
    let mut rows = locators();
    rows.extend(records());
    rows.extend(partial());
    rows.extend(extras());
    rows.extend(local_extras());
    rows.push(largest_sizes());
    rows
}

fn largest_sizes() -> Hostile {
    let largest = |name: &str| {
        hello(name).with(|entry| {
            entry.local.method = 8;
            entry.central.method = 8;
            entry.local.uncompressed_size = SENTINEL32;
            entry.central.uncompressed_size = SENTINEL32;
            entry.local.extra = extra::zip64(&[u64::MAX, HELLO.len() as u64]);
            entry.local.compressed_size = SENTINEL32;
            entry.central.extra = extra::zip64(&[u64::MAX]);
        })
    };
    Hostile::laid(
        Class::Zip64,
        "z_sizes_sum_wrap",
        Limit,
        "two entries of 2^64-1 bytes each: whoever adds them up overflows",
        Lay::of([largest("a"), largest("b")]),
    )
}

fn one() -> Lay {
    Lay::of([hello("a")]).with(|lay| lay.zip64 = Zip64End::Sentinels)
}

fn locators() -> Vec<Hostile> {
    let case = |name, why, change: fn(&mut Lay)| open(name, why, one().with(change));
    vec![
        case("z_locator_past_eof", "locator past EOF", |lay| {
            lay.locator.eocd64_offset = Some(10_000);
        }),
        case("z_locator_u64max", "locator offset 2^64-1: overflow", |lay| {
            lay.locator.eocd64_offset = Some(u64::MAX);
        }),
        case(
            "z_locator_zero",
            "locator points at a local header (CVE-2025-8291: CPython ignored the locator)",
            |lay| lay.locator.eocd64_offset = Some(0),
        ),
        case("z_locator_minus_one", "locator one byte early", |lay| {
            lay.locator.eocd64_offset = Some(88);
        }),
        case("z_locator_itself", "locator points at itself", |lay| {
            lay.locator.eocd64_offset = Some(145);
        }),
        case("z_locator_sig", "bad locator signature", |lay| {
            lay.locator.signature = Some(*b"PK\x06\x08");
        }),
        case("z_locator_disk", "record on another volume", |lay| {
            lay.locator.disk = Some(1);
        }),
        case("z_locator_disks", "two volumes in total", |lay| {
            lay.locator.disks = Some(2);
        }),
        case("z_locator_gap", "a byte between locator and end record", |lay| {
            lay.gap_before_eocd = vec![0];
        }),
        case(
            "z_record_gap",
            "bytes between record and locator that the record does not count",
            |lay| lay.gap_before_locator = b"gap.".to_vec(),
        ),
        case("z_directory_gap", "bytes between directory and zip64 record", |lay| {
            lay.gap_before_eocd64 = b"gap.".to_vec();
        }),
        case("z_sentinel_locator_missing", "sentinels, a zip64 record, and no locator", |lay| {
            lay.without_locator = true;
        }),
        open(
            "z_sentinel_no_zip64",
            "sentinels without a zip64 record",
            Lay::of([hello("a")]).with(|lay| {
                lay.eocd.entries = Some(0xffff);
                lay.eocd.entries_on_disk = Some(0xffff);
                lay.eocd.directory_size = Some(SENTINEL32);
                lay.eocd.directory_offset = Some(SENTINEL32);
            }),
        ),
        open(
            "z_record_no_locator",
            "zip64 record without locator",
            Lay::of([hello("a")]).with(|lay| {
                lay.zip64 = Zip64End::Copies;
                lay.without_locator = true;
            }),
        )
        .compat(Accept),
        open(
            "z_locator_no_record",
            "locator without zip64 record, classic values plain",
            Lay::of([hello("a")]).with(|lay| {
                lay.gap_before_eocd = b"PK\x06\x07\0\0\0\0\x59\0\0\0\0\0\0\0\x01\0\0\0".to_vec();
            }),
        ),
    ]
}

/// A record of one entry whose directory is elsewhere, as bytes.
fn second_record() -> Vec<u8> {
    let mut record = b"PK\x06\x06".to_vec();
    record.extend_from_slice(&44_u64.to_le_bytes());
    record.extend_from_slice(&[0x2d, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for value in [1_u64, 1, 47, 0] {
        record.extend_from_slice(&value.to_le_bytes());
    }
    record
}

fn records() -> Vec<Hostile> {
    let case = |name, why, change: fn(&mut Eocd64Fields)| {
        open(name, why, one().with(|lay| change(&mut lay.eocd64)))
    };
    let copies = |name, why, change: fn(&mut Lay)| {
        let lay = Lay::of([hello("a"), hello("b")]).with(|lay| lay.zip64 = Zip64End::Copies);
        open(name, why, lay.with(change))
    };
    vec![
        case("z_record_sig", "bad zip64 record signature", |r| {
            r.signature = Some(*b"PK\x06\x09");
        }),
        case("z_record_size_small", "record size 10", |r| {
            r.record_size = Some(10);
        }),
        case("z_record_size_zero", "record size 0", |r| r.record_size = Some(0)),
        case("z_record_size_plus_one", "record size one long: it ends within the locator", |r| {
            r.record_size = Some(45);
        }),
        case("z_record_size_56", "record size counts the first twelve bytes as well", |r| {
            r.record_size = Some(56);
        }),
        case("z_record_size_max", "record size 2^64-1: overflow", |r| {
            r.record_size = Some(u64::MAX);
        }),
        case("z_count_high", "zip64 count above the directory", |r| {
            (r.entries, r.entries_on_disk) = (Some(2), Some(2));
        }),
        case("z_count_thisdisk", "zip64 counts differ", |r| {
            r.entries_on_disk = Some(0);
        }),
        open(
            "z_count_low",
            "zip64 count below the directory",
            Lay::of([hello("a"), hello("b")]).with(|lay| {
                lay.zip64 = Zip64End::Sentinels;
                (lay.eocd64.entries, lay.eocd64.entries_on_disk) = (Some(1), Some(1));
            }),
        ),
        case(
            "z_record_in_record",
            "the extensible data ends in a second record, right before the locator, of another directory",
            |r| r.extensible = second_record(),
        ),
        case("z_offset_wrap", "offset + size wraps around 2^64", |r| {
            r.directory_offset = Some(u64::MAX - 4);
        }),
        case("z_offset_past", "offset past EOF", |r| {
            r.directory_offset = Some(1 << 40);
        }),
        case("z_offset_plus_one", "offset one byte late", |r| {
            r.directory_offset = Some(43);
        }),
        case("z_size_wrap", "size 2^64-1", |r| {
            r.directory_size = Some(u64::MAX);
        }),
        case("z_size_minus_one", "size one byte short", |r| {
            r.directory_size = Some(46);
        }),
        case("z_disk", "zip64 record of the second volume", |r| {
            r.disk = Some(1);
        }),
        case("z_directory_disk", "directory on the second volume through zip64", |r| {
            r.directory_disk = Some(1);
        }),
        copies(
            "z_classic_count",
            "classic count plain and other than the zip64 one (ZipDiff C5)",
            |lay| (lay.eocd.entries, lay.eocd.entries_on_disk) = (Some(1), Some(1)),
        ),
        copies(
            "z_classic_size",
            "classic directory size plain and other than the zip64 one (ZipDiff C5)",
            |lay| lay.eocd.directory_size = Some(47),
        ),
        copies(
            "z_classic_offset",
            "classic directory offset plain and other than the zip64 one (ZipDiff C5)",
            |lay| lay.eocd.directory_offset = Some(83),
        ),
        copies(
            "z_zip64_names_second_half",
            "the zip64 record alone names the second half of the directory",
            |lay| {
                (lay.eocd64.entries, lay.eocd64.entries_on_disk) = (Some(1), Some(1));
                lay.eocd64.directory_size = Some(47);
                lay.eocd64.directory_offset = Some(131);
            },
        ),
        open(
            "z_two_records",
            "two zip64 records: the locator names the first, adjacency the second",
            one().with(|lay| {
                let (bytes, map) = one().build_with_map();
                let record = map.eocd64.unwrap_or(0);
                lay.gap_before_eocd64 = bytes[record..record + 56].to_vec();
                lay.locator.eocd64_offset = Some(record as u64);
                lay.eocd64.entries = Some(0);
                lay.eocd64.entries_on_disk = Some(0);
            }),
        ),
    ]
}

/// Each lawful combination of sentinels in a central header, the extra record holding just those values.
fn partial() -> Vec<Hostile> {
    const NAMES: [&str; 15] = [
        "z_partial_u",
        "z_partial_c",
        "z_partial_uc",
        "z_partial_o",
        "z_partial_uo",
        "z_partial_co",
        "z_partial_uco",
        "z_partial_d",
        "z_partial_ud",
        "z_partial_cd",
        "z_partial_ucd",
        "z_partial_od",
        "z_partial_uod",
        "z_partial_cod",
        "z_partial_ucod",
    ];
    NAMES
        .into_iter()
        .zip(1u8..)
        .map(|(name, mask)| {
            // Behind another entry, so that its offset is not 0.
            let lay = Lay::of([hello("first"), saturated(mask)]);
            let why =
                "zip64 extra holds the values whose fields are sentinels, and no others: lawful";
            Hostile::laid(Class::Zip64, name, Accept, why, lay)
        })
        .collect()
}

/// A deflated entry (sizes differ) with sentinels where `mask` has bits: 1 uncompressed, 2 compressed, 4 offset, 8 disk.
fn saturated(mask: u8) -> LaidEntry {
    LaidEntry::deflated("a", HELLO.repeat(10)).with(|a| {
        let central = &mut a.central;
        central.version_needed = 45;
        let mut values = Vec::new();
        if mask & 1 != 0 {
            values.push(central.uncompressed_size.into());
            central.uncompressed_size = SENTINEL32;
        }
        if mask & 2 != 0 {
            values.push(central.compressed_size.into());
            central.compressed_size = SENTINEL32;
        }
        if mask & 4 != 0 {
            central.zip64_offset_at = Some(4 + 8 * values.len());
            values.push(0);
            central.offset = Some(SENTINEL32);
        }
        if mask & 8 != 0 {
            central.disk = 0xffff;
            central.extra = extra::zip64_with_disk(&values, 0);
        } else {
            central.extra = extra::zip64(&values);
        }
    })
}

fn extras() -> Vec<Hostile> {
    // As `central`, but the entry at fault is the stored a = HELLO, and sentinels are set by the row.
    let sizes = |a: &mut LaidEntry| {
        a.central.uncompressed_size = SENTINEL32;
        a.central.compressed_size = SENTINEL32;
    };
    let missing = |name, why, mask| {
        entry(
            name,
            RejectEntry,
            why,
            saturated(mask).with(|a| {
                a.central.extra.clear();
                a.central.zip64_offset_at = None;
            }),
        )
    };
    let of = |name, why, values: &[u64]| {
        let bytes = extra::zip64(values);
        entry(name, RejectEntry, why, hello("a").with(sizes).with(|a| a.central.extra = bytes))
    };
    let raw = |name, why, data: &[u8]| {
        let bytes = extra::record(extra::ZIP64, data);
        entry(name, RejectEntry, why, hello("a").with(sizes).with(|a| a.central.extra = bytes))
    };
    let long = [&extra::zip64(&[11, 11, 0])[4..], &[0; 4], b"more"].concat();
    vec![
        missing("z_missing_u", "sentinel uncompressed size, no extra", 1),
        missing("z_missing_c", "sentinel compressed size, no extra", 2),
        missing("z_missing_o", "sentinel offset, no extra", 4),
        missing("z_missing_d", "sentinel disk, no extra", 8),
        missing("z_missing_ucod", "four sentinels, no extra", 15),
        raw("z_extra_empty", "two sentinels and an extra of no bytes", &[]),
        raw("z_extra_short4", "extra of four bytes", &[11, 0, 0, 0]),
        raw("z_extra_short7", "extra of seven bytes", &[11, 0, 0, 0, 0, 0, 0]),
        of("z_extra_half", "two sentinels and one value", &[11]),
        raw("z_extra_short12", "two sentinels and a value and a half", &[11, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0]),
        raw("z_extra_long", "zip64 extra longer than 28 bytes", &long),
        of("z_extra_wrong", "zip64 sizes other than the payload", &[12, 12]),
        entry(
            "z_extra_swapped",
            RejectEntry,
            "compressed size before uncompressed size",
            saturated(3).with(|a| a.central.extra[4..].rotate_left(8)),
        ),
        entry(
            "z_extra_dup",
            RejectEntry,
            "two zip64 extras (ZipDiff A2)",
            hello("a").with(sizes).with(|a| {
                a.central.extra = [extra::zip64(&[11, 11]), extra::zip64(&[0, 0])].concat();
            }),
        ),
        entry(
            "z_extra_dup_equal",
            RejectEntry,
            "two equal zip64 extras",
            hello("a").with(sizes).with(|a| a.central.extra = extra::zip64(&[11, 11]).repeat(2)),
        ),
        entry(
            "z_extra_unneeded",
            RejectEntry,
            "zip64 extra without sentinels and with other sizes: ambiguous",
            hello("a").with(|a| a.central.extra = extra::zip64(&[5, 5])),
        ),
        entry(
            "z_extra_unneeded_equal",
            Accept,
            "zip64 extra without sentinels that repeats the sizes: all readings agree",
            hello("a").with(|a| a.central.extra = extra::zip64(&[11, 11])),
        ),
        entry(
            "z_extra_unneeded_empty",
            Accept,
            "no sentinels and a zip64 extra of no bytes: holds what is asked for",
            hello("a").with(|a| a.central.extra = extra::zip64(&[])),
        ),
        entry(
            "z_extra_surplus_equal",
            Accept,
            "sentinel in the uncompressed size only, and both sizes in the extra: the rest repeats the header",
            saturated(1).with(|a| {
                let compressed = u64::from(a.central.compressed_size);
                a.central.extra = extra::zip64(&[110, compressed]);
            }),
        ),
        entry(
            "z_extra_full_for_offset",
            RejectEntry,
            "sentinel in the offset only, and the full extra of 28 bytes: two readings of the first value",
            saturated(4).with(|a| {
                let compressed = u64::from(a.central.compressed_size);
                a.central.extra = extra::zip64_with_disk(&[110, compressed, 0], 0);
                a.central.zip64_offset_at = None;
            }),
        )
        .compat(Accept),
        entry(
            "z_extra_csize_wrap",
            RejectEntry,
            "offset + compressed size wraps",
            hello("a").with(|a| {
                a.central.compressed_size = SENTINEL32;
                a.central.extra = extra::zip64(&[u64::MAX - 19]);
            }),
        ),
        entry(
            "z_extra_offset_wrap",
            RejectEntry,
            "offset 2^64-1",
            hello("a").with(|a| {
                a.central.offset = Some(SENTINEL32);
                a.central.extra = extra::zip64(&[u64::MAX]);
            }),
        ),
        entry(
            "z_extra_disk",
            RejectEntry,
            "disk 7 through zip64",
            hello("a").with(|a| {
                a.central.disk = 0xffff;
                a.central.extra = extra::zip64_with_disk(&[], 7);
            }),
        ),
        entry(
            "z_extra_overrun",
            RejectEntry,
            "zip64 extra longer than the extra field",
            hello("a").with(sizes).with(|a| {
                let values = extra::zip64(&[11, 11]);
                a.central.extra =
                    extra::record_with_length(extra::ZIP64, 100, &values[4..]);
            }),
        ),
        entry(
            "z_extra_in_unknown",
            RejectEntry,
            "zip64 extra within the data of another record: must not be found by scanning",
            hello("a").with(sizes).with(|a| {
                a.central.extra = extra::record(extra::UNKNOWN, &extra::zip64(&[11, 11]));
            }),
        ),
    ]
}

fn local_extras() -> Vec<Hostile> {
    let local = |name, expect, why, values: &[u64], sentinels: (bool, bool)| {
        let bytes = extra::zip64(values);
        entry(
            name,
            expect,
            why,
            hello("a").with(|a| {
                a.local.extra = bytes;
                if sentinels.0 {
                    a.local.uncompressed_size = SENTINEL32;
                }
                if sentinels.1 {
                    a.local.compressed_size = SENTINEL32;
                }
            }),
        )
    };
    vec![
        local(
            "z_local_one_sentinel",
            Accept,
            "one sentinel and both values: a local extra always has both",
            &[11, 11],
            (true, false),
        ),
        local("z_local_half", RejectEntry, "two sentinels and one value", &[11], (true, true)),
        local(
            "z_local_empty",
            RejectEntry,
            "two sentinels and an extra of no bytes",
            &[],
            (true, true),
        ),
        local(
            "z_local_usize",
            RejectEntry,
            "local zip64 uncompressed size differs",
            &[12, 11],
            (true, true),
        ),
        local(
            "z_local_csize_high_bits",
            RejectEntry,
            "local zip64 compressed size differs above 32 bits only",
            &[11, 11 | 1 << 32],
            (true, true),
        ),
        entry(
            "z_local_missing",
            RejectEntry,
            "local sentinels and no extra, plain sizes in the directory",
            hello("a").with(|a| {
                a.local.uncompressed_size = SENTINEL32;
                a.local.compressed_size = SENTINEL32;
            }),
        ),
        entry(
            "z_local_dup",
            RejectEntry,
            "two zip64 extras in the local header (ZipDiff A2)",
            hello("a").with(|a| {
                a.local.uncompressed_size = SENTINEL32;
                a.local.compressed_size = SENTINEL32;
                a.local.extra = [extra::zip64(&[11, 11]), extra::zip64(&[0, 0])].concat();
            }),
        ),
        {
            let lay = one().with(|lay| {
                lay.prefix = b"#!/bin/sh\n".to_vec();
                lay.prefix_unadjusted = true;
            });
            let why =
                "prefix before a zip64 archive: the locator's offset does not count it either";
            Hostile::laid(Class::Zip64, "z_prefix_unadjusted", Accept, why, lay)
        },
        {
            let lay = one().with(|lay| lay.prefix = b"#!/bin/sh\n".to_vec());
            let why = "prefix before a zip64 archive, counted everywhere";
            Hostile::laid(Class::Zip64, "z_prefix_adjusted", Accept, why, lay)
        },
    ]
}

fn open(name: &'static str, why: &'static str, lay: Lay) -> Hostile {
    let mut row = Hostile::laid(Class::Zip64, name, RejectOpen, why, lay);
    row.fault = None;
    row
}

fn entry(name: &'static str, expect: Expect, why: &'static str, entry: LaidEntry) -> Hostile {
    let lay = Lay::of([entry, hello("b")]);
    Hostile::laid(Class::Zip64, name, expect, why, lay)
}
