//! What is told, and when: observers, monitors, ticks, reports.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use zip_codec::level::Level;
use zip_codec::member::{Facts, Scratch, encode::encode_all};
use zip_format::method::Method;
use zip_io::input::ReadInput;
use zip_io::{CancelToken, Observer};
use zip_parallel_writer::{Compressed, Item, Monitor, OnFailure, Options, ParallelWriter, Verdict};
use zip_testkit::data::{Kind, payload};

use crate::common::Fake;

fn items() -> Vec<Item<'static>> {
    let mut items: Vec<Item<'static>> =
        (0..50).map(|n| Item::bytes(format!("{n}"), payload(Kind::Text, 5_000, n))).collect();
    items.push(Item::input("large", Fake::new(payload(Kind::Text, 5 << 20, 1))));
    items.push(Item::input("stored", Fake::new(payload(Kind::Noise, 5 << 20, 1))));
    items.push(Item::file("missing", "/does/not/exist"));
    items.push(Item::bytes("../refused", ""));
    items
}

#[derive(Default)]
struct Log(Mutex<Vec<Told>>);

/// Events, and sums of bytes, of one item.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    events: Vec<&'static str>,
    advanced: u64,
    produced: u64,
}

impl Log {
    fn of(&self, index: usize, tell: impl FnOnce(&mut Told)) {
        let mut log = self.0.lock().unwrap();
        if log.len() <= index {
            log.resize(index + 1, Told::default());
        }
        tell(&mut log[index]);
    }
}

impl Observer for Log {
    fn start(&self, index: usize, name: &dyn Fn() -> String) {
        assert!(!name().is_empty());
        self.of(index, |told| told.events.push("start"));
    }
    fn advance(&self, index: usize, bytes: u64) {
        self.of(index, |told| told.advanced += bytes);
    }
    fn produce(&self, index: usize, bytes: u64) {
        self.of(index, |told| told.produced += bytes);
    }
    fn finish(&self, index: usize) {
        self.of(index, |told| told.events.push("finish"));
    }
    fn fail(&self, index: usize, _: &dyn std::error::Error) {
        self.of(index, |told| told.events.push("fail"));
    }
}

#[test]
fn every_item_is_told_of_once_and_the_sums_are_right() {
    for threads in [1, 4] {
        let (log, monitor) = (Log::default(), Monitor::default());
        let options =
            Options { threads, observer: &log, monitor: Some(&monitor), ..Options::default() };
        let run = ParallelWriter::new(options).run(Vec::new(), items());
        assert_eq!(run.verdict(), Verdict::Partial);
        let log = log.0.into_inner().unwrap();
        for written in &run.report.written {
            let told = &log[written.index];
            assert_eq!(told.events, ["start", "finish"]);
            assert_eq!(told.produced, written.compressed_size, "{written:?}");
            assert_eq!(told.advanced, written.size, "{written:?}");
        }
        for failure in &run.report.failed {
            assert_eq!(log[failure.index].events, ["start", "fail"]);
        }
        let snapshot = monitor.snapshot();
        assert_eq!(snapshot.items_total, Some(54));
        assert_eq!((snapshot.completed, snapshot.failed, snapshot.in_progress), (52, 2, 0));
        assert_eq!(snapshot.bytes_in, run.report.bytes_in);
        assert_eq!(snapshot.active_threads, 0);
        assert!(snapshot.ratio() < 1.0 && snapshot.bytes_per_second() > 0.0);
        assert_eq!(snapshot, monitor.snapshot(), "it stands still when the run is over");
    }
}

/// What is taken over counts as read and written in the size it has.
#[test]
fn payloads_are_counted_as_they_are() {
    let contents = payload(Kind::Text, 20_000, 1);
    let mut payload = Vec::new();
    let facts =
        encode_all(&mut Scratch::new(), Method::DEFLATE, Level::FAST, &contents, &mut payload)
            .unwrap();
    let wrong = Facts { crc32: !facts.crc32, ..facts };
    let items = [("right", facts), ("wrong", wrong)].map(|(name, facts)| {
        let reader = ReadInput::new(io::Cursor::new(&payload[..]));
        Item::compressed(name, Compressed::new(facts), reader)
    });
    let log = Log::default();
    let options = Options { observer: &log, ..Options::default() };
    let run = ParallelWriter::new(options).run(Vec::new(), items);
    assert_eq!(run.verdict(), Verdict::Partial);
    let log = log.0.into_inner().unwrap();
    let len = payload.len() as u64;
    let right = Told { events: vec!["start", "finish"], advanced: len, produced: len };
    let wrong = Told { events: vec!["start", "fail"], advanced: len, produced: 0 };
    assert_eq!(log, [right, wrong]);
}

