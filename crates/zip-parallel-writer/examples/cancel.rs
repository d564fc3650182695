//! A run that is stopped from outside, in the middle of an item: no file is left.

use std::io::{self, Read};

use zip_io::CancelToken;
use zip_io::file::FileSink;
use zip_parallel_writer::{Item, Options, ParallelWriter, Verdict};

/// An input without an end. After a while somebody has had enough of it.
struct Endless {
    token: CancelToken,
    given: u64,
}

impl Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.given += buf.len() as u64;
        if self.given > 20 << 20 {
            self.token.cancel();
        }
        Ok(buf.len())
    }
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("pzip-cancel-{}.zip", std::process::id()));
    let token = CancelToken::new();
    let items = [Item::read("endless", Endless { token: token.clone(), given: 0 })];
    let options = Options { cancel: Some(&token), ..Options::default() };
    let run = ParallelWriter::new(options).run(FileSink::create(&path)?, items);
    assert_eq!(run.verdict(), Verdict::Cancelled);
    assert!(!path.exists());
    println!("cancelled; {} item was not finished", run.report.skipped.len());
    Ok(())
}
