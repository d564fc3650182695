//! Sizes, counts and work out of proportion to the bytes of the archive.

use super::row::{Class, Expect, HELLO, Hostile, hello, text};
use crate::lay::{LaidEntry, Lay, Zip64End, extra};
use crate::oracle::unhex;
use crate::zeros::{crc32_of_zeros, deflate_zeros};

use Expect::{Accept, Limit, RejectEntry, RejectOpen};

const MIB: u64 = 1 << 20;

pub(super) fn rows() -> Vec<Hostile> {
    let mut rows = ratios();
    rows.extend(overlaps());
    rows.extend(allocations());
    rows.extend(work());
    rows
}

fn ratios() -> Vec<Hostile> {
    let zeros = |size: u64| {
        LaidEntry::claiming("x", 8, deflate_zeros(size), crc32_of_zeros(size), size as u32)
    };
    let bzip2 = unhex(BZIP2_64M).expect("digits");
    let mut lzma = vec![9, 20, 5, 0, 0x5d, 0xff, 0xff, 0xff, 0xff];
    lzma.extend_from_slice(&[0; 20]);
    // Magic, no single segment, exponent 31 and mantissa 0: 2^41 bytes of window. Then one raw block.
    let mut zstd = b"\x28\xb5\x2f\xfd\x00\xf8\x59\x00\x00".to_vec();
    zstd.extend_from_slice(HELLO);
    vec![
        case(
            "b_ratio_256m",
            Limit,
            "256 MiB of zeros in 260 KB (about 1030:1): honest header, total or ratio limit",
            Lay::of([zeros(256 * MIB)]),
        )
        .compat(Accept),
        case(
            "b_lying_size",
            RejectEntry,
            "declares 1,000 bytes, inflates to 256 MiB: stop at declared size",
            Lay::of([zeros(256 * MIB).crc32(crc32_of_zeros(1000)).with(|x| {
                x.local.uncompressed_size = 1000;
                x.central.uncompressed_size = 1000;
            })]),
        ),
        case(
            "b_lying_by_one",
            RejectEntry,
            "declares one byte less than comes out, with the CRC of the shorter contents",
            Lay::of([LaidEntry::claiming("x", 8, deflate_zeros(1001), crc32_of_zeros(1000), 1000)]),
        ),
        case(
            "b_bzip2_64m",
            Limit,
            "64 MiB of zeros in bzip2: extreme ratio, 10^6:1 per block",
            Lay::of([LaidEntry::claiming(
                "x",
                12,
                bzip2,
                crc32_of_zeros(64 * MIB),
                (64 * MIB) as u32,
            )]),
        )
        .compat(Accept)
        .needs("bzip2"),
        case(
            "b_lzma_dict_4g",
            Limit,
            "LZMA header asks for a 4 GiB dictionary",
            Lay::of([LaidEntry::encoded("x", 14, lzma, HELLO).flags(2)]),
        )
        .needs("lzma"),
        case(
            "b_zstd_window_max",
            Limit,
            "zstd frame with a 2 TiB window descriptor",
            Lay::of([LaidEntry::encoded("x", 93, zstd, HELLO)]),
        )
        .needs("zstd"),
        case(
            "b_nested_10pow6",
            Accept,
            "42.zip style: 10^6 MiB when recursed; a reader must not recurse by itself",
            nested(),
        ),
    ]
}

/// Six archives in one another, ten copies each, and a MiB of zeros in the innermost.
fn nested() -> Lay {
    let zeros =
        LaidEntry::claiming("zeros", 8, deflate_zeros(MIB), crc32_of_zeros(MIB), MIB as u32);
    let mut inner = Lay::of([zeros]).build();
    for _ in 0..5 {
        inner = ten_of(&inner).build();
    }
    ten_of(&inner)
}

fn ten_of(inner: &[u8]) -> Lay {
    let first = LaidEntry::deflated("0.zip", inner);
    Lay::of((0..10).map(|i| {
        first.clone().with(|copy| {
            copy.local.name[0] += i;
            copy.central.name[0] += i;
        })
    }))
}

fn overlaps() -> Vec<Hostile> {
    let shared = {
        let kernel =
            LaidEntry::claiming("f000", 8, deflate_zeros(MIB), crc32_of_zeros(MIB), MIB as u32);
        Lay::of((0..1000).map(|i| {
            kernel.clone().with(|copy| {
                copy.has_local = i == 0;
                copy.central.name = format!("f{i:03}").into_bytes();
            })
        }))
    };
    let inside = Lay::of([hello("inner")]).build_with_map();
    let inner_member = inside.0[..inside.1.directory.start].to_vec();
    vec![
        case(
            "b_overlap_full",
            RejectOpen,
            "1,000 central entries share one local entry: 1 GB out of 50 KB",
            shared,
        ),
        case(
            "b_overlap_quoted",
            RejectOpen,
            "each entry's deflate stream quotes the local headers behind it in stored blocks (Fifield)",
            quoted(),
        ),
        case(
            "b_overlap_inside",
            RejectOpen,
            "an entry lies within the stored payload of another, and the directory names both",
            Lay::of([
                LaidEntry::stored("outer", inner_member),
                hello("inner").with(|e| {
                    e.has_local = false;
                    e.central.offset = Some(35);
                }),
            ]),
        )
        .fault(1),
        case(
            "b_overlap_same_twice",
            RejectOpen,
            "one member with two equal central headers",
            Lay::of([hello("a")]).with(|lay| lay.directory_order = Some(vec![0, 0])),
        ),
        case(
            "b_overlap_cd",
            RejectOpen,
            "entry's data runs into the central directory",
            Lay::of([LaidEntry::stored("a", "AAAA").sizes(50, 50)]),
        ),
        case(
            "b_overlap_next",
            RejectOpen,
            "entry's data runs one byte into the next local header",
            Lay::of([LaidEntry::stored("a", "AAAA").sizes(5, 5), hello("b")]),
        ),
    ]
}

