//! Archives without a fault that careless checks refuse: odd but lawful, or odd and harmless.

use super::row::{Class, Expect, HELLO, Hostile, hello, text, two};
use crate::lay::{DescriptorForm, LaidEntry, Lay, Zip64End, extra};
use crate::oracle::unhex;

pub(super) fn rows() -> Vec<Hostile> {
    let mut rows = vec![
        case("a_empty", "empty archive, 22 bytes", Lay::new()),
        case("a_stored", "plain stored", Lay::of([hello("a.txt")])),
        case(
            "a_deflate",
            "deflate, directory, empty file",
            Lay::of([
                LaidEntry::deflated("a.txt", text()),
                LaidEntry::directory("d/"),
                LaidEntry::stored("d/b", ""),
            ]),
        ),
        case(
            "a_zeros",
            "2 MiB of zeros by deflate, 1,030:1: disk images and logs hold such runs",
            Lay::of([LaidEntry::deflated("zeros", vec![0; 2 << 20])]),
        ),
        case(
            "a_comment",
            "comments of entry and archive",
            Lay::of([hello("a").with(|a| a.central.comment = b"of the entry".to_vec())])
                .with(|lay| lay.comment = b"of the archive".to_vec()),
        ),
        case(
            "a_bad_dos_date",
            "impossible DOS date and time must not panic or fail the read",
            Lay::of([hello("a").with(|a| {
                (a.local.date, a.local.time) = (0xffff, 0xffff);
                (a.central.date, a.central.time) = (0xffff, 0xffff);
            })]),
        ),
        case(
            "a_zero_dos_date",
            "month 0 and day 0: writers without a clock",
            Lay::of([hello("a").with(|a| (a.local.date, a.central.date) = (0, 0))]),
        ),
        case(
            "a_literal_names",
            "look dangerous but are ordinary names: must not be decoded, expanded or rejected",
            Lay::of(
                ["%2e%2e%2fx", "~/.ssh/x", "-rf", "...", "..a/b..", "$(id)", "a;b", "'q'"]
                    .map(hello),
            ),
        ),
        case(
            "a_utf8_names",
            "bit 11 and letters of several scripts",
            Lay::of(
                ["\u{e4}\u{f6}.txt", "\u{65e5}\u{672c}/\u{8a9e}", "\u{1f980}"]
                    .map(|n| hello(n).flags(1 << 11)),
            ),
        ),
        case(
            "a_cp437_name",
            "no bit 11: byte 0x84 is a letter of code page 437",
            Lay::of([hello(b"\x84.txt")]),
        ),
        case(
            "a_utf8_without_flag",
            "UTF-8 bytes without bit 11, as many Unix writers do",
            Lay::of([hello("\u{e4}.txt")]),
        ),
        case(
            "a_directory_order",
            "central headers in another order than the members",
            two().with(|lay| lay.directory_order = Some(vec![1, 0])),
        ),
        case("a_version_zero", "version needed 0", Lay::of([hello("a").version_needed(0)])),
        case(
            "a_version_high",
            "version needed 25.5 for a stored file: readers that refuse it refuse real archives",
            Lay::of([hello("a").version_needed(255)]),
        ),
        case(
            "a_version_host_byte",
            "a host system in the high byte of version needed",
            Lay::of([hello("a").version_needed(0x0314)]),
        ),
        case(
            "a_version_differs",
            "version needed differs between the headers: no byte depends on it",
            Lay::of([LaidEntry::deflated("a", text()).with(|a| a.local.version_needed = 10)]),
        ),
        case(
            "a_version_10_deflate",
            "version needed 1.0 for deflate, as old writers say",
            Lay::of([LaidEntry::deflated("a", text()).version_needed(10)]),
        ),
        case(
            "a_host_unknown",
            "made by host system 200",
            Lay::of([hello("a").with(|a| a.central.version_made_by = 200 << 8 | 20)]),
        ),
        case(
            "a_internal_bits",
            "every bit of the internal attributes",
            Lay::of([hello("a").with(|a| a.central.internal = 0xffff)]),
        ),
        case(
            "a_flags_harmless",
            "deflate level bits 1 and 2, and reserved bits 7 to 10: change nothing",
            Lay::of([LaidEntry::deflated("a", text()).flags(0b0111_1000_0110)]),
        ),
        case(
            "a_dos_directory",
            "made by DOS: directory by attribute and slash, no mode",
            Lay::of([
                LaidEntry::directory("d/").with(|d| {
                    d.central.version_made_by = 20;
                    d.central.external = 0x10;
                }),
                hello("d/a"),
            ]),
        ),
        case(
            "a_directory_deflated",
            "directory as a two-byte deflate stream with a descriptor: what Java's ZipOutputStream writes by default",
            Lay::of([LaidEntry::deflated("d/", "")
                .mode(0o040_755)
                .with_descriptor(DescriptorForm::Signed32)]),
        ),
        case(
            "a_deflate_empty_stream",
            "empty file as a two-byte deflate stream",
            Lay::of([LaidEntry::deflated("a", "")]),
        ),
        case(
            "a_deflate_stored_blocks",
            "deflate made of stored blocks only",
            Lay::of([LaidEntry::encoded(
                "a",
                8,
                stored_blocks(&[b"hello", b"", b", zip\n"]),
                HELLO,
            )]),
        ),
        case(
            "a_deflate_joined",
            "deflate pieces that were joined at flush points",
            Lay::of([LaidEntry::encoded("a", 8, joined(), [text(), text()].concat())]),
        ),
        case(
            "a_jar_cafe",
            "JAR mark in the first entry",
            Lay::of([
                LaidEntry::directory("META-INF/").extra(&extra::record(extra::JAR, b"")),
                LaidEntry::deflated("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n\r\n"),
            ]),
        ),
        case(
            "a_spanning_marker",
            "first four bytes are the mark of a split archive that needed one volume only",
            two().with(|lay| lay.prefix = b"PK00".to_vec()),
        ),
        case(
            "a_marker_of_first_volume",
            "first four bytes are the mark of a split archive, joined again",
            two().with(|lay| lay.prefix = b"PK\x07\x08".to_vec()),
        ),
    ];
    rows.extend(descriptors());
    rows.extend(zip64());
    rows.extend(methods());
    rows
}

