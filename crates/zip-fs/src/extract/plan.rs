//! What each entry is to become, before anything is written: names, collisions, kinds, records,
//! links.

use std::borrow::Cow;
use std::collections::HashMap;

use zip_format::attributes::Kind;
use zip_format::path::{NamePolicy, SafePath};
use zip_io::Source;
use zip_io::progress::Silent;
use zip_mmap_reader::{Archive, EntryRef, Error as ReaderError, Parallel};

use super::layout;
use super::links::{Link, Links};
use super::report::Skip;
use super::standing::Disk;
use super::target::{self, MAX_TARGET};
use super::tree::{Clash, DirectoryId, Leaf, Place, Tree};
use crate::beneath::Directory;
use crate::error::{Error, LinkRefusal, Result};
use crate::metadata;
use crate::policy::{Layout, OnRefusal, Overwrite, Policy, Symlinks};

/// Entries of one run: their slots must fit the tree.
const MAX_ENTRIES: usize = 1 << 30;

/// What an entry is to become.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task<'n> {
    File { parent: DirectoryId, name: &'n [u8] },
    Link { parent: DirectoryId, name: &'n [u8] },
    Directory(DirectoryId),
    Skip(Skip),
    Refused,
}

/// The plan of one run.
#[derive(Debug)]
pub(super) struct Plan<'n> {
    /// One for each slot.
    pub(super) tasks: Vec<Task<'n>>,
    pub(super) tree: Tree<'n>,
    pub(super) links: HashMap<u32, Link>,
    /// What all files claim to hold.
    pub(super) file_bytes: u64,
    /// Entries that are refused while the others are written.
    pub(super) refused: Vec<(u32, Error)>,
}

impl<'n> Plan<'n> {
    /// Slots whose task is such a one, and their entries' numbers.
    pub(super) fn select(
        &self,
        indices: &[usize],
        is: impl Fn(&Task<'n>) -> bool,
    ) -> (Vec<u32>, Vec<usize>) {
        let tasks = (0_u32..).zip(&self.tasks).zip(indices);
        tasks.filter(|((_, task), _)| is(task)).map(|((slot, _), &index)| (slot, index)).unzip()
    }
}

/// Path bytes of the selected entries; empty for those that are not there.
pub(super) fn names<'a, S: Source>(
    archive: &'a Archive<S>,
    indices: &[usize],
) -> Vec<Cow<'a, [u8]>> {
    let name = |&index: &usize| archive.entry(index).map(|entry| entry.name().path_bytes());
    indices.iter().map(|index| name(index).unwrap_or_default()).collect()
}

/// Makes the plan; an error where the policy lets nothing be written. `standing` is the
/// destination, where it is there already.
pub(super) fn plan<'n, S: Source>(
    archive: &Archive<S>,
    indices: &[usize],
    names: &'n [Cow<'_, [u8]>],
    policy: &Policy,
    parallel: Parallel<'_>,
    standing: Option<&Directory>,
) -> Result<Plan<'n>> {
    if indices.len() > MAX_ENTRIES {
        return Err(Error::TooMany { limit: MAX_ENTRIES, found: indices.len() });
    }
    let duplicates = policy.duplicates && policy.layout == Layout::AsNamed;
    let tree = Tree::new(indices.len(), !policy.case_collisions, duplicates, policy.max_depth);
    let layout = layout::settle(policy.layout, names);
    let plan = Plan {
        tasks: Vec::with_capacity(indices.len()),
        tree,
        links: HashMap::new(),
        file_bytes: 0,
        refused: Vec::new(),
    };
    let quiet = Parallel { observer: &Silent, ..parallel };
    let mut planner = Planner { archive, indices, policy, layout, quiet, standing, plan, more: 0 };
    planner.place(names);
    planner.settle()?;
    planner.check_records()?;
    planner.settle()?;
    planner.check_links()?;
    planner.settle()?;
    Ok(planner.plan)
}

