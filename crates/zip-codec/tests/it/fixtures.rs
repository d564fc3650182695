//! Payloads that other tools wrote, of the same contents, named after the tool.
//!
//! | fixture | made by |
//! | --- | --- |
//! | `7zip-*` | `7zz a -tzip -mm=<method>` (26.02); `-mx=9` for `ppmd-9` |
//! | `7zip-lzma-unmarked` | the pack stream of `7zz a -t7z -m0=lzma:d=128k`, behind the ZIP prefix |
//! | `python-*` | `zipfile` (3.11) |
//! | `xz-*` | `xz` with `--check`, `--block-size`, `--x86` |
//! | `zstd-checksum`, `zstd-long` | `zstd`, `zstd --long=30 --ultra -20` |
//! | `zstd-frames` | two frames with a skippable one between them |

use zip_codec::error::Error;
use zip_codec::member::{DecodeSpec, Scratch, decode};
use zip_format::error::Category;
use zip_format::limits::Limits;
use zip_format::method::Method;

use crate::common::{pieces, text};

struct Fixture {
    name: &'static str,
    method: Method,
    payload: &'static [u8],
}

macro_rules! fixtures {
    ($($name:literal, $method:ident;)*) => {
        &[$(Fixture {
            name: $name,
            method: Method::$method,
            payload: include_bytes!(concat!("fixtures/", $name, ".bin")),
        },)*]
    };
}

const FIXTURES: &[Fixture] = fixtures! {
    "7zip-deflate", DEFLATE;
    "7zip-deflate64", DEFLATE64;
    "7zip-bzip2", BZIP2;
    "python-bzip2", BZIP2;
    "7zip-lzma", LZMA;
    "7zip-lzma-unmarked", LZMA;
    "python-lzma", LZMA;
    "7zip-xz", XZ;
    "xz-crc64-blocks", XZ;
    "xz-x86-sha256", XZ;
    "zstd-checksum", ZSTD;
    "zstd-checksum", ZSTD_DEPRECATED;
    "zstd-frames", ZSTD;
    "7zip-ppmd", PPMD;
    "7zip-ppmd-9", PPMD;
};

fn contents() -> Vec<u8> {
    [text(4000), vec![0; 80_000], text(2000), text(700)].concat()
}

impl Fixture {
    fn spec(&self) -> DecodeSpec {
        DecodeSpec {
            method: self.method,
            size: 86_700,
            compressed_size: self.payload.len() as u64,
            crc32: Some(0x326d_7c7c),
            flags_lzma_eos: !self.name.contains("unmarked"),
        }
    }
}

/// The fixtures that this build can read.
fn readable() -> impl Iterator<Item = &'static Fixture> {
    FIXTURES.iter().filter(|fixture| zip_codec::registry::decoder(fixture.method).is_ok())
}

fn pushed(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    payload: &[u8],
    sizes: &[usize],
) -> Result<Vec<u8>, Error> {
    let mut decoder = decode::Decoder::new(scratch, spec, &Limits::default())?;
    let result = pieces(payload, sizes, |i, l, o| decoder.push(i, l, o));
    decoder.recycle(scratch);
    result
}

#[test]
fn what_other_tools_wrote_is_read() {
    let (mut scratch, limits, contents) = (Scratch::new(), Limits::default(), contents());
    for fixture in readable() {
        let (name, spec, payload) = (fixture.name, fixture.spec(), fixture.payload);
        let mut output = vec![0; contents.len()];
        let found = decode::decode_into(&mut scratch, &spec, &limits, payload, &mut output);
        assert_eq!(found, Ok(()), "{name}");
        assert!(output == contents, "{name}: other bytes");
        assert_eq!(decode::verify_whole(&mut scratch, &spec, &limits, payload), Ok(()), "{name}");
        for sizes in [&[1][..], &[1, 300], &[7, 0, 5000], &[100_000]] {
            let output = pushed(&mut scratch, &spec, payload, sizes);
            assert!(output.as_deref() == Ok(&contents), "{name} in pieces of {sizes:?}");
        }
    }
}

