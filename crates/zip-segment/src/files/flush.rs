//! Complete volumes on their way to the disk, while the next one is written.
//!
//! Flushed one after the other at the end, they would take the time of the disk on top of that of
//! the archive.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use zip_io::pending::{CompleteFile, patch_complete};

use crate::error::Error;
use crate::volume::not_begun;

/// Files that wait, and are open, at most; then the writer waits for the disk.
const WAITING: usize = 4;

/// Files that are flushed by a thread of their own.
#[derive(Debug)]
pub(super) struct Flush {
    running: Option<Running>,
    sync: ToDisk,
    /// Nobody wants the files any more.
    unwanted: Arc<AtomicBool>,
    /// Where each file is, whoever has it.
    paths: Vec<PathBuf>,
    /// Without a thread: they are flushed here.
    flushed: Vec<CompleteFile>,
}

/// Flushes one file to the disk.
type ToDisk = fn(&CompleteFile) -> io::Result<()>;

#[derive(Debug)]
struct Running {
    work: SyncSender<Work>,
    thread: JoinHandle<Flushed>,
}

/// What the thread is told.
enum Work {
    /// The files before it, which were taken back from another thread and are on the disk.
    Flushed(Vec<CompleteFile>),
    /// The next file.
    File(CompleteFile),
    /// The file of this number was changed after it was given.
    Changed(usize),
}

/// All files in their order, or what the system said of one.
type Flushed = io::Result<Vec<CompleteFile>>;

impl Flush {
    pub(super) fn new(sync: ToDisk) -> Self {
        let unwanted = Arc::default();
        Self { running: None, sync, unwanted, paths: Vec::new(), flushed: Vec::new() }
    }

    /// Takes the next file. An error may be about an earlier one, and names it.
    pub(super) fn push(&mut self, file: CompleteFile) -> io::Result<()> {
        self.paths.push(file.path().to_path_buf());
        if self.running.is_none() {
            let (work, waiting) = sync_channel(WAITING);
            let (unwanted, sync) = (Arc::clone(&self.unwanted), self.sync);
            let thread = Builder::new().name("flush".into());
            let thread = thread.spawn(move || flush_all(&waiting, &unwanted, sync));
            // Without a thread it takes longer, and no more.
            self.running = thread.ok().map(|thread| Running { work, thread });
            if self.running.is_some() && !self.flushed.is_empty() {
                let flushed = std::mem::take(&mut self.flushed);
                self.give(Work::Flushed(flushed))?;
            }
        }
        self.give(Work::File(file))
    }

    /// Replaces bytes at `at` of the file of this number.
    pub(super) fn patch(&mut self, number: usize, at: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.paths.get(number).ok_or_else(not_begun)?;
        patch_complete(path, at, bytes)?;
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
        let Some(running) = &self.running else { return work.done(&mut self.flushed, self.sync) };
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

fn flush_all(waiting: &Receiver<Work>, unwanted: &AtomicBool, sync: ToDisk) -> Flushed {
    let mut flushed = Vec::new();
    for work in waiting.iter().take_while(|_| !unwanted.load(Ordering::Relaxed)) {
        work.done(&mut flushed, sync)?;
    }
    Ok(flushed)
}

impl Work {
    fn done(self, flushed: &mut Vec<CompleteFile>, sync: ToDisk) -> io::Result<()> {
        match self {
            Self::Flushed(mut files) => {
                flushed.append(&mut files);
                Ok(())
            }
            Self::File(mut file) => {
                flush(&file, flushed.len(), sync)?;
                // There may be more volumes than files can be open.
                file.close();
                flushed.push(file);
                Ok(())
            }
            Self::Changed(number) => {
                flush(flushed.get(number).ok_or_else(not_begun)?, number, sync)
            }
        }
    }
}

fn flush(file: &CompleteFile, number: usize, sync: ToDisk) -> io::Result<()> {
    sync(file).map_err(|source| {
        let at = file.path().metadata().map_or(0, |metadata| metadata.len());
        // As many as have numbers.
        Error::Write { number: number as u32, at, source }.into()
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Mutex;

    use zip_io::pending::PendingFile;

    use super::*;

    /// What was in each file when it was flushed.
    static FLUSHED: Mutex<Vec<(PathBuf, Vec<u8>)>> = Mutex::new(Vec::new());

    fn look(file: &CompleteFile) -> io::Result<()> {
        let bytes = fs::read(file.path())?;
        FLUSHED.lock().unwrap().push((file.path().to_path_buf(), bytes));
        Ok(())
    }

    fn complete(directory: &Path, bytes: &[u8]) -> CompleteFile {
        let mut file = PendingFile::create(&directory.join("a.zip")).unwrap();
        file.write_all(bytes).unwrap();
        file.complete().unwrap()
    }

    /// Whatever was changed after it was flushed is flushed once more, and nothing else is.
    #[test]
    fn what_is_changed_is_flushed_again() {
        let directory = tempfile::tempdir().unwrap();
        let mut flush = Flush::new(look);
        for text in [b"one", b"two", b"six"] {
            flush.push(complete(directory.path(), text)).unwrap();
        }
        flush.patch(1, 1, b"o").unwrap();
        // The thread ends here; what follows is done without it, and then with another.
        let third = flush.take_back(2).unwrap();
        flush.patch(0, 0, b"g").unwrap();
        let third = third.resume(2).unwrap().complete().unwrap();
        flush.push(third).unwrap();
        flush.patch(2, 1, b"o").unwrap();
        let files = flush.finish().unwrap();
        let paths: Vec<_> = files.iter().map(|file| file.path().to_path_buf()).collect();
        let flushed = FLUSHED.lock().unwrap();
        let seen = |number: usize| -> Vec<&[u8]> {
            let of_it = flushed.iter().filter(|(path, _)| *path == paths[number]);
            of_it.map(|(_, bytes)| &bytes[..]).collect()
        };
        assert_eq!(seen(0), [&b"one"[..], b"gne"]);
        // It may have been patched before the thread came to it.
        assert!(matches!(seen(1)[..], [b"two" | b"too", b"too"]), "{:?}", seen(1));
        assert!(matches!(seen(2)[..], [b"six", b"si" | b"so", b"so"]), "{:?}", seen(2));
    }
}
