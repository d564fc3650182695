//! Sources, sinks and spools from outside.

use std::fs;
use std::io::{self, Read};

use zip_io::file::{FileInput, FileSink, FileSource};
use zip_io::input::LazyInput;
use zip_io::memory::BytesInput;
use zip_io::pending::PendingFile;
use zip_io::spool::Spool;
use zip_io::write::WriteSink;
use zip_io::{CancelToken, Input, Sink, Source};

#[test]
fn a_file_sink_appears_under_its_name_only_when_finished() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    fs::write(&path, b"old").unwrap();

    let mut sink = FileSink::create(&path).unwrap();
    sink.write_all(&[7; 300_000]).unwrap();
    sink.write_all(b"end").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"old", "untouched while it is written");
    assert_eq!(sink.position().offset, 300_003);
    sink.finish().unwrap();
    assert_eq!(fs::read(&path).unwrap().len(), 300_003);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "no temporary file is left");

    let mut dropped = FileSink::create(&path).unwrap();
    dropped.write_all(b"half").unwrap();
    drop(dropped);
    assert_eq!(fs::read(&path).unwrap().len(), 300_003, "the old file stays");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left of the new one");
}

#[cfg(unix)]
#[test]
fn a_file_sink_replaces_what_a_link_leads_to_and_no_device() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let directory = tempfile::tempdir().unwrap();
    let (real, link) = (directory.path().join("real.zip"), directory.path().join("link.zip"));
    fs::write(&real, b"old").unwrap();
    symlink("real.zip", &link).unwrap();
    let mut sink = FileSink::create(&link).unwrap();
    sink.write_all(b"new").unwrap();
    sink.finish().unwrap();
    assert_eq!(fs::read(&real).unwrap(), b"new");
    assert!(link.symlink_metadata().unwrap().is_symlink());

    fs::remove_file(&real).unwrap();
    assert!(FileSink::create(&link).is_err(), "a link to nothing");
    assert!(PendingFile::create(&link).is_err());

    // A pipe that this test made, so that a defect breaks no device of the machine.
    let pipe = directory.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    let mut sink = FileSink::create(&pipe).unwrap();
    assert!(!sink.can_rewind());
    sink.write_all(b"bytes").unwrap();
    sink.finish().unwrap();
    drop(sink);
    assert_eq!(reader.join().unwrap(), b"bytes");
    assert!(pipe.metadata().unwrap().file_type().is_fifo());
    assert!(PendingFile::create(&pipe).is_err());
}

#[test]
fn sources_agree_and_end_in_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x");
    fs::write(&path, b"0123456789").unwrap();
    let file = FileSource::open(&path).unwrap();
    let vector = b"0123456789".to_vec();
    for source in [&file as &dyn Source, &vector] {
        assert_eq!(source.len(), 10);
        let mut buf = [0; 4];
        source.read_exact_at(&mut buf, 6).unwrap();
        assert_eq!(&buf, b"6789");
        let error = source.read_exact_at(&mut buf, 7).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(source.read_exact_at(&mut buf, u64::MAX).is_err());
    }
    fs::write(&path, b"012").unwrap();
    assert!(file.read_exact_at(&mut [0; 4], 6).is_err(), "cut off meanwhile");
    assert!(FileSource::open(directory.path()).is_err(), "a directory is no archive");
}

#[test]
fn a_spool_gives_back_what_it_took_from_memory_and_from_disk() {
    for memory in [0, 10, 1 << 20] {
        let mut spool = Spool::new(memory);
        for _ in 0..100 {
            spool.write_all(b"0123456789").unwrap();
        }
        assert_eq!(spool.is_on_disk(), memory < 1_000, "cap {memory}");
        let mut out = Vec::new();
        spool.drain(&mut out, &mut [0; 64]).unwrap();
        assert_eq!(out, b"0123456789".repeat(100));
        assert!(spool.is_empty());
        spool.write_all(b"again").unwrap();
        let mut out = WriteSink::new(Vec::new());
        spool.drain(&mut out, &mut [0; 64]).unwrap();
        assert_eq!(out.into_inner(), b"again");
    }
}

#[test]
fn inputs_open_late() {
    let missing = FileInput::new("/does/not/exist").with_len_hint(3);
    assert_eq!(missing.len_hint(), Some(3), "not touched yet");
    assert!(missing.clone().open().is_err());
    let mut lazy = LazyInput::new(|| Ok(io::Cursor::new(vec![1, 2])), None);
    let mut out = Vec::new();
    lazy.open().unwrap().read_to_end(&mut out).unwrap();
    assert_eq!(out, [1, 2]);
    assert_eq!(BytesInput("abc").as_slice(), Some(&b"abc"[..]));
}

#[test]
fn cancelling_is_seen_by_clones() {
    let token = CancelToken::new();
    let clone = token.clone();
    assert!(clone.check().is_ok());
    token.cancel();
    assert!(clone.check().is_err());
}
