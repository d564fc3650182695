//! Buffers in memory into an archive in memory, with the progress of every item and of the whole.

use std::time::Duration;

use zip_io::Observer;
use zip_parallel_writer::{Item, Monitor, Options, ParallelWriter, Snapshot};

/// Prints what becomes of each item. It is called from the threads that do the work.
struct Print;

impl Observer for Print {
    fn start(&self, index: usize, name: &dyn Fn() -> String) {
        println!("{index}: {} begins", name());
    }
    fn finish(&self, index: usize) {
        println!("{index}: done");
    }
    fn fail(&self, index: usize, error: &dyn std::error::Error) {
        println!("{index}: {error}");
    }
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let buffers: Vec<String> =
        (0..5).map(|n| format!("line {n} of many\n").repeat(50_000)).collect();
    // Slices do: nothing is copied before it is compressed.
    let items = buffers.iter().enumerate().map(|(n, text)| Item::bytes(format!("{n}.txt"), text));

    let monitor = Monitor::default();
    monitor.expect(buffers.len(), buffers.iter().map(|text| text.len() as u64).sum());
    let tick = |now: &Snapshot| {
        let done = now.completed + now.failed;
        println!("{done} of {:?} items, {:.0} bytes/s", now.items_total, now.bytes_per_second());
    };
    let options = Options {
        observer: &Print,
        monitor: Some(&monitor),
        tick: Some((Duration::from_millis(200), &tick)),
        ..Options::default()
    };
    let (archive, report) = ParallelWriter::new(options).write(Vec::new(), items)?;
    println!("{} bytes became {} in {:?}", report.bytes_in, archive.len(), report.elapsed);
    assert!(report.is_complete());
    Ok(())
}
