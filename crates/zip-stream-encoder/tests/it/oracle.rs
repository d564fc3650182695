//! Foreign tools read what was streamed, seeking and from a pipe.

use zip_testkit::oracle::{Tool, bsdtar_pipe, python_entries, with_file};

use crate::archive::{File, Told, plan_of, whole};

fn sample() -> (Vec<File>, Vec<u8>) {
    let mut files = Vec::new();
    for (told, seed) in [(Told::All, 1), (Told::Size, 2), (Told::SizeStored, 3), (Told::Raw, 4)] {
        for len in [0, 1, 65_535, 65_536, 200_000] {
            files.push(File::new(told, zip_testkit::data::text(len, seed)));
        }
    }
    let (plan, sources) = plan_of(&files);
    let bytes = whole(&plan, &sources);
    (files, bytes)
}

#[test]
fn tools_find_it_whole() {
    let (_, bytes) = sample();
    for tool in Tool::ALL {
        if let Some(verdict) = with_file(&bytes, |path| tool.test(path, None)) {
            assert!(verdict.accepted, "{tool:?}: {verdict:?}");
        }
    }
}

#[test]
fn python_reads_the_same_bytes() {
    let (files, bytes) = sample();
    let Some(entries) = with_file(&bytes, |path| python_entries(path, None)) else { return };
    let entries = entries.expect("a valid archive");
    for (file, entry) in files.iter().zip(&entries[1..]) {
        assert_eq!(entry.crc32, zip_format::crc32::crc32(&file.bytes), "{}", entry.name);
        assert_eq!(entry.read, file.bytes.len() as u64);
    }
}

#[test]
fn a_pipe_is_enough() {
    let (files, bytes) = sample();
    if let Some((verdict, names)) = bsdtar_pipe(&bytes) {
        assert!(verdict.accepted, "{verdict:?}");
        assert_eq!(names.len(), files.len() + 2);
    }
}
