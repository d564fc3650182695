//! One archive through every kind of source.

use futures::executor::block_on;
use futures::io::Cursor;
use pzip::format::profile::Relax;
use pzip::io::Source;
use pzip::reader::{Archive, AsyncArchive, Options, Parallel};
use pzip::segment::SegmentedSource;
use pzip::segment::source::Volume;

use crate::bound::within;

/// Entries looked at: enough to see a difference, few enough to stay fast.
const MOST: usize = 32;
/// Contents decoded in all.
const OUTPUT: u64 = 1 << 18;

/// Bytes without the door to their slice.
struct Positioned<'b> {
    bytes: &'b [u8],
    most: usize,
}

impl Source for Positioned<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn read_at(&self, buf: &mut [u8], at: u64) -> std::io::Result<usize> {
        let len = buf.len().min(self.most);
        self.bytes.read_at(&mut buf[..len], at)
    }
}

/// The profile, with so little output that a bomb is an error and no wait.
pub(crate) fn options(relax: Relax) -> Options {
    let mut options = Options { relax, ..Options::default() };
    options.limits.total_bytes = OUTPUT;
    options.limits.entry_bytes = OUTPUT;
    options.limits.window_bytes = 1 << 20;
    options
}

/// Everything a caller can learn of an archive, as text: what listing and reading say, and what
/// only readers with all of the archive at hand can add.
fn story<S: Source>(source: S, relax: Relax) -> (String, String) {
    let archive = match Archive::new(source, options(relax)) {
        Ok(archive) => archive,
        Err(error) => return (error.to_string(), String::new()),
    };
    let (mut reads, mut rest) = (String::new(), String::new());
    for entry in archive.entries().take(MOST) {
        reads.push_str(&entry.name().to_string());
        reads.push_str(&told(entry.read()));
        match entry.check() {
            Ok(member) => rest.push_str(&format!(" {member:?}")),
            Err(error) => rest.push_str(&error.to_string()),
        }
    }
    let few: Vec<usize> = (0..archive.len().min(MOST)).collect();
    for result in archive.test(&few, Parallel::threads(1)) {
        rest.push_str(&result.map_or_else(|error| error.to_string(), |()| "right".into()));
    }
    (reads, rest)
}

/// The same of the asynchronous reader, which has no second half.
fn asynchronous(bytes: &[u8], relax: Relax) -> String {
    block_on(async {
        let mut archive = match AsyncArchive::open(Cursor::new(bytes), options(relax)).await {
            Ok(archive) => archive,
            Err(error) => return error.to_string(),
        };
        let mut reads = String::new();
        for index in 0..archive.entries().count().min(MOST) {
            reads.push_str(&archive.name(index).expect("counted").to_string());
            reads.push_str(&told(archive.read(index).await));
        }
        reads
    })
}

fn told(contents: Result<Vec<u8>, pzip::reader::Error>) -> String {
    match contents {
        Ok(contents) => {
            format!(" {} bytes {:08x}", contents.len(), pzip::format::crc32::crc32(&contents))
        }
        Err(error) => error.to_string(),
    }
}

/// Three cuts of it, where they can be told to be cuts.
fn cuts(bytes: &[u8]) -> Option<SegmentedSource<&[u8]>> {
    let (one, two) = (bytes.len() / 3, bytes.len() / 3 * 2);
    let pieces = [&bytes[..one], &bytes[one..two], &bytes[two..]];
    let volume = |source| Volume { name: "cut".into(), source: Some(source) };
    SegmentedSource::of_cuts(pieces.map(volume).into()).ok()
}

/// All sources tell the same story.
pub fn archive_agree(bytes: &[u8]) {
    for relax in [Relax::STRICT, Relax::LENIENT] {
        let memory = within(16, bytes.len(), || story(bytes, relax));
        let positioned =
            within(16, bytes.len(), || story(Positioned { bytes, most: usize::MAX }, relax));
        assert_eq!(memory, positioned, "positioned");
        assert_eq!(memory, story(Positioned { bytes, most: 1 }, relax), "one byte at a time");
        if let Some(cuts) = cuts(bytes) {
            assert_eq!(memory, story(cuts, relax), "in three cuts");
        }
        assert_eq!(memory.0, asynchronous(bytes, relax), "asynchronous");
    }
}
