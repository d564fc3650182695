//! Contents of all sizes, by every way that leads to them.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use zip_format::error::Category;
use zip_io::{CancelToken, Observer, Source};
use zip_mmap_reader::{Archive, Error, Options, Parallel, Scratch};
use zip_testkit::data;
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay};
use zip_testkit::zeros::{crc32_of_zeros, deflate_zeros};

use crate::common::{contents_of, sources};

const MIB: usize = 1 << 20;

/// Around the sizes where another way is taken: batches, pieces, whole members.
fn sizes() -> Vec<usize> {
    let around = |size: usize| [size - 1, size, size + 1];
    let mut sizes = vec![0, 1, 2, 100, 3000];
    for border in [32 << 10, 256 << 10, 512 << 10, MIB, 4 * MIB] {
        sizes.extend(around(border));
    }
    sizes.push(9 * MIB);
    sizes
}

#[test]
fn every_size_by_every_way() {
    let kinds = [data::Kind::Json, data::Kind::Mixed, data::Kind::Noise];
    for kind in kinds {
        let entries = sizes().into_iter().enumerate().map(|(n, size)| {
            let contents = data::payload(kind, size, n as u64);
            let name = format!("{kind:?}-{size}");
            match n % 4 {
                0 => LaidEntry::stored(name, contents),
                1 => LaidEntry::stored(name, contents).with_descriptor(DescriptorForm::Signed64),
                2 => LaidEntry::deflated(name, contents).with_descriptor(DescriptorForm::Bare32),
                _ => LaidEntry::deflated(name, contents),
            }
        });
        let lay = Lay::of(entries);
        let expected: Vec<_> = lay
            .entries
            .iter()
            .map(|entry| (entry.central.name.clone(), entry.contents.clone()))
            .collect();
        assert!(contents_of(&lay.build(), &format!("{kind:?}")) == expected, "{kind:?}");
    }
}

/// Pieces are the caller's where it takes them, whichever buffers it gives in return.
#[test]
fn pieces_that_are_taken() {
    let contents = data::payload(data::Kind::Mixed, 9 * MIB, 5);
    let entries = [LaidEntry::deflated("d", &contents), LaidEntry::stored("s", &contents)];
    let bytes = Lay::of(entries).build();
    for (what, source) in sources(&bytes) {
        let archive = Archive::new(source, Options::default()).expect(what);
        let taken = archive.visit(&[0, 1], Parallel::threads(1), |visit| {
            let (mut pieces, mut buffers) =
                (Vec::new(), vec![Vec::new(), vec![7; 100], vec![7; MIB]]);
            visit.pass(&mut |piece| {
                let expected = piece.as_slice().to_vec();
                let (got, len) = piece.exchange(buffers.pop().unwrap_or_default());
                assert!(got[..len] == expected, "{what}");
                pieces.push(expected);
                // One comes back shorter than it went.
                buffers.push(got[..len / 2].to_vec());
                buffers.push(got);
                Ok(())
            })?;
            Ok(pieces.concat())
        });
        for result in taken {
            assert!(result.expect(what) == contents, "{what}");
        }
    }
}

/// Payloads that are not read with their neighbours: whole where contents are wanted whole, piece by
/// piece elsewhere. What is wrong with them is told in the same words.
#[test]
fn payloads_beyond_a_window() {
    let contents = data::payload(data::Kind::Noise, 9 * MIB, 3);
    for entry in [LaidEntry::deflated("large", &contents), LaidEntry::stored("large", &contents)] {
        let whole = Lay::of([entry]).build();
        assert!(contents_of(&whole, "large") == [(b"large".to_vec(), contents.clone())]);
        for at in [1 << 10, whole.len() / 2, whole.len() - 200] {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            let faults = sources(&damaged).map(|(_, source)| {
                let archive = Archive::new(source, Options::default()).expect("opens");
                let entry = archive.entry(0).expect("one");
                let all = |_: Vec<u8>| panic!("a byte is wrong");
                let read = entry.read().map_or_else(|error| error.to_string(), all);
                let many = archive.read_many(&[0], Parallel::threads(2)).remove(0);
                assert_eq!(many.map_or_else(|error| error.to_string(), all), read);
                let test = archive.test(&[0], Parallel::threads(1)).remove(0);
                assert!(test.is_err());
                read
            });
            assert!(faults.iter().all(|fault| *fault == faults[0]), "{at}: {faults:?}");
        }
    }
}

