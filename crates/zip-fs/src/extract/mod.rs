//! An archive's entries to a directory tree, in parallel.
//!
//! 1. Names are checked and laid out as a tree, in which collisions show; then the records of all
//!    members are checked, and the targets of links read and followed. Nothing is written yet.
//! 2. The destination is opened. Files and directories are written on several threads, by handles
//!    only, then links, so that nothing can go through one. New directories of small files have
//!    their names when all in them is there.
//! 3. Directories get their modes and times, children before parents.
//!
//! *Limits*: about 150 bytes an entry, the targets of links, and the buffers of
//! [`Archive::visit`].

mod handles;
mod layout;
mod links;
mod overlap;
mod partial;
mod plan;
mod report;
mod staging;
mod standing;
mod target;
mod tree;
mod write;

use std::io;
use std::path::Path;

use zip_io::Source;
use zip_mmap_reader::{Archive, Parallel};

use crate::beneath::{self, Directory};
use crate::error::{Error, Result};
use crate::metadata::Keep;
use crate::policy::{OnRefusal, Policy};
use handles::Handles;
use plan::{Plan, Task};
pub use report::{Outcome, Report, Skip};
use tree::DirectoryId;
use write::Writer;

/// Writes the given entries below `destination`, which is made if it is not there.
///
/// Each entry has its own outcome in the report: one that fails does not stop the others. After a
/// cancel, complete files stay and nothing incomplete does. A process that is killed leaves no
/// incomplete file under its name; what has none yet is called `.pzip-*.tmp`: large files, and new
/// directories of small ones with up to 64 MiB in them.
///
/// # Errors
/// Something was refused and the policy says that nothing is written then; or the destination
/// cannot be made; or the run was cancelled before the first entry was written.
///
/// *Threads*: as [`Archive::visit`]; none is left when this returns.
pub fn extract<S: Source>(
    archive: &Archive<S>,
    indices: &[usize],
    destination: &Path,
    policy: &Policy,
    parallel: Parallel<'_>,
) -> Result<Report> {
    let names = plan::names(archive, indices);
    let standing = open_if_there(destination)?;
    let mut plan = plan::plan(archive, indices, &names, policy, parallel, standing.as_ref())?;
    let mut outcomes = first_outcomes(&mut plan);
    let root = match standing {
        Some(root) => root,
        None => make_destination(destination)?,
    };
    let keep = Keep::new(policy, beneath::is_root(), beneath::umask());
    let wanted_of = |slot: u32| {
        let index = indices.get(slot as usize);
        index.and_then(|&index| archive.entry(index)).map(|entry| keep.wanted(&entry))
    };
    let mode = |id: DirectoryId| {
        let wanted = plan.tree.directory(id).entry.and_then(wanted_of);
        wanted.map_or(0o777, |wanted| wanted.create_mode)
    };
    let waits = staging::waits(&plan, policy);
    let handles =
        Handles::new(destination, root, &plan.tree, policy.open_directories, mode, &waits);
    let slots = slots_by_entry(&plan, indices, archive.len());
    let (tasks, links) = (&plan.tasks, &plan.links);
    let overlap_from = overlap_from(plan.file_bytes, parallel);
    let mut writer =
        Writer::new(&handles, tasks, links, &slots, keep, policy.overwrite, overlap_from);

    let files = |task: &Task<'_>| matches!(task, Task::File { .. } | Task::Directory(_));
    let links = |task: &Task<'_>| matches!(task, Task::Link { .. });
    for is in [&files as &dyn Fn(&Task<'_>) -> bool, &links] {
        let (slots, selected) = plan.select(indices, is);
        let results = archive.visit(&selected, parallel, |visit| writer.entry(visit));
        writer.name_rest();
        for (slot, result) in slots.into_iter().zip(results) {
            set(&mut outcomes, slot, writer.outcome(slot, result));
        }
    }
    let cancelled =
        outcomes.iter().any(|outcome| matches!(outcome, Outcome::Skipped(Skip::Cancelled)));
    // Numbers grow from parents to children.
    for (id, directory) in plan.tree.directories().rev().filter(|_| !cancelled) {
        let Some(slot) = directory.entry else { continue };
        if let Some(Outcome::Written(_)) = outcomes.get(slot as usize)
            && let Some(wanted) = wanted_of(slot)
            && let Err(error) = writer.directory(id, &wanted)
        {
            set(&mut outcomes, slot, Outcome::Failed(error));
        }
    }
    Ok(Report::new(outcomes, cancelled))
}

/// The entries that [`extract`] would refuse under this policy, and why, by their positions in the
/// selection, into an empty directory. Nothing is written, and of payloads only the targets of links
/// are read.
///
/// # Errors
/// What ends the search: too many entries, a cancel.
pub fn refusals<S: Source>(
    archive: &Archive<S>,
    indices: &[usize],
    policy: &Policy,
    parallel: Parallel<'_>,
) -> Result<Vec<(usize, Error)>> {
    let names = plan::names(archive, indices);
    let policy = Policy { on_refusal: OnRefusal::Partial, ..policy.clone() };
    let plan = plan::plan(archive, indices, &names, &policy, parallel, None)?;
    Ok(plan.refused.into_iter().map(|(slot, error)| (slot as usize, error)).collect())
}

/// The size from which a file keeps one thread busy when all others have nothing left to do:
/// more than a thread's share of the whole. Writing it is then another thread's work.
fn overlap_from(file_bytes: u64, parallel: Parallel<'_>) -> u64 {
    let threads = match parallel.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        given => given,
    };
    match threads {
        1 => u64::MAX,
        _ => overlap::OVERLAP_BYTES.max(file_bytes / threads as u64 + 1),
    }
}