fn descriptors() -> Vec<Hostile> {
    let entry = || LaidEntry::deflated("a", text());
    let pair = |form| Lay::of([entry().with_descriptor(form), hello("b")]);
    vec![
        case("a_dd_signed32", "descriptor with signature", pair(DescriptorForm::Signed32)),
        case("a_dd_bare32", "descriptor without signature", pair(DescriptorForm::Bare32)),
        case(
            "a_dd_zip64",
            "streamed zip64: local zip64 extra, 64-bit descriptor",
            pair(DescriptorForm::Signed64),
        ),
        case(
            "a_dd_bare64",
            "streamed zip64, descriptor without signature",
            pair(DescriptorForm::Bare64),
        ),
        case(
            "a_dd_stored",
            "stored with descriptor: only the directory knows the size",
            Lay::of([hello("a").with_descriptor(DescriptorForm::Signed32), hello("b")]),
        ),
        case(
            "a_dd_empty",
            "empty file with descriptor",
            Lay::of([
                LaidEntry::stored("a", "").with_descriptor(DescriptorForm::Signed32),
                hello("b"),
            ]),
        ),
        case(
            "a_dd_local_filled",
            "descriptor, and the local header holds the true values as well",
            Lay::of([entry().with_descriptor(DescriptorForm::Signed32).with(|a| {
                a.local.crc32 = a.central.crc32;
                a.local.compressed_size = a.central.compressed_size;
                a.local.uncompressed_size = a.central.uncompressed_size;
            })]),
        ),
        case(
            "a_dd_zip64_local_zeros",
            "streamed zip64 whose local sizes are 0 instead of sentinels",
            Lay::of([entry()
                .with_descriptor(DescriptorForm::Signed64)
                .with(|a| (a.local.compressed_size, a.local.uncompressed_size) = (0, 0))]),
        ),
        case(
            "a_dd_crc_is_signature",
            "contents whose CRC-32 equals the descriptor signature, descriptor without signature",
            Lay::of([
                LaidEntry::stored("a", crc_equals_signature())
                    .with_descriptor(DescriptorForm::Bare32),
                hello("b"),
            ]),
        ),
    ]
}

