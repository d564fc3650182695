//! New directories of small files have a temporary name until all in them is written.
//!
//! Then nothing in them needs a name of its own to hide behind: each file is created as what it is
//! to be, which saves linking it, a fifth of what a small file costs. A process that is killed
//! leaves such a directory under its temporary name; after a cancel it gets its name with what is
//! complete. Directories of more than [`STAGED_BYTES`], or with anything but small files in them,
//! have their names at once, so that little is lost to a kill.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::plan::{Plan, Task};
use super::tree::{DirectoryId, ROOT};
use super::write::{Target, Writer};
use crate::beneath::Directory;
use crate::error::Result;
use crate::policy::{Overwrite, Policy};

/// Files of a directory that is worth a name of its own until it is complete.
const LEAST_FILES: u32 = 8;
/// Contents of one that is not kept from view for longer than a blink.
const STAGED_BYTES: u64 = 64 << 20;

/// What a directory waits for before it has its name.
#[derive(Debug)]
pub(super) struct Stage {
    /// Entries in it, and those of itself, that are not done.
    left: AtomicU32,
    /// It has its temporary name.
    is_staged: AtomicBool,
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
        let (left, is_staged) = (AtomicU32::new(left), AtomicBool::new(false));
        Self { left, is_staged, name: Mutex::new(Name::Open) }
    }

    /// The name on disk; nothing panics while it is held.
    pub(super) fn name(&self) -> MutexGuard<'_, Name> {
        self.name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the name, before anyone else has a handle of the directory, or after all are done.
    pub(super) fn set(&self, name: Name) {
        self.is_staged.store(matches!(name, Name::Temporary(_)), Ordering::Relaxed);
        *self.name() = name;
    }

    pub(super) fn is_staged(&self) -> bool {
        self.is_staged.load(Ordering::Relaxed)
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
        let is_fit = directory.has_small_files_only && directory.bytes <= STAGED_BYTES;
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
            let name = self.handles.name(id);
            match parent.publish_directory(&temporary, name) {
                Ok(true) => {
                    self.handles.settle(id, true);
                    Ok(())
                }
                // Somebody has made it meanwhile: another run, of an archive with the same
                // directories.
                Ok(false) => self.merge(id, &parent, &temporary),
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
        for (slot, name) in self.files_in(id) {
            match staged.publish_into(name, &own) {
                Ok(()) => {}
                // It failed before.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => {
                    let target = Target { parent: id, name };
                    let error = match source.kind() {
                        io::ErrorKind::AlreadyExists => self.exists(target),
                        _ => self.io("naming", target, source),
                    };
                    self.note(slot, error);
                    let _ = staged.remove(name);
                }
            }
        }
        let _ = parent.remove_directory(temporary);
        Ok(())
    }

    /// Removes a staged directory that cannot have its name; its entries fail.
    fn give_up(&self, id: DirectoryId, temporary: &[u8], error: &crate::error::Error) {
        let parent = self.handles.parent_of(id);
        let staged = parent.as_ref().ok().and_then(|parent| parent.enter(temporary).ok());
        self.handles.settle(id, false);
        for (slot, name) in self.files_in(id) {
            if staged.as_ref().is_none_or(|staged| staged.remove(name).is_ok()) {
                let target = Target { parent: id, name };
                self.note(slot, self.io("naming", target, io::Error::other(error.to_string())));
            }
        }
        if let Ok(parent) = parent {
            let _ = parent.remove_directory(temporary);
        }
    }

    fn files_in(&self, id: DirectoryId) -> impl Iterator<Item = (u32, &[u8])> {
        (0_u32..).zip(self.tasks).filter_map(move |(slot, task)| match *task {
            Task::File { parent, name } if parent == id => Some((slot, name)),
            _ => None,
        })
    }
}
