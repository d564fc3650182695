//! An archive changed in place: one entry deleted, one renamed, one replaced, one added. The others
//! are carried over as they are, and the old file stays until the new one is complete.

use zip_io::file::FileSink;
use zip_mmap_reader::Archive;
use zip_parallel_writer::{Item, OnFailure, Options, ParallelWriter};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("pzip-edit-{}.zip", std::process::id()));
    let first = ["delete me", "rename me", "replace me", "keep me"].map(|n| Item::bytes(n, n));
    ParallelWriter::default().write(FileSink::create(&path)?, first)?;

    let old = Archive::open(&path)?;
    let mut items = Vec::new();
    for entry in old.entries() {
        let carried = Item::carried(&entry, old.source(), entry.offset())?;
        match entry.raw_name() {
            b"delete me" => {}
            b"rename me" => items.push(carried.with_name("renamed")),
            b"replace me" => items.push(Item::bytes("replace me", "replaced")),
            _ => items.push(carried),
        }
    }
    items.push(Item::bytes("added", "new"));
    // An entry that cannot be carried over must not be missing in silence.
    let options = Options { on_failure: OnFailure::Stop, ..Options::default() };
    ParallelWriter::new(options).write(FileSink::create(&path)?, items)?;

    let new = Archive::open(&path)?;
    let names: Vec<String> = new.entries().map(|entry| entry.name().to_string()).collect();
    assert_eq!(names, ["renamed", "replace me", "keep me", "added"]);
    assert_eq!(new.by_name("replace me")?.read()?, b"replaced");
    std::fs::remove_file(path)?;
    Ok(())
}
