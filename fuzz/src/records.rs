//! One record at a time.

use pzip::format::central::CentralHeader;
use pzip::format::eocd::Eocd;
use pzip::format::eocd64::{Eocd64, Eocd64Locator};
use pzip::format::extra::{
    aes::AesExtra, ntfs::NtfsTimes, records, timestamp::Timestamp, unix::Owner,
};
use pzip::format::flags::Flags;
use pzip::format::local::LocalHeader;
use pzip::format::name::Name;
use pzip::format::path::{NamePolicy, SafePath};
use pzip::format::version::Host;

/// End of central directory records, classic and zip64.
pub fn eocd(bytes: &[u8]) {
    if let Ok(record) = Eocd::parse(bytes) {
        let mut out = Vec::new();
        record.write(&mut out).expect("what was read can be written");
        assert_eq!(out, bytes[..record.len()]);
    }
    if let Ok(record) = Eocd64::parse(bytes) {
        let mut out = Vec::new();
        record.write(&mut out);
        assert_eq!(out, bytes[..out.len()]);
    }
    if let Ok(record) = Eocd64Locator::parse(bytes) {
        let mut out = Vec::new();
        record.write(&mut out);
        assert_eq!(out, bytes[..out.len()]);
    }
}

/// Local headers.
pub fn local(bytes: &[u8]) {
    if let Ok((header, len)) = LocalHeader::parse(bytes) {
        let _ = header.sizes();
        let mut out = Vec::new();
        header.write(&mut out).expect("what was read can be written");
        assert_eq!(out, bytes[..len]);
    }
}

/// Central headers, and all that an entry derives from them.
pub fn central(bytes: &[u8]) {
    if let Ok((header, rest)) = CentralHeader::parse(bytes) {
        let mut out = Vec::new();
        header.fields().write(&mut out).expect("what was read can be written");
        assert_eq!(out, bytes[..bytes.len() - rest.len()]);
        if let Ok(entry) = pzip::format::entry::Entry::new(header, 0) {
            let _ = (entry.name().to_string(), entry.comment().to_string(), entry.kind());
            let _ = (entry.modified(), entry.owner(), entry.scheme(), entry.method());
            let _ = entry.validate(Default::default(), &Default::default());
        }
    }
}

/// Extra fields.
pub fn extra(bytes: &[u8]) {
    for record in records(bytes).flatten() {
        let _ = (AesExtra::parse(record.data), NtfsTimes::parse(record.data));
        let _ = Timestamp::parse(record.data);
    }
    let _ = Owner::find(bytes);
}

/// Names: what passes has no way out.
pub fn name(bytes: &[u8]) {
    for (flags, host) in
        [(Flags::UTF8, Host::UNIX), (Flags::empty(), Host::UNIX), (Flags::empty(), Host::FAT)]
    {
        let name = Name::decode(bytes, flags, host, None);
        let _ = name.to_string();
        let path = name.path_bytes();
        for policy in [NamePolicy::Portable, NamePolicy::Unix] {
            if let Ok(safe) = SafePath::check(&path, policy) {
                assert!(!safe.as_bytes().starts_with(b"/"));
                for component in safe.components() {
                    assert!(component != b".." && component != b"." && !component.is_empty());
                    assert!(!component.contains(&0));
                    // A letter elsewhere, and a separator on Windows.
                    let may_hold = policy == NamePolicy::Unix && !cfg!(windows);
                    assert!(may_hold || !component.contains(&b'\\'));
                }
            }
        }
    }
}
