//! Encrypted entries: true ones, and headers and payloads that lie. WinZip AE note 1.04; APPNOTE 6.3.10, 6.1 and 7.
//!
//! Payloads under AES were sealed with CPython's hashlib and hmac and OpenSSL's block cipher, and are checked here
//! against 7-Zip; those under traditional encryption are sealed below.

use super::row::{Class, Expect, HELLO, Hostile, text};
use crate::lay::{DescriptorForm, LaidEntry, Lay, extra};
use crate::oracle::unhex;

use Expect::{Encrypted, RejectEntry, Unsupported};

/// The password of every row.
const PASSWORD: &str = "correct horse";
/// What the AES payloads hold.
const PLAIN: &[u8] = b"sealed bytes, more than one block\n";
const AES128: &str = "10111213141516179b270f8356eadb69078c7bcbb8b574f2b6a477acdbf07d160f07cbdb6032c030cddee570e2627b6651f8e5d58103";
const AES192: &str = "101112131415161718191a1b1a6684d3ecdb92c0b2cf6c79cc0d5078e89c356863a7fb1448d8c03db67b46a7faa471e56688ae0810c00caeae0e";
const AES256: &str = "101112131415161718191a1b1c1d1e1f5a60c19c5ec9bb2e2bc6e2cd1fb707e429904fb0a489197bafe0c32c9491c4863560b6ffdc8d50f100c4957f045c";
const AES256_EMPTY: &str = "101112131415161718191a1b1c1d1e1f5a60b806498aeb3c771e8a09";

pub(super) fn rows() -> Vec<Hostile> {
    let mut rows = aes_sound();
    rows.extend(aes_payloads());
    rows.extend(aes_headers());
    rows.extend(traditional());
    rows.extend(unsupported());
    rows
}

/// Both headers as WinZip writes them: method 99, bit 0, extra 0x9901, CRC 0 in AE-2.
fn aes(version: u16, strength: u8) -> LaidEntry {
    let payload = match strength {
        1 => AES128,
        2 => AES192,
        _ => AES256,
    };
    sealed(version, strength, 0, payload, PLAIN)
}

fn sealed(version: u16, strength: u8, method: u16, payload: &str, plain: &[u8]) -> LaidEntry {
    let payload = unhex(payload).expect("digits");
    let entry = LaidEntry::encoded("x", 99, payload, plain)
        .flags(1)
        .version_needed(51)
        .extra(&extra::aes(version, strength, method));
    if version == 2 {
        return entry.crc32(0);
    }
    entry
}

/// The AES entry with another extra record in both headers.
fn with_extra(bytes: &[u8]) -> LaidEntry {
    aes(2, 3).with(|x| {
        x.local.extra = bytes.to_vec();
        x.central.extra = bytes.to_vec();
    })
}

fn aes_sound() -> Vec<Hostile> {
    let long = extra::record(extra::AES, &[2, 0, b'A', b'E', 3, 0, 0, 0xaa, 0xbb]);
    vec![
        case("c_aes256_ae2", Encrypted, "valid AE-2 AES-256", aes(2, 3)),
        case("c_aes192_ae2", Encrypted, "valid AE-2 AES-192", aes(2, 2)),
        case("c_aes128_ae2", Encrypted, "valid AE-2 AES-128", aes(2, 1)),
        case("c_aes256_ae1", Encrypted, "valid AE-1 AES-256", aes(1, 3)),
        case("c_aes128_ae1", Encrypted, "valid AE-1 AES-128", aes(1, 1)),
        case(
            "c_aes_empty",
            Encrypted,
            "an empty file: 28 bytes of payload and no ciphertext",
            sealed(2, 3, 0, AES256_EMPTY, b""),
        ),
        case(
            "c_aes_descriptor",
            Encrypted,
            "AE-2 with a descriptor, whose CRC is 0 as well",
            aes(2, 3).with_descriptor(DescriptorForm::Signed32),
        ),
        case(
            "c_aes_extra_long",
            Encrypted,
            "AES extra of nine bytes: a later version may add some",
            with_extra(&long),
        ),
        case(
            "c_aes_version_needed",
            Encrypted,
            "version needed 2.0: the WinZip note asks for none of its own",
            aes(2, 3).version_needed(20),
        ),
    ]
}