fn zip64() -> Vec<Hostile> {
    let one = || Lay::of([hello("a")]);
    vec![
        case(
            "a_zip64_forced",
            "small archive with every field in zip64",
            Lay::of([hello("a").zip64(), hello("b").zip64()])
                .with(|lay| lay.zip64 = Zip64End::Sentinels),
        ),
        case(
            "a_zip64_eocd_unneeded",
            "zip64 record present and equal to the classic one",
            one().with(|lay| lay.zip64 = Zip64End::Copies),
        ),
        case(
            "a_zip64_eocd_disks",
            "disk numbers 0xFFFF in the classic record, real ones in zip64",
            one().with(|lay| {
                lay.zip64 = Zip64End::Sentinels;
                (lay.eocd.disk, lay.eocd.directory_disk) = (Some(0xffff), Some(0xffff));
            }),
        ),
        case(
            "a_zip64_eocd_count_only",
            "only the counts are sentinels",
            one().with(|lay| {
                lay.zip64 = Zip64End::Copies;
                (lay.eocd.entries, lay.eocd.entries_on_disk) = (Some(0xffff), Some(0xffff));
            }),
        ),
        case(
            "a_zip64_eocd_offset_only",
            "only the offset is a sentinel",
            one().with(|lay| {
                lay.zip64 = Zip64End::Copies;
                lay.eocd.directory_offset = Some(u32::MAX);
            }),
        ),
        case(
            "a_zip64_eocd_size_only",
            "only the size is a sentinel",
            one().with(|lay| {
                lay.zip64 = Zip64End::Copies;
                lay.eocd.directory_size = Some(u32::MAX);
            }),
        ),
        case(
            "a_zip64_extensible",
            "zip64 record with an extensible data sector",
            one().with(|lay| {
                lay.zip64 = Zip64End::Sentinels;
                lay.eocd64.extensible = b"\x77\x77\x04\0\0\0data".to_vec();
            }),
        ),
        case(
            "a_zip64_comment",
            "zip64 records and an archive comment",
            one().with(|lay| {
                lay.zip64 = Zip64End::Sentinels;
                lay.comment = b"of the archive".to_vec();
            }),
        ),
    ]
}

fn methods() -> Vec<Hostile> {
    let of = |name, method, flags, hex: &str, feature, why| {
        let payload = unhex(hex).expect("digits");
        let entry = LaidEntry::encoded("a", method, payload, METHOD_TEXT).flags(flags);
        case(name, why, Lay::of([entry])).needs(feature)
    };
    let mut zstd = b"\x28\xb5\x2f\xfd\x20\x23\x19\x01\x00".to_vec();
    zstd.extend_from_slice(METHOD_TEXT);
    let deflate64 = stored_blocks(&[METHOD_TEXT]);
    vec![
        case(
            "a_bzip2",
            "bzip2 method, by CPython's bz2",
            Lay::of([LaidEntry::encoded("a", 12, unhex(BZIP2_HELLO).expect("digits"), HELLO)]),
        )
        .needs("bzip2"),
        of("a_lzma_eos", 14, 2, LZMA_EOS, "lzma", "LZMA with end mark, by CPython's zipfile"),
        of("a_xz", 95, 0, XZ, "xz", "XZ, by CPython's lzma"),
        of("a_deflate64", 9, 0, DEFLATE64, "deflate64", "Deflate64, by 7-Zip 26"),
        of("a_ppmd", 98, 0, PPMD, "ppmd", "PPMd, by 7-Zip 26"),
        case(
            "a_deflate64_stored_block",
            "a stored block is the same in Deflate and Deflate64",
            Lay::of([LaidEntry::encoded("a", 9, deflate64, METHOD_TEXT)]),
        )
        .needs("deflate64"),
        case(
            "a_zstd_raw_block",
            "zstd frame of one raw block, laid by hand (RFC 8878)",
            Lay::of([LaidEntry::encoded("a", 93, zstd, METHOD_TEXT)]),
        )
        .needs("zstd"),
    ]
}

