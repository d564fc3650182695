//! Directories read by other threads before the walk comes to them.
//!
//! The walk is one thread, which decides what goes in and in which order; looking at each file is
//! most of its work, and that is what is done ahead. What nobody has begun when the walk comes to
//! it, it reads itself; while another thread is at it, it reads what comes next. So it never waits
//! while there is anything to be read.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

use super::facts::Facts;

/// Directories that wait before threads are started.
const WORTH_A_THREAD: usize = 4;
/// Threads beside the walk; looking at files scales no further.
const MOST_THREADS: usize = 7;
/// Names that are read ahead at a time.
const MOST_NAMES: usize = 64 << 10;

/// What is in a directory.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) name: OsString,
    pub(super) facts: io::Result<Facts>,
    /// If it is a directory that is read ahead.
    pub(super) ahead: Option<Arc<Reading>>,
}

/// What is in a directory, sorted by the bytes of the names.
pub(super) fn read_directory(path: &Path) -> io::Result<Vec<Child>> {
    let mut children = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // Of the entry itself, not of what a link leads to; relative to the open directory.
        let facts = entry.metadata().map(|metadata| Facts::new(&metadata));
        children.push(Child { name: entry.file_name(), facts, ahead: None });
    }
    children.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(children)
}

/// A directory that is to be read, is being read, or was.
#[derive(Debug)]
pub(super) struct Reading {
    path: PathBuf,
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Debug)]
enum State {
    Waiting,
    /// Somebody has it.
    Begun,
    Done(io::Result<Vec<Child>>),
}

/// What the walk and its threads share.
#[derive(Debug, Default)]
pub(super) struct Queue {
    shelf: Mutex<Shelf>,
    change: Condvar,
}

#[derive(Debug, Default)]
struct Shelf {
    /// The one the walk needs first is in front.
    waiting: VecDeque<Arc<Reading>>,
    /// Names that were read and not yet taken.
    names: usize,
    is_closed: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one is held; and what they guard is right at any time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queue {
    /// Reads directories until the walk has ended.
    fn work(&self) {
        loop {
            let mut shelf = lock(&self.shelf);
            let reading = loop {
                if shelf.is_closed {
                    return;
                }
                if let Some(reading) = shelf.next() {
                    break reading;
                }
                shelf = self.change.wait(shelf).unwrap_or_else(PoisonError::into_inner);
            };
            drop(shelf);
            self.read(&reading);
        }
    }

    /// Reads one directory if there is one to be read.
    fn help(&self) -> bool {
        let Some(reading) = lock(&self.shelf).next() else { return false };
        self.read(&reading);
        true
    }

    fn read(&self, reading: &Reading) {
        if !reading.begin() {
            return;
        }
        let children = read_directory(&reading.path);
        lock(&self.shelf).names += children.as_ref().map_or(0, Vec::len);
        *lock(&reading.state) = State::Done(children);
        reading.done.notify_one();
    }
}

impl Shelf {
    /// The directory to be read next, if enough of those before were taken.
    fn next(&mut self) -> Option<Arc<Reading>> {
        if self.names < MOST_NAMES { self.waiting.pop_front() } else { None }
    }
}

impl Reading {
    /// True for the one who is to read it.
    fn begin(&self) -> bool {
        let mut state = lock(&self.state);
        let is_mine = matches!(*state, State::Waiting);
        if is_mine {
            *state = State::Begun;
        }
        is_mine
    }

    /// Waits for who has begun to read it.
    fn wait(&self) {
        let mut state = lock(&self.state);
        while matches!(*state, State::Begun) {
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The walk's side: what it needs next, and the threads that read it.
pub(super) struct Ahead<'s, 'e> {
    scope: &'s Scope<'s, 'e>,
    queue: &'e Queue,
    /// Threads that may still be started.
    threads: usize,
}

impl<'s, 'e> Ahead<'s, 'e> {
    pub(super) fn new(scope: &'s Scope<'s, 'e>, queue: &'e Queue) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { scope, queue, threads: (processors - 1).min(MOST_THREADS) }
    }

    /// Has these directories read, in this order, before those that were asked for earlier.
    pub(super) fn read(&mut self, paths: Vec<PathBuf>) -> Vec<Arc<Reading>> {
        let new = |path| {
            Arc::new(Reading { path, state: Mutex::new(State::Waiting), done: Condvar::new() })
        };
        let readings: Vec<_> = paths.into_iter().map(new).collect();
        let waiting = {
            let mut shelf = lock(&self.queue.shelf);
            for reading in readings.iter().rev() {
                shelf.waiting.push_front(Arc::clone(reading));
            }
            shelf.waiting.len()
        };
        if waiting >= WORTH_A_THREAD {
            let queue = self.queue;
            for _ in 0..std::mem::take(&mut self.threads) {
                // Where the system gives none, the walk reads all itself.
                let work = move || queue.work();
                if std::thread::Builder::new().spawn_scoped(self.scope, work).is_err() {
                    break;
                }
            }
        }
        self.queue.change.notify_all();
        readings
    }

    /// What is in one of them.
    pub(super) fn take(&self, reading: &Reading) -> io::Result<Vec<Child>> {
        if reading.begin() {
            // Read here; threads that find it waiting pass it by.
            return read_directory(&reading.path);
        }
        loop {
            let mut state = lock(&reading.state);
            if let State::Done(children) = std::mem::replace(&mut *state, State::Begun) {
                drop(state);
                let names = children.as_ref().map_or(0, Vec::len);
                let mut shelf = lock(&self.queue.shelf);
                shelf.names = shelf.names.saturating_sub(names);
                drop(shelf);
                self.queue.change.notify_all();
                return children;
            }
            drop(state);
            // Another thread is at it. The next one is read here meanwhile.
            if !self.queue.help() {
                reading.wait();
            }
        }
    }
}

impl Drop for Ahead<'_, '_> {
    fn drop(&mut self) {
        lock(&self.queue.shelf).is_closed = true;
        self.queue.change.notify_all();
    }
}
