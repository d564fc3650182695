//! Complete volumes on their way to the disk, while the next one is written.
//!
//! Flushed one after the other at the end, they would take the time of the disk on top of that of
//! the archive.

use std::fs::OpenOptions;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use zip_io::pending::CompleteFile;

use crate::error::Error;
use crate::volume::not_begun;

/// Files that wait, and are open, at most; then the writer waits for the disk.
const WAITING: usize = 4;

/// Files that are flushed by a thread of their own.
#[derive(Debug, Default)]
pub(super) struct Flush {
    running: Option<Running>,
    /// Nobody wants the files any more.
    unwanted: Arc<AtomicBool>,
    /// Where each file is, whoever has it.
    paths: Vec<PathBuf>,
    /// Without a thread: they are flushed here.
    flushed: Vec<CompleteFile>,
}

#[derive(Debug)]
struct Running {
    work: SyncSender<Work>,
    thread: JoinHandle<Flushed>,
}

/// What the thread is told.
enum Work {
    /// The next file.
    File(CompleteFile),
    /// The file of this number was changed after it was given.
    Changed(usize),
}

/// All files in their order, or what the system said of one.
type Flushed = io::Result<Vec<CompleteFile>>;

impl Flush {
    /// Takes the next file. An error may be about an earlier one, and names it.
    pub(super) fn push(&mut self, file: CompleteFile) -> io::Result<()> {
        self.paths.push(file.path().to_path_buf());
        if self.running.is_none() {
            let (work, waiting) = sync_channel(WAITING);
            let unwanted = Arc::clone(&self.unwanted);
            let thread = Builder::new().name("flush".into());
            let thread = thread.spawn(move || flush_all(&waiting, &unwanted));
            // Without a thread it takes longer, and no more.
            self.running = thread.ok().map(|thread| Running { work, thread });
            for file in std::mem::take(&mut self.flushed) {
                self.give(Work::File(file))?;
            }
        }
        self.give(Work::File(file))
    }

    /// Replaces bytes at `at` of the file of this number.
    pub(super) fn patch(&mut self, number: usize, at: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.paths.get(number).ok_or_else(not_begun)?;
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)?;
        self.give(Work::Changed(number))
    }

    /// Gives the file of this number back, and forgets those behind it.
    pub(super) fn take_back(&mut self, number: usize) -> io::Result<CompleteFile> {
        let mut files = self.finish()?;
        files.truncate(number + 1);
        self.paths.truncate(number);
        let file = files.pop().filter(|_| files.len() == number).ok_or_else(not_begun);
        self.flushed = files;
        file
    }

    fn give(&mut self, work: Work) -> io::Result<()> {
        let Some(running) = &self.running else { return work.done(&mut self.flushed) };
        match running.work.send(work) {
            Ok(()) => Ok(()),
            // It ended, which it does before its time after an error.
            Err(_) => self.finish().and(Err(io::Error::other("volumes were not flushed"))),
        }
    }

    /// All files, flushed.
    pub(super) fn finish(&mut self) -> Flushed {
        let Some(Running { work, thread }) = self.running.take() else {
            return Ok(std::mem::take(&mut self.flushed));
        };
        drop(work);
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

fn flush_all(waiting: &Receiver<Work>, unwanted: &AtomicBool) -> Flushed {
    let mut flushed = Vec::new();
    for work in waiting.iter().take_while(|_| !unwanted.load(Ordering::Relaxed)) {
        work.done(&mut flushed)?;
    }
    Ok(flushed)
}

impl Work {
    fn done(self, flushed: &mut Vec<CompleteFile>) -> io::Result<()> {
        match self {
            Self::File(mut file) => {
                flush(&file, flushed.len())?;
                // There may be more volumes than files can be open.
                file.close();
                flushed.push(file);
                Ok(())
            }
            Self::Changed(number) => flush(flushed.get(number).ok_or_else(not_begun)?, number),
        }
    }
}

fn flush(file: &CompleteFile, number: usize) -> io::Result<()> {
    file.sync().map_err(|source| {
        let at = file.path().metadata().map_or(0, |metadata| metadata.len());
        // As many as have numbers.
        Error::Write { number: number as u32, at, source }.into()
    })
}
