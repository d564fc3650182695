//! Files and directories as items for the writer.
//!
//! One `stat` for each file, relative to its open directory; contents are opened when the writer
//! comes to them. The order is fixed: arguments as they are given, directories before what is in
//! them, siblings by their bytes.

mod facts;
mod name;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::vec;

use zip_format::attributes::Kind;
use zip_io::file::FileInput;
use zip_parallel_writer::Item;

use crate::error::{Error, Result};
use facts::Facts;
pub use facts::FileId;

/// How a tree is collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CollectOptions {
    /// Symbolic links are followed; off by default: they are kept as links.
    pub follow: bool,
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
/// *Limits*: some 300 bytes a file, and 100 for each name in the directories that are being walked.
#[must_use]
pub fn collect(paths: &[impl AsRef<Path>], options: &CollectOptions) -> Collected {
    let mut walk = Walk { options, collected: Collected::default(), open: Vec::new() };
    for path in paths {
        let path = path.as_ref();
        match name::of_argument(path) {
            Ok(name) => walk.run(path, name),
            Err(error) => walk.fail(path, error),
        }
    }
    walk.collected
}

struct Walk<'o> {
    options: &'o CollectOptions,
    collected: Collected,
    /// The directories on the way down.
    open: Vec<OpenDirectory>,
}

/// A directory whose contents are being walked. It is read and closed: what is left is in memory.
struct OpenDirectory {
    path: PathBuf,
    name: Vec<u8>,
    /// Known where links are followed, which may lead in circles.
    id: Option<FileId>,
    children: vec::IntoIter<(OsString, io::Result<Facts>)>,
}

impl Walk<'_> {
    fn fail(&mut self, path: &Path, error: Error) {
        self.collected.failures.push((path.to_owned(), error));
    }

    fn run(&mut self, path: &Path, name: Vec<u8>) {
        let facts = fs::symlink_metadata(path).map(|metadata| Facts::new(&metadata));
        self.visit(path, name, facts);
        while let Some(directory) = self.open.last_mut() {
            let Some((child, facts)) = directory.children.next() else {
                self.open.pop();
                continue;
            };
            let path = directory.path.join(&child);
            match name::below(&directory.name, &child, &path) {
                Ok(name) => self.visit(&path, name, facts),
                Err(error) => self.fail(&path, error),
            }
        }
    }

    fn visit(&mut self, path: &Path, name: Vec<u8>, facts: io::Result<Facts>) {
        if let Err(error) = self.add(path, name, facts) {
            self.fail(path, error);
        }
    }

    fn add(&mut self, path: &Path, name: Vec<u8>, facts: io::Result<Facts>) -> Result<()> {
        let fail = |action| move |source| Error::Io { action, path: path.to_owned(), source };
        let mut facts = facts.map_err(fail("looking at"))?;
        if facts.kind == Kind::Symlink && self.options.follow {
            facts = Facts::new(&fs::metadata(path).map_err(fail("following"))?);
        }
        match facts.kind {
            Kind::File => {
                if self.options.exclude_file.is_some()
                    && facts.id(path) == self.options.exclude_file
                {
                    return Ok(());
                }
                let input = FileInput::new(path).with_len_hint(facts.len);
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
                let children = read_directory(path).map_err(fail("reading directory"))?;
                self.open.push(OpenDirectory { path: path.to_owned(), name, id, children });
            }
            _ => return Err(Error::SpecialFile { path: path.to_owned() }),
        }
        Ok(())
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

/// What is in a directory, sorted by the bytes of the names.
fn read_directory(path: &Path) -> io::Result<vec::IntoIter<(OsString, io::Result<Facts>)>> {
    let mut children = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // Of the entry itself, not of what a link leads to; relative to the open directory.
        let facts = entry.metadata().map(|metadata| Facts::new(&metadata));
        children.push((entry.file_name(), facts));
    }
    children.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(children.into_iter())
}
