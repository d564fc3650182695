//! Entries carried from one archive to the next.

use pzip::format::profile::Relax;
use pzip::io::Source;
use pzip::reader::{Archive, Parallel};
use pzip::writer::{Item, ParallelWriter};

use crate::agree::options;

/// The first four bytes say which entries go; the rest is an archive. What is carried opens
/// strictly, and reads as it did.
pub fn edit(bytes: &[u8]) {
    let Some((gone, bytes)) = bytes.split_first_chunk::<4>() else { return };
    let gone = u32::from_le_bytes(*gone);
    let Ok(old) = Archive::new(bytes, options(Relax::STRICT)) else { return };
    let (mut kept, mut items) = (Vec::new(), Vec::new());
    for (number, entry) in old.entries().enumerate().take(64) {
        if gone >> (number % 32) & 1 == 0
            && let Ok(item) = Item::carried(&entry, old.source(), entry.offset())
        {
            kept.push(number);
            items.push(item);
        }
    }
    let (written, report) =
        ParallelWriter::default().write(Vec::new(), items).expect("memory does not fail");
    assert_eq!(report.written.len() + report.failed.len(), kept.len());
    let new = Archive::new(&written[..], options(Relax::STRICT)).expect("our own archive");
    assert_eq!(new.len(), report.written.len());
    let audit = new.audit(Parallel::threads(1)).expect("not cancelled");
    for (entry, written) in new.entries().zip(&report.written) {
        let was = old.entry(kept[written.index]).expect("it was there");
        assert_eq!(entry.raw_name(), was.raw_name());
        if let Ok(contents) = was.read() {
            assert_eq!(entry.read().expect("it was readable"), contents);
        }
    }
    let whole = old.audit(Parallel::threads(1)).expect("not cancelled").findings.is_empty();
    assert!(!whole || audit.findings.is_empty(), "{:?}, of {}", audit.findings, old.source().len());
}
