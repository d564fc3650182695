//! Inputs and sinks that fail: the report tells the truth, and nothing is left behind.

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};

use zip_codec::member::Facts;
use zip_format::error::Category;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_io::file::FileSink;
use zip_io::input::ReadInput;
use zip_io::{CancelToken, Input, Observer, Sink};
use zip_parallel_writer::{Compressed, Error, Item, OnFailure, Options, ParallelWriter};
use zip_testkit::data::{Kind, payload};
use zip_testkit::oracle::{Tool, with_file};

use crate::common::{Tricky, ours};

/// Gives so many bytes, then fails or panics.
struct Breaks {
    left: usize,
    panics: bool,
}

impl Read for Breaks {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            assert!(!self.panics, "the source gives up");
            return Err(io::Error::other("the source gives up"));
        }
        let len = buf.len().min(self.left);
        buf[..len].fill(b'x');
        self.left -= len;
        Ok(len)
    }
}

#[test]
fn a_failing_item_is_left_out_without_a_trace() {
    for threads in [1, 4] {
        let items = vec![
            Item::bytes("first", "1"),
            Item::file("missing", "/does/not/exist"),
            Item::read("breaks", Breaks { left: 1_000, panics: false }),
            Item::read("breaks while streaming", Breaks { left: 9 << 20, panics: false }),
            Item::read("panics", Breaks { left: 5 << 20, panics: true }),
            Item::bytes("first", "the same name again"),
            Item::bytes("../escape", ""),
            Item::bytes("last", "2"),
        ];
        let options = Options { threads, ..Options::default() };
        let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
        assert_eq!(report.written.iter().map(|w| w.index).collect::<Vec<_>>(), [0, 7]);
        let failed: Vec<_> = report.failed.iter().map(|f| (f.index, f.error.category())).collect();
        let io = Category::Io;
        assert_eq!(
            failed,
            [(1, io), (2, io), (3, io), (4, io), (5, Category::Usage), (6, Category::Unsafe)]
        );
        let names = with_file(&bytes, |path| Tool::Python.names(path));
        if let Some((verdict, names)) = names {
            assert!(verdict.accepted);
            assert_eq!(names, [b"first".to_vec(), b"last".to_vec()]);
        }
    }
}

/// Others wait for the memory that these have when they fail.
#[test]
fn what_fails_after_its_first_bytes_holds_nobody_up() {
    for threads in [1, 2, 16] {
        let items = || {
            (0..60).map(|n| {
                let left = 100_000 + n % 2 * 1_500_000;
                let breaks = Breaks { left, panics: n % 3 == 1 };
                match n % 3 {
                    2 => Item::read(format!("{n}"), io::repeat(b'x').take(left as u64)),
                    _ => Item::read(format!("{n}"), breaks),
                }
            })
        };
        let options = Options { threads, prefetch: 24, memory: 1, ..Options::default() };
        let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items()).unwrap();
        assert_eq!(report.failed.len(), 40);
        let names: Vec<_> =
            ours(&bytes).into_iter().map(|entry| (entry.0, entry.1.len())).collect();
        let expected: Vec<_> =
            (2..60).step_by(3).map(|n| (n.to_string(), 100_000 + n % 2 * 1_500_000)).collect();
        assert_eq!(names, expected);
        // Given up while others wait.
        let options = Options {
            threads,
            prefetch: 24,
            memory: 1,
            on_failure: OnFailure::Stop,
            ..Options::default()
        };
        let failed = ParallelWriter::new(options).write(Vec::new(), items());
        assert!(matches!(failed, Err(Error::Item { .. })));
    }
}

/// An input that panics wherever it is asked for something, or changes after it was listed.
struct Fickle {
    at: &'static str,
    said: u64,
    gives: u64,
}

impl Fickle {
    fn new(at: &'static str) -> Self {
        Self { at, said: 9, gives: 9 }
    }
    fn step(&self, at: &str) {
        assert!(self.at != at, "gives up in {at}");
    }
}

impl Input for Fickle {
    fn len_hint(&self) -> Option<u64> {
        self.step("len_hint");
        Some(self.said)
    }
    fn may_wait(&self) -> bool {
        self.step("may_wait");
        false
    }
    fn can_reopen(&self) -> bool {
        true
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        self.step("open");
        if self.at == "vanished" {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Box::new(io::repeat(b'x').take(self.gives)))
    }
}

#[test]
fn an_input_may_panic_anywhere() {
    for threads in [1, 4] {
        let places = ["len_hint", "may_wait", "open", "vanished"];
        let items = places.map(|at| Item::input(at, Fickle::new(at)));
        let items = [Item::bytes("first", "1")].into_iter().chain(items);
        let items = items.chain([Item::bytes("last", "2")]);
        let options = Options { threads, ..Options::default() };
        let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
        let failed: Vec<_> = report.failed.iter().map(|failure| failure.name.as_str()).collect();
        assert_eq!(failed, places);
        assert!(report.skipped.is_empty());
        assert_eq!(ours(&bytes).len(), 2);
    }
}

