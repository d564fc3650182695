//! Payload, descriptor and headers disagree; methods that do not exist.

use super::control::stored_blocks;
use super::row::{Class, Expect, HELLO, Hostile, hello, text};
use crate::lay::{Descriptor, DescriptorForm, LaidEntry, Lay};
use crate::oracle::unhex;

use Expect::{Accept, RejectEntry, Unsupported};

pub(super) fn rows() -> Vec<Hostile> {
    let mut rows = payloads();
    rows.extend(streams());
    rows.extend(descriptors());
    rows.extend(descriptor_lies());
    rows.extend(methods());
    rows
}

fn payloads() -> Vec<Hostile> {
    let x = || LaidEntry::deflated("x", text());
    vec![
        case(
            "d_crc_both_wrong",
            "CRC wrong in both headers",
            x().with(|x| {
                x.local.crc32 ^= 1;
                x.central.crc32 ^= 1;
            }),
        ),
        case("d_crc_zero", "CRC 0 is not \"unknown\"", x().crc32(0)),
        case("d_crc_ones", "CRC 0xFFFFFFFF is not \"unknown\"", x().crc32(u32::MAX)),
        case("d_crc_empty", "empty file with a CRC", LaidEntry::stored("x", "").crc32(1)),
        case(
            "d_stored_flip",
            "flipped bit in a stored payload",
            hello("x").with(|x| x.payload[5] ^= 0x10),
        ),
        case(
            "d_stored_size_mismatch",
            "stored but sizes differ",
            LaidEntry::stored("x", text()).sizes(10, 2500),
        ),
        case(
            "d_stored_usize_low",
            "stored but fewer bytes claimed than there are",
            LaidEntry::stored("x", text()).sizes(2500, 10),
        ),
        case(
            "d_stored_both_low",
            "both sizes one short and the CRC of the whole: the last byte belongs to nobody",
            LaidEntry::stored("x", text()).sizes(2499, 2499),
        ),
        case(
            "d_usize_zero",
            "uncompressed size 0 in both headers, but data comes out",
            x().with(|x| {
                x.local.uncompressed_size = 0;
                x.central.uncompressed_size = 0;
            }),
        ),
        case(
            "d_usize_high",
            "stream ends a byte before the size",
            x().with(|x| {
                x.local.uncompressed_size += 1;
                x.central.uncompressed_size += 1;
            }),
        ),
    ]
}

fn streams() -> Vec<Hostile> {
    let of = |name, why, payload: Vec<u8>, contents: &[u8]| {
        case(name, why, LaidEntry::encoded("x", 8, payload, contents))
    };
    let deflated = || miniz_oxide::deflate::compress_to_vec(&text(), 6);
    let mut corrupt = deflated();
    let middle = corrupt.len() / 2;
    corrupt[middle] ^= 0x55;
    let mut tail = deflated();
    tail.extend_from_slice(b"tail");
    let mut cut = deflated();
    cut.pop();
    let mut bad_len = stored_blocks(&[HELLO]);
    bad_len[3] ^= 1;
    let mut endless = stored_blocks(&[HELLO]);
    endless[0] = 0;
    let double = [deflated(), deflated()].concat();
    vec![
        of("d_deflate_corrupt", "flipped bits in the stream", corrupt, &text()),
        of("d_deflate_empty", "deflate with no bytes at all", Vec::new(), b"").compat(Accept),
        // Last block, fixed codes, length 3 at distance 1 before any byte: 1 01 0000001 00000 0000000, LSB first.
        of(
            "d_deflate_dist_too_far",
            "a distance before the first byte",
            vec![0x03, 0x02, 0x00],
            b"aaa",
        ),
        of("d_deflate_tail", "four bytes after the end of the deflate stream", tail, &text()),
        of(
            "d_deflate_second_stream",
            "a second deflate stream after the first: which one counts?",
            double,
            &text(),
        ),
        of("d_deflate_cut", "stream without its last byte", cut, &text()),
        of(
            "d_deflate_no_last_block",
            "all bytes come out, but no block is the last",
            endless,
            HELLO,
        ),
        of("d_deflate_block_type_3", "block of the type that does not exist", vec![0x07], b""),
        of(
            "d_deflate_stored_len",
            "stored block whose length and complement disagree",
            bad_len,
            HELLO,
        ),
        // Last block, dynamic, HLIT 31: 288 literal/length codes where 286 are the most there may be.
        of("d_deflate_hlit", "more literal codes than exist", vec![0xfd, 0x00, 0x00, 0x00], b""),
        of(
            "d_zlib_wrapped",
            "a zlib stream where raw deflate belongs",
            miniz_oxide::deflate::compress_to_vec_zlib(&text(), 6),
            &text(),
        ),
    ]
}