fn aes_payloads() -> Vec<Hostile> {
    let bad = |name, why, change: fn(&mut Vec<u8>)| {
        case(name, RejectEntry, why, aes(2, 3).with(|x| change(&mut x.payload)))
    };
    vec![
        bad("c_aes_mac_flip", "one HMAC bit flipped", |p| {
            flip(p, -1);
        }),
        bad("c_aes_mac_first_byte", "first HMAC byte flipped", |p| flip(p, -10)),
        bad("c_aes_mac_zero", "HMAC all zero", |p| {
            let start = p.len() - 10;
            p[start..].fill(0);
        }),
        bad("c_aes_data_flip", "one ciphertext bit flipped", |p| {
            p[20] ^= 1;
        }),
        bad("c_aes_salt_flip", "one salt bit flipped", |p| p[0] ^= 1),
        bad("c_aes_verifier_flip", "password verifier flipped: looks like another password", |p| {
            p[16] ^= 1;
        }),
        case(
            "c_aes_mac_missing",
            RejectEntry,
            "HMAC missing",
            aes(2, 3).with(|x| {
                x.payload.truncate(x.payload.len() - 10);
                *x = x.clone().sizes(x.payload.len() as u32, PLAIN.len() as u32);
            }),
        ),
        case(
            "c_aes_too_short",
            RejectEntry,
            "27 bytes where 28 are the least there can be",
            sealed(2, 3, 0, &AES256_EMPTY[..54], b""),
        ),
        case("c_aes_no_payload", RejectEntry, "no payload at all", sealed(2, 3, 0, "", b"")),
        case(
            "c_aes_size_lie",
            RejectEntry,
            "stored, but the sizes do not differ by 28",
            aes(2, 3).with(|x| {
                x.local.uncompressed_size -= 1;
                x.central.uncompressed_size -= 1;
            }),
        ),
        case(
            "c_aes_ae1_crc",
            RejectEntry,
            "AE-1: the HMAC is right, the CRC is not",
            aes(1, 3).with(|x| {
                x.local.crc32 ^= 1;
                x.central.crc32 ^= 1;
            }),
        ),
        case(
            "c_aes_ae1_crc_zero",
            RejectEntry,
            "AE-1 with CRC 0: the version was swapped to switch the check off",
            aes(1, 3).crc32(0),
        ),
        case(
            "c_aes_ae2_crc_set",
            RejectEntry,
            "AE-2 must store CRC 0 (leaks the CRC of the plaintext)",
            aes(2, 3).crc32(crc32fast::hash(PLAIN)),
        )
        .compat(Encrypted),
        case(
            "c_aes_method_swap",
            RejectEntry,
            "stored plaintext called deflate: the HMAC does not cover the method (Kohno)",
            sealed(2, 3, 8, AES256, PLAIN),
        ),
    ]
}

fn aes_headers() -> Vec<Hostile> {
    let bad = |name, why, bytes: Vec<u8>| case(name, RejectEntry, why, with_extra(&bytes));
    vec![
        bad("c_aes_bad_strength", "strength 9", extra::aes(2, 9, 0)),
        bad("c_aes_strength0", "strength 0", extra::aes(2, 0, 0)),
        bad("c_aes_version0", "vendor version 0", extra::aes(0, 3, 0)),
        bad("c_aes_version3", "vendor version 3", extra::aes(3, 3, 0)),
        bad("c_aes_vendor", "vendor other than AE", extra::aes_of_vendor(2, *b"XX", 3, 0)),
        bad(
            "c_aes_short_extra",
            "AES extra of three bytes",
            extra::record(extra::AES, &[2, 0, b'A']),
        ),
        bad(
            "c_aes_extra_six",
            "AES extra of six bytes: half a method",
            extra::record(extra::AES, &[2, 0, b'A', b'E', 3, 0]),
        ),
        bad("c_aes_nested99", "AES extra names method 99 again", extra::aes(2, 3, 99)),
        bad(
            "c_aes_dup_extra",
            "two AES extras",
            [extra::aes(2, 3, 0), extra::aes(2, 1, 0)].concat(),
        ),
        bad("c_aes_no_extra", "method 99 without AES extra", Vec::new()),
        case(
            "c_aes_extra_local_only",
            RejectEntry,
            "AES extra only in the local header",
            aes(2, 3).with(|x| x.central.extra.clear()),
        ),
        case(
            "c_aes_extra_central_only",
            RejectEntry,
            "AES extra only in the directory",
            aes(2, 3).with(|x| x.local.extra.clear()),
        ),
        case(
            "c_aes_extra_differs",
            RejectEntry,
            "strength differs between the headers",
            aes(2, 3).with(|x| x.local.extra = extra::aes(2, 1, 0)),
        ),
        case(
            "c_aes_no_flag",
            RejectEntry,
            "method 99 and AES extra, but bit 0 is clear: never fall back to plaintext",
            aes(2, 3).with(|x| (x.local.flags, x.central.flags) = (0, 0)),
        ),
    ]
}

