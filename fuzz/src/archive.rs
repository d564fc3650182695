//! Whole archives.

use arbitrary::Arbitrary;
use pzip::format::directory::index::Index;
use pzip::format::eocd::Eocd;
use pzip::format::error::{Error, ErrorKind};
use pzip::format::limits::Limits;
use pzip::format::locate::{Located, Locator};
use pzip::format::profile::Relax;
use pzip::reader::{Archive, Options};
use pzip::writer::{Item, ParallelWriter};

use crate::bound::within;

fn find(bytes: &[u8], relax: Relax) -> Option<Located> {
    let mut locator = Locator::new(bytes.len() as u64, relax);
    for _ in 0..8 {
        let want = locator.want();
        let found = bytes.get(want.start as usize..want.end as usize);
        match locator.feed(found.expect("it wants what is there")) {
            Ok(Some(located)) => return Some(located),
            Ok(None) => {}
            Err(_) => return None,
        }
    }
    panic!("the locator wants too much");
}

/// The search for the end record.
pub fn locate(bytes: &[u8]) {
    for relax in [Relax::STRICT, Relax::LENIENT] {
        if let Some(located) = within(1, bytes.len(), || find(bytes, relax)) {
            assert!(located.directory.end <= located.eocd_at);
            assert!(relax.contains(located.needs));
        }
    }
}

/// The layout.
pub fn directory(bytes: &[u8]) {
    let Some(located) = find(bytes, Relax::LENIENT) else { return };
    let span = located.directory.start as usize..located.directory.end as usize;
    let directory = &bytes[span];
    let built = within(1, bytes.len(), || {
        Index::build(directory, &located, Relax::LENIENT, &Limits::default())
    });
    let Ok(index) = built else { return };
    for number in 0..index.len() {
        let entry = index.entry(directory, number).expect("counted").expect("walked before");
        assert!(index.member_limit(directory, number, &entry) > index.local_at(&entry));
    }
}

/// Items to write.
#[derive(Arbitrary, Debug)]
pub struct Plan {
    items: Vec<(String, Vec<u8>, u8)>,
    threads: u8,
}

/// Contents, or the name in a local header, hold an end record whose comment would end where the
/// archive does: nobody can write that otherwise, and the strict reader says so.
fn has_end_in_a_member(bytes: &[u8], error: &pzip::reader::Error) -> bool {
    let pzip::reader::Error::Format(Error { kind: ErrorKind::Ambiguous { other }, at, .. }) = error
    else {
        return false;
    };
    let end = Eocd::parse(&bytes[bytes.len() - 22..]).expect("without a comment");
    *at.min(other) < u64::from(end.directory_offset)
}

/// What is written is read, strictly and the same.
pub fn roundtrip(plan: &Plan) {
    let items = plan.items.iter().map(|(name, contents, kind)| match kind % 3 {
        0 => Item::bytes(name.clone(), contents.clone()),
        1 => Item::read(name.clone(), &contents[..]),
        _ => Item::symlink(name.clone(), contents.clone()),
    });
    let threads = usize::from(plan.threads % 4);
    let options = pzip::writer::Options { threads, ..Default::default() };
    let written = ParallelWriter::new(options).write(Vec::new(), items.collect::<Vec<_>>());
    let (bytes, report) = written.expect("memory does not fail");
    let archive = match Archive::new(bytes.clone(), Options::default()) {
        Err(error) if has_end_in_a_member(&bytes, &error) => return,
        opened => opened.expect("our own archive"),
    };
    assert_eq!(archive.len(), report.written.len());
    assert_eq!(report.written.len() + report.failed.len(), plan.items.len());
    for (entry, written) in archive.entries().zip(&report.written) {
        let (name, contents, _) = &plan.items[written.index];
        assert_eq!(entry.raw_name(), name.as_bytes());
        // A name that ends in `/` is a directory's, and cannot hold anything.
        if !name.ends_with('/') || contents.is_empty() {
            assert_eq!(&entry.read().expect("our own entry"), contents);
        }
    }
}
