//! A queue that several threads fill while its archive is being written.

use zip_io::file::FileSink;
use zip_parallel_writer::{Item, Options, Queue};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("pzip-queue-{}.zip", std::process::id()));
    let queue = Queue::new(Options::default());
    queue.start(FileSink::create(&path)?)?;
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let queue = &queue;
            scope.spawn(move || {
                for n in 0..100 {
                    let text = format!("report {n} of thread {thread}");
                    // Waits while the queue is full; fails only when the archive has failed.
                    if queue.add(Item::bytes(format!("{thread}/{n}.txt"), text)).is_err() {
                        break;
                    }
                }
            });
        }
    });
    println!("{:?}", queue.status());
    let run = queue.wait().ok_or("it was started")?;
    println!("{:?}: {} items", run.verdict(), run.report.written.len());
    run.result?;
    assert_eq!(run.report.written.len(), 400);
    std::fs::remove_file(path)?;
    Ok(())
}