fn traditional() -> Vec<Hostile> {
    let contents = text();
    let packed = miniz_oxide::deflate::compress_to_vec(&contents, 6);
    let crc = crc32fast::hash(&contents);
    let deflated = || {
        let payload = traditional_seal(PASSWORD.as_bytes(), (crc >> 24) as u8, &packed);
        LaidEntry::encoded("x", 8, payload, text()).flags(1)
    };
    let check = (crc32fast::hash(HELLO) >> 24) as u8;
    let stored =
        LaidEntry::encoded("x", 0, traditional_seal(PASSWORD.as_bytes(), check, HELLO), HELLO)
            .flags(1);
    // With bit 3 the CRC is not known when the header is written: the check byte is that of the time.
    let streamed =
        LaidEntry::encoded("x", 8, traditional_seal(PASSWORD.as_bytes(), 0x12, &packed), text())
            .flags(1)
            .with(|x| (x.local.time, x.central.time) = (0x1234, 0x1234))
            .with_descriptor(DescriptorForm::Signed32);
    vec![
        case(
            "c_zipcrypto",
            Encrypted,
            "traditional encryption: readable only on explicit opt-in, labelled weak",
            deflated(),
        ),
        case(
            "c_zipcrypto_stored",
            Encrypted,
            "traditional encryption of a stored file: sizes differ by 12",
            stored.clone(),
        ),
        case(
            "c_zipcrypto_descriptor",
            Encrypted,
            "traditional encryption with descriptor: the check byte is that of the time",
            streamed,
        ),
        case(
            "c_zipcrypto_short",
            RejectEntry,
            "fewer than 12 header bytes",
            LaidEntry::encoded("x", 0, [1, 2, 3, 4, 5], b"").flags(1),
        ),
        case(
            "c_zipcrypto_bad_crc",
            RejectEntry,
            "header check byte right, data wrong",
            deflated().with(|x| x.payload[30] ^= 1),
        ),
        case(
            "c_zipcrypto_stored_flip",
            RejectEntry,
            "header check byte right, one stored byte wrong",
            stored.clone().with(|x| flip(&mut x.payload, -1)),
        ),
        case(
            "c_zipcrypto_size_lie",
            RejectEntry,
            "stored, but the sizes do not differ by 12",
            stored.with(|x| {
                x.local.uncompressed_size += 1;
                x.central.uncompressed_size += 1;
            }),
        ),
        case(
            "c_zipcrypto_not_sealed",
            RejectEntry,
            "bit 0 and a plain payload: never hand it out as it is",
            LaidEntry::deflated("x", text()).flags(1),
        ),
    ]
}

fn unsupported() -> Vec<Hostile> {
    let of = |name, why, entry: LaidEntry| {
        let mut row = case(name, Unsupported, why, entry);
        row.password = None;
        row
    };
    let plain = || LaidEntry::stored("x", HELLO);
    vec![
        of("c_strong", "PKWARE strong encryption (bit 6)", plain().flags(1 | 1 << 6)),
        of(
            "c_strong_extra",
            "PKWARE strong encryption with its extra record",
            plain()
                .flags(1 | 1 << 6)
                .extra(&extra::record(extra::STRONG, &[2, 0, 3, 0x66, 0, 1, 1, 0])),
        ),
        of("c_masked", "masked local headers (bit 13)", plain().flags(1 << 13)),
    ]
}

fn case(name: &'static str, expect: Expect, why: &'static str, entry: LaidEntry) -> Hostile {
    Hostile::laid(Class::Crypto, name, expect, why, Lay::of([entry])).password(PASSWORD)
}

/// Flips the lowest bit of the byte `from_end` bytes before the end (-1 is the last).
fn flip(bytes: &mut [u8], from_end: isize) {
    if let Some(byte) = bytes.len().checked_add_signed(from_end).and_then(|at| bytes.get_mut(at)) {
        *byte ^= 1;
    }
}

/// Traditional encryption with a fixed header, whose last byte is the check byte. APPNOTE 6.3.10, 6.1.5 to 6.1.7.
fn traditional_seal(password: &[u8], check: u8, plain: &[u8]) -> Vec<u8> {
    let mut keys = Keys([0x1234_5678, 0x2345_6789, 0x3456_7890]);
    for &byte in password {
        keys.update(byte);
    }
    let mut header = *b"fixed header";
    header[11] = check;
    header
        .iter()
        .chain(plain)
        .map(|&byte| {
            let sealed = byte ^ keys.stream();
            keys.update(byte);
            sealed
        })
        .collect()
}

struct Keys([u32; 3]);

impl Keys {
    fn stream(&self) -> u8 {
        let low = self.0[2] as u16 | 2;
        (low.wrapping_mul(low ^ 1) >> 8) as u8
    }

    fn update(&mut self, byte: u8) {
        let [k0, k1, k2] = &mut self.0;
        *k0 = crc_step(*k0, byte);
        *k1 = k1.wrapping_add(*k0 & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        *k2 = crc_step(*k2, (*k1 >> 24) as u8);
    }
}

fn crc_step(crc: u32, byte: u8) -> u32 {
    (0..8).fold(
        crc ^ u32::from(byte),
        |c, _| {
            if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 }
        },
    )
}
