//! Local and central header disagree. What can change bytes, name or kind is an error; what cannot is harmless.
//! ZipDiff A1, A2, A3, A5.

use super::row::{Class, Expect, HELLO, Hostile, hello, text};
use crate::lay::{DescriptorForm, LaidEntry, Lay, Zip64End, extra};

use Expect::{Accept, RejectEntry, RejectOpen};

pub(super) fn rows() -> Vec<Hostile> {
    let mut rows = names();
    rows.extend(sizes());
    rows.extend(flags());
    rows.extend(offsets());
    rows.extend(harmless());
    rows
}

fn names() -> Vec<Hostile> {
    vec![
        entry("m_name", "names differ (ZipDiff A3)", |x| {
            x.local.name = b"other.t".to_vec();
        }),
        entry("m_name_same_length", "names of one length differ (ZipDiff A3)", |x| {
            x.local.name = b"z.txt".to_vec();
        }),
        entry("m_name_case", "names differ in case only", |x| {
            x.local.name = b"X.txt".to_vec();
        }),
        entry("m_name_slash", "local says directory, central says file", |x| {
            x.local.name = b"x.tx/".to_vec();
        }),
        entry("m_name_empty", "local name is empty", |x| {
            x.local.name.clear();
        }),
        entry("m_name_traversal", "only the local name leads elsewhere", |x| {
            x.local.name = b"../x.txt".to_vec();
        }),
        entry("m_name_backslash", "local name spelled with a backslash", |x| {
            x.local.name = b"d\\x.txt".to_vec();
            x.central.name = b"d/x.txt".to_vec();
        }),
        entry(
            "m_name_short",
            "local name length one short: the payload begins one byte early",
            |x| x.local.name_len = Some(4),
        ),
        entry("m_lfh_namelen_huge", "local name length runs past the file", |x| {
            x.local.name_len = Some(0xffff);
        }),
        entry("m_lfh_extralen_huge", "local extra length runs past the file", |x| {
            x.local.extra_len = Some(0xffff);
        }),
        entry(
            "m_lfh_extralen_plus_one",
            "local extra length one too long: the payload begins one byte late",
            |x| x.local.extra_len = Some(1),
        ),
        entry("m_lfh_sig", "bad local signature", |x| {
            x.local.signature = *b"PK\x03\x05";
        }),
    ]
}

fn sizes() -> Vec<Hostile> {
    vec![
        entry("m_csize_local", "compressed size differs (ZipDiff A2)", |x| {
            x.local.compressed_size -= 1;
        }),
        entry("m_csize_central", "compressed size differs", |x| {
            x.central.compressed_size -= 1;
        }),
        entry("m_csize_local_zero", "local compressed size 0 without bit 3", |x| {
            x.local.compressed_size = 0;
        }),
        entry("m_usize_local", "uncompressed size differs", |x| {
            x.local.uncompressed_size += 1;
        }),
        entry("m_usize_central", "uncompressed size differs", |x| {
            x.central.uncompressed_size -= 1;
        }),
        entry("m_usize_local_zero", "local uncompressed size 0 without bit 3", |x| {
            x.local.uncompressed_size = 0;
        }),
        entry("m_crc_local", "CRC differs", |x| x.local.crc32 ^= 1),
        entry("m_crc_local_zero", "local CRC 0 without bit 3", |x| {
            x.local.crc32 = 0;
        }),
        entry("m_crc_central", "CRC differs", |x| x.central.crc32 ^= 1),
        entry("m_method_local", "local method stored (ZipDiff A1)", |x| {
            x.local.method = 0;
        }),
        entry("m_method_central", "central method stored (ZipDiff A1)", |x| x.central.method = 0),
        entry(
            "m_method_both_sizes",
            "stored in the directory with the size of the stream, deflated in the local header: each is whole",
            |x| {
                x.central.method = 0;
                x.central.uncompressed_size = x.central.compressed_size;
                x.central.crc32 = crc32fast::hash(&x.payload);
            },
        ),
        entry("m_zip64_local_lies", "local zip64 extra disagrees", |x| {
            x.local.extra = extra::zip64(&[5, 5]);
            x.local.uncompressed_size = u32::MAX;
            x.local.compressed_size = u32::MAX;
        }),
        entry(
            "m_zip64_local_unasked",
            "local zip64 extra without sentinels and with other sizes",
            |x| x.local.extra = extra::zip64(&[5, 5]),
        ),
        entry("m_dd_local_other", "bit 3, and local sizes that are neither 0 nor true", |x| {
            *x = x.clone().with_descriptor(DescriptorForm::Signed32);
            x.local.compressed_size = 7;
            x.local.uncompressed_size = 7;
        }),
    ]
}

fn flags() -> Vec<Hostile> {
    vec![
        entry("m_enc_local_only", "encryption bit only in the local header (ZipDiff A5)", |x| {
            x.local.flags |= 1;
        }),
        entry("m_enc_central_only", "encryption bit only in the directory (ZipDiff A5)", |x| {
            x.central.flags |= 1;
        }),
        entry("m_dd_central_only", "bit 3 only in the central header", |x| {
            x.central.flags |= 1 << 3;
        })
        .compat(Accept),
        entry("m_dd_local_only", "bit 3 only in the local header, no descriptor", |x| {
            x.local.flags |= 1 << 3;
        })
        .compat(Accept),
        entry("m_patched_local_only", "bit 5 only in the local header", |x| {
            x.local.flags |= 1 << 5;
        }),
        entry("m_strong_local_only", "bit 6 only in the local header", |x| x.local.flags |= 1 << 6),
        entry("m_masked_local_only", "bit 13 only in the local header", |x| {
            x.local.flags |= 1 << 13;
        }),
        entry("m_efs_only_local", "bit 11 differs: two decodings of one non-ASCII name", |x| {
            x.local.name = "\u{e9}".into();
            x.central.name = "\u{e9}".into();
            x.local.flags |= 1 << 11;
        }),
        entry("m_efs_only_central", "bit 11 differs: two decodings of one non-ASCII name", |x| {
            x.local.name = "\u{e9}".into();
            x.central.name = "\u{e9}".into();
            x.central.flags |= 1 << 11;
        }),
    ]
}

