//! What a `Write` below the writer may do at any moment: take one byte, be interrupted, be full,
//! take nothing.

use std::io::{ErrorKind, Write};

use zip_format::error::Category;
use zip_io::write::WriteSink;
use zip_parallel_writer::{Item, Options, ParallelWriter, Report, Result};
use zip_testkit::data::{Kind, payload};
use zip_testkit::faults::{Failing, Full, Interrupted, OneByte, Stuck, fail_each_operation};

fn items() -> impl Iterator<Item = Item<'static>> {
    (0..6).map(|n| Item::bytes(format!("{n}"), payload(Kind::Text, 200, n)))
}

fn write(out: impl Write + Send, threads: usize) -> Result<Report> {
    let options = Options { threads, ..Options::default() };
    ParallelWriter::new(options).write(WriteSink::new(out), items()).map(|(_, report)| report)
}

/// The same run, into a buffer.
fn whole() -> Vec<u8> {
    let mut bytes = Vec::new();
    assert!(write(&mut bytes, 1).unwrap().is_complete());
    bytes
}

#[test]
fn a_patient_writer_gets_the_same_bytes() {
    let whole = whole();
    for threads in [1, 3] {
        let mut short = OneByte(Vec::new());
        assert!(write(&mut short, threads).unwrap().is_complete());
        assert_eq!(short.0, whole);
        let mut interrupted = Interrupted::new(Vec::new());
        assert!(write(&mut interrupted, threads).unwrap().is_complete());
        assert_eq!(interrupted.into_inner(), whole);
    }
}

#[test]
fn a_disk_full_after_any_byte_is_an_error() {
    let whole = whole();
    for room in 0..whole.len() as u64 {
        let mut full = Full::new(Vec::new(), room);
        let error = write(&mut full, 1).expect_err("there was no room");
        assert_eq!(error.category(), Category::Io, "room for {room}: {error}");
        assert_eq!(full.into_inner(), &whole[..room as usize]);
        let error = write(Stuck::new(Vec::new(), room), 2).expect_err("nothing was taken");
        assert_eq!(error.category(), Category::Io, "stuck at {room}: {error}");
    }
    assert!(write(Full::new(Vec::new(), whole.len() as u64), 1).unwrap().is_complete());
    println!("{} bytes, full and stuck after each: {} fault points", whole.len(), 2 * whole.len());
}

#[test]
fn a_write_that_fails_once_is_an_error_even_if_the_next_would_work() {
    let operations = fail_each_operation(ErrorKind::TimedOut, 10_000, |plan| {
        let result = write(Failing::new(Vec::new(), plan.clone()), 2);
        assert_eq!(result.is_err(), plan.tripped());
    });
    println!("{operations} operations, each failing once");
}
