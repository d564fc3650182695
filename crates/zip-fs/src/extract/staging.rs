//! New directories of small files have a temporary name until all in them is written.
//!
//! Then nothing in them needs a name of its own to hide behind: each file is created as what it is
//! to be, which saves linking it, a fifth of what a small file costs. A process that is killed
//! leaves such a directory under its temporary name; after a cancel it gets its name with what is
//! complete. Directories of more than [`STAGED_BYTES`], or with anything but small files in them,
//! have their names at once, so that little is lost to a kill.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::plan::{Plan, Task};
use super::tree::{DirectoryId, ROOT};
use super::write::{SMALL_BYTES, Target, Writer};
use crate::beneath::Directory;
use crate::error::{Error, Result};
use crate::policy::{Overwrite, Policy};

/// Files of a directory that is worth a temporary name.
const LEAST_FILES: u32 = 8;
/// Most that all its files may hold.
const STAGED_BYTES: u64 = 64 << 20;

/// What a directory waits for before it has its name.
#[derive(Debug)]
pub(super) struct Stage {
    /// Entries in it, and those of itself, that are not done.
    left: AtomicU32,
    /// It has its temporary name.
    is_staged: AtomicBool,
    /// Something incomplete is in it, and cannot be removed.
    is_spoiled: AtomicBool,
    name: Mutex<Name>,
}

/// The name of a directory that may be staged.
#[derive(Debug)]
pub(super) enum Name {
    /// None yet, as far as this run knows.
    Open,
    Temporary(Vec<u8>),
    /// That of the archive.
    Own,
}

impl Stage {
    pub(super) const fn new(left: u32) -> Self {
        Self {
            left: AtomicU32::new(left),
            is_staged: AtomicBool::new(false),
            is_spoiled: AtomicBool::new(false),
            name: Mutex::new(Name::Open),
        }
    }

    /// The name on disk; nothing panics while it is held.
    pub(super) fn name(&self) -> MutexGuard<'_, Name> {
        self.name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the name, before anyone else has a handle of the directory, or after all are done.
    pub(super) fn set(&self, name: Name) {
        // For each file of it, without the lock.
        self.is_staged.store(matches!(name, Name::Temporary(_)), Ordering::Relaxed);
        *self.name() = name;
    }

    pub(super) fn is_staged(&self) -> bool {
        self.is_staged.load(Ordering::Relaxed)
    }

