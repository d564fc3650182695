//! The directories of a run, made and opened when they are first needed, and kept open while they
//! are in use.
//!
//! Each is opened by its one name from the handle of its parent. A bounded number stays open, the
//! least used are closed first (second chance); a closed one is opened again the same way, from
//! the nearest ancestor that is open.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::partial::temporary_name;
use super::staging::{Name, Stage};
use super::tree::{DirectoryId, ROOT, Tree};
use crate::beneath::{self, Directory};
use crate::error::{Error, Result};

/// How often an open is tried again when no more files may be open.
const PATIENCE: usize = 100;

/// The directories of a run.
#[derive(Debug)]
pub(super) struct Handles<'t, 'n> {
    destination: &'t Path,
    tree: &'t Tree<'n>,
    root: Arc<Directory>,
    /// One for each directory of the tree.
    slots: Vec<Slot>,
    /// Open ones, each once.
    open: Mutex<VecDeque<DirectoryId>>,
    bound: usize,
    /// Directories can be named when they are complete.
    stages: AtomicBool,
}

#[derive(Debug)]
struct Slot {
    handle: Mutex<Option<Arc<Directory>>>,
    /// Used since it was last looked at for closing.
    used: AtomicBool,
    /// Made by this run.
    made: AtomicBool,
    /// Opened once by this run, so it can be opened again in one step.
    entered: AtomicBool,
    /// The mode to make it with.
    mode: u16,
    /// If it is to have its name when it is complete.
    stage: Option<Stage>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one is held; and what they guard is right at any time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'t, 'n> Handles<'t, 'n> {
    /// The tree below an open destination. `mode` is that of each directory when it is made,
    /// `waits` what each waits for until it has its name.
    pub(super) fn new(
        destination: &'t Path,
        root: Directory,
        tree: &'t Tree<'n>,
        bound: usize,
        mode: impl Fn(DirectoryId) -> u32,
        waits: &[u32],
    ) -> Self {
        let slot = |((id, _), &left): ((DirectoryId, _), &u32)| Slot {
            handle: Mutex::new(None),
            used: AtomicBool::new(false),
            made: AtomicBool::new(false),
            entered: AtomicBool::new(false),
            // Permission bits only.
            mode: (mode(id) & 0o777) as u16,
            stage: (left > 0).then(|| Stage::new(left)),
        };
        let system = beneath::open_files_limit().map_or(usize::MAX, |limit| {
            usize::try_from(limit / 2).unwrap_or(usize::MAX).saturating_sub(16)
        });
        Self {
            destination,
            tree,
            root: Arc::new(root),
            slots: tree.directories().zip(waits).map(slot).collect(),
            open: Mutex::default(),
            bound: bound.min(system).max(4),
            stages: AtomicBool::new(true),
        }
    }

    fn slot(&self, id: DirectoryId) -> &Slot {
        // As many slots as the tree has directories.
        self.slots.get(id.0 as usize).expect("a directory of this tree")
    }

    /// This run has made the directory.
    pub(super) fn was_made(&self, id: DirectoryId) -> bool {
        self.slot(id).made.load(Ordering::Relaxed)
    }

    /// Path of a name in a directory, for messages.
    pub(super) fn path(&self, id: DirectoryId, name: &[u8]) -> PathBuf {
        let mut names = vec![name];
        let mut at = id;
        while at != ROOT {
            let directory = self.tree.directory(at);
            names.push(directory.name);
            at = directory.parent;
        }
        let mut path = self.destination.to_owned();
        path.extend(
            names.into_iter().rev().filter(|name| !name.is_empty()).map(beneath::name_to_path),
        );
        path
    }

    /// An open handle of a directory, made if it is not there.
    pub(super) fn get(&self, id: DirectoryId) -> Result<Arc<Directory>> {
        if let Some(handle) = self.cached(id) {
            return Ok(handle);
        }
        if let Some(handle) = self.enter_again(id) {
            return Ok(handle);
        }
        let mut missing = vec![id];
        let mut at = self.tree.directory(id).parent;
        let mut handle = loop {
            if let Some(handle) = self.cached(at) {
                break handle;
            }
            missing.push(at);
            at = self.tree.directory(at).parent;
        };
        while let Some(id) = missing.pop() {
            handle = self.enter(&handle, id)?;
        }
        Ok(handle)
    }

    fn cached(&self, id: DirectoryId) -> Option<Arc<Directory>> {
        if id == ROOT {
            return Some(Arc::clone(&self.root));
        }
        let slot = self.slot(id);
        let handle = lock(&slot.handle).clone()?;
        slot.used.store(true, Ordering::Relaxed);
        Some(handle)
    }

    /// Opens a directory that was open before in one step from the destination, where the system
    /// can promise that the step stays beneath it and meets no link. `None` where it cannot, or
    /// where something else is there now: the walk by single steps says what.
    fn enter_again(&self, id: DirectoryId) -> Option<Arc<Directory>> {
        let slot = self.slot(id);
        if !slot.entered.load(Ordering::Relaxed) {
            return None;
        }
        // None of its ancestors has another name than its own.
        let own = self.name_on_disk(id);
        let mut names = vec![&*own];
        let mut at = self.tree.directory(id).parent;
        while at != ROOT {
            let directory = self.tree.directory(at);
            names.push(directory.name);
            at = directory.parent;
        }
        names.reverse();
        let path = names.join(&b'/');
        let mut place = lock(&slot.handle);
        if place.is_none() {
            let handle = Arc::new(self.root.enter_beneath(&path)?);
            *place = Some(Arc::clone(&handle));
            slot.used.store(true, Ordering::Relaxed);
            drop(place);
            self.close_one(id);
            return Some(handle);
        }
        place.clone()
    }

    /// Opens a directory from its parent, or takes it from another thread that was faster.
    fn enter(&self, parent: &Directory, id: DirectoryId) -> Result<Arc<Directory>> {
        let opened = self.patiently(|| {
            let slot = self.slot(id);
            // Held while it is made, so that it is made, and known to be made, once.
            let mut place = lock(&slot.handle);
            if let Some(handle) = &*place {
                return Ok((Arc::clone(handle), false));
            }
            if !slot.made.load(Ordering::Relaxed) {
                let made = self.stage(parent, id)?
                    || parent.make(self.tree.directory(id).name, slot.mode.into())?;
                slot.made.store(made, Ordering::Relaxed);
            }
            let handle = Arc::new(parent.enter(&self.name_on_disk(id))?);
            *place = Some(Arc::clone(&handle));
            slot.entered.store(true, Ordering::Relaxed);
            slot.used.store(true, Ordering::Relaxed);
            Ok((handle, true))
        });
        let (handle, is_new) = opened.map_err(|source| self.blame(parent, id, source))?;
        if is_new {
            self.close_one(id);
        }
        Ok(handle)
    }

    /// Makes a directory under a temporary name, if it is to be staged and nothing has its name.
    fn stage(&self, parent: &Directory, id: DirectoryId) -> io::Result<bool> {
        let slot = self.slot(id);
        let Some(stage) = slot.stage.as_ref().filter(|stage| matches!(*stage.name(), Name::Open))
        else {
            return Ok(false);
        };
        let name = match parent.status(self.tree.directory(id).name)? {
            None if self.stages.load(Ordering::Relaxed) => Name::Temporary(temporary_name()),
            _ => Name::Own,
        };
        let made = match &name {
            Name::Temporary(name) => parent.make(name, slot.mode.into())?,
            _ => false,
        };
        stage.set(if made { name } else { Name::Own });
        Ok(made)
    }

    /// The name a directory has now.
    fn name_on_disk(&self, id: DirectoryId) -> Cow<'_, [u8]> {
        match self.temporary(id) {
            Some(name) => Cow::Owned(name),
            None => Cow::Borrowed(self.name(id)),
        }
    }

