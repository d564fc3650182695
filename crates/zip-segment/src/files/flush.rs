//! Complete volumes on their way to the disk, while the next one is written.
//!
//! Flushed one after the other at the end, they would take the time of the disk on top of that of
//! the archive.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use zip_io::pending::CompleteFile;

use crate::error::Error;

/// Files that wait, and are open, at most; then the writer waits for the disk.
const WAITING: usize = 4;

/// Files that are flushed by a thread of their own.
#[derive(Debug, Default)]
pub(super) struct Flush {
    running: Option<Running>,
    /// Nobody wants the files any more.
    unwanted: Arc<AtomicBool>,
    /// The thread could not be started: they are flushed here.
    flushed: Vec<CompleteFile>,
}

#[derive(Debug)]
struct Running {
    files: SyncSender<CompleteFile>,
    thread: JoinHandle<Flushed>,
}

/// All files in their order, or what the system said of one.
type Flushed = io::Result<Vec<CompleteFile>>;

impl Flush {
    /// Takes the next file. An error may be about an earlier one, and names it.
    pub(super) fn push(&mut self, file: CompleteFile) -> io::Result<()> {
        if self.running.is_none() && self.flushed.is_empty() {
            let (files, waiting) = sync_channel(WAITING);
            let unwanted = Arc::clone(&self.unwanted);
            let flush = move || flush_all(&waiting, &unwanted);
            let thread = Builder::new().name("flush".into()).spawn(flush);
            // Without a thread it takes longer, and no more.
            self.running = thread.ok().map(|thread| Running { files, thread });
        }
        let Some(running) = &self.running else {
            let number = self.flushed.len();
            self.flushed.push(flush(file, number)?);
            return Ok(());
        };
        match running.files.send(file) {
            Ok(()) => Ok(()),
            // It ended, which it does before its time after an error.
            Err(_) => self.finish().and(Err(io::Error::other("volumes were not flushed"))),
        }
    }

    /// All files, flushed.
    pub(super) fn finish(&mut self) -> Flushed {
        let Some(Running { files, thread }) = self.running.take() else {
            return Ok(std::mem::take(&mut self.flushed));
        };
        drop(files);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("flushing volumes panicked")))
    }
}

/// Nothing is left behind, and no thread: what was not named is removed by now.
impl Drop for Flush {
    fn drop(&mut self) {
        // Only the one that is being flushed is waited for.
        self.unwanted.store(true, Ordering::Relaxed);
        let _ = self.finish();
    }
}

fn flush_all(files: &Receiver<CompleteFile>, unwanted: &AtomicBool) -> Flushed {
    let wanted = files.iter().take_while(|_| !unwanted.load(Ordering::Relaxed));
    wanted.enumerate().map(|(number, file)| flush(file, number)).collect()
}

/// Flushes and closes: there may be more volumes than files can be open.
fn flush(mut file: CompleteFile, number: usize) -> io::Result<CompleteFile> {
    match file.sync() {
        Ok(()) => {
            file.close();
            Ok(file)
        }
        Err(source) => {
            let at = file.path().metadata().map_or(0, |metadata| metadata.len());
            // As many as have numbers.
            Err(Error::Write { number: number as u32, at, source }.into())
        }
    }
}
