//! The borders of 32-bit sizes and offsets and of 16-bit counts, over archives of several GiB that
//! exist as a few spans of bytes.

use std::io;

use zip_format::limits::Limits;
use zip_format::profile::Relax;
use zip_io::Source;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::lay::{LaidEntry, Lay, Zip64End};
use zip_testkit::sparse::{self, BORDER_SIZES, Sparse, SparseEntry};

/// A sparse archive as a source.
struct Spans(Sparse);

impl Source for Spans {
    fn len(&self) -> u64 {
        self.0.len
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        Ok(self.0.read_at(buf, at))
    }
}

/// Opens strictly; every record is right, facts are the laid ones, the last entry reads right.
fn check((sparse, entries): (Sparse, Vec<SparseEntry>), what: &str) -> Archive<Spans> {
    let archive = Archive::new(Spans(sparse), Options::default()).expect(what);
    assert_eq!(archive.len(), entries.len(), "{what}");
    for (entry, laid) in archive.entries().zip(&entries) {
        let member = entry.check().expect(what);
        let found = (entry.raw_name(), entry.offset(), entry.size(), entry.compressed_size());
        let expected = (&laid.name[..], laid.offset, laid.uncompressed_size, laid.compressed_size);
        assert_eq!(found, expected, "{what}");
        assert_eq!((member.payload.start, entry.crc32()), (laid.payload, laid.crc32), "{what}");
        assert!(member.needs.is_empty(), "{what}");
    }
    let audit = archive.audit(Parallel::threads(2)).expect("not cancelled");
    assert!(audit.findings.is_empty(), "{what}: {:?}", audit.findings);
    let after = archive.by_name("after").expect(what);
    assert_eq!(after.read().expect(what), b"behind the border\n", "{what}");
    archive
}

#[test]
fn sizes_around_the_sentinel() {
    for size in BORDER_SIZES {
        check(sparse::stored_zeros_then_small(size), &format!("stored {size}"));
        check(sparse::streamed_zeros_then_small(size), &format!("streamed {size}"));
        check(sparse::deflated_zeros_then_small(size), &format!("deflated {size}"));
    }
}

#[test]
fn offsets_around_the_sentinel() {
    let borders = [(1 << 31) - 1, 1 << 31, (1 << 32) - 2, (1 << 32) - 1, 1 << 32, 5 << 32];
    for offset in borders {
        check(sparse::small_at(offset), &format!("local header at {offset}"));
    }
    // The directory itself crosses the border somewhere in here.
    for offset in (1 << 32) - 130..(1 << 32) + 10 {
        check(sparse::small_at(offset), &format!("local header at {offset}"));
    }
}

/// One of each form is read whole: every byte is counted and summed, in bounded memory.
#[test]
fn four_gigabytes_are_read_to_the_end() {
    let size = 1 << 32;
    let stored = check(sparse::streamed_zeros_then_small(size), "streamed");
    let parallel = Parallel::threads(2);
    assert!(stored.test(&[0, 1], parallel).iter().all(Result::is_ok));

    let (sparse, _) = sparse::deflated_zeros_then_small(size);
    let refused = Archive::new(Spans(sparse.clone()), Options::default()).expect("a lawful one");
    assert!(refused.test(&[0], parallel)[0].is_err(), "a ratio of 1,031 is beyond the limit");
    let options = Options { limits: Limits::none(), ..Options::default() };
    let allowed = Archive::new(Spans(sparse), options).expect("a lawful one");
    assert!(allowed.test(&[0, 1], parallel).iter().all(Result::is_ok));
}

#[test]
fn counts_around_sixteen_bits() {
    let lay = |count: usize| Lay::of((0..count).map(|n| LaidEntry::stored(format!("{n}"), "")));
    for count in [65_534, 65_535, 65_536, 65_537] {
        for zip64 in [Zip64End::Absent, Zip64End::Copies, Zip64End::Sentinels] {
            let bytes = lay(count).with(|lay| lay.zip64 = zip64).build();
            // Beyond 16 bits the classic count is cut, which is `count` without zip64 and a
            // contradiction with it.
            let fits = count <= 65_535;
            let strict = Archive::new(bytes.clone(), Options::default());
            let what = format!("{count} entries, {zip64:?}");
            assert_eq!(strict.is_ok(), fits || zip64 == Zip64End::Sentinels, "{what}");
            let lenient = Archive::new(bytes, Options::lenient());
            match zip64 {
                Zip64End::Copies if !fits => assert!(lenient.is_err(), "{what}"),
                _ => {
                    let archive = lenient.expect(&what);
                    assert_eq!(archive.len(), count, "{what}");
                    let cut = !fits && zip64 == Zip64End::Absent;
                    assert_eq!(archive.needs().contains(Relax::COUNT), cut, "{what}");
                    let last = archive.by_name(format!("{}", count - 1)).expect(&what);
                    assert_eq!(last.index(), count - 1, "{what}");
                }
            }
        }
    }
}
