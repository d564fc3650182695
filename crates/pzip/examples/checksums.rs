//! Every entry of an archive on all cores: its CRC-32 and name, each with its own outcome.
//!
//! `cargo run -p pzip --example checksums -- a.zip`

use std::error::Error;

use pzip::format::crc32::crc32;
use pzip::reader::{Archive, Parallel};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: checksums ARCHIVE")?;
    let archive = Archive::open(path)?;
    let all: Vec<usize> = (0..archive.len()).collect();
    let sums = archive.visit(&all, Parallel::default(), |visit| Ok(crc32(visit.contents()?)));
    for (entry, sum) in archive.entries().zip(sums) {
        match sum {
            Ok(sum) => println!("{sum:08x}  {}", entry.name()),
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}
