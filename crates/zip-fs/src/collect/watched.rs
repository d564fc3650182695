//! A file that is read by the writer while somebody may be writing to it.
//!
//! At the end of the file its size and times are compared with those the walk has seen. A file
//! that differs is in the archive as it was read; that it was changing is told, as `tar` does.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use zip_io::file::FileInput;
use zip_io::{Input, Source};

use super::facts::Stamp;
use super::sparse::Sparse;

/// Paths of files that changed between the walk and the end of reading them. Clones share one
/// list, which fills while the items are written.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    own: List,
    /// Those of other walks.
    joined: Vec<List>,
}

type List = Arc<Mutex<Vec<PathBuf>>>;

impl Changes {
    /// Those found so far, sorted; the list is empty then.
    #[must_use]
    pub fn take(&self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for list in std::iter::once(&self.own).chain(&self.joined) {
            paths.append(&mut list.lock().unwrap_or_else(PoisonError::into_inner));
        }
        paths.sort_unstable();
        paths
    }

    /// From now on, those of another walk as well.
    pub(super) fn join(&mut self, other: &Self) {
        self.joined.push(Arc::clone(&other.own));
        self.joined.extend(other.joined.iter().cloned());
    }

    fn add(&self, path: PathBuf) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    }
}

/// A file as an input.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) path: PathBuf,
    pub(super) len: u64,
    pub(super) stamp: Stamp,
    /// The walk has seen fewer blocks than its length takes.
    pub(super) has_holes: bool,
    pub(super) changes: Changes,
}

impl Input for Watched {
    fn len_hint(&self) -> Option<u64> {
        Some(self.len)
    }

    /// Disks answer soon.
    fn may_wait(&self) -> bool {
        false
    }

    fn can_reopen(&self) -> bool {
        true
    }

    /// Passes from the middle are not watched: who asks for a range has a plan that tells changes.
    fn reopen(&self, from: u64) -> Option<io::Result<Box<dyn Read + Send>>> {
        FileInput::new(&self.path).reopen(from)
    }

    /// As little.
    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        FileInput::new(&self.path).share()
    }

    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        let file = File::open(&self.path)?;
        let file = if self.has_holes { Sparse::new(file, self.len) } else { Sparse::dense(file) };
        Ok(Box::new(Watching { file, watched: self, seen: 0, ended: false, told: false }))
    }
}

struct Watching<'w> {
    file: Sparse,
    watched: &'w Watched,
    /// Bytes given out.
    seen: u64,
    /// The file was as long as that when it was looked at.
    ended: bool,
    told: bool,
}

impl Watching<'_> {
    /// Compares the file with what the walk has seen.
    fn look(&mut self) -> io::Result<()> {
        let stamp = Stamp::new(&self.file.file().metadata()?);
        self.ended = stamp.len == self.seen;
        if stamp != self.watched.stamp && !std::mem::replace(&mut self.told, true) {
            self.watched.changes.add(self.watched.path.clone());
        }
        Ok(())
    }
}

impl Read for Watching<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.ended || buf.is_empty() {
            return Ok(0);
        }
        let read = self.file.read(buf)?;
        self.seen = self.seen.saturating_add(read as u64);
        // Less than there was room for, and the end the walk has seen: looking at the file, which
        // is done anyway, tells the end without one more read.
        if read == 0 || (read < buf.len() && self.seen == self.watched.len) {
            self.look()?;
        }
        Ok(read)
    }
}
