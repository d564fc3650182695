//! Members that move with their payload as it is: what is kept, and what is made anew.

use zip_format::directory::build::Builder;
use zip_format::directory::carry::Carried;
use zip_format::directory::read;
use zip_format::error::ErrorKind;
use zip_format::extra::{find, id};
use zip_format::flags::Flags;
use zip_format::local::LocalHeader;
use zip_format::position::Position;
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay, extra};

fn carried(entry: &LaidEntry) -> Result<Carried, ErrorKind> {
    let (bytes, map) = Lay::of([entry.clone()]).build_with_map();
    let entry = read::entry(&bytes[map.centrals[0].clone()], 0).expect("a header");
    let (local, _) = LocalHeader::parse(&bytes).expect("a header");
    Carried::new(&entry, &local).map_err(|error| error.kind)
}

/// Both headers, as they are written again at this place.
fn written(carried: &Carried, offset: u64) -> (Vec<u8>, Vec<u8>) {
    let mut local = Vec::new();
    carried.write_local(&mut local).expect("fits");
    carried.write_descriptor(&mut local);
    let mut builder = Builder::new();
    builder.push_carried(carried, Position::on_first(offset)).expect("fits");
    (local, builder.directory().to_vec())
}

#[test]
fn everything_but_place_and_sizes_is_kept() {
    let unknown = extra::record(0x4711, b"kept");
    let laid = LaidEntry::deflated("a", "contents, contents")
        .with_descriptor(DescriptorForm::Signed64)
        .mode(0o100_640)
        .with(|entry| {
            entry.local.extra.extend(&unknown);
            entry.central.extra.extend(&unknown);
            entry.central.comment = b"comment".to_vec();
        });
    let carried = carried(&laid).expect("whole");
    assert_eq!((carried.name(), carried.method().0), (&b"a"[..], 8));
    assert_eq!(carried.size(), 18);
    assert_eq!(carried.crc32(), laid.central.crc32);
    for (offset, zip64) in [(5, false), (1 << 33, true)] {
        let (local, directory) = written(&carried, offset);
        let (local, _) = LocalHeader::parse(&local).expect("a header");
        assert!(!local.flags.contains(Flags::DESCRIPTOR), "sizes are known now");
        assert_eq!((local.extra, local.crc32), (&unknown[..], laid.central.crc32));
        let entry = read::entry(&directory, 0).expect("a header");
        assert_eq!(entry.local(), Position::on_first(offset));
        assert_eq!((entry.size(), entry.compressed_size()), (18, carried.compressed_size()));
        assert_eq!(entry.header().comment(), b"comment");
        assert_eq!(entry.unix_mode(), Some(0o100_640));
        assert_eq!(find(entry.header().extra(), 0x4711), Ok(Some(&b"kept"[..])));
        assert_eq!(find(entry.header().extra(), id::ZIP64).expect("whole").is_some(), zip64);
        assert!(entry.header().version_needed() >= 45, "as it was");
    }
}

#[test]
fn the_descriptor_of_a_traditional_member_is_part_of_it() {
    let sealed = LaidEntry::encoded("a", 0, vec![7; 13], "x")
        .with_descriptor(DescriptorForm::Signed32)
        .flags(1);
    let carried = carried(&sealed).expect("whole");
    let (local, _) = written(&carried, 0);
    let (header, len) = LocalHeader::parse(&local).expect("a header");
    assert!(header.flags.contains(Flags::DESCRIPTOR));
    assert_eq!(local.len() - len, 16);
    assert_eq!(local[len..len + 4], *b"PK\x07\x08");
}

#[test]
fn another_name() {
    let old = b"\x82.txt";
    let record = extra::unicode_path(1, old, "\u{e9}.txt".as_bytes());
    let laid = LaidEntry::stored(old, "x").extra(&record).with(|entry| {
        entry.central.version_made_by = 20;
        entry.central.comment = b"\x81".to_vec();
    });
    let mut ascii = carried(&laid).expect("whole");
    ascii.rename(b"b.txt").expect("whole");
    let (_, directory) = written(&ascii, 0);
    let entry = read::entry(&directory, 0).expect("a header");
    assert_eq!((entry.raw_name(), entry.header().extra()), (&b"b.txt"[..], &[][..]));
    assert!(!entry.flags().contains(Flags::UTF8));
    assert_eq!(entry.header().comment(), b"\x81", "still of its code page");
    let mut umlaut = carried(&laid).expect("whole");
    umlaut.rename("\u{e4}".as_bytes()).expect("whole");
    let (_, directory) = written(&umlaut, 0);
    let entry = read::entry(&directory, 0).expect("a header");
    assert!(entry.flags().contains(Flags::UTF8));
    assert_eq!(entry.name().to_string(), "\u{e4}");
    assert_eq!(entry.header().comment(), "\u{fc}".as_bytes(), "of the same encoding as the name");
}

#[test]
fn headers_that_are_not_of_one_member() {
    let other = LaidEntry::stored("a", "x").with(|entry| entry.local.name = b"b".to_vec());
    assert!(matches!(carried(&other), Err(ErrorKind::Mismatch { .. })));
    let broken = extra::record_with_length(0x4711, 9, b"short");
    assert!(carried(&LaidEntry::stored("a", "x").extra(&broken)).is_err());
}