/// Three entries of which each contains the next ones, as deflate streams: a stored block that is not the last holds
/// the next local header, and the stream goes on with the payload behind it.
fn quoted() -> Lay {
    let kernel = LaidEntry::claiming("c", 8, deflate_zeros(MIB), crc32_of_zeros(MIB), MIB as u32);
    let mut entries = vec![kernel.clone()];
    let mut payload_behind = kernel.payload.clone();
    let mut size_behind = MIB;
    for name in ["b", "a"] {
        let mut header = Vec::new();
        entries[0].local.lay(&mut header);
        let len = header.len() as u16;
        let mut lead = vec![0];
        lead.extend_from_slice(&len.to_le_bytes());
        lead.extend_from_slice(&(!len).to_le_bytes());
        // The header of the next entry is contents here, and so are the headers further behind.
        let payload = [&lead[..], &header, &payload_behind].concat();
        let contents = miniz_oxide::inflate::decompress_to_vec(&payload).unwrap_or_default();
        debug_assert_eq!(contents.len() as u64, size_behind + header.len() as u64);
        size_behind = contents.len() as u64;
        let mut entry = LaidEntry::encoded(name, 8, payload.clone(), contents);
        // Only its own bytes are laid; the rest of its payload is the next member.
        entry.payload = lead;
        entries.insert(0, entry);
        payload_behind = payload;
    }
    Lay::of(entries)
}

fn allocations() -> Vec<Hostile> {
    let zip64 = |change: fn(&mut Lay)| {
        Lay::of([hello("x")]).with(|lay| lay.zip64 = Zip64End::Sentinels).with(change)
    };
    vec![
        case(
            "b_alloc_usize",
            RejectEntry,
            "declares 4 GiB, holds 11 bytes: must not preallocate",
            Lay::of([LaidEntry::deflated("x", HELLO).with(|x| {
                x.local.uncompressed_size = u32::MAX - 1;
                x.central.uncompressed_size = u32::MAX - 1;
            })]),
        ),
        case(
            "b_alloc_usize64",
            RejectEntry,
            "declares 2^60 bytes through zip64, holds 11: must not preallocate",
            Lay::of([LaidEntry::deflated("x", HELLO).with(|x| {
                let compressed = u64::from(x.central.compressed_size);
                x.local.extra = extra::zip64(&[1 << 60, compressed]);
                x.local.uncompressed_size = u32::MAX;
                x.local.compressed_size = u32::MAX;
                x.central.extra = extra::zip64(&[1 << 60]);
                x.central.uncompressed_size = u32::MAX;
            })]),
        ),
        case(
            "b_alloc_count64",
            RejectOpen,
            "2^61 entries claimed: no with_capacity(count)",
            zip64(|lay| {
                lay.eocd64.entries = Some(1 << 61);
                lay.eocd64.entries_on_disk = Some(1 << 61);
            }),
        ),
        case(
            "b_alloc_cdsize64",
            RejectOpen,
            "2^61-byte central directory claimed",
            zip64(|lay| lay.eocd64.directory_size = Some(1 << 61)),
        ),
        case(
            "b_alloc_cdsize32",
            RejectOpen,
            "directory of 4 GiB - 2 claimed",
            Lay::of([hello("x")]).with(|lay| lay.eocd.directory_size = Some(u32::MAX - 1)),
        ),
        case(
            "b_alloc_record64",
            RejectOpen,
            "zip64 record of 2^40 bytes claimed",
            zip64(|lay| lay.eocd64.record_size = Some(1 << 40)),
        ),
        case(
            "b_count_lie_small_file",
            RejectOpen,
            "65,534 entries claimed, one present",
            Lay::of([hello("x")]).with(|lay| {
                lay.eocd.entries = Some(65_534);
                lay.eocd.entries_on_disk = Some(65_534);
            }),
        ),
        case(
            "b_count_lie_empty",
            RejectOpen,
            "65,535 entries claimed in a directory of no bytes",
            Lay::new().with(|lay| {
                lay.eocd.entries = Some(65_535);
                lay.eocd.entries_on_disk = Some(65_535);
            }),
        ),
    ]
}

fn work() -> Vec<Hostile> {
    vec![
        case(
            "b_extra_flood",
            Accept,
            "16,383 empty extra records: linear parse",
            Lay::of([hello("x").extra(&extra::record(extra::UNKNOWN, b"").repeat(16_383))]),
        ),
        case(
            "b_comment_flood",
            Accept,
            "64 KiB comments full of near-signatures: backwards search must be linear",
            Lay::of([hello("x").with(|x| {
                x.central.comment = near_signatures();
            })])
            .with(|lay| lay.comment = near_signatures()),
        ),
        case(
            "b_prefix_flood",
            Accept,
            "a prefix full of near-signatures",
            Lay::of([LaidEntry::deflated("x", text())]).with(|lay| lay.prefix = near_signatures()),
        ),
    ]
}

/// 65,535 bytes of which every third one begins an end record, but for its last byte.
fn near_signatures() -> Vec<u8> {
    b"PK\x05".iter().copied().cycle().take(65_535).collect()
}

fn case(name: &'static str, expect: Expect, why: &'static str, lay: Lay) -> Hostile {
    Hostile::laid(Class::Bomb, name, expect, why, lay)
}

/// By CPython's bz2.
const BZIP2_64M: &str = "425a68393141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a8097314159265359bc04b5c300a275c000c0000008200020a40836328a884d2a2a2138bb9229c2848500bb83e8";