fn case(name: &'static str, why: &'static str, lay: Lay) -> Hostile {
    Hostile::laid(Class::Control, name, Expect::Accept, why, lay)
}

/// A deflate stream of stored blocks, one per piece. RFC 1951, 3.2.4.
pub(super) fn stored_blocks(pieces: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        out.push(u8::from(index + 1 == pieces.len()));
        let len = piece.len() as u16;
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(piece);
    }
    out
}

/// Two deflate streams as one: the first without its last-block mark and with an empty stored block as a flush point.
fn joined() -> Vec<u8> {
    use miniz_oxide::deflate::core::{
        CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
    };
    let mut state = CompressorOxide::new(create_comp_flags_from_zip_params(6, 0, 0));
    let mut out = Vec::new();
    for flush in [TDEFLFlush::Full, TDEFLFlush::Finish] {
        compress_to_output(&mut state, &text(), flush, |piece| {
            out.extend_from_slice(piece);
            true
        });
    }
    out
}

/// Eleven letters and four bytes behind them that bring the CRC-32 to 0x08074B50.
fn crc_equals_signature() -> Vec<u8> {
    // The CRC register is undone step by step: which four bytes lead from where the text left it to the wish?
    let mut table = [0u32; 256];
    for (byte, slot) in (0u32..).zip(table.iter_mut()) {
        *slot = (0..8).fold(byte, |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 });
    }
    let mut wanted = !0x0807_4b50_u32;
    for _ in 0..4 {
        let index = table
            .iter()
            .position(|t| t >> 24 == wanted >> 24)
            .expect("the high bytes of the table are all different");
        wanted = (wanted ^ table[index]) << 8 | index as u32;
    }
    let state = !crc32fast::hash(HELLO);
    let mut out = HELLO.to_vec();
    out.extend_from_slice(&(wanted ^ state).to_le_bytes());
    out
}

/// What the payloads of `methods` decode to.
const METHOD_TEXT: &[u8] = b"hello, zip; hello, zip; hello, zip\n";
const BZIP2_HELLO: &str = "425a6839314159265359865056bb0000025180001040040264c010200031003020036a2a5b670c1e2ee48a70a1210ca0ad76";
const LZMA_EOS: &str = "090405005d0000800000341949ee8def8c6c2f7a6a89fbad01af195a77fffff7e88000";
const XZ: &str = "fd377a585a0000016922de360200210116000000742fe5a3e0002200145d00341949ee8def8c6c2f7a6a89fbad01af0824000000a82868f700012c23f7afd0bb9042990d010000000001595a";
const DEFLATE64: &str = "6dc6310900000804c0dd141fc006e611141e7436bd05fea6ab24c771bd017d7b";
const PPMD: &str = "070067fb8354d7486ab59875b3b9053cc77d81aa00";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_is_the_signature() {
        assert_eq!(crc32fast::hash(&crc_equals_signature()).to_le_bytes(), *b"PK\x07\x08");
    }

    #[test]
    fn joined_stream_inflates() {
        let out = miniz_oxide::inflate::decompress_to_vec(&joined()).expect("a valid stream");
        assert_eq!(out, [text(), text()].concat());
    }
}