#[test]
fn a_payload_cut_short_is_an_error() {
    let (mut scratch, limits) = (Scratch::new(), Limits::default());
    let mut output = vec![0; contents().len()];
    for fixture in readable() {
        let near_the_end = fixture.payload.len() - 12..fixture.payload.len();
        for cut in (0..fixture.payload.len()).step_by(61).chain(near_the_end) {
            let payload = &fixture.payload[..cut];
            let spec = DecodeSpec { compressed_size: cut as u64, ..fixture.spec() };
            let found = decode::decode_into(&mut scratch, &spec, &limits, payload, &mut output);
            assert!(found.is_err(), "{}: {cut} bytes pass", fixture.name);
            let category = found.expect_err("just seen").category();
            assert_eq!(category, Category::Damaged, "{}: {cut} bytes", fixture.name);
        }
    }
}

#[test]
fn bytes_after_the_stream_are_an_error() {
    let (mut scratch, limits) = (Scratch::new(), Limits::default());
    let mut output = vec![0; contents().len()];
    for fixture in readable() {
        for (unused, filler) in [(1, 0), (1, 0xff), (2, b'P'), (3, 0), (5, 0), (20, 7)] {
            let mut payload = fixture.payload.to_vec();
            payload.resize(payload.len() + unused, filler);
            let spec = DecodeSpec { compressed_size: payload.len() as u64, ..fixture.spec() };
            let who = format!("{} and {unused} bytes of {filler}", fixture.name);
            let found = decode::decode_into(&mut scratch, &spec, &limits, &payload, &mut output);
            assert!(matches!(found, Err(Error::TrailingBytes { .. })), "{who}: {found:?}");
            for sizes in [&[1][..], &[300]] {
                let found = pushed(&mut scratch, &spec, &payload, sizes);
                assert!(matches!(found, Err(Error::TrailingBytes { .. })), "{who}, {sizes:?}");
            }
        }
    }
}

#[test]
fn a_flipped_bit_never_gives_other_bytes() {
    let (mut scratch, limits, contents) = (Scratch::new(), Limits::default(), contents());
    let mut output = vec![0; contents.len()];
    for fixture in readable() {
        let mut payload = fixture.payload.to_vec();
        for bit in (0..payload.len() * 8).step_by(251) {
            payload[bit / 8] ^= 1 << (bit % 8);
            let spec = fixture.spec();
            let found = decode::decode_into(&mut scratch, &spec, &limits, &payload, &mut output);
            assert!(found.is_err() || output == contents, "{}, bit {bit}", fixture.name);
            payload[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn windows_beyond_the_limit_are_refused() {
    let mut scratch = Scratch::new();
    let mut output = vec![0; contents().len()];
    let mut limits = Limits::default();
    limits.window_bytes = 10_000;
    for fixture in readable() {
        let (name, spec) = (fixture.name, fixture.spec());
        let found = decode::decode_into(&mut scratch, &spec, &limits, fixture.payload, &mut output);
        match fixture.method {
            // 32 and 64 KiB, whatever the payload says.
            Method::DEFLATE | Method::DEFLATE64 => assert_eq!(found, Ok(()), "{name}"),
            _ => {
                let error = found.expect_err(name);
                assert_eq!(error.category(), Category::Limit, "{name}: {error}");
            }
        }
    }
    if cfg!(feature = "zstd") {
        let payload = include_bytes!("fixtures/zstd-long.bin");
        let spec = DecodeSpec {
            method: Method::ZSTD,
            compressed_size: payload.len() as u64,
            ..FIXTURES[0].spec()
        };
        let limits = Limits::default();
        let found = decode::decode_into(&mut scratch, &spec, &limits, payload, &mut output);
        let (what, limit) = ("zstd window in bytes", 128 << 20);
        assert_eq!(found, Err(Error::Limit { what, limit, found: 1 << 30 }));
    }
}
