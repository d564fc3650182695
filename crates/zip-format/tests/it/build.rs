//! What is written has the length that was promised, and is read back as it was meant.

use proptest::prelude::*;
use zip_format::attributes::{Attributes, Kind};
use zip_format::descriptor::DataDescriptor;
use zip_format::directory::build::{Builder, Meta, Payload, write_descriptor, write_local};
use zip_format::directory::read;
use zip_format::extra::timestamp::Timestamp;
use zip_format::extra::unix::Owner;
use zip_format::extra::zip64::Values;
use zip_format::local::LocalHeader;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_format::size::{self, LocalSizes};

/// A file of this name, without times and owner.
pub(crate) fn meta(name: &[u8]) -> Meta<'_> {
    Meta {
        name,
        comment: b"",
        modified: None,
        attributes: Attributes::unix(Kind::File, 0o644),
        owner: None,
    }
}

const BORDERS: [u64; 8] =
    [0, 1, (1 << 31) - 1, 1 << 31, (1 << 32) - 2, (1 << 32) - 1, 1 << 32, 1 << 62];

fn border() -> impl Strategy<Value = u64> {
    prop::sample::select(&BORDERS[..])
}

proptest! {
    #[test]
    fn lengths_are_the_promised_ones(
        size in border(), compressed_size in border(), offset in border(),
        disk in prop::sample::select(&[0, 1, 65_534, 65_535, 65_536][..]),
        name in "[a-zé]{0,30}", comment in "[a-z]{0,9}",
        modified in prop::option::of(-5_000_000_000..5_000_000_000_i64), owned in any::<bool>(),
    ) {
        let payload = Payload { method: Method::DEFLATE, crc32: 7, compressed_size, size };
        let owner = owned.then_some(Owner { uid: 1, gid: 2 });
        let meta =
            Meta { comment: comment.as_bytes(), modified, owner, ..meta(name.as_bytes()) };
        // A time outside of 32 bits stands in the DOS field alone.
        let timed = modified.is_some_and(|seconds| i32::try_from(seconds).is_ok());
        let extra = usize::from(if timed { Timestamp::MODIFIED_LEN } else { 0 })
            + usize::from(if owned { Owner::LEN } else { 0 });

        let mut out = Vec::new();
        write_local(&meta, &payload, &mut out).unwrap();
        let zip64 = LocalSizes { size, compressed_size }.zip64();
        prop_assert_eq!(out.len() as u64, size::local_len(name.len(), extra, zip64));
        let (header, _) = LocalHeader::parse(&out).unwrap();
        let (values, wide) = header.sizes().unwrap();
        prop_assert_eq!((values.size, values.compressed_size, wide), (size, compressed_size, zip64));
        prop_assert_eq!(header.version_needed, if zip64 { 45 } else { 20 });

        let mut out = Vec::new();
        write_descriptor(&DataDescriptor { crc32: 7, compressed_size, size }, zip64, &mut out);
        prop_assert_eq!(out.len() as u64, size::descriptor_len(zip64));

        let mut builder = Builder::new();
        builder.push(&meta, &payload, Position { disk, offset }).unwrap();
        let values = Values { size, compressed_size, offset, disk };
        let len = size::central_len(name.len(), extra, comment.len(), &values);
        prop_assert_eq!(builder.directory().len() as u64, len);
        let entry = read::entry(builder.directory(), 0).unwrap();
        prop_assert_eq!(entry.raw_name(), name.as_bytes());
        let text = entry.name().to_string();
        prop_assert_eq!(text, name, "bit 11 is set where it must be");
        prop_assert_eq!(entry.owner(), owner);
        if let Some(seconds) = modified.filter(|_| timed) {
            prop_assert_eq!(entry.modified().seconds, seconds);
        }

        let trailer = builder.trailer(offset, comment.as_bytes()).unwrap();
        prop_assert_eq!(trailer.len() as u64, size::trailer_len(1, len, offset, comment.len()));
    }
}

/// The sentinel of the count cannot be stored: 65,535 entries need zip64 already. Predictors of
/// other libraries are wrong exactly here.
#[test]
fn counts_around_the_sentinel() {
    let payload = Payload { method: Method::STORED, crc32: 0, compressed_size: 0, size: 0 };
    let mut builder = Builder::new();
    for count in 1..=65_537_u64 {
        builder.push(&meta(b"x"), &payload, Position::on_first(0)).unwrap();
        if count < 65_533 {
            continue;
        }
        let size = builder.directory().len() as u64;
        assert_eq!(size, 47 * count);
        let trailer = builder.trailer(1000, b"").unwrap();
        assert_eq!(trailer.len() as u64, size::trailer_len(count, size, 1000, 0), "{count}");
        assert_eq!(trailer.len() > 22, count >= 65_535, "{count} entries");
        assert_eq!(size::trailer_needs_zip64(count, size, 1000), count >= 65_535, "{count}");
        assert_eq!(builder.entries(), count);
    }
}

#[test]
fn names_that_cannot_be_written() {
    let payload = Payload { method: Method::STORED, crc32: 0, compressed_size: 0, size: 0 };
    let mut builder = Builder::new();
    let (long, most) = (vec![b'x'; 65_536], vec![b'x'; 65_535]);
    for name in [&b"a\0b"[..], &long] {
        assert!(builder.push(&meta(name), &payload, Position::default()).is_err());
        assert!(write_local(&meta(name), &payload, &mut Vec::new()).is_err());
    }
    let comment = Meta { comment: &long, ..meta(b"x") };
    assert!(builder.push(&comment, &payload, Position::default()).is_err());
    assert_eq!((builder.entries(), builder.directory().len()), (0, 0), "as before");
    assert!(builder.push(&meta(&most), &payload, Position::default()).is_ok());
    assert!(builder.trailer(0, &long).is_err());
}
