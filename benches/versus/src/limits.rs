//! What the machine allows, by itself: copying and summing, decoding, compressing, making files.

use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;

use crate::corpus::Setup;
use crate::measure::{Contender, interleave};
use crate::table::Table;

pub fn limits(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let source = setup.mid.read_all()?;
    let mut copy = vec![0; source.len()];
    let total = source.len() as u64;
    let mut contenders = vec![
        Contender::call("limit: memcpy and CRC-32, 1 thread", || {
            for (from, to) in source.chunks(1 << 18).zip(copy.chunks_mut(1 << 18)) {
                to.copy_from_slice(from);
                black_box(libdeflater::crc32(to));
            }
            total
        }),
        Contender::call("limit: CRC-32 alone, 1 thread", || {
            black_box(libdeflater::crc32(&source));
            total
        }),
    ];
    let figures = interleave(&mut contenders, setup.runs)?;
    let memory = Table::new("What memory allows", total, &contenders, &figures);

    let files = &setup.small.files;
    let place = setup.work.join("bare-files");
    let mut contents = Vec::new();
    for path in files {
        contents.push(fs::read(path)?);
    }
    let mut contenders =
        vec![Contender::call("limit: making the files of small, 1 thread", || {
            drop(fs::remove_dir_all(&place));
            fs::create_dir_all(&place).expect("a directory");
            for (number, bytes) in contents.iter().enumerate() {
                let file = File::create_new(place.join(number.to_string()));
                file.and_then(|mut file| file.write_all(bytes)).expect("writes");
            }
            setup.small.bytes
        })];
    let figures = interleave(&mut contenders, setup.runs.min(3))?;
    drop(fs::remove_dir_all(&place));
    let note = "In one directory, and the earlier ones are removed in the same time.";
    let mut making =
        Table::new("What the file system allows", setup.small.bytes, &contenders, &figures);
    making.note = note.into();
    Ok(vec![memory, making])
}