#[test]
fn a_reader_gives_the_same_in_pieces_of_any_size() {
    let contents = data::mixed(700_000, 5);
    let bytes = Lay::of([LaidEntry::deflated("a", &contents)]).build();
    for (name, source) in sources(&bytes) {
        let archive = Archive::new(source, Options::default()).expect("valid");
        for piece in [1, 7, 4096, 1 << 20] {
            let mut reader = archive.by_name("a").expect("there").reader().expect("whole");
            let (mut read, mut buffer) = (Vec::<u8>::new(), vec![0; piece]);
            loop {
                let count = reader.read(&mut buffer).expect("whole");
                if count == 0 {
                    break;
                }
                read.extend(&buffer[..count]);
            }
            assert!(read == contents, "{name} in pieces of {piece}");
            assert_eq!(reader.read(&mut buffer).expect("still the end"), 0);
        }
    }
}

#[test]
fn a_buffer_of_another_length_is_a_mistake_of_the_caller() {
    let bytes = Lay::of([LaidEntry::stored("a", "four")]).build();
    let archive = Archive::new(bytes, Options::default()).expect("valid");
    let entry = archive.entry(0).expect("one");
    for len in [0, 3, 5] {
        let error = entry.read_into(&mut Scratch::new(), &mut vec![0; len]).expect_err("refused");
        assert_eq!(error.category(), Category::Usage, "{error}");
    }
}

/// The order of results is that of the question, whatever was asked: some, twice, none at all.
#[test]
fn results_come_in_the_order_asked_for() {
    let bytes =
        Lay::of((0..500).map(|n| LaidEntry::deflated(format!("{n}"), format!("{n} ").repeat(n))))
            .build();
    for (name, source) in sources(&bytes) {
        let archive = Archive::new(source, Options::default()).expect("valid");
        let asked: Vec<usize> = (0..1500).map(|n| n * 7919 % 501).collect();
        for threads in [1, 2, 5] {
            let results = archive.read_many(&asked, Parallel::threads(threads));
            for (&index, result) in asked.iter().zip(results) {
                let expected =
                    (index < 500).then(|| format!("{index} ").repeat(index).into_bytes());
                assert_eq!(result.ok(), expected, "{name}, {threads} threads, entry {index}");
            }
        }
    }
}

/// Sums what it is told.
#[derive(Default)]
struct Told {
    started: AtomicU64,
    bytes: AtomicU64,
    finished: AtomicU64,
    failed: AtomicU64,
}

impl Observer for Told {
    fn start(&self, _: usize, _: &dyn Fn() -> String) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }
    fn advance(&self, _: usize, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
    fn finish(&self, _: usize) {
        self.finished.fetch_add(1, Ordering::Relaxed);
    }
    fn fail(&self, _: usize, _: &dyn std::error::Error) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn observers_limits_and_cancellation() {
    let lay = Lay::of((0..100).map(|n| {
        let entry = LaidEntry::deflated(format!("{n}"), data::text(30_000, n));
        if n == 50 { entry.crc32(1) } else { entry }
    }));
    let archive = Archive::new(lay.build(), Options::default()).expect("valid");
    let all: Vec<usize> = (0..100).collect();

    let told = Told::default();
    let parallel = Parallel { threads: 3, cancel: None, observer: &told };
    let results = archive.test(&all, parallel);
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1);
    let sums = [told.started, told.bytes, told.finished, told.failed].map(AtomicU64::into_inner);
    assert_eq!(sums, [100, 99 * 30_000, 99, 1]);

    let cancel = CancelToken::new();
    let parallel = Parallel { threads: 2, cancel: Some(&cancel), ..Parallel::default() };
    let results = archive.visit(&all, parallel, |visit| {
        cancel.cancel();
        visit.contents().map(<[u8]>::len)
    });
    let done = results.iter().filter(|result| result.is_ok()).count();
    let cancelled = results.iter().filter(|r| matches!(r, Err(Error::Cancelled))).count();
    assert!(done <= 2 && done + cancelled == 100, "{done} done, {cancelled} cancelled");

    let mut options = Options::default();
    options.limits.total_bytes = 300_000;
    let archive = Archive::new(lay.build(), options).expect("valid");
    for threads in [1, 4] {
        let results = archive.read_many(&all, Parallel::threads(threads));
        let bytes: usize = results.iter().flatten().map(Vec::len).sum();
        assert!(bytes <= 300_000, "{bytes} of at most 300,000 bytes");
        let limited = |result: &Result<Vec<u8>, Error>| {
            result.as_ref().is_err_and(|error| error.category() == Category::Limit)
        };
        assert!(results.iter().any(limited), "{threads} threads");
    }
}

