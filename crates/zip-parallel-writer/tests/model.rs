//! The writer's threads under a model that takes every turn itself: whatever order they run in, the
//! archive is the same, memory is bounded, and nobody waits for ever. The model itself fails a test
//! whose threads all wait.
//!
//! `cargo xtask model [SCHEDULES]`; a failure prints the schedule that leads to it.
#![cfg(shuttle)]

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner, thread};
use zip_codec::level::Level;
use zip_format::method::Method;
use zip_io::CancelToken;
use zip_io::write::WriteSink;
use zip_parallel_writer::{
    Error, Item, OnFailure, Options, ParallelWriter, Queue, Report, Verdict,
};

/// Tries a body under as many schedules as the environment says, by two ways of choosing them:
/// any thread next, and one that looks for mistakes which take few changes of turn.
fn explore(share: usize, body: impl Fn() + Send + Sync + 'static) {
    let asked = std::env::var("PZIP_SCHEDULES").ok().and_then(|text| text.parse().ok());
    let schedules = (asked.unwrap_or(200) / share).max(1);
    let body = Arc::new(body);
    let mut config = Config::new();
    config.stack_size = 1 << 20;
    let random = Arc::clone(&body);
    Runner::new(RandomScheduler::new(schedules), config.clone()).run(move || random());
    Runner::new(PctScheduler::new(3, schedules), config).run(move || body());
}

/// Gives its bytes a few at a time, and has others run in between.
struct Slow(&'static [u8]);

impl Read for Slow {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        thread::yield_now();
        let len = buf.len().min(self.0.len().div_ceil(2));
        self.0.read(&mut buf[..len])
    }
}

/// Fails, or panics, after some bytes.
struct Broken(bool);

impl Read for Broken {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        thread::yield_now();
        match (self.0, buf.first_mut()) {
            (_, None) => Ok(0),
            (true, Some(_)) => Err(io::Error::other("the disk is gone")),
            (false, Some(_)) => panic!("an input that panics"),
        }
    }
}

const TEXT: &[u8] = b"some text, and some text, and some more of the same text";

/// In memory, waiting, empty, large enough to be compressed by several threads.
fn sound() -> Vec<Item<'static>> {
    static LARGE: OnceLock<Vec<u8>> = OnceLock::new();
    let large = LARGE.get_or_init(|| TEXT.repeat((5 << 20) / TEXT.len()));
    let mut items = vec![Item::bytes("large", &large[..]), Item::directory("directory")];
    for n in 0..6 {
        items.push(Item::bytes(format!("bytes/{n}"), &TEXT[..n * 9]));
        items.push(Item::read(format!("read/{n}"), Slow(&TEXT[n..])));
    }
    items
}

fn options(threads: usize) -> Options<'static> {
    Options { threads, prefetch: 2, level: Level::FAST, ..Options::default() }
}

fn write(options: Options<'_>, items: Vec<Item<'_>>) -> (Vec<u8>, Report) {
    ParallelWriter::new(options).write(Vec::new(), items).expect("it is written")
}

#[test]
fn every_order_of_turns_gives_the_same_bytes() {
    let expected: Arc<OnceLock<Vec<u8>>> = Arc::default();
    explore(4, move || {
        let expected = expected.get_or_init(|| write(options(1), sound()).0);
        let (bytes, report) = write(options(3), sound());
        assert!(report.is_complete());
        assert!(bytes == *expected);
    });
}

/// Those that fail leave no trace, whoever was working beside them.
#[test]
fn inputs_that_fail_are_left_out_and_told() {
    let expected: Arc<OnceLock<Vec<u8>>> = Arc::default();
    explore(2, move || {
        let items = |broken: bool| {
            let mut items = Vec::new();
            for n in 0..4 {
                if broken {
                    items.push(Item::read(format!("broken/{n}"), Broken(n % 2 == 0)));
                }
                items.push(Item::read(format!("read/{n}"), Slow(TEXT)));
            }
            items
        };
        let expected = expected.get_or_init(|| write(options(1), items(false)).0);
        let (bytes, report) = write(options(3), items(true));
        assert!(bytes == *expected);
        let failed: Vec<usize> = report.failed.iter().map(|failure| failure.index).collect();
        assert_eq!(failed, [0, 2, 4, 6]);
    });
}

