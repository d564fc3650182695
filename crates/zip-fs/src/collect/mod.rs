//! Files and directories as items for the writer.
//!
//! One `stat` for each file, relative to its open directory; contents are opened when the writer
//! comes to them, and looked at once more at their end. Files with several hard links are items
//! of their own under each name, since ZIP has no links of that kind. The order is fixed:
//! arguments as they are given, directories before what is in them, siblings by their bytes.

mod ahead;
mod facts;
mod name;
mod rules;
mod sparse;
mod watched;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use zip_format::attributes::Kind;
use zip_parallel_writer::Item;

use crate::error::{Error, Result};
use ahead::{Ahead, Child, Queue, Reading, read_directory};
use facts::Facts;
pub use facts::FileId;
pub use rules::Patterns;
use rules::Rules;
pub use watched::Changes;
use watched::Watched;

/// How a tree is collected.
#[derive(Clone, Debug, Default)]
pub struct CollectOptions {
    /// Symbolic links are followed; off by default: they are kept as links.
    pub follow: bool,
    /// Directories are collected without what is in them; off by default. For lists that name
    /// each file, as `find` prints them.
    pub shallow: bool,
    /// What is left out, directories with all that is in them.
    pub exclude: Patterns,
    /// What `.gitignore` files in the tree, and above it in the same work tree, leave out is left
    /// out, and so is `.git`; off by default. Does not touch the paths given themselves.
    pub gitignore: bool,
    /// Owners are kept; off by default.
    pub owners: bool,
    /// A file that is left out, wherever it is met: the archive about to be written.
    pub exclude_file: Option<FileId>,
}

/// What was found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Collected {
    /// The items, in a fixed order.
    pub items: Vec<Item<'static>>,
    /// What could not be collected, and why. The rest was.
    pub failures: Vec<(PathBuf, Error)>,
    /// Filled when the items are written: files that were no longer what the walk had seen.
    pub changes: Changes,
}

impl Collected {
    /// Puts what another walk has found behind this one's.
    pub fn append(&mut self, other: Self) {
        self.items.extend(other.items);
        self.failures.extend(other.failures);
        self.changes.join(&other.changes);
    }
}

/// Collects the files and directories at `paths`, with all that is in them.
///
/// Names are the paths as given, made relative: leading `/` and all `.` go, a `..` is a failure.
/// The contents of `.` have no prefix.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # std::fs::write(directory.path().join("a.txt"), "a")?;
/// use zip_fs::{CollectOptions, collect};
/// let collected = collect(&[directory.path()], &CollectOptions::default());
/// let names: Vec<_> = collected.items.iter().map(|item| &item.name).collect();
/// assert!(names[0].ends_with(b"/") && names[1].ends_with(b"/a.txt"));
/// assert!(collected.failures.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// *Limits*: some 300 bytes a file, 100 for each name in the directories that are being walked and in
/// those that are read ahead, which are 65,536 names and one directory a thread at most. *Threads*:
/// where there are several directories, one for each other processor, eight in all; none is left
/// when this returns.
#[must_use]
pub fn collect(paths: &[impl AsRef<Path>], options: &CollectOptions) -> Collected {
    let queue = Queue::default();
    std::thread::scope(|scope| {
        let mut walk = Walk {
            options,
            collected: Collected::default(),
            open: Vec::new(),
            above: None,
            ahead: Ahead::new(scope, &queue),
        };
        for path in paths {
            let path = path.as_ref();
            // Rules above the path are found, and matched, by where it lies.
            let absolute = if options.gitignore { std::path::absolute(path).ok() } else { None };
            walk.above = absolute.as_deref().and_then(rules::above);
            match name::of_argument(path) {
                Ok(name) => walk.run(absolute.as_deref().unwrap_or(path), name),
                Err(error) => walk.fail(path, error),
            }
        }
        walk.collected
    })
}

struct Walk<'o, 's, 'e> {
    options: &'o CollectOptions,
    collected: Collected,
    /// The directories on the way down.
    open: Vec<OpenDirectory>,
    /// Rules from above the path that is being walked.
    above: Option<Arc<Rules>>,
    ahead: Ahead<'s, 'e>,
}

/// A directory whose contents are being walked. It is read and closed: what is left is in memory.
struct OpenDirectory {
    path: PathBuf,
    name: Vec<u8>,
    /// Known where links are followed, which may lead in circles.
    id: Option<FileId>,
    rules: Option<Arc<Rules>>,
    children: vec::IntoIter<Child>,
}

