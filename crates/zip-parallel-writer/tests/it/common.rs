//! What the tests share: reading back, and inputs and sinks that are difficult.

use std::io::{self, Read};
use std::sync::{Arc, Barrier};

use zip_format::crc32::crc32;
use zip_format::flags::Flags;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_io::{Input, Sink};
use zip_mmap_reader::{Archive, Options};
use zip_testkit::oracle::{JavaEntry, Tool, bsdtar_pipe, java_entries, with_file};

/// All entries, decoded and checked by the reader in strict mode.
pub(crate) fn ours(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let archive = Archive::new(bytes, Options::default()).expect("it opens in strict mode");
    let entries = archive.entries().map(|entry| {
        assert!(!entry.flags().contains(Flags::DESCRIPTOR), "no descriptor is needed");
        entry.check().expect("sound records");
        (entry.name().to_string(), entry.read().expect("it decodes"))
    });
    entries.collect()
}

fn methods(bytes: &[u8]) -> impl Iterator<Item = Method> {
    let archive = Archive::new(bytes, Options::default()).expect("it opens in strict mode");
    archive.entries().map(|entry| entry.method()).collect::<Vec<_>>().into_iter()
}

/// The same; and no foreign tool objects.
pub(crate) fn read_back(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let entries = ours(bytes);
    with_file(bytes, |path| {
        for tool in Tool::ALL {
            let verdict = tool.or_skip().and_then(|tool| tool.test(path, None));
            if let Some(verdict) = verdict {
                assert!(verdict.accepted, "{tool:?}: {}", verdict.errors);
            }
        }
        // Java knows two methods.
        let plain = methods(bytes).all(|m| matches!(m, Method::STORED | Method::DEFLATE));
        if plain && let Some(answer) = java_entries(path) {
            let read = |(name, contents): &(String, Vec<u8>)| JavaEntry {
                name: name.clone(),
                read: contents.len() as u64,
                crc32: crc32(contents),
            };
            let expected: Vec<_> = entries.iter().map(read).collect();
            assert_eq!(answer.file.as_ref(), Ok(&expected), "Java's ZipFile");
            assert_eq!(answer.stream.as_ref(), Ok(&expected), "Java's ZipInputStream");
        }
        if plain && let Some((verdict, names)) = bsdtar_pipe(bytes) {
            assert!(verdict.accepted, "bsdtar from a pipe: {}", verdict.errors);
            assert_eq!(names.len(), entries.len(), "bsdtar from a pipe");
        }
    });
    entries
}

/// Contents of an entry.
pub(crate) fn contents<'e>(entries: &'e [(String, Vec<u8>)], name: &str) -> &'e [u8] {
    &entries.iter().find(|entry| entry.0 == name).expect("the entry is there").1
}

/// Bytes in memory that pretend to be a file: opened again, not lent, of a length that is only
/// said.
pub(crate) struct Fake {
    pub(crate) contents: Vec<u8>,
    pub(crate) said: Option<u64>,
    /// Where reading fails.
    pub(crate) fails_at: Option<usize>,
}

impl Fake {
    pub(crate) fn new(contents: Vec<u8>) -> Self {
        let said = Some(contents.len() as u64);
        Self { contents, said, fails_at: None }
    }
}

impl Input for Fake {
    fn len_hint(&self) -> Option<u64> {
        self.said
    }
    fn may_wait(&self) -> bool {
        false
    }
    fn can_reopen(&self) -> bool {
        true
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        let Some(at) = self.fails_at else { return Ok(Box::new(&self.contents[..])) };
        let fails = Fails;
        Ok(Box::new(self.contents[..at].chain(fails)))
    }
}

struct Fails;

impl Read for Fails {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

/// A sink in memory that can be told what it can, and fails at its k-th operation.
pub(crate) struct Tricky {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rewinds: bool,
    pub(crate) left: usize,
    pub(crate) operations: usize,
}

impl Tricky {
    pub(crate) fn new(rewinds: bool) -> Self {
        Self { bytes: Vec::new(), rewinds, left: usize::MAX, operations: 0 }
    }

    fn step(&mut self) -> io::Result<()> {
        self.operations += 1;
        if self.left == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.left -= 1;
        Ok(())
    }
}

impl Sink for Tricky {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        Sink::write_all(&mut self.bytes, bytes)
    }
    fn position(&self) -> Position {
        self.bytes.position()
    }
    fn reserve(&mut self, len: u64) -> io::Result<Position> {
        self.step()?;
        Sink::reserve(&mut self.bytes, len)
    }
    fn can_rewind(&self) -> bool {
        self.rewinds
    }
    fn rewind(&mut self, to: Position) -> io::Result<()> {
        self.step()?;
        self.bytes.rewind(to)
    }
    fn patch(&mut self, at: Position, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        self.bytes.patch(at, bytes)
    }
    fn finish(&mut self) -> io::Result<()> {
        self.step()
    }
}

/// A slow input: gives some of its bytes whenever all of its kind are being read.
pub(crate) struct Together<'b> {
    barrier: Arc<Barrier>,
    bytes: &'b [u8],
}

impl<'b> Together<'b> {
    /// So many inputs with the same bytes.
    pub(crate) fn new(count: usize, bytes: &'b [u8]) -> impl Iterator<Item = Self> {
        let barrier = Arc::new(Barrier::new(count));
        std::iter::repeat_with(move || Self { barrier: Arc::clone(&barrier), bytes }).take(count)
    }
}

impl Read for Together<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.bytes.is_empty() {
            self.barrier.wait();
        }
        let most = buf.len().min(40_000);
        self.bytes.read(&mut buf[..most])
    }
}