/// Its header was written for a length below 4 GiB, and has no room for what comes.
#[test]
fn a_file_that_grows_past_four_gib_fails_alone() {
    struct Nowhere(u64);
    impl Sink for Nowhere {
        fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.0 += bytes.len() as u64;
            Ok(())
        }
        fn position(&self) -> Position {
            Position::on_first(self.0)
        }
        fn can_rewind(&self) -> bool {
            true
        }
        fn rewind(&mut self, to: Position) -> io::Result<()> {
            self.0 = to.offset;
            Ok(())
        }
        fn patch(&mut self, _: Position, _: &[u8]) -> io::Result<()> {
            Ok(())
        }
        fn finish(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let grows = Fickle { said: 3 << 20, gives: (4 << 30) + 1, ..Fickle::new("nowhere") };
    let items = vec![
        Item::bytes("first", "1"),
        Item::input("grows", grows).with_method(Method::STORED),
        Item::bytes("last", "2"),
    ];
    let options = Options { threads: 2, ..Options::default() };
    let (sink, report) = ParallelWriter::new(options).write(Nowhere(0), items).unwrap();
    assert_eq!(report.failed.len(), 1);
    assert!(matches!(report.failed[0].error, Error::Grew), "{}", report.failed[0].error);
    assert!(sink.0 < 1_000, "what was written of it was taken back");
}

#[test]
fn the_stop_policy_gives_the_archive_up() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    let items = vec![Item::bytes("a", "1"), Item::file("b", "/does/not/exist")];
    let options = Options { on_failure: OnFailure::Stop, ..Options::default() };
    let error =
        ParallelWriter::new(options).write(FileSink::create(&path).unwrap(), items).unwrap_err();
    assert!(matches!(error, Error::Item { index: 1, .. }), "{error}");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0, "nothing is left");
}

#[test]
fn a_sink_that_fails_at_any_operation_is_an_error() {
    let items = || (0..100).map(|n| Item::bytes(format!("{n}"), payload(Kind::Text, 900, n)));
    let write = |left, threads| {
        let mut sink = Tricky { left, ..Tricky::new(false) };
        let options = Options { threads, ..Options::default() };
        let result =
            ParallelWriter::new(options).write(&mut sink, items()).map(|(_, report)| report);
        (result, sink.operations)
    };
    let (complete, operations) = write(usize::MAX, 1);
    assert!(complete.unwrap().is_complete());
    for k in 0..operations {
        for threads in [1, 3] {
            let (result, _) = write(k, threads);
            let error = result.expect_err("the sink failed, so the archive did");
            assert_eq!(error.category(), Category::Io, "operation {k}: {error}");
        }
    }
}

#[test]
fn a_cancelled_run_leaves_no_file() {
    struct CancelAt<'t>(&'t CancelToken, AtomicUsize);
    impl Observer for CancelAt<'_> {
        fn advance(&self, _: usize, _: u64) {
            if self.1.fetch_add(1, Ordering::Relaxed) == 20 {
                self.0.cancel();
            }
        }
    }
    for threads in [1, 4] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.zip");
        std::fs::write(&path, b"old").unwrap();
        let token = CancelToken::new();
        let observer = CancelAt(&token, AtomicUsize::new(0));
        let options =
            Options { threads, cancel: Some(&token), observer: &observer, ..Options::default() };
        let endless = (0..).map(|n| Item::bytes(format!("{n}"), payload(Kind::Text, 900, n)));
        let sink = FileSink::create(&path).unwrap();
        let error = ParallelWriter::new(options).write(sink, endless).unwrap_err();
        assert!(matches!(error, Error::Cancelled), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1, "no temporary file is left");
    }
}

#[test]
fn a_cancel_is_seen_inside_of_an_endless_item() {
    let token = CancelToken::new();
    let inside = token.clone();
    struct Endless(CancelToken, usize);
    impl Read for Endless {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.1 += buf.len();
            if self.1 > 16 << 20 {
                self.0.cancel();
            }
            Ok(buf.len())
        }
    }
    let options = Options { cancel: Some(&token), ..Options::default() };
    let items = vec![Item::read("endless", Endless(inside, 0))];
    let error = ParallelWriter::new(options).write(Vec::new(), items).unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error}");
}

#[test]
fn an_iterator_that_panics_ends_the_run_and_hangs_nobody() {
    for threads in [1, 4] {
        let items = (0..100).map(|n| {
            assert!(n < 50, "the list gives up");
            Item::bytes(format!("{n}"), "x")
        });
        let options = Options { threads, ..Options::default() };
        let error = ParallelWriter::new(options).write(Vec::new(), items).unwrap_err();
        assert!(error.to_string().contains("the list gives up"), "{error}");
    }
}

/// However the bytes are used, and however few of them come at a time.
#[test]
fn a_cancel_is_seen_between_two_reads() {
    /// Gives some bytes at once, then one at a time, and cancels.
    struct Trickle<'t> {
        token: &'t CancelToken,
        first: usize,
        reads: usize,
    }
    impl Read for Trickle<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let len = buf.len().min(self.first.max(1));
            buf[..len].fill(b'x');
            if self.first > 0 {
                self.first -= len;
                return Ok(len);
            }
            self.reads += 1;
            assert!(self.reads <= 10, "nobody reads on after a cancel");
            if self.reads == 10 {
                self.token.cancel();
            }
            Ok(len)
        }
    }
    for first in [0, 100_000, 5 << 20] {
        let size = first as u64 + 100_000;
        let facts = Facts { method: Method::STORED, crc32: 0, size, compressed_size: size };
        for form in 0..4 {
            let token = CancelToken::new();
            let reader = Trickle { token: &token, first, reads: 0 };
            let item = match form {
                0 => Item::read("contents", reader),
                1 => Item::input("known", ReadInput::with_len(reader, size)),
                2 => Item::compressed("payload", Compressed::new(facts), ReadInput::new(reader)),
                _ if first < 1 << 20 => Item::gzip("gzip", ReadInput::new(reader)),
                // It is no gzip file, and refused when so much of it is there.
                _ => continue,
            };
            let options = Options { cancel: Some(&token), ..Options::default() };
            let error = ParallelWriter::new(options).write(Vec::new(), [item]).unwrap_err();
            assert!(matches!(error, Error::Cancelled), "{form} of {first}: {error}");
        }
    }
}