impl Walk<'_, '_, '_> {
    fn fail(&mut self, path: &Path, error: Error) {
        self.collected.failures.push((path.to_owned(), error));
    }

    fn run(&mut self, path: &Path, name: Vec<u8>) {
        let facts = fs::symlink_metadata(path).map(|metadata| Facts::new(&metadata));
        self.visit(path, name, facts, None);
        while let Some(directory) = self.open.last_mut() {
            let Some(Child { name: child, facts, ahead }) = directory.children.next() else {
                self.open.pop();
                continue;
            };
            let path = directory.path.join(&child);
            match name::below(&directory.name, &child, &path) {
                Ok(name) => self.visit(&path, name, facts, ahead.as_deref()),
                Err(error) => self.fail(&path, error),
            }
        }
    }

    fn visit(
        &mut self,
        path: &Path,
        name: Vec<u8>,
        facts: io::Result<Facts>,
        ahead: Option<&Reading>,
    ) {
        if let Err(error) = self.add(path, name, facts, ahead) {
            self.fail(path, error);
        }
    }

    fn add(
        &mut self,
        path: &Path,
        name: Vec<u8>,
        facts: io::Result<Facts>,
        ahead: Option<&Reading>,
    ) -> Result<()> {
        let fail = |action| move |source| Error::Io { action, path: path.to_owned(), source };
        let mut facts = facts.map_err(fail("looking at"))?;
        if facts.kind == Kind::Symlink && self.options.follow {
            facts = Facts::new(&fs::metadata(path).map_err(fail("following"))?);
        }
        if self.is_left_out(path, &name, facts.kind == Kind::Directory) {
            return Ok(());
        }
        match facts.kind {
            Kind::File => {
                if self.options.exclude_file.is_some()
                    && facts.id(path) == self.options.exclude_file
                {
                    return Ok(());
                }
                let input = Watched {
                    path: path.to_owned(),
                    len: facts.len,
                    stamp: facts.stamp,
                    has_holes: facts.has_holes,
                    changes: self.collected.changes.clone(),
                };
                self.push(Item::input(name, input), &facts);
            }
            Kind::Symlink => {
                let target = fs::read_link(path).map_err(fail("reading link"))?;
                let bytes = name::bytes(target.as_os_str());
                let not_unicode = || Error::NotUnicode { path: path.to_owned() };
                self.push(Item::symlink(name, bytes.ok_or_else(not_unicode)?), &facts);
            }
            Kind::Directory => {
                let id = if self.options.follow { facts.id(path) } else { None };
                if id.is_some() && self.open.iter().any(|above| above.id == id) {
                    return Err(Error::Loop { path: path.to_owned() });
                }
                if !name.is_empty() {
                    self.push(Item::directory(name.clone()), &facts);
                }
                if self.options.shallow {
                    return Ok(());
                }
                let children = match ahead {
                    Some(reading) => self.ahead.take(reading),
                    None => read_directory(path),
                };
                let children = children.map_err(fail("reading directory"))?.into_iter();
                let rules = self.rules_in(path);
                self.open.push(OpenDirectory { path: path.to_owned(), name, id, rules, children });
                self.look_ahead();
            }
            _ => return Err(Error::SpecialFile { path: path.to_owned() }),
        }
        Ok(())
    }

    /// Has the directories read that the walk will come to in the one it has just opened.
    fn look_ahead(&mut self) {
        let Some(directory) = self.open.last() else { return };
        let (mut numbers, mut paths) = (Vec::new(), Vec::new());
        for (number, child) in directory.children.as_slice().iter().enumerate() {
            if !child.facts.as_ref().is_ok_and(|facts| facts.kind == Kind::Directory) {
                continue;
            }
            let path = directory.path.join(&child.name);
            let is_in = name::below(&directory.name, &child.name, &path)
                .is_ok_and(|name| !self.is_left_out(&path, &name, true));
            if is_in && !self.options.shallow {
                numbers.push(number);
                paths.push(path);
            }
        }
        // The walk itself comes to a single one at once.
        if paths.len() < 2 {
            return;
        }
        let readings = self.ahead.read(paths);
        if let Some(directory) = self.open.last_mut() {
            let children = directory.children.as_mut_slice();
            for (number, reading) in numbers.into_iter().zip(readings) {
                if let Some(child) = children.get_mut(number) {
                    child.ahead = Some(reading);
                }
            }
        }
    }

    fn is_left_out(&self, path: &Path, name: &[u8], is_directory: bool) -> bool {
        let exclude = &self.options.exclude;
        if !exclude.is_empty() && exclude.exclude(name::as_path(name), is_directory) {
            return true;
        }
        // Of a path that was given nothing is asked.
        let Some(directory) = self.open.last().filter(|_| self.options.gitignore) else {
            return false;
        };
        rules::ignored(directory.rules.as_deref(), path, is_directory)
    }

    /// The rules for what is in a directory that is about to be walked.
    fn rules_in(&mut self, path: &Path) -> Option<Arc<Rules>> {
        if !self.options.gitignore {
            return None;
        }
        let above = self.open.last().map_or(&self.above, |directory| &directory.rules);
        let (rules, failure) = rules::enter(path, above.as_ref());
        self.collected.failures.extend(failure);
        rules
    }

    fn push(&mut self, mut item: Item<'static>, facts: &Facts) {
        if let Some(permissions) = facts.permissions {
            item = item.with_mode(permissions);
        }
        item.modified = facts.modified;
        item.owner = facts.owner.filter(|_| self.options.owners);
        self.collected.items.push(item);
    }
}