    /// The name a directory has in the archive.
    pub(super) fn name(&self, id: DirectoryId) -> &[u8] {
        self.tree.directory(id).name
    }

    /// The temporary name of a directory that has no other yet.
    pub(super) fn temporary(&self, id: DirectoryId) -> Option<Vec<u8>> {
        match &*self.slot(id).stage.as_ref()?.name() {
            Name::Temporary(name) => Some(name.clone()),
            _ => None,
        }
    }

    pub(super) fn is_staged(&self, id: DirectoryId) -> bool {
        self.slot(id).stage.as_ref().is_some_and(Stage::is_staged)
    }

    /// The system does not know how: all others have their names at once.
    pub(super) fn stage_no_more(&self) {
        self.stages.store(false, Ordering::Relaxed);
    }

    pub(super) fn may_be_staged(&self, id: DirectoryId) -> bool {
        self.slot(id).stage.is_some()
    }

    /// Something incomplete is left in a staged directory.
    pub(super) fn spoil(&self, id: DirectoryId) {
        if let Some(stage) = &self.slot(id).stage {
            stage.spoil();
        }
    }

    pub(super) fn is_spoiled(&self, id: DirectoryId) -> bool {
        self.slot(id).stage.as_ref().is_some_and(Stage::is_spoiled)
    }

