//! From a selection in a directory to a plan, and to what opens its contents.

use std::io;
use std::sync::Arc;

use pzip::format::attributes::Kind;
use pzip::format::path::MAX_DEPTH;
use pzip::stream::{Contents, Entry, Plan};

use super::address::is_name;
use super::root::{Directory, Item, Root};

/// Why there is no archive of a selection.
#[derive(Debug)]
pub(super) enum Refused {
    /// Something selected is not there, or is not shown.
    NotFound,
    /// More entries than one archive may have here.
    TooMany,
    /// The system failed.
    Io(io::Error),
    /// The archive cannot be: names that are not safe, for one.
    Plan(pzip::stream::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            // A link where a directory should be.
            _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                Self::NotFound
            }
            _ => Self::Io(error),
        }
    }
}

/// A plan, and what was left out of it.
pub(super) struct Selection {
    pub(super) plan: Arc<Plan>,
    /// What cannot be read, and names that no archive can have.
    pub(super) skipped: Vec<String>,
}

/// The archive of some names in the directory at `path`, or of all that it shows.
pub(super) fn of(
    root: &Root,
    path: &[Vec<u8>],
    names: &[&[u8]],
    max_entries: usize,
) -> Result<Selection, Refused> {
    let directory = root.enter(path)?;
    let items = if names.is_empty() {
        root.list(&directory)?
    } else {
        let mut items = Vec::new();
        for name in names {
            items.push(root.look(&directory, name)?);
        }
        // The archive depends on what was selected, not on how the browser lists it.
        items.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        items.dedup();
        items
    };
    let mut walk = Walk { root, max_entries, plan: Plan::builder(), skipped: Vec::new() };
    let mut name = Vec::new();
    walk.all(&directory, items, &mut name, 0)?;
    Ok(Selection { plan: Arc::new(walk.plan.finish()), skipped: walk.skipped })
}

struct Walk<'r> {
    root: &'r Root,
    max_entries: usize,
    plan: pzip::stream::plan::Builder,
    skipped: Vec<String>,
}

impl Walk<'_> {
    /// Adds items and all that is below them; `name` is that of their directory.
    fn all(
        &mut self,
        directory: &Directory,
        items: Vec<Item>,
        name: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Refused> {
        for item in items {
            let before = name.len();
            name.extend_from_slice(&item.name);
            let directory_inside = item.kind == Kind::Directory && depth < MAX_DEPTH;
            if item.kind == Kind::Directory {
                name.push(b'/');
            }
            if item.kind == Kind::File && !Root::is_readable(directory, &item.name) {
                // It would break the download off; better not to promise it.
                self.skipped.push(String::from_utf8_lossy(name).into_owned());
            } else if self.add(&item, name)? && directory_inside {
                match self.root.enter_in(directory, &item.name) {
                    Ok(inner) => {
                        let items = self.root.list(&inner)?;
                        self.all(&inner, items, name, depth + 1)?;
                    }
                    // Not for us, or gone: named in the log, and not promised.
                    Err(_) => self.skipped.push(String::from_utf8_lossy(name).into_owned()),
                }
            }
            name.truncate(before);
        }
        Ok(())
    }

    /// Adds one entry; false if no archive can have its name.
    fn add(&mut self, item: &Item, name: &[u8]) -> Result<bool, Refused> {
        let contents = match item.kind {
            Kind::Directory => Contents::None,
            _ => Contents::sized(item.size),
        };
        let entry = if item.kind == Kind::Directory {
            Entry::directory(name)
        } else {
            Entry { contents, ..Entry::file(name, contents) }.with_key(&item.key)
        };
        match self.plan.push(&entry.with_mode(item.mode).with_modified(item.modified)) {
            Ok(index) if index >= self.max_entries => Err(Refused::TooMany),
            Ok(_) => Ok(true),
            Err(error @ pzip::stream::Error::TooLarge { .. }) => Err(Refused::Plan(error)),
            Err(_) => {
                self.skipped.push(String::from_utf8_lossy(name).into_owned());
                Ok(false)
            }
        }
    }
}

/// The path below the root of an entry's file.
pub(super) fn path_of(base: &[Vec<u8>], name: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut path = base.to_vec();
    for component in name.split(|&byte| byte == b'/') {
        path.push(Some(component).filter(|component| is_name(component))?.to_vec());
    }
    Some(path)
}