struct Planner<'p, 'n, S> {
    archive: &'p Archive<S>,
    indices: &'p [usize],
    policy: &'p Policy,
    layout: Layout,
    quiet: Parallel<'p>,
    standing: Option<&'p Directory>,
    plan: Plan<'n>,
    /// Refusals beyond the first, where one is enough.
    more: usize,
}

impl<'n, S: Source> Planner<'_, 'n, S> {
    fn refuse(&mut self, slot: u32, error: Error) {
        if let Some(task) = self.plan.tasks.get_mut(slot as usize) {
            *task = Task::Refused;
        }
        if self.policy.on_refusal == OnRefusal::RefuseAll && !self.plan.refused.is_empty() {
            self.more += 1;
        } else {
            self.plan.refused.push((slot, error));
        }
    }

    /// An error if something was refused and that is enough to refuse all.
    fn settle(&mut self) -> Result<()> {
        if self.policy.on_refusal == OnRefusal::Partial {
            return Ok(());
        }
        match self.plan.refused.pop() {
            Some((_, first)) => Err(Error::Refused { first: Box::new(first), more: self.more }),
            None => Ok(()),
        }
    }

    fn entry(&self, slot: u32) -> Option<EntryRef<'_, S>> {
        self.indices.get(slot as usize).and_then(|&index| self.archive.entry(index))
    }

    fn index(&self, slot: u32) -> usize {
        self.indices.get(slot as usize).copied().unwrap_or(usize::MAX)
    }

    fn display(&self, slot: u32) -> String {
        self.entry(slot).map(|entry| entry.name().to_string()).unwrap_or_default()
    }

    /// Puts all names into the tree.
    fn place(&mut self, names: &'n [Cow<'_, [u8]>]) {
        for (slot, name) in (0_u32..).zip(names) {
            let task = self.place_one(slot, name).unwrap_or_else(|error| {
                self.refuse(slot, *error);
                Task::Refused
            });
            self.plan.tasks.push(task);
        }
    }

    /// Errors are boxed: they are large, and this is called for every entry.
    fn place_one(
        &mut self,
        slot: u32,
        path: &'n [u8],
    ) -> std::result::Result<Task<'n>, Box<Error>> {
        let index = self.index(slot);
        let Some(entry) = self.archive.entry(index) else {
            return Err(Box::new(ReaderError::NotFound(format!("number {index}")).into()));
        };
        let name = || entry.name().to_string();
        let leaf = match entry.kind() {
            Kind::File => Leaf::File,
            Kind::Directory => Leaf::Directory,
            Kind::Symlink => Leaf::Link,
            _ => {
                let mode = entry.unix_mode().unwrap_or(0);
                return Err(Box::new(Error::Special { index, name: name(), mode }));
            }
        };
        // What Windows misreads may pass on a Unix only.
        let policy = if cfg!(unix) { self.policy.names } else { NamePolicy::Portable };
        let safe = SafePath::check(path, policy)
            .map_err(|refusal| Box::new(Error::Name { index, name: name(), refusal }))?;
        if leaf != Leaf::Directory && path.ends_with(b"/") {
            let kind = entry.kind().name();
            return Err(Box::new(Error::NamedAsDirectory { index, name: name(), kind }));
        }
        if safe.as_bytes().is_empty() {
            return Ok(Task::Skip(Skip::Root));
        }
        let Some(place) = layout::place(self.layout, safe.as_bytes(), leaf == Leaf::Directory)
        else {
            return Ok(Task::Skip(Skip::Layout));
        };
        let added = self.plan.tree.add(place, leaf, slot).map_err(|clash| {
            Box::new(match clash {
                Clash::TooDeep => {
                    Error::TooDeep { index, name: name(), limit: self.policy.max_depth }
                }
                Clash::With(collision, other) => {
                    Error::Collision { index, name: name(), collision, other: self.display(other) }
                }
            })
        })?;
        if let Some(old) = added.superseded.and_then(|old| self.plan.tasks.get_mut(old as usize)) {
            *old = Task::Skip(Skip::Superseded);
        }
        if leaf == Leaf::File {
            self.plan.file_bytes = self.plan.file_bytes.saturating_add(entry.size());
            self.plan.tree.hold(added.parent, entry.size());
        }
        let (parent, name) = (added.parent, added.name);
        Ok(match added.place {
            Place::Directory(id) => Task::Directory(id),
            Place::File(_) => Task::File { parent, name },
            Place::Link(_) => Task::Link { parent, name },
        })
    }

    /// Checks the records of all members, also of those that will be skipped.
    fn check_records(&mut self) -> Result<()> {
        let (slots, indices) =
            self.plan.select(self.indices, |task| !matches!(task, Task::Refused));
        let checked = self.archive.check_all(&indices, self.quiet);
        for (slot, result) in slots.into_iter().zip(checked) {
            match result {
                Ok(()) => {}
                Err(ReaderError::Cancelled) => return Err(ReaderError::Cancelled.into()),
                Err(error) => self.refuse(slot, error.into()),
            }
        }
        Ok(())
    }

    /// Reads the targets of all links, and follows them.
    fn check_links(&mut self) -> Result<()> {
        let (slots, indices) =
            self.plan.select(self.indices, |task| matches!(task, Task::Link { .. }));
        if self.policy.symlinks == Symlinks::None {
            for slot in slots {
                if let Some(task) = self.plan.tasks.get_mut(slot as usize) {
                    *task = Task::Skip(Skip::Symlink);
                }
            }
            return Ok(());
        }
        if slots.is_empty() {
            return Ok(());
        }
        let targets =
            self.archive.visit(&indices, self.quiet, |visit| match visit.entry().size() {
                size if size > MAX_TARGET => Ok(Err(LinkRefusal::TooLong)),
                _ => {
                    let target = visit.contents()?.to_vec();
                    Ok(target::check(&target).map(|()| target))
                }
            });
        for (&slot, target) in slots.iter().zip(targets) {
            match (target, self.plan.tasks.get(slot as usize)) {
                (Ok(Ok(target)), Some(&Task::Link { parent, .. })) => {
                    self.plan.links.insert(slot, Link::new(parent, target));
                }
                (Ok(refusal), _) => self.refuse_link(slot, refusal.err()),
                (Err(ReaderError::Cancelled), _) => return Err(ReaderError::Cancelled.into()),
                (Err(error), _) => self.refuse(slot, error.into()),
            }
        }
        if self.policy.symlinks == Symlinks::Inside {
            self.follow_links(&slots);
        }
        Ok(())
    }

    fn follow_links(&mut self, slots: &[u32]) {
        let (archive, indices, overwrite) = (self.archive, self.indices, self.policy.overwrite);
        let replaces = |slot: u32, since| match overwrite {
            Overwrite::Never => false,
            Overwrite::Always => true,
            Overwrite::Newer => {
                let index = indices.get(slot as usize);
                let entry = index.and_then(|&index| archive.entry(index));
                entry.is_some_and(|entry| metadata::modified(&entry) > since)
            }
        };
        let disk = Disk::new(self.standing);
        let mut links = Links::new(&self.plan.tree, &mut self.plan.links, disk, &replaces);
        let follow = |&slot: &u32| links.check(slot).err().map(|refusal| (slot, refusal));
        let refused: Vec<_> = slots.iter().filter_map(follow).collect();
        for (slot, refusal) in refused {
            // Without a target: refused already, when it was read.
            if self.plan.links.contains_key(&slot) {
                self.refuse_link(slot, Some(refusal));
            }
        }
    }

    fn refuse_link(&mut self, slot: u32, refusal: Option<LinkRefusal>) {
        let refusal = refusal.unwrap_or(LinkRefusal::Empty);
        let error = Error::Link { index: self.index(slot), name: self.display(slot), refusal };
        self.refuse(slot, error);
    }
}