fn set(outcomes: &mut [Outcome], slot: u32, outcome: Outcome) {
    if let Some(place) = outcomes.get_mut(slot as usize) {
        *place = outcome;
    }
}

/// Outcomes of what the plan leaves out; for the others, what they are if a cancel comes.
fn first_outcomes(plan: &mut Plan<'_>) -> Vec<Outcome> {
    let outcome = |task: &Task<'_>| match *task {
        Task::Skip(skip) => Outcome::Skipped(skip),
        _ => Outcome::Skipped(Skip::Cancelled),
    };
    let mut outcomes: Vec<Outcome> = plan.tasks.iter().map(outcome).collect();
    for (slot, error) in plan.refused.drain(..) {
        set(&mut outcomes, slot, Outcome::Failed(error));
    }
    outcomes
}

/// For each entry of the archive the slot that writes it.
fn slots_by_entry(plan: &Plan<'_>, indices: &[usize], entries: usize) -> Vec<u32> {
    let mut slots = vec![u32::MAX; entries];
    for ((slot, task), &index) in (0_u32..).zip(&plan.tasks).zip(indices) {
        if !matches!(task, Task::Skip(_) | Task::Refused)
            && let Some(place) = slots.get_mut(index)
        {
            *place = slot;
        }
    }
    slots
}

/// The destination, if it is there.
fn open_if_there(destination: &Path) -> Result<Option<Directory>> {
    match Directory::open(destination) {
        Ok(directory) => Ok(Some(directory)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failure("opening directory", destination, source)),
    }
}

fn make_destination(destination: &Path) -> Result<Directory> {
    std::fs::create_dir_all(destination)
        .map_err(|source| failure("creating directory", destination, source))?;
    Directory::open(destination).map_err(|source| failure("opening directory", destination, source))
}

fn failure(action: &'static str, destination: &Path, source: io::Error) -> Error {
    let path = destination.to_owned();
    if source.kind() == io::ErrorKind::NotADirectory {
        return Error::NotADirectory { path };
    }
    Error::Io { action, path, source }
}