/// A source that counts the bytes it gave.
struct Given(Vec<u8>, AtomicU64);

impl Source for Given {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.1.fetch_add(buf.len() as u64, Ordering::Relaxed);
        self.0.read_at(buf, at)
    }
}

/// What would pass the limit in all is refused before it is read, however large it is.
#[test]
fn an_entry_beyond_the_limit_in_all_is_not_begun() {
    let contents = data::noise(9_000_000, 1);
    let lay = Lay::of([LaidEntry::stored("s", &contents), LaidEntry::deflated("d", &contents)]);
    let mut options = Options::default();
    options.limits.total_bytes = 8_999_999;
    let archive = Archive::new(Given(lay.build(), AtomicU64::new(0)), options).expect("valid");
    for threads in [1, 2] {
        let results = archive.read_many(&[0, 1], Parallel::threads(threads));
        for result in results {
            assert!(matches!(result.unwrap_err().cause(), Error::TotalBytes { limit: 8_999_999 }));
        }
    }
    assert!(archive.source().1.load(Ordering::Relaxed) < 200_000);
}

#[test]
fn a_panic_of_the_visitor_reaches_the_caller() {
    let bytes = Lay::of((0..400).map(|n| LaidEntry::stored(format!("{n}"), data::zeros(2000))));
    let archive = Archive::new(bytes.build(), Options::default()).expect("valid");
    let all: Vec<usize> = (0..400).collect();
    let visit = || {
        archive.visit(&all, Parallel::threads(3), |visit| {
            assert!(visit.entry().index() != 300, "on purpose");
            Ok(())
        })
    };
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(visit)).is_err());
}

/// The most compressible of honest files, which is as good a bomb as deflate can make.
#[test]
fn zeros_are_no_bomb() {
    for mb in [2, 10, 60] {
        let size = mb * 1_000_000;
        let crc = crc32_of_zeros(size);
        let zeros = LaidEntry::claiming("zeros", 8, deflate_zeros(size), crc, size as u32);
        let bytes = Lay::of([zeros]).build();
        let archive = Archive::new(&bytes[..], Options::default()).expect("valid");
        let entry = archive.by_name("zeros").expect("there");
        assert_eq!(entry.read().expect("whole").len() as u64, size);
        let copied = io::copy(&mut entry.reader().expect("whole"), &mut io::sink());
        assert_eq!(copied.expect("whole"), size);
        assert!(archive.test(&[0], Parallel::threads(1))[0].is_ok());

        let mut options = Options::default();
        (options.limits.ratio, options.limits.ratio_free_bytes) = (900, size);
        let archive = Archive::new(&bytes[..], options).expect("valid");
        let entry = archive.by_name("zeros").expect("there");
        for error in [
            entry.read().expect_err("refused"),
            entry.reader().expect_err("refused"),
            archive.test(&[0], Parallel::threads(1)).remove(0).expect_err("refused"),
        ] {
            let text = error.to_string();
            assert_eq!(error.category(), Category::Limit, "{text}");
            assert!(text.contains("compression ratio"), "one rule for all: {text}");
        }
    }
}