    pub(super) fn spoil(&self) {
        self.is_spoiled.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_spoiled(&self) -> bool {
        self.is_spoiled.load(Ordering::Relaxed)
    }

    /// One less is left; whether it was the last.
    pub(super) fn leave(&self) -> bool {
        self.left.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

/// For each directory of the plan how many entries it waits for; nought for those that have their
/// names at once.
pub(super) fn waits(plan: &Plan<'_>, policy: &Policy) -> Vec<u32> {
    let mut waits = vec![0_u32; plan.tree.directories().len()];
    if policy.overwrite != Overwrite::Never || !Directory::CAN_BE_NAMED {
        return waits;
    }
    let mut count = |id: DirectoryId| {
        if let Some(wait) = waits.get_mut(id.0 as usize) {
            *wait += 1;
        }
    };
    for task in &plan.tasks {
        match *task {
            Task::File { parent, .. } => count(parent),
            Task::Directory(id) => count(id),
            _ => {}
        }
    }
    for ((id, directory), wait) in plan.tree.directories().zip(&mut waits) {
        let is_small = directory.largest <= SMALL_BYTES && directory.bytes <= STAGED_BYTES;
        let is_fit = directory.has_files_only && is_small;
        if id == ROOT || !is_fit || *wait < LEAST_FILES {
            *wait = 0;
        }
    }
    waits
}

impl Writer<'_, '_> {
    /// One of what a directory waits for is done, well or not.
    pub(super) fn leave(&self, id: DirectoryId) {
        if self.handles.leave(id) {
            self.name(id);
        }
    }

    /// Names what is still staged: after a cancel, or where entries never came to be written.
    pub(super) fn name_rest(&self) {
        for id in self.handles.staged() {
            self.name(id);
        }
    }

    /// Gives a staged directory its name.
    fn name(&self, id: DirectoryId) {
        let Some(temporary) = self.handles.temporary(id) else { return };
        let named = self.handles.parent_of(id).and_then(|parent| {
            if self.handles.is_spoiled(id) {
                let source = io::Error::other("a file in it is incomplete and cannot be removed");
                return Err(self.io("naming", Target { parent: id, name: &[] }, source));
            }
            match parent.publish_directory(&temporary, self.handles.name(id)) {
                Ok(true) => {
                    self.handles.settle(id, true);
                    Ok(())
                }
                Ok(false) => {
                    // The system cannot do it in one step, here or anywhere.
                    self.handles.stage_no_more();
                    self.merge(id, &parent, &temporary)
                }
                // Somebody has made it meanwhile: another run, of an archive with the same
                // directories.
                Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                    self.merge(id, &parent, &temporary)
                }
                Err(source) => Err(self.io("naming", Target { parent: id, name: &[] }, source)),
            }
        });
        if let Err(error) = named {
            // It is of no use under that name, and whoever looks for the files finds none.
            self.give_up(id, &temporary, &error);
        }
    }

    /// Moves all files to the directory that has the name, one by one.
    fn merge(&self, id: DirectoryId, parent: &Directory, temporary: &[u8]) -> Result<()> {
        let staged = self.handles.get(id)?;
        self.handles.settle(id, false);
        let own = self.handles.get(id)?;
        for &slot in self.entries_of(id) {
            let Some(&Task::File { name, .. }) = self.tasks.get(slot as usize) else { continue };
            let Err(source) = staged.publish(name, &own, name) else { continue };
            // One that failed before is not there; any other still is.
            if matches!(staged.status(name), Ok(None)) {
                continue;
            }
            let target = Target { parent: id, name };
            let error = match source.kind() {
                io::ErrorKind::AlreadyExists => self.exists(target),
                _ => self.io("naming", target, source),
            };
            self.note(slot, error);
            let _ = staged.remove(name);
        }
        let _ = parent.remove_directory(temporary);
        Ok(())
    }

    /// Removes a staged directory that cannot have its name; its entries fail.
    fn give_up(&self, id: DirectoryId, temporary: &[u8], error: &Error) {
        let parent = self.handles.parent_of(id);
        let enter = |parent: &Directory| self.handles.patiently(|| parent.enter(temporary)).ok();
        let staged = parent.as_ref().ok().and_then(|parent| enter(parent));
        self.handles.settle(id, false);
        for &slot in self.entries_of(id) {
            let name = match self.tasks.get(slot as usize) {
                Some(&Task::File { name, .. }) => name,
                _ => &[],
            };
            let removed = staged.as_ref().filter(|_| !name.is_empty());
            match removed.map(|staged| staged.remove(name)) {
                // It failed before, for a reason of its own.
                Some(Err(source)) if source.kind() == io::ErrorKind::NotFound => {}
                _ => self.note(slot, self.same(error, Target { parent: id, name })),
            }
        }
        if let Ok(parent) = parent {
            let _ = parent.remove_directory(temporary);
        }
    }

    /// The error that a directory could not have its name for, of an entry in it.
    fn same(&self, error: &Error, target: Target<'_>) -> Error {
        match error {
            Error::LinkInTheWay { path } => Error::LinkInTheWay { path: path.clone() },
            Error::NotADirectory { path } => Error::NotADirectory { path: path.clone() },
            Error::Io { source, .. } => {
                let source = io::Error::new(source.kind(), source.to_string());
                self.io("naming", target, source)
            }
            other => self.io("naming", target, io::Error::other(other.to_string())),
        }
    }

    /// Slots of the files in a staged directory, and of itself.
    fn entries_of(&self, id: DirectoryId) -> &[u32] {
        let by_directory = self.entries_of.get_or_init(|| {
            let mut entries: HashMap<DirectoryId, Vec<u32>> = HashMap::new();
            for (slot, task) in (0_u32..).zip(self.tasks) {
                if let Task::File { parent: id, .. } | Task::Directory(id) = *task
                    && self.handles.may_be_staged(id)
                {
                    entries.entry(id).or_default().push(slot);
                }
            }
            entries
        });
        by_directory.get(&id).map_or(&[], Vec::as_slice)
    }
}
