//! The queue: several threads add, one run takes, one archive after the other.

use std::io;
use std::sync::mpsc::sync_channel;

use zip_format::position::Position;
use zip_io::Sink;
use zip_parallel_writer::queue::{NotAdded, NotStarted};
use zip_parallel_writer::{Error, Item, Options, Queue, Verdict};
use zip_testkit::data::{Kind, payload};

use crate::common::read_back;

fn options() -> Options<'static> {
    Options { threads: 2, ..Options::default() }
}

#[test]
fn several_threads_add_more_than_it_holds() {
    let queue = Queue::<Vec<u8>>::with_capacity(options(), 7);
    assert_eq!(queue.capacity(), 7);
    for round in 0..3 {
        queue.start(Vec::new()).unwrap();
        assert!(matches!(queue.start(Vec::new()), Err(NotStarted::Running)));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let queue = &queue;
                scope.spawn(move || {
                    for n in 0..50 {
                        let contents = payload(Kind::Text, 2_000, n);
                        queue.add(Item::bytes(format!("{round}/{thread}/{n}"), contents)).unwrap();
                    }
                });
            }
        });
        let run = queue.wait().unwrap();
        assert_eq!(run.verdict(), Verdict::Complete);
        let status = queue.status();
        assert_eq!((status.processed, status.failed, status.pending), (200, 0, 0));
        assert_eq!(read_back(&run.result.unwrap()).len(), 200);
    }
    assert!(queue.wait().is_none(), "it was not started");
}

#[test]
fn a_full_queue_says_so() {
    let queue = Queue::<Vec<u8>>::with_capacity(options(), 2);
    queue.try_add(Item::bytes("a", "1")).unwrap();
    queue.try_add(Item::bytes("b", "2")).unwrap();
    let Err(NotAdded::Full(back)) = queue.try_add(Item::bytes("c", "3")) else {
        panic!("it holds two");
    };
    assert_eq!(back.name, b"c");
    assert_eq!(queue.status().pending, 2);
    queue.start(Vec::new()).unwrap();
    queue.add(*back).unwrap();
    let run = queue.wait().unwrap();
    assert_eq!(read_back(&run.result.unwrap()).len(), 3);
}

/// Items that are there are written, even if the next never comes.
#[test]
fn nothing_waits_for_the_last_item() {
    struct Telling(Vec<u8>, std::sync::mpsc::SyncSender<()>);
    impl Sink for Telling {
        fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.0.extend_from_slice(bytes);
            let _ = self.1.try_send(());
            Ok(())
        }
        fn position(&self) -> Position {
            self.0.position()
        }
        fn finish(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let queue = Queue::<Telling>::new(options());
    let (tell, told) = sync_channel(1);
    queue.start(Telling(Vec::new(), tell)).unwrap();
    queue.add(Item::bytes("first", "1")).unwrap();
    told.recv().unwrap();
    queue.add(Item::bytes("second", "2")).unwrap();
    let run = queue.wait().unwrap();
    assert_eq!(read_back(&run.result.unwrap().0).len(), 2);
}

#[test]
fn a_cancelled_queue_lets_go_of_everyone() {
    let queue = Queue::<Vec<u8>>::with_capacity(options(), 3);
    queue.start(Vec::new()).unwrap();
    std::thread::scope(|scope| {
        let adding = scope.spawn(|| {
            let mut added = 0;
            while queue.add(Item::bytes(format!("{added}"), "x")).is_ok() {
                added += 1;
            }
            added
        });
        queue.cancel();
        adding.join().unwrap();
    });
    let run = queue.wait().unwrap();
    assert_eq!(run.verdict(), Verdict::Cancelled);
}

#[test]
fn a_sink_that_fails_ends_the_run_and_frees_the_adders() {
    struct Full;
    impl Sink for Full {
        fn write_all(&mut self, _: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn position(&self) -> Position {
            Position::default()
        }
        fn finish(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let queue = Queue::<Full>::with_capacity(options(), 3);
    queue.start(Full).unwrap();
    let mut added = 0;
    while queue.add(Item::bytes(format!("{added}"), "x")).is_ok() {
        added += 1;
    }
    let run = queue.wait().unwrap();
    assert!(matches!(run.result, Err(Error::Sink(_))));
    assert!(run.report.written.is_empty());
}

#[test]
fn a_queue_that_is_dropped_leaves_no_archive() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    let queue = Queue::new(options());
    queue.start(zip_io::file::FileSink::create(&path).unwrap()).unwrap();
    queue.add(Item::bytes("a", "1")).unwrap();
    drop(queue);
    assert!(!path.exists());
}
