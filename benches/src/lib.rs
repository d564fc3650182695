//! What the bench files share: seeded archives in memory.

use pzip::reader::{Archive, Options, Parallel};
use pzip::writer::{Item, ParallelWriter};
use zip_testkit::data::{Kind, payload};

/// An archive of `count` text files of `size` bytes each.
#[must_use]
pub fn archive_of(count: usize, size: usize) -> Vec<u8> {
    let text = payload(Kind::Text, (4 << 20) + size, 1);
    let items = (0..count).map(|number| {
        let start = number * 7_919 % (4 << 20);
        let contents = text.get(start..start + size).unwrap_or(&[]).to_vec();
        Item::bytes(format!("directory/{:03}/file-{number:06}", number / 500), contents)
            .with_modified(1_700_000_000)
    });
    let items: Vec<_> = items.collect();
    ParallelWriter::default().write(Vec::new(), items).expect("memory does not fail").0
}

/// Opens an archive and decodes all of it; returns the number of bytes.
#[must_use]
pub fn open_and_read(bytes: &[u8], threads: usize) -> u64 {
    let archive = Archive::new(bytes, Options::default()).expect("our own archive");
    let all: Vec<usize> = (0..archive.len()).collect();
    let lens =
        archive.visit(&all, Parallel::threads(threads), |visit| Ok(visit.contents()?.len() as u64));
    lens.into_iter().map(|len| len.expect("our own entry")).sum()
}