fn descriptors() -> Vec<Hostile> {
    let streamed = |form| LaidEntry::deflated("x", text()).with_descriptor(form);
    let mut fake = b"A".to_vec();
    Descriptor {
        form: DescriptorForm::Signed32,
        crc32: crc32fast::hash(b"A"),
        compressed_size: 1,
        uncompressed_size: 1,
    }
    .lay(&mut fake);
    let (inner, map) = Lay::of([LaidEntry::stored("inner", "in")]).build_with_map();
    fake.extend_from_slice(&inner[..map.directory.start]);
    let stored = LaidEntry::stored("x", fake).with_descriptor(DescriptorForm::Signed32);
    vec![
        Hostile::laid(
            Class::Data,
            "d_dd_stored_fake_inside",
            Accept,
            "stored with descriptor, and the data holds a fake descriptor and entry: a reader that seeks is safe, a \
             streaming one must refuse stored with bit 3",
            Lay::of([stored, hello("y")]),
        ),
        Hostile::laid(
            Class::Data,
            "d_dd_nosig_last",
            Accept,
            "descriptor without signature directly before the central directory",
            Lay::of([streamed(DescriptorForm::Bare32)]),
        ),
        case(
            "d_dd_missing",
            "bit 3 in both headers and no descriptor",
            streamed(DescriptorForm::Signed32).with(|x| x.descriptor = None),
        )
        .compat(Accept),
        case(
            "d_dd_short",
            "descriptor that ends after eight bytes",
            streamed(DescriptorForm::Signed32).with(|x| {
                x.descriptor = None;
                x.gap_after = b"PK\x07\x08".to_vec();
                x.gap_after.extend_from_slice(&x.central.crc32.to_le_bytes());
            }),
        )
        .compat(Accept),
        case(
            "d_dd_other_signature",
            "four other bytes where the signature belongs",
            streamed(DescriptorForm::Bare32).with(|x| {
                let bare = x.descriptor.take();
                x.gap_after = b"PK\x08\x07".to_vec();
                if let Some(fields) = bare {
                    fields.lay(&mut x.gap_after);
                }
            }),
        )
        .compat(Accept),
        case(
            "d_dd_wide_without_zip64",
            "64-bit descriptor although the local header has no zip64 extra",
            streamed(DescriptorForm::Signed32).with(|x| {
                if let Some(fields) = x.descriptor.as_mut() {
                    fields.form = DescriptorForm::Signed64;
                }
            }),
        )
        .compat(Accept),
        case(
            "d_dd_narrow_with_zip64",
            "32-bit descriptor although the local header has a zip64 extra",
            streamed(DescriptorForm::Signed64).with(|x| {
                if let Some(fields) = x.descriptor.as_mut() {
                    fields.form = DescriptorForm::Signed32;
                }
            }),
        )
        .compat(Accept),
        case(
            "d_dd_without_bit",
            "a descriptor follows, but neither header has bit 3: bytes that belong to nobody",
            LaidEntry::deflated("x", text()).with(|x| {
                x.descriptor = streamed(DescriptorForm::Signed32).descriptor;
            }),
        )
        .compat(Accept),
    ]
}

