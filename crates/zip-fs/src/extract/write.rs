//! One entry to disk: what is written while the archive is visited.
//!
//! No file has its name before it is complete, not even for the blink in which a process can be
//! killed. A small one, whose contents come proven in one piece, has no name at all until then:
//! open, write, times, link, close. In a directory that has no name itself (see `staging`), it has
//! its own from the start. A large one, one that replaces another, and any where the system cannot
//! do that, is written under a temporary name in the same directory and renamed. Each is created
//! as a new file, and never through a link.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use zip_format::attributes::Kind;
use zip_io::Source;
use zip_mmap_reader::{EntryRef, Error as ReaderError, Visit};

use super::handles::Handles;
use super::links::{Link, Needs};
use super::overlap;
use super::partial::{Partial, temporary_name};
use super::plan::Task;
use super::report::{Outcome, Skip};
use super::tree::DirectoryId;
use crate::beneath::{self, Directory};
use crate::error::{Error, LinkRefusal, Result};
use crate::metadata::{self, Change, Keep, Wanted};
use crate::policy::Overwrite;

/// Contents up to this size are decoded as a whole before a file is created.
pub(super) const SMALL_BYTES: u64 = 4 << 20;
/// How often another temporary name is tried.
const TEMPORARY_NAMES: usize = 16;

/// What a run shares between its threads while entries are written.
#[derive(Debug)]
pub(super) struct Writer<'w, 'n> {
    pub(super) handles: &'w Handles<'w, 'n>,
    pub(super) tasks: &'w [Task<'n>],
    pub(super) links: &'w HashMap<u32, Link>,
    /// Slot of each entry, by its number in the archive.
    pub(super) slot_of: &'w [u32],
    pub(super) keep: Keep,
    pub(super) overwrite: Overwrite,
    /// Files of this size and above are written while they are decoded, by a thread of their own.
    overlap_from: u64,
    /// Files can be made without a name.
    unnamed: AtomicBool,
    /// Failures that are not the reader's.
    failures: Mutex<HashMap<u32, Error>>,
    /// Slots by their directory, for the few that cannot be named as a whole.
    pub(super) entries_of: OnceLock<HashMap<DirectoryId, Vec<u32>>>,
}

/// What became of an entry that did not fail.
#[derive(Clone, Copy, Debug)]
pub(super) enum Done {
    Written(Kind),
    Skipped(Skip),
}

/// Why an entry was given up.
enum Stop {
    Reader(ReaderError),
    Own(Error),
}

impl From<ReaderError> for Stop {
    fn from(error: ReaderError) -> Self {
        Self::Reader(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}

/// Where an entry goes.
#[derive(Clone, Copy)]
pub(super) struct Target<'n> {
    pub(super) parent: DirectoryId,
    pub(super) name: &'n [u8],
}

impl<'w, 'n> Writer<'w, 'n> {
    pub(super) fn new(
        handles: &'w Handles<'w, 'n>,
        tasks: &'w [Task<'n>],
        links: &'w HashMap<u32, Link>,
        slot_of: &'w [u32],
        keep: Keep,
        overwrite: Overwrite,
        overlap_from: u64,
    ) -> Self {
        Self {
            handles,
            tasks,
            links,
            slot_of,
            keep,
            overwrite,
            overlap_from,
            unnamed: AtomicBool::new(true),
            failures: Mutex::default(),
            entries_of: OnceLock::new(),
        }
    }

    /// Writes the entry that is visited.
    pub(super) fn entry<S: Source>(
        &self,
        visit: &mut Visit<'_, '_, S>,
    ) -> std::result::Result<Done, ReaderError> {
        let slot = self.slot_of.get(visit.entry().index()).copied().unwrap_or(u32::MAX);
        let result = match self.tasks.get(slot as usize) {
            Some(&Task::File { parent, name }) => {
                let written = self.file(visit, Target { parent, name });
                self.leave(parent);
                written
            }
            Some(&Task::Link { parent, name }) => self.link(visit, slot, Target { parent, name }),
            Some(&Task::Directory(id)) => {
                let made = self.handles.get(id);
                self.leave(id);
                made.map(|_| Done::Written(Kind::Directory)).map_err(Stop::Own)
            }
            // Others are not visited.
            _ => Ok(Done::Skipped(Skip::Superseded)),
        };
        result.map_err(|stop| match stop {
            Stop::Reader(error) => error,
            Stop::Own(error) => {
                // The observer hears of it through the reader; the report has the error itself.
                let told = ReaderError::Write(io::Error::other(error.to_string()));
                self.note(slot, error);
                told
            }
        })
    }