    /// Directories that have temporary names.
    pub(super) fn staged(&self) -> impl Iterator<Item = DirectoryId> {
        self.tree.directories().map(|(id, _)| id).filter(|&id| self.is_staged(id))
    }

    /// One of what a directory waits for is done. Whether it was the last, and the directory is to
    /// have its name now.
    pub(super) fn leave(&self, id: DirectoryId) -> bool {
        self.slot(id).stage.as_ref().is_some_and(|stage| stage.leave() && stage.is_staged())
    }

    /// The directory that a directory is in.
    pub(super) fn parent_of(&self, id: DirectoryId) -> Result<Arc<Directory>> {
        self.get(self.tree.directory(id).parent)
    }

    /// A directory has its own name from now on. `is_same` says that it is the one that was staged;
    /// another is entered, or made, when it is needed.
    pub(super) fn settle(&self, id: DirectoryId, is_same: bool) {
        let slot = self.slot(id);
        if let Some(stage) = &slot.stage {
            stage.set(Name::Own);
        }
        if !is_same {
            lock(&self.open).retain(|&other| other != id);
            slot.made.store(false, Ordering::Relaxed);
            slot.entered.store(false, Ordering::Relaxed);
            lock(&slot.handle).take();
        }
    }

    /// Notes an open directory, and closes another where there are too many.
    fn close_one(&self, opened: DirectoryId) {
        let closed = {
            let mut open = lock(&self.open);
            open.push_back(opened);
            let mut closed = None;
            while open.len() > self.bound
                && let Some(oldest) = open.pop_front()
            {
                if self.slot(oldest).used.swap(false, Ordering::Relaxed) {
                    open.push_back(oldest);
                } else {
                    closed = Some(oldest);
                    break;
                }
            }
            closed
        };
        if let Some(closed) = closed {
            // Threads that use it keep it open until they are done.
            lock(&self.slot(closed).handle).take();
        }
    }

    /// Calls `open`; where the process has too many files open, closes directories and tries again.
    pub(super) fn patiently<T>(&self, mut open: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        let mut tries = 0;
        loop {
            match open() {
                Err(error) if tries < PATIENCE && is_too_many_files(&error) => {
                    let all = std::mem::take(&mut *lock(&self.open));
                    for id in all {
                        lock(&self.slot(id).handle).take();
                    }
                    tries += 1;
                    // What is open now belongs to other threads, which close it soon.
                    std::thread::yield_now();
                }
                result => return result,
            }
        }
    }

    /// Why a directory could not be entered.
    fn blame(&self, parent: &Directory, id: DirectoryId, source: io::Error) -> Error {
        let path = self.path(id, &[]);
        match parent.status(self.name(id)) {
            Ok(Some(status)) if status.is_symlink => Error::LinkInTheWay { path },
            _ if source.kind() == io::ErrorKind::NotADirectory => Error::NotADirectory { path },
            _ => Error::Io { action: "opening directory", path, source },
        }
    }
}

#[cfg(unix)]
fn is_too_many_files(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

#[cfg(not(unix))]
fn is_too_many_files(_error: &io::Error) -> bool {
    false
}