fn descriptor_lies() -> Vec<Hostile> {
    use DescriptorForm::{Bare32, Bare64, Signed32, Signed64};
    let lie = |name, why, form, change: fn(&mut Descriptor)| {
        let entry = LaidEntry::deflated("x", text()).with_descriptor(form).with(|x| {
            if let Some(fields) = x.descriptor.as_mut() {
                change(fields);
            }
        });
        case(name, why, entry).compat(Accept)
    };
    let crc = "descriptor CRC differs from central";
    let csize = "descriptor compressed size differs (ZipDiff A2)";
    let usize = "descriptor uncompressed size differs";
    let zero = "descriptor of zeros";
    vec![
        lie("d_dd_crc", crc, Signed32, |d| d.crc32 ^= 1),
        lie("d_dd_crc_bare32", crc, Bare32, |d| d.crc32 ^= 1),
        lie("d_dd_crc_signed64", crc, Signed64, |d| d.crc32 ^= 1),
        lie("d_dd_crc_bare64", crc, Bare64, |d| d.crc32 ^= 1),
        lie("d_dd_csize", csize, Signed32, |d| d.compressed_size -= 1),
        lie("d_dd_csize_bare32", csize, Bare32, |d| {
            d.compressed_size -= 1;
        }),
        lie("d_dd_csize_signed64", csize, Signed64, |d| {
            d.compressed_size |= 1 << 32;
        }),
        lie("d_dd_csize_bare64", csize, Bare64, |d| {
            d.compressed_size |= 1 << 32;
        }),
        lie("d_dd_usize", usize, Signed32, |d| {
            d.uncompressed_size -= 1;
        }),
        lie("d_dd_usize_bare32", usize, Bare32, |d| {
            d.uncompressed_size -= 1;
        }),
        lie("d_dd_usize_signed64", usize, Signed64, |d| {
            d.uncompressed_size |= 1 << 32;
        }),
        lie("d_dd_usize_bare64", usize, Bare64, |d| {
            d.uncompressed_size |= 1 << 32;
        }),
        lie("d_dd_zeros", zero, Signed32, |d| {
            (d.crc32, d.compressed_size, d.uncompressed_size) = (0, 0, 0);
        }),
    ]
}

fn methods() -> Vec<Hostile> {
    let of = |name, why, method| {
        Hostile::laid(Class::Data, name, Unsupported, why, Lay::of([hello("x").method(method)]))
    };
    let mut bzip2 = unhex(BZIP2_HELLO).expect("digits");
    bzip2[20] ^= 0x10;
    let lzma = unhex("090405005d00008000").expect("digits");
    vec![
        of(
            "d_method_unknown",
            "unknown method: name it in the error",
            4919,
        ),
        of("d_method_max", "method 65535", 0xffff),
        of("d_method_1_shrunk", "legacy method shrunk", 1),
        of("d_method_2_reduced", "legacy method reduced", 2),
        of("d_method_6_imploded", "legacy method imploded", 6),
        of("d_method_7_tokenized", "reserved method", 7),
        of("d_method_10_dcl", "legacy method of the PKWARE library", 10),
        of("d_method_94_mp3", "method MP3: stored bytes in disguise", 94),
        of("d_method_97_wavpack", "method WavPack", 97),
        case(
            "d_method_9_deflate64",
            "stored bytes called Deflate64: no stream where it is built in, no method where it is not",
            hello("x").method(9),
        )
        .needs("deflate64"),
        case(
            "d_method_99_aes_without_flag",
            "method 99 without encryption",
            hello("x").method(99),
        ),
        Hostile::laid(
            Class::Data,
            "d_patched_flag",
            Unsupported,
            "compressed patched data (bit 5)",
            Lay::of([hello("x").flags(1 << 5)]),
        ),
        case(
            "d_bzip2_corrupt",
            "flipped bit in a bzip2 stream",
            LaidEntry::encoded("x", 12, bzip2, HELLO),
        )
        .needs("bzip2"),
        case(
            "d_lzma_header_only",
            "LZMA of its header and nothing else",
            LaidEntry::encoded("x", 14, lzma, HELLO).flags(2),
        )
        .needs("lzma"),
        case(
            "d_lzma_short_header",
            "LZMA of three bytes",
            LaidEntry::encoded("x", 14, [9, 4, 5], HELLO).flags(2),
        )
        .needs("lzma"),
        case(
            "d_zstd_bad_magic",
            "zstd without its magic number",
            LaidEntry::encoded("x", 93, HELLO, HELLO),
        )
        .needs("zstd"),
        case(
            "d_zstd_cut",
            "zstd frame without its last byte",
            LaidEntry::encoded(
                "x",
                93,
                [&b"\x28\xb5\x2f\xfd\x20\x0b\x59\x00\x00"[..], &HELLO[..10]].concat(),
                HELLO,
            ),
        )
        .needs("zstd"),
    ]
}

fn case(name: &'static str, why: &'static str, entry: LaidEntry) -> Hostile {
    Hostile::laid(Class::Data, name, RejectEntry, why, Lay::of([entry, hello("y")]))
}

const BZIP2_HELLO: &str = "425a6839314159265359865056bb0000025180001040040264c010200031003020036a2a5b670c1e2ee48a70a1210ca0ad76";
