//! Law: what is written is read back, whatever the values; and parsers take any bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use zip_format::central::{CentralFields, CentralHeader};
use zip_format::descriptor::{DataDescriptor, Form};
use zip_format::dos_time::DosDateTime;
use zip_format::eocd::Eocd;
use zip_format::eocd64::{Eocd64, Eocd64Locator};
use zip_format::extra::aes::{AesExtra, Strength};
use zip_format::extra::ntfs::NtfsTimes;
use zip_format::extra::timestamp::Timestamp;
use zip_format::extra::unix::Owner;
use zip_format::extra::zip64::{self, Values};
use zip_format::extra::{self, id, unicode};
use zip_format::flags::Flags;
use zip_format::local::LocalHeader;
use zip_format::method::Method;
use zip_format::name::Name;
use zip_format::path::{NamePolicy, SafePath};
use zip_format::position::Position;
use zip_format::version::{Host, MadeBy};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..300)
}

/// Values with the borders of 32 bits among them.
fn wide() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), (0..5_u64).prop_map(|n| u64::from(u32::MAX) - 2 + n), 0..100_u64]
}

fn dos_time() -> impl Strategy<Value = DosDateTime> {
    any::<(u16, u16)>().prop_map(|(time, date)| DosDateTime { time, date })
}

proptest! {
    #[test]
    fn local_header(
        words in any::<[u16; 3]>(), modified in dos_time(), sums in any::<[u32; 3]>(),
        name in bytes(), extra in bytes(), rest in bytes(),
    ) {
        let header = LocalHeader {
            version_needed: words[0],
            flags: Flags::from_bits_retain(words[1]),
            method: Method(words[2]),
            modified,
            crc32: sums[0],
            compressed_size: sums[1],
            size: sums[2],
            name: &name,
            extra: &extra,
        };
        let mut out = Vec::new();
        header.write(&mut out).unwrap();
        let len = out.len();
        prop_assert_eq!(len, header.len());
        for cut in [0, 4, 29, len - 1] {
            prop_assert!(LocalHeader::parse(&out[..cut.min(len - 1)]).is_err());
        }
        out.extend(&rest);
        prop_assert_eq!(LocalHeader::parse(&out), Ok((header, len)));
        prop_assert_eq!(LocalHeader::peek_len(&out), Ok(len));
    }

    #[test]
    fn central_header(
        words in any::<[u16; 6]>(), modified in dos_time(), sums in any::<[u32; 5]>(),
        name in bytes(), extra in bytes(), comment in bytes(), rest in bytes(),
    ) {
        let fields = CentralFields {
            made_by: MadeBy(words[0]),
            version_needed: words[1],
            flags: Flags::from_bits_retain(words[2]),
            method: Method(words[3]),
            modified,
            crc32: sums[0],
            compressed_size: sums[1],
            size: sums[2],
            disk: words[4],
            internal_attributes: words[5],
            external_attributes: sums[3],
            offset: sums[4],
            name: &name,
            extra: &extra,
            comment: &comment,
        };
        let mut out = Vec::new();
        fields.write(&mut out).unwrap();
        let len = out.len();
        out.extend(&rest);
        let (header, behind) = CentralHeader::parse(&out).unwrap();
        prop_assert_eq!((header.fields(), header.len(), behind), (fields, len, &rest[..]));
        prop_assert!(CentralHeader::parse(&out[..len - 1]).is_err());
    }

    #[test]
    fn end_records(words in any::<[u16; 4]>(), sums in any::<[u32; 2]>(), comment in bytes()) {
        let record = Eocd {
            disk: words[0],
            directory_disk: words[1],
            entries_on_disk: words[2],
            entries: words[3],
            directory_size: sums[0],
            directory_offset: sums[1],
            comment: &comment,
        };
        let mut out = Vec::new();
        record.write(&mut out).unwrap();
        prop_assert_eq!(out.len(), record.len());
        prop_assert_eq!(Eocd::parse(&out), Ok(record));
        prop_assert!(Eocd::parse(&out[..out.len() - 1]).is_err());
    }

    #[test]
    fn zip64_end_records(
        extensible_len in 0..u64::MAX - 56, words in any::<[u16; 2]>(), disks in any::<[u32; 4]>(),
        values in any::<[u64; 5]>(),
    ) {
        let record = Eocd64 {
            extensible_len,
            made_by: MadeBy(words[0]),
            version_needed: words[1],
            disk: disks[0],
            directory_disk: disks[1],
            entries_on_disk: values[0],
            entries: values[1],
            directory_size: values[2],
            directory_offset: values[3],
        };
        let mut out = Vec::new();
        record.write(&mut out);
        prop_assert_eq!(Eocd64::parse(&out), Ok(record));
        let locator = Eocd64Locator { disk: disks[2], offset: values[4], disks: disks[3] };
        let mut out = Vec::new();
        locator.write(&mut out);
        prop_assert_eq!(Eocd64Locator::parse(&out), Ok(locator));
    }

    #[test]
    fn descriptors(crc32 in any::<u32>(), compressed_size in wide(), size in wide(), rest in bytes()) {
        let values = DataDescriptor { crc32, compressed_size, size };
        for form in Form::ALL {
            let mut out = Vec::new();
            values.write(form, &mut out);
            prop_assert_eq!(out.len(), form.len());
            out.extend(&rest);
            let fits = form.wide || size.max(compressed_size) <= u64::from(u32::MAX);
            let found = values.find_form(&out, Some(form.len() as u64));
            prop_assert_eq!(found, fits.then_some(form));
        }
    }

    /// Through a whole directory: what the builder writes for any values, an entry reads.
    #[test]
    fn zip64_values(size in wide(), compressed_size in wide(), offset in wide(), disk in any::<u32>()) {
        let values = Values { size, compressed_size, offset, disk };
        let mut extra = Vec::new();
        zip64::push_central(&mut extra, &values);
        prop_assert_eq!(extra.len(), usize::from(zip64::central_len(&values)));
        let mut builder = zip_format::directory::build::Builder::new();
        let payload = zip_format::directory::build::Payload {
            method: Method::DEFLATE, crc32: 1, compressed_size, size,
        };
        builder.push(&crate::build::meta(b"name"), &payload, Position { disk, offset }).unwrap();
        let entry = zip_format::directory::read::entry(builder.directory(), 0).unwrap();
        prop_assert_eq!(entry.size(), size);
        prop_assert_eq!(entry.compressed_size(), compressed_size);
        prop_assert_eq!(entry.local(), Position { disk, offset });
    }

    #[test]
    fn extra_records(uid in any::<u32>(), gid in any::<u32>(), seconds in any::<i32>(),
        raw in bytes(), text in ".{0,40}", ae2 in any::<bool>(), method in any::<u16>(),
    ) {
        let (owner, mut field) = (Owner { uid, gid }, Vec::new());
        Timestamp::push_modified(&mut field, seconds);
        owner.push(&mut field);
        unicode::push_text(&mut field, id::UNICODE_PATH, &raw, &text).unwrap();
        prop_assert_eq!(Owner::find(&field), Some(owner));
        let times = extra::find(&field, id::TIMESTAMP).unwrap().map(Timestamp::parse);
        prop_assert_eq!(times.and_then(|times| times.modified), Some(seconds));
        prop_assert_eq!(unicode::text_for(&field, id::UNICODE_PATH, &raw), Ok(Some(&text[..])));
        for strength in [Strength::Aes128, Strength::Aes192, Strength::Aes256] {
            let aes = AesExtra { ae2, strength, method: Method(method) };
            let mut out = Vec::new();
            aes.push(&mut out);
            let read = AesExtra::parse(&out[4..]);
            prop_assert_eq!(read.ok(), (method != 99).then_some(aes));
        }
    }

    /// No bytes make any parser panic, and what is read is written back the same.
    #[test]
    fn any_bytes(bytes in bytes(), signature in 0..6_usize) {
        const SIGNATURES: [&[u8]; 6] =
            [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b""];
        let bytes = [SIGNATURES[signature], &bytes].concat();
        let mut out = Vec::new();
        if let Ok((header, len)) = LocalHeader::parse(&bytes) {
            header.write(&mut out).unwrap();
            prop_assert_eq!(&out[..], &bytes[..len]);
            let _ = header.sizes();
        }
        if let Ok((header, rest)) = CentralHeader::parse(&bytes) {
            header.fields().write(&mut out).unwrap();
            prop_assert_eq!(&out[..], &bytes[..bytes.len() - rest.len()]);
        }
        if let Ok(record) = Eocd::parse(&bytes) {
            record.write(&mut out).unwrap();
            prop_assert_eq!(&out[..], &bytes[..record.len()]);
        }
        if let Ok(record) = Eocd64::parse(&bytes) {
            record.write(&mut out);
            prop_assert_eq!(&out[..], &bytes[..56]);
        }
        if let Ok(record) = Eocd64Locator::parse(&bytes) {
            record.write(&mut out);
            prop_assert_eq!(&out[..], &bytes[..20]);
        }
        for entry in zip_format::directory::read::entries(&bytes, 7) {
            let Ok(entry) = entry else { continue };
            let _ = (entry.name().to_string(), entry.comment().text(), entry.modified());
            let _ = (entry.kind(), entry.owner(), entry.scheme(), entry.method());
            let _ = entry.validate(zip_format::profile::Relax::LENIENT, &Default::default());
        }
        for record in extra::records(&bytes).map_while(Result::ok) {
            let _ = (NtfsTimes::parse(record.data), Timestamp::parse(record.data));
            let _ = AesExtra::parse(record.data);
        }
        for host in [Host::FAT, Host::UNIX] {
            let name = Name::decode(&bytes, Flags::empty(), host, None);
            let path = name.path_bytes();
            for policy in [NamePolicy::Portable, NamePolicy::Unix] {
                let Ok(path) = SafePath::check(&path, policy) else { continue };
                for component in path.components() {
                    prop_assert!(!matches!(component, b"" | b"." | b".."));
                    prop_assert!(!component.contains(&b'/') && !component.contains(&0));
                }
            }
        }
    }
}

#[test]
fn parts_longer_than_their_length_field_are_refused() {
    let long = vec![b'x'; 65_536];
    let header = LocalHeader {
        version_needed: 20,
        flags: Flags::empty(),
        method: Method::STORED,
        modified: DosDateTime::default(),
        crc32: 0,
        compressed_size: 0,
        size: 0,
        name: b"",
        extra: b"",
    };
    for header in [LocalHeader { name: &long, ..header }, LocalHeader { extra: &long, ..header }] {
        assert!(header.write(&mut Vec::new()).is_err());
    }
    assert!(LocalHeader { name: &long[1..], ..header }.write(&mut Vec::new()).is_ok());
    assert!(extra::push(&mut Vec::new(), 1, &long).is_err());
}
