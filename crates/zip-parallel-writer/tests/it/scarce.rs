//! A system that gives no thread: the caller's does everything. The test starts itself, with
//! stacks that no address space has room for.

use std::io::{Cursor, Read};
use std::process::Command;

use zip_parallel_writer::queue::NotStarted;
use zip_parallel_writer::{Item, Options, ParallelWriter, Queue};
use zip_testkit::data::{Kind, payload};

const CHILD: &str = "PZIP_WITHOUT_THREADS";

#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    assert!(std::thread::Builder::new().spawn(|| ()).is_err(), "the point of this test");
    let large = payload(Kind::Text, 5 << 20, 1);
    let items = vec![
        Item::bytes("memory", large.clone()),
        Item::read("reader", Cursor::new(large.clone())),
        Item::read("zeros", std::io::repeat(0).take(3 << 20)),
        Item::bytes("small", "text"),
    ];
    let options = Options { threads: 8, ..Options::default() };
    let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
    assert!(report.is_complete(), "{:?}", report.failed);
    let archive = zip_mmap_reader::Archive::new(&bytes[..], Default::default()).unwrap();
    assert_eq!(archive.len(), 4);
    assert!(archive.by_name("reader").unwrap().read().unwrap() == large);
    // A queue has to have one.
    let queue = Queue::<Vec<u8>>::new(Options::default());
    assert!(matches!(queue.start(Vec::new()), Err(NotStarted::Thread(_))));
    assert!(queue.wait().is_none(), "it did not start");
    println!("written without a thread");
}

#[test]
fn an_archive_is_written_without_a_thread() {
    if !cfg!(target_os = "linux") {
        return println!("skipped: not known how to make threads scarce here");
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "scarce::child", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .env("RUST_MIN_STACK", (1_u64 << 47).to_string())
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("written without"), "{out}\n{err}");
}