#[test]
fn a_tick_comes_in_the_end_at_least() {
    let seen = Mutex::new(Vec::new());
    let tick = |snapshot: &zip_parallel_writer::Snapshot| seen.lock().unwrap().push(*snapshot);
    let options = Options { tick: Some((Duration::from_micros(100), &tick)), ..Options::default() };
    ParallelWriter::new(options).write(Vec::new(), items()).unwrap();
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.last().unwrap().completed, 52);
    assert!(seen.windows(2).all(|pair| pair[0].completed <= pair[1].completed));
}

/// A callback may do what it likes: look at the counters, write another archive, cancel.
#[test]
fn callbacks_that_call_back_do_no_harm() {
    struct Busy<'m>(&'m Monitor, AtomicUsize);
    impl Observer for Busy<'_> {
        fn finish(&self, _: usize) {
            let _ = self.0.snapshot();
            self.1.fetch_add(1, Ordering::Relaxed);
            let inner = [Item::bytes("inner", "text")];
            ParallelWriter::default().write(Vec::new(), inner).unwrap();
        }
    }
    let monitor = Monitor::default();
    let busy = Busy(&monitor, AtomicUsize::new(0));
    let options =
        Options { threads: 3, observer: &busy, monitor: Some(&monitor), ..Options::default() };
    ParallelWriter::new(options).write(Vec::new(), items()).unwrap();
    assert_eq!(busy.1.into_inner(), 52);
}

/// A thread that dies takes the run along, and nothing else.
#[test]
fn a_worker_that_dies_is_an_error_and_no_hang() {
    struct Dies(&'static str);
    impl Observer for Dies {
        fn start(&self, index: usize, _: &dyn Fn() -> String) {
            assert!(self.0 != "start" || index != 30, "the observer gives up");
        }
        fn advance(&self, index: usize, _: u64) {
            assert!(self.0 != "advance" || index != 50, "the observer gives up");
        }
        fn finish(&self, index: usize) {
            assert!(self.0 != "finish" || index != 30, "the observer gives up");
        }
    }
    for at in ["start", "finish"] {
        for threads in [1, 4] {
            let dies = Dies(at);
            let options = Options { threads, observer: &dies, ..Options::default() };
            let run = ParallelWriter::new(options).run(Vec::new(), items());
            assert_eq!(run.verdict(), Verdict::Failed, "{at}, {threads} threads");
            assert!(run.result.unwrap_err().to_string().contains("the observer gives up"));
        }
    }
    // In the middle of a large member it is that member's failure.
    let dies = Dies("advance");
    let options = Options { threads: 3, observer: &dies, ..Options::default() };
    let run = ParallelWriter::new(options).run(Vec::new(), items());
    assert_eq!(run.verdict(), Verdict::Partial);
    assert_eq!(run.report.failed[0].index, 50);
}

#[test]
fn a_run_that_ends_early_says_what_was_skipped() {
    let token = CancelToken::new();
    token.cancel();
    let options = Options { cancel: Some(&token), ..Options::default() };
    let run = ParallelWriter::new(options).run(Vec::new(), items());
    assert_eq!(run.verdict(), Verdict::Cancelled);
    assert!(run.report.written.is_empty());

    let options = Options { threads: 1, on_failure: OnFailure::Stop, ..Options::default() };
    let items = vec![
        Item::bytes("a", payload(Kind::Text, 200_000, 1)),
        Item::file("missing", "/does/not/exist"),
        Item::bytes("b", "never looked at"),
    ];
    let run = ParallelWriter::new(options).run(Vec::new(), items);
    assert_eq!(run.verdict(), Verdict::Failed);
    assert_eq!(run.report.written[0].index, 0);
    assert!(run.report.skipped.contains(&1));
}
