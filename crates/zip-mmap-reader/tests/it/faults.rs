//! The k-th read fails, for every k and in every way: no panic, no wrong contents, no archive that
//! is shorter than it was.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};

use zip_format::error::Category;
use zip_io::Source;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay, Zip64End};

/// What happens at one read, or from it on.
#[derive(Clone, Copy, Debug)]
enum Way {
    Fails,
    /// And all after it.
    Dies,
    Interrupted,
    /// One byte, however much was asked for.
    Short,
    /// Nothing, as at the end.
    Ends,
}

struct Faulty {
    bytes: Vec<u8>,
    at: usize,
    way: Way,
    reads: AtomicUsize,
}

impl Source for &Faulty {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let now = self.reads.fetch_add(1, Ordering::SeqCst);
        let hit = now == self.at || (now > self.at && matches!(self.way, Way::Dies));
        match self.way {
            Way::Fails | Way::Dies if hit => Err(ErrorKind::TimedOut.into()),
            Way::Interrupted if hit => Err(ErrorKind::Interrupted.into()),
            Way::Ends if hit => Ok(0),
            Way::Short if hit => {
                let one = buf.len().min(1);
                self.bytes.as_slice().read_at(&mut buf[..one], at)
            }
            _ => self.bytes.as_slice().read_at(buf, at),
        }
    }
}

/// Every entry by two ways of reading, or the first error.
fn read(source: &Faulty) -> Result<Vec<Vec<u8>>, Category> {
    let archive = Archive::new(source, Options::default()).map_err(|error| error.category())?;
    let all: Vec<usize> = (0..archive.len()).collect();
    let mut contents = Vec::new();
    for entry in archive.entries() {
        contents.push(entry.read().map_err(|error| error.category())?);
    }
    for read in archive.read_many(&all, Parallel::threads(2)) {
        contents.push(read.map_err(|error| error.category())?);
    }
    Ok(contents)
}

#[test]
fn every_read_fails_in_every_way() {
    let large = zip_testkit::data::text(300_000, 7);
    let bytes = Lay::of([
        LaidEntry::stored("stored", "AAAABBBB"),
        LaidEntry::deflated("large", large.clone()).with_descriptor(DescriptorForm::ALL[0]),
        LaidEntry::stored("large and stored", large),
        LaidEntry::stored("z", "z").zip64(),
    ])
    .with(|lay| lay.zip64 = Zip64End::Sentinels)
    .build();
    let faulty = |at, way| Faulty { bytes: bytes.clone(), at, way, reads: AtomicUsize::new(0) };
    let calm = faulty(usize::MAX, Way::Fails);
    let right = read(&calm).expect("nothing failed");
    let reads = calm.reads.load(Ordering::SeqCst);
    assert_eq!(right.len(), 8);
    for way in [Way::Fails, Way::Dies, Way::Interrupted, Way::Short, Way::Ends] {
        for at in 0..reads {
            let source = faulty(at, way);
            // Not the contents themselves: they are long.
            let found = read(&source).map(|found| found == right);
            let promised = match way {
                Way::Interrupted | Way::Short => found == Ok(true),
                // What was read ahead of need is read again when it is needed.
                Way::Fails => matches!(found, Ok(true) | Err(Category::Io)),
                Way::Dies => found == Err(Category::Io),
                Way::Ends => matches!(found, Ok(true) | Err(_)),
            };
            assert!(promised, "{way:?} at read {at}: {found:?}");
        }
    }
    println!("{reads} reads, each failing in 5 ways: {} fault points", reads * 5);
}