    /// Notes why an entry failed; the first reason is kept.
    pub(super) fn note(&self, slot: u32, error: Error) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.entry(slot).or_insert(error);
    }

    /// The outcome of an entry that was visited.
    pub(super) fn outcome(
        &mut self,
        slot: u32,
        result: std::result::Result<Done, ReaderError>,
    ) -> Outcome {
        let failures = self.failures.get_mut().unwrap_or_else(PoisonError::into_inner);
        match result {
            // Its directory may have failed after it.
            Ok(Done::Written(kind)) => {
                failures.remove(&slot).map_or(Outcome::Written(kind), Outcome::Failed)
            }
            Ok(Done::Skipped(skip)) => Outcome::Skipped(skip),
            Err(ReaderError::Cancelled) => Outcome::Skipped(Skip::Cancelled),
            Err(error) => Outcome::Failed(failures.remove(&slot).unwrap_or(Error::Archive(error))),
        }
    }

    pub(super) fn io(&self, action: &'static str, target: Target<'_>, source: io::Error) -> Error {
        Error::Io { action, path: self.handles.path(target.parent, target.name), source }
    }

    pub(super) fn exists(&self, target: Target<'_>) -> Error {
        Error::Exists { path: self.handles.path(target.parent, target.name) }
    }

    fn file<S: Source>(
        &self,
        visit: &mut Visit<'_, '_, S>,
        target: Target<'_>,
    ) -> std::result::Result<Done, Stop> {
        let entry = visit.entry();
        let wanted = self.keep.wanted(&entry);
        let is_small = entry.size() <= SMALL_BYTES;
        // Worth a look before much is decoded in vain. Who creates it in between is told below.
        if self.overwrite == Overwrite::Newer || !is_small {
            let modified = metadata::modified(&entry);
            let directory = self.handles.get(target.parent)?;
            if let Some(skip) = self.look(&directory, target, modified)? {
                return Ok(Done::Skipped(skip));
            }
        }
        if is_small {
            let contents = visit.contents()?;
            self.small(contents, target, &wanted)?;
        } else {
            self.large(visit, target, &wanted)?;
        }
        Ok(Done::Written(Kind::File))
    }

    /// Looks at what is there already: a reason to skip the entry, or to fail.
    fn look(
        &self,
        directory: &Directory,
        target: Target<'_>,
        modified: metadata::Time,
    ) -> Result<Option<Skip>> {
        let status = directory.status(target.name);
        match status.map_err(|source| self.io("looking at", target, source))? {
            None => Ok(None),
            Some(status) => match self.overwrite {
                Overwrite::Never => Err(self.exists(target)),
                Overwrite::Newer if status.modified >= modified => Ok(Some(Skip::NotOlder)),
                Overwrite::Newer | Overwrite::Always => Ok(None),
            },
        }
    }

    fn small(&self, contents: &[u8], target: Target<'_>, wanted: &Wanted) -> Result<()> {
        let directory = self.handles.get(target.parent)?;
        let failed = |source| self.io("writing", target, source);
        if self.handles.is_staged(target.parent) {
            let made = self.handles.patiently(|| directory.create(target.name, wanted.create_mode));
            let mut file = made.map_err(|source| match source.kind() {
                // Two names that are one to this file system.
                io::ErrorKind::AlreadyExists => self.exists(target),
                _ => self.io("creating", target, source),
            })?;
            if let Err(source) = file.write_all(contents) {
                if directory.remove(target.name).is_err() {
                    self.handles.spoil(target.parent);
                }
                return Err(failed(source));
            }
            return self.finish(&file, target, wanted);
        }
        if self.overwrite == Overwrite::Never && self.unnamed.load(Ordering::Relaxed) {
            let made = self.handles.patiently(|| directory.create_unnamed(wanted.create_mode));
            if let Some(mut file) = made.map_err(|source| self.io("creating", target, source))? {
                file.write_all(contents).map_err(failed)?;
                let finished = self.finish(&file, target, wanted);
                match directory.link_unnamed(&file, target.name) {
                    Ok(true) => return finished,
                    Ok(false) => {}
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        return Err(self.exists(target));
                    }
                    Err(source) => return Err(self.io("naming", target, source)),
                }
            }
            // Not on this system, or not in this place: by a temporary name from now on.
            self.unnamed.store(false, Ordering::Relaxed);
        }
        let (mut file, partial) = self.temporary(&directory, target, wanted.create_mode)?;
        file.write_all(contents).map_err(failed)?;
        let finished = self.finish(&file, target, wanted);
        self.publish(partial, target)?;
        finished
    }

    fn large<S: Source>(
        &self,
        visit: &mut Visit<'_, '_, S>,
        target: Target<'_>,
        wanted: &Wanted,
    ) -> std::result::Result<(), Stop> {
        let directory = self.handles.get(target.parent)?;
        let (mut file, partial) = self.temporary(&directory, target, wanted.create_mode)?;
        let (copied, written) = if visit.entry().size() >= self.overlap_from {
            overlap::copy(&file, |out| visit.pass(out))
        } else {
            let mut written = Ok(());
            let copied = visit.copy_to(&mut |piece| {
                file.write_all(piece).map_err(|error| {
                    let told = error.kind().into();
                    written = Err(error);
                    told
                })
            });
            (copied, written)
        };
        written.map_err(|source| self.io("writing", target, source))?;
        copied?;
        let finished = self.finish(&file, target, wanted);
        self.publish(partial, target)?;
        Ok(finished?)
    }

    /// A new file that is removed again unless it is published.
    fn temporary<'d>(
        &self,
        directory: &'d Directory,
        target: Target<'_>,
        mode: u32,
    ) -> Result<(File, Partial<'d>)> {
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..TEMPORARY_NAMES {
            let name = temporary_name();
            match self.handles.patiently(|| directory.create(&name, mode)) {
                Ok(file) => return Ok((file, Partial::new(directory, name))),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(self.io("creating", target, error)),
            }
        }
        Err(self.io("creating", target, last))
    }

    /// Gives a complete file, or a link, its name.
    fn publish(&self, partial: Partial<'_>, target: Target<'_>) -> Result<()> {
        let (directory, name) = (partial.directory, partial.name());
        let renamed = match self.overwrite {
            Overwrite::Never => directory.publish(name, directory, target.name),
            Overwrite::Always | Overwrite::Newer => directory.replace(name, target.name),
        };
        match renamed {
            Ok(()) => {
                partial.keep();
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(self.exists(target)),
            Err(source) => Err(self.io("naming", target, source)),
        }
    }

    fn finish(&self, file: &File, target: Target<'_>, wanted: &Wanted) -> Result<()> {
        let change = self.keep.rest(wanted);
        beneath::apply(file, &change)
            .map_err(|source| self.io("setting mode or time of", target, source))
    }

    fn link<S: Source>(
        &self,
        visit: &Visit<'_, '_, S>,
        slot: u32,
        target: Target<'_>,
    ) -> std::result::Result<Done, Stop> {
        let entry = visit.entry();
        let link = self.links.get(&slot);
        let points_to = link.map_or(&[][..], |link| &link.target);
        if let Some(link) = link {
            self.meet(&link.needs, &entry)?;
        }
        let directory = self.handles.get(target.parent)?;
        match directory.link(points_to, target.name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if let Some(skip) = self.look(&directory, target, metadata::modified(&entry))? {
                    return Ok(Done::Skipped(skip));
                }
                let partial = Partial::new(&directory, temporary_name());
                let made = directory.link(points_to, partial.name());
                made.map_err(|source| self.io("linking", target, source))?;
                self.publish(partial, target)?;
            }
            Err(source) => return Err(self.io("linking", target, source).into()),
        }
        let change = self.keep.all(&self.keep.wanted(&entry));
        directory
            .apply_to_link(target.name, &change)
            .map_err(|source| self.io("setting time of", target, source))?;
        Ok(Done::Written(Kind::Symlink))
    }

    /// Sees to it that a link leads where the plan has seen it lead.
    fn meet<S: Source>(&self, needs: &Needs, link: &EntryRef<'_, S>) -> Result<()> {
        for &directory in &needs.directories {
            self.handles.get(directory)?;
        }
        for &file in &needs.files {
            let Some(&Task::File { parent, name }) = self.tasks.get(file as usize) else {
                continue;
            };
            let target = Target { parent, name };
            let status = self.handles.get(parent)?.status(name);
            let status = status.map_err(|source| self.io("looking at", target, source))?;
            if status.is_some_and(|status| status.is_symlink) {
                return Err(Error::Link {
                    index: link.index(),
                    name: link.name().to_string(),
                    refusal: LinkRefusal::ThroughRefused,
                });
            }
        }
        Ok(())
    }

    /// Sets mode and time of a directory that is complete.
    pub(super) fn directory(&self, id: DirectoryId, wanted: &Wanted) -> Result<()> {
        let change = if self.handles.was_made(id) {
            self.keep.rest(wanted)
        } else if self.overwrite == Overwrite::Always {
            self.keep.all(wanted)
        } else {
            Change::default()
        };
        if change.is_empty() {
            return Ok(());
        }
        self.handles.get(id)?.apply(&change).map_err(|source| {
            let path = self.handles.path(id, &[]);
            Error::Io { action: "setting mode or time of", path, source }
        })
    }
}
