//! Opening: what it reads, and what it says about the archive as a whole.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use zip_format::profile::Relax;
use zip_io::Source;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::lay::{LaidEntry, Lay, Zip64End};

/// Counts the calls: each would be a system call.
struct Counting {
    bytes: Vec<u8>,
    calls: AtomicUsize,
}

impl Source for Counting {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.bytes.read_at(buf, at)
    }
}

fn many(count: usize) -> Lay {
    Lay::of((0..count).map(|n| LaidEntry::stored(format!("{n:06}"), format!("{n}"))))
}

#[test]
fn a_hundred_thousand_entries_open_in_a_handful_of_reads() {
    let bytes = many(100_000).with(|lay| lay.zip64 = Zip64End::Sentinels).build();
    let source = Counting { bytes, calls: AtomicUsize::new(0) };
    let archive = Archive::new(source, Options::default()).expect("valid");
    let opening = archive.source().calls.swap(0, Ordering::Relaxed);
    assert!(opening <= 6, "{opening} reads; no local header is looked at");
    assert_eq!(archive.by_name("099999").expect("the last one").index(), 99_999);
    assert_eq!(archive.source().calls.load(Ordering::Relaxed), 0, "names are in memory");

    let audit = archive.audit(Parallel::threads(2)).expect("not cancelled");
    assert!(audit.findings.is_empty());
    let auditing = archive.source().calls.swap(0, Ordering::Relaxed);
    assert!(auditing <= 64, "{auditing} reads");

    let all: Vec<usize> = (0..archive.len()).collect();
    assert!(archive.test(&all, Parallel::threads(2)).iter().all(Result::is_ok));
    let testing = archive.source().calls.swap(0, Ordering::Relaxed);
    assert!(testing <= 64, "{testing} reads");
}

/// Of large members only the headers are read by an audit.
#[test]
fn an_audit_reads_no_large_payload() {
    struct Measuring(Vec<u8>, AtomicUsize);
    impl Source for Measuring {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
            self.1.fetch_add(buf.len(), Ordering::Relaxed);
            self.0.read_at(buf, at)
        }
    }
    let bytes = Lay::of((0..20).map(|n| LaidEntry::stored(format!("{n}"), vec![n; 400_000])));
    let source = Measuring(bytes.build(), AtomicUsize::new(0));
    let archive = Archive::new(source, Options::default()).expect("valid");
    archive.source().1.store(0, Ordering::Relaxed);
    assert!(archive.audit(Parallel::threads(2)).expect("not cancelled").findings.is_empty());
    let read = archive.source().1.load(Ordering::Relaxed);
    assert!(read < 20 * 512, "{read} bytes for 20 headers");
}

#[test]
fn bytes_before_the_first_member() {
    let two = || Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::stored("b", "BBBB")]);
    let with = |prefix: &[u8], unadjusted| {
        two()
            .with(|lay| {
                lay.prefix = prefix.to_vec();
                lay.prefix_unadjusted = unadjusted;
            })
            .build()
    };
    let member = {
        let (bytes, map) = Lay::of([LaidEntry::stored("hidden", "evil")]).build_with_map();
        bytes[..map.directory.start].to_vec()
    };
    let needs = |bytes: Vec<u8>| {
        let archive = Archive::new(bytes, Options::lenient()).expect("listed at least");
        assert_eq!(archive.entry(1).expect("two").read().expect("whole"), b"BBBB");
        (archive.needs(), archive.prefix_len())
    };
    for unadjusted in [false, true] {
        let stub = with(b"#!/bin/sh\n", unadjusted);
        assert_eq!(needs(stub), (Relax::PREFIX, 10), "a stub");
        let short = with(b"x", unadjusted);
        assert_eq!(needs(short), (Relax::PREFIX, 1), "shorter than a signature");
        let hidden = with(&member, unadjusted);
        let refused = Archive::new(hidden.clone(), Options::default()).expect_err("hidden member");
        assert!(refused.to_string().contains("does not name"), "{refused}");
        assert!(needs(hidden).0.contains(Relax::GAPS), "a member is no stub");
        let longer = with(b"PK\x07\x08x", unadjusted);
        assert!(needs(longer).0.contains(Relax::PREFIX), "more than the marker");
    }
    for marker in [b"PK\x07\x08", b"PK00"] {
        assert_eq!(needs(with(marker, false)), (Relax::empty(), 4), "a marker of split archives");
    }
    assert_eq!(needs(with(b"", false)), (Relax::empty(), 0));
    // A profile without the default refuses what the default takes.
    let none = Options { relax: Relax::empty(), ..Options::default() };
    assert!(Archive::new(with(b"#!/bin/sh\n", false), none.clone()).is_err());
    assert!(Archive::new(with(b"PK00", false), none).is_ok());
}

#[test]
fn an_archive_of_nothing() {
    let archive = Archive::new(Lay::new().build(), Options::default()).expect("valid");
    assert!(archive.is_empty() && archive.entry(0).is_none() && archive.by_name("").is_err());
    assert!(archive.read_many(&[], Parallel::default()).is_empty());
    assert!(archive.test(&[0], Parallel::default())[0].is_err(), "there is no entry 0");
    assert!(archive.audit(Parallel::default()).expect("not cancelled").findings.is_empty());
}

#[test]
fn the_limits_of_a_directory() {
    let open = |change: fn(&mut Options)| {
        let mut options = Options::default();
        change(&mut options);
        Archive::new(many(10).build(), options).map(|archive| archive.len())
    };
    assert_eq!(open(|_| {}).expect("valid"), 10);
    assert_eq!(open(|options| options.limits.entries = 10).expect("at the limit"), 10);
    for refused in [
        open(|options| options.limits.entries = 9),
        open(|options| options.limits.directory_bytes = 500),
    ] {
        let error = refused.expect_err("beyond the limit");
        assert_eq!(error.category(), zip_format::error::Category::Limit, "{error}");
    }
}

#[test]
fn what_is_no_file() {
    let folder = tempfile::tempdir().expect("a directory");
    for path in [folder.path().to_owned(), folder.path().join("absent.zip")] {
        let error = Archive::open(&path).expect_err("no archive");
        assert_eq!(error.category(), zip_format::error::Category::Io, "{error}");
    }
}