/// Nobody goes on, and nobody waits, when the archive is given up.
#[test]
fn an_archive_that_is_given_up_ends() {
    explore(8, || {
        let mut items = sound();
        items.insert(3, Item::read("broken", Broken(true)));
        let options = Options { on_failure: OnFailure::Stop, ..options(3) };
        ParallelWriter::new(options).write(Vec::new(), items).expect_err("it is given up");
    });
}

/// Takes so many writes.
#[derive(Debug)]
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        thread::yield_now();
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn a_full_sink_ends_the_run() {
    explore(20, || {
        for writes in [0, 1, 3, 100] {
            let sink = WriteSink::new(Full(writes));
            ParallelWriter::new(options(3)).write(sink, sound()).expect_err("it is full");
        }
    });
}

/// Cancelled while anything may be going on: no archive, or, when it came too late, a whole one.
#[test]
fn a_cancelled_run_ends() {
    explore(8, || {
        let cancel = CancelToken::new();
        let other = cancel.clone();
        let canceller = thread::spawn(move || other.cancel());
        let options = Options { cancel: Some(&cancel), ..options(3) };
        match ParallelWriter::new(options).write(Vec::new(), sound()) {
            Ok((_, report)) => assert!(report.is_complete()),
            Err(error) => assert!(matches!(error, Error::Cancelled), "{error}"),
        }
        canceller.join().expect("it only cancels");
    });
}

/// What was read and is not written yet.
#[derive(Clone, Default)]
struct Underway(Arc<AtomicUsize>);

struct Counted(Underway, usize);

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        thread::yield_now();
        let len = buf.len().min(self.1).min(1 << 20);
        buf[..len].fill(7);
        self.1 -= len;
        let underway = self.0.0.fetch_add(len, Ordering::Relaxed) + len;
        // What the options ask for: 16 MiB and 8 MiB for each of 3 threads.
        assert!(underway <= 40 << 20, "{underway} bytes are underway");
        Ok(len)
    }
}

impl Write for Underway {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        thread::yield_now();
        // Headers were not read from an input, but they are few.
        let less = |count: usize| Some(count.saturating_sub(bytes.len()));
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// However the first is delayed, the others do not pile up behind it.
#[test]
fn no_order_of_turns_passes_the_budget() {
    explore(20, || {
        let underway = Underway::default();
        let items: Vec<_> = (0..40)
            .map(|n| {
                let len = if n % 10 == 0 { 5 << 20 } else { 3 << 19 };
                Item::read(format!("{n}"), Counted(underway.clone(), len))
            })
            .collect();
        let options = Options { memory: 1, method: Method::STORED, prefetch: 8, ..options(3) };
        let sink = WriteSink::new(underway);
        let (_, report) = ParallelWriter::new(options).write(sink, items).expect("it is written");
        assert!(report.is_complete());
    });
}

/// Adders wait for room, the run waits for items, and one archive follows the other.
#[test]
fn a_queue_loses_nothing() {
    explore(1, || {
        let queue: Arc<Queue<Vec<u8>>> = Arc::new(Queue::with_capacity(options(2), 2));
        for round in 0..2 {
            queue.start(Vec::new()).expect("nothing is running");
            let adders: Vec<_> = (0..3)
                .map(|adder| {
                    let queue = Arc::clone(&queue);
                    thread::spawn(move || {
                        for n in 0..3 {
                            let name = format!("{round}/{adder}/{n}");
                            queue.add(Item::bytes(name, TEXT)).expect("it is open");
                        }
                    })
                })
                .collect();
            for adder in adders {
                adder.join().expect("it only adds");
            }
            let run = queue.wait().expect("it was started");
            assert_eq!(run.verdict(), Verdict::Complete);
            assert_eq!(run.report.written.len(), 9);
        }
    });
}

/// Who waits for room is let go when the queue is cancelled under him.
#[test]
fn a_cancelled_queue_keeps_nobody_waiting() {
    explore(1, || {
        let queue: Arc<Queue<Vec<u8>>> = Arc::new(Queue::with_capacity(options(2), 1));
        queue.start(Vec::new()).expect("nothing is running");
        let adder = {
            let queue = Arc::clone(&queue);
            // Some are taken; the first that is not ends it.
            thread::spawn(move || {
                (0..5).all(|n| queue.add(Item::bytes(format!("{n}"), TEXT)).is_ok())
            })
        };
        queue.cancel();
        // Before the queue is made ready for the next run, to which it could add again.
        adder.join().expect("it only adds");
        let run = queue.wait().expect("it was started");
        if let Err(error) = run.result {
            assert!(matches!(error, Error::Cancelled), "{error}");
        }
    });
}