fn offsets() -> Vec<Hostile> {
    let one = || Lay::of([LaidEntry::stored("x", text())]);
    let at = |name, expect, why, offset: fn(u32) -> u32| {
        let (_, map) = one().build_with_map();
        let lay = one().with(|lay| {
            lay.entries[0].central.offset = Some(offset(map.directory.start as u32));
        });
        Hostile::laid(Class::Mismatch, name, expect, why, lay)
    };
    vec![
        at(
            "m_offset_max",
            RejectOpen,
            "local offset points past EOF (u32 max - 1)",
            |_| u32::MAX - 1,
        ),
        at(
            "m_offset_cd",
            RejectEntry,
            "local offset points at the central directory",
            |directory| directory,
        ),
        at(
            "m_offset_data",
            RejectEntry,
            "local offset points into file data",
            |_| 40,
        ),
        at(
            "m_offset_plus_one",
            RejectEntry,
            "local offset one byte late",
            |_| 1,
        ),
        at(
            "m_offset_last_bytes",
            RejectEntry,
            "local offset so near to the end that no header fits",
            |directory| directory + 40,
        ),
        Hostile::laid(
            Class::Mismatch,
            "m_offset_swapped",
            RejectEntry,
            "two entries point at each other's member",
            Lay::of([
                LaidEntry::stored("a", "AAAA"),
                LaidEntry::stored("b", "BBBB"),
            ])
            .with(|lay| {
                lay.entries[0].central.offset = Some(35);
                lay.entries[1].central.offset = Some(0);
            }),
        ),
        Hostile::laid(
            Class::Mismatch,
            "m_offset_into_stored",
            RejectEntry,
            "offset points at a whole member within the stored payload of a hidden one; a stub is no local header",
            Lay::of([LaidEntry::stored("a", inner_member("a")).with(|a| {
                let inner = hello("a");
                a.central.offset = Some(31);
                a.central.crc32 = inner.central.crc32;
                a.central.compressed_size = inner.central.compressed_size;
                a.central.uncompressed_size = inner.central.uncompressed_size;
            })]),
        )
        .compat(Accept),
    ]
}

fn harmless() -> Vec<Hostile> {
    let fine = |name, why, change: fn(&mut LaidEntry)| {
        let mut row = entry(name, why, change);
        (row.expect, row.compat, row.fault) = (Accept, Accept, None);
        row.entries = vec![(b"x.txt".to_vec(), text()), (b"y".to_vec(), HELLO.to_vec())];
        row
    };
    vec![
        fine("m_time", "time differs: harmless, central wins", |x| {
            (x.local.date, x.local.time) = (0x4a21, 0x1234);
        }),
        fine("m_efs_ascii", "bit 11 differs on an ASCII name: both decode alike", |x| {
            x.local.flags |= 1 << 11;
        }),
        fine("m_level_bits", "deflate level bits differ: change nothing", |x| {
            x.local.flags |= 0b110;
        }),
        fine(
            "m_zip64_local_only",
            "sizes through zip64 in the local header, plain in the directory, equal",
            |x| {
                x.local.extra = extra::zip64(&[2500, u64::from(x.local.compressed_size)]);
                x.local.uncompressed_size = u32::MAX;
                x.local.compressed_size = u32::MAX;
            },
        ),
        fine(
            "m_zip64_central_only",
            "sizes through zip64 in the directory, plain in the local header, equal",
            |x| {
                x.central.extra = extra::zip64(&[2500, u64::from(x.local.compressed_size)]);
                x.central.uncompressed_size = u32::MAX;
                x.central.compressed_size = u32::MAX;
            },
        ),
        fine(
            "m_zip64_local_plain_sizes",
            "local zip64 extra without sentinels, equal to the plain sizes",
            |x| x.local.extra = extra::zip64(&[2500, u64::from(x.local.compressed_size)]),
        ),
        {
            let lay =
                Lay::of([hello("a").zip64(), hello("b")]).with(|lay| lay.zip64 = Zip64End::Copies);
            let why = "one entry through zip64, one not";
            Hostile::laid(Class::Mismatch, "m_zip64_mixed", Accept, why, lay)
        },
    ]
}

/// Local header and payload of `name` with [`HELLO`] in it, as bytes.
fn inner_member(name: &str) -> Vec<u8> {
    let (mut bytes, map) = Lay::of([hello(name)]).build_with_map();
    bytes.truncate(map.directory.start);
    bytes
}

/// The deflated x.txt changed, and a y behind it that is fine.
fn entry(name: &'static str, why: &'static str, change: impl FnOnce(&mut LaidEntry)) -> Hostile {
    let lay = Lay::of([LaidEntry::deflated("x.txt", text()).with(change), hello("y")]);
    Hostile::laid(Class::Mismatch, name, RejectEntry, why, lay)
}
