//! What stands below the destination before anything is written, as far as links are led there.
//!
//! Looked at once a place, by handles and never through a link, and then known.

use std::collections::HashMap;
use std::io;

use crate::beneath::{Directory, Status};
use crate::metadata::Time;

/// What stands at a place on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Nothing,
    Directory,
    /// A symbolic link and its target.
    Link(Vec<u8>, Time),
    /// A file, or something else that has nothing below it.
    Other(Time),
    /// The system does not let us look.
    Hidden,
}

/// The destination as it stands.
#[derive(Debug)]
pub(super) struct Disk<'d> {
    /// `None` where there is no destination yet.
    root: Option<&'d Directory>,
    /// By the path from the destination.
    known: HashMap<Vec<u8>, Standing>,
}

impl<'d> Disk<'d> {
    pub(super) fn new(root: Option<&'d Directory>) -> Self {
        Self { root, known: HashMap::new() }
    }

    /// There is no destination, and so nothing in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// What stands at the end of a path of components; nothing where one above it is no directory.
    pub(super) fn look(&mut self, path: &[&[u8]]) -> Standing {
        let Some(root) = self.root else { return Standing::Nothing };
        let joined = path.join(&b'/');
        if let Some(standing) = self.known.get(&joined) {
            return standing.clone();
        }
        let standing = match path.split_last() {
            None => Standing::Directory,
            Some((name, above)) => match self.look(above) {
                Standing::Directory => look_at(root, above, name),
                Standing::Hidden => Standing::Hidden,
                _ => Standing::Nothing,
            },
        };
        self.known.insert(joined, standing.clone());
        standing
    }
}

fn look_at(root: &Directory, above: &[&[u8]], name: &[u8]) -> Standing {
    let looked = open(root, above, |directory| {
        Ok(match directory.status(name)? {
            None => Standing::Nothing,
            Some(Status { is_directory: true, .. }) => Standing::Directory,
            Some(Status { is_symlink: true, modified, .. }) => {
                Standing::Link(directory.read_link(name)?, modified)
            }
            Some(Status { modified, .. }) => Standing::Other(modified),
        })
    });
    looked.unwrap_or_else(|error| match error.kind() {
        // Nothing can have a name that the system does not take.
        io::ErrorKind::InvalidFilename => Standing::Nothing,
        _ => Standing::Hidden,
    })
}

/// Calls `look` with the directory at a path.
fn open<T>(
    root: &Directory,
    path: &[&[u8]],
    look: impl FnOnce(&Directory) -> io::Result<T>,
) -> io::Result<T> {
    let Some((first, rest)) = path.split_first() else { return look(root) };
    if let Some(directory) = root.enter_beneath(&path.join(&b'/')) {
        return look(&directory);
    }
    let mut directory = root.enter(first)?;
    for name in rest {
        directory = directory.enter(name)?;
    }
    look(&directory)
}
