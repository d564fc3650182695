//! One input that cannot be read: the archive holds the others, and the report says which and why.

use zip_io::file::FileSink;
use zip_parallel_writer::{Item, OnFailure, Options, ParallelWriter, Verdict};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("pzip-failing-{}.zip", std::process::id()));
    let items = || {
        [
            Item::bytes("first.txt", "is there"),
            Item::file("missing.txt", "/no/such/file"),
            Item::bytes("last.txt", "is there too"),
        ]
    };
    let run = ParallelWriter::default().run(FileSink::create(&path)?, items());
    assert_eq!(run.verdict(), Verdict::Partial);
    for failure in &run.report.failed {
        println!("{} (item {}): {}", failure.name, failure.index, failure.error);
    }
    assert_eq!(run.report.written.len(), 2);
    std::fs::remove_file(&path)?;

    // Where an incomplete archive is of no use: nothing appears under the name.
    let strict = Options { on_failure: OnFailure::Stop, ..Options::default() };
    let run = ParallelWriter::new(strict).run(FileSink::create(&path)?, items());
    assert_eq!(run.verdict(), Verdict::Failed);
    assert!(!path.exists());
    Ok(())
}
