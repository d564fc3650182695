//! Headers of encrypted members, of every cipher and method: what is shown, what is hidden, and what
//! is read back; and the names of it all.

use zip_format::attributes::{Attributes, Kind};
use zip_format::directory::build::{Builder, Payload, write_local_sealed};
use zip_format::directory::read;
use zip_format::encryption::Scheme;
use zip_format::error::ErrorKind;
use zip_format::extra::aes::{AesExtra, Strength};
use zip_format::flags::Flags;
use zip_format::limits::Limits;
use zip_format::local::LocalHeader;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_format::profile::Relax;
use zip_format::version::needed_for;

use crate::build::meta;

const METHODS: [(Method, &str, u16); 8] = [
    (Method::STORED, "stored", 10),
    (Method::DEFLATE, "deflate", 20),
    (Method::DEFLATE64, "deflate64", 21),
    (Method::BZIP2, "bzip2", 46),
    (Method::LZMA, "lzma", 63),
    (Method::ZSTD, "zstd", 63),
    (Method::XZ, "xz", 63),
    (Method::PPMD, "ppmd", 63),
];

fn schemes(method: Method) -> Vec<(Scheme, &'static str)> {
    let aes = |ae2, strength| Scheme::Aes(AesExtra { ae2, strength, method });
    let mut all = vec![(Scheme::None, "none"), (Scheme::Traditional, "traditional")];
    for strength in [Strength::Aes128, Strength::Aes192, Strength::Aes256] {
        all.extend([(aes(false, strength), "AE-1"), (aes(true, strength), "AE-2")]);
    }
    all
}

#[test]
fn every_cipher_over_every_method() {
    for (method, ..) in METHODS {
        for (scheme, name) in schemes(method) {
            let what = format!("{name} over {method}");
            assert_eq!(scheme.name(), name);
            let size = 100;
            let compressed_size = size + scheme.overhead_bytes();
            let payload = Payload { method, crc32: 0x1234_5678, compressed_size, size };
            let (mut header, mut builder) = (Vec::new(), Builder::new());
            let local = Position::on_first(0);
            write_local_sealed(&meta(b"a"), &payload, scheme, &mut header).expect("fits");
            builder.push_sealed(&meta(b"a"), &payload, scheme, local).expect("fits");
            let (header, _) = LocalHeader::parse(&header).expect("a header");
            let entry = read::entry(builder.directory(), 0).expect("a header");
            assert_eq!(entry.scheme(), Ok((scheme, method)), "{what}");
            assert_eq!(Scheme::read(header.flags, header.method, header.extra), entry.scheme());
            assert_eq!(entry.method(), method, "{what}");
            assert_eq!(entry.is_encrypted(), scheme != Scheme::None);
            let shown = if scheme.hides_crc() { 0 } else { payload.crc32 };
            assert_eq!((entry.crc32(), header.crc32), (shown, shown), "{what}");
            let is_aes = matches!(scheme, Scheme::Aes(_));
            assert_eq!(entry.header().method() == Method::AES, is_aes, "{what}");
            assert!(entry.header().version_needed() >= needed_for(method).min(51), "{what}");
            assert_eq!(entry.flags().contains(Flags::OPTION_1), method == Method::LZMA);
            assert_eq!(entry.validate(Relax::STRICT, &Limits::default()), Ok(Relax::empty()));
        }
    }
}

#[test]
fn methods_have_names_and_versions() {
    for (method, name, version) in METHODS {
        assert_eq!((method.to_string().as_str(), needed_for(method)), (name, version));
        assert!(format!("{method:?}").contains(name));
    }
    assert_eq!(needed_for(Method::AES), 51);
    assert_eq!(Method(4711).to_string(), "method-4711");
    assert_eq!(format!("{:?}", Method(4711)), "Method(4711)");
    assert_eq!(format!("{:>8}|", Method::STORED), "  stored|", "in columns");
}

#[test]
fn kinds_and_limits() {
    for (kind, name) in [
        (Kind::File, "file"),
        (Kind::Directory, "dir"),
        (Kind::Symlink, "symlink"),
        (Kind::Special, "special"),
    ] {
        assert_eq!(kind.name(), name);
    }
    let directory = Attributes::unix(Kind::Directory, 0o555);
    assert_eq!((directory.kind(), directory.read_only()), (Some(Kind::Directory), true));
    assert!(!Attributes::unix(Kind::File, 0o644).read_only());

    let long = [b'a'; 5_000];
    let mut builder = Builder::new();
    let payload = Payload { method: Method::STORED, crc32: 0, compressed_size: 0, size: 0 };
    builder.push_sealed(&meta(&long), &payload, Scheme::None, Position::on_first(0)).expect("fits");
    let entry = read::entry(builder.directory(), 0).expect("a header");
    assert_eq!(entry.validate(Relax::STRICT, &Limits::none()), Ok(Relax::empty()));
    let mut limits = Limits::none();
    limits.name_bytes = 4_999;
    let error = entry.validate(Relax::LENIENT, &limits).expect_err("longer");
    assert!(matches!(error.kind, ErrorKind::Limit { limit: 4_999, found: 5_000, .. }), "{error}");
}

#[test]
fn what_stands_where_a_record_should_is_named() {
    for (signature, name) in [
        (*b"PK\x03\x04", "local"),
        (*b"PK\x07\x08", "descriptor"),
        (*b"PK\x01\x02", "central directory header"),
        (*b"PK\x05\x05", "digital signature"),
        (*b"PK\x06\x06", "zip64 end"),
        (*b"PK\x06\x07", "locator"),
        (*b"PK\x05\x06", "end of central directory"),
        (*b"PK\x06\x08", "archive extra data"),
    ] {
        let bytes = [&signature[..], &[0; 100]].concat();
        let refused = match &signature {
            b"PK\x01\x02" => LocalHeader::parse(&bytes).map(drop),
            _ => read::entry(&bytes, 7).map(drop),
        };
        let error = refused.expect_err("another record");
        assert!(error.to_string().contains(name), "{error}");
    }
}
