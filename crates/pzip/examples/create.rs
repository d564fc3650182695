//! Memory buffers and files into one archive, with progress on standard error.
//!
//! `cargo run -p pzip --example create -- out.zip FILE...`

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use pzip::io::Observer;
use pzip::io::file::FileSink;
use pzip::writer::{Item, Options, ParallelWriter};

#[derive(Default)]
struct Count(AtomicU64);

impl Observer for Count {
    fn advance(&self, _index: usize, bytes: u64) {
        let total = self.0.fetch_add(bytes, Ordering::Relaxed) + bytes;
        eprint!("\r{total} bytes");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let archive = args.next().ok_or("usage: create ARCHIVE FILE...")?;
    let mut items = vec![Item::bytes("README.txt", "Made by an example.\n")];
    items.extend(args.map(|path| Item::file(path.trim_start_matches('/'), path.clone())));

    let count = Count::default();
    let options = Options { observer: &count, ..Options::default() };
    let (_, report) = ParallelWriter::new(options).write(FileSink::create(&archive)?, items)?;
    eprintln!("\r{archive}: {} entries, {} bytes", report.written.len(), report.bytes_out);
    for failure in &report.failed {
        eprintln!("{}: {}", failure.name, failure.error);
    }
    Ok(())
}
