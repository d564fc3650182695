//! The names of one extraction as a tree, in which two entries for one place meet.
//!
//! Nodes are found by the directory they are in and the key of their name (see `fold`): one hash
//! lookup a component, and none for the directories a name shares with the one before. Nothing is
//! compared pairwise, so ten thousand duplicates cost what ten thousand names cost.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::error::Collision;
use crate::fold;

/// Number of a directory in the tree. Parents have lower numbers than what is in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DirectoryId(pub(super) u32);

/// The destination itself.
pub(super) const ROOT: DirectoryId = DirectoryId(0);

/// What stands at a place. Slots are positions in the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Directory(DirectoryId),
    File(u32),
    Link(u32),
}

/// A directory that entries name, or lie in.
#[derive(Debug)]
pub(super) struct Directory<'n> {
    pub(super) parent: DirectoryId,
    pub(super) name: &'n [u8],
    /// Slot of the entry that brought it here first.
    first: u32,
    /// Slot of the last entry that is this directory itself.
    pub(super) entry: Option<u32>,
    /// What the files in it claim to hold, all and the largest.
    pub(super) bytes: u64,
    pub(super) largest: u64,
    /// No directory or link is in it.
    pub(super) has_files_only: bool,
}

impl<'n> Directory<'n> {
    const fn new(parent: DirectoryId, name: &'n [u8], first: u32, entry: Option<u32>) -> Self {
        Self { parent, name, first, entry, bytes: 0, largest: 0, has_files_only: true }
    }
}

#[derive(Debug)]
struct Node<'n> {
    name: &'n [u8],
    place: Place,
}

/// All names so far.
#[derive(Debug)]
pub(super) struct Tree<'n> {
    nodes: HashMap<(DirectoryId, Cow<'n, [u8]>), Node<'n>>,
    directories: Vec<Directory<'n>>,
    /// Names are one where their keys are; if not, where their bytes are.
    fold: bool,
    /// Several files may have one name; the last one counts.
    duplicates: bool,
    max_depth: usize,
    /// The directories of the last name, each with the length of its path.
    trail: Vec<(usize, DirectoryId)>,
    last: &'n [u8],
}

/// Why a name has no place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clash {
    /// It meets the entry of this slot.
    With(Collision, u32),
    /// It has too many components.
    TooDeep,
}

/// Where an entry went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Added<'n> {
    pub(super) parent: DirectoryId,
    pub(super) name: &'n [u8],
    pub(super) place: Place,
    /// Slot of the file whose place it took.
    pub(super) superseded: Option<u32>,
}

/// What an entry is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    Directory,
    File,
    Link,
}

impl<'n> Tree<'n> {
    /// An empty tree with room for so many names.
    pub(super) fn new(names: usize, fold: bool, duplicates: bool, max_depth: usize) -> Self {
        let root = Directory::new(ROOT, &[], 0, None);
        Self {
            nodes: HashMap::with_capacity(names),
            directories: vec![root],
            fold,
            duplicates,
            max_depth,
            trail: Vec::new(),
            last: &[],
        }
    }

    /// Puts the entry of a slot at its (safe, not empty) path.
    pub(super) fn add(
        &mut self,
        path: &'n [u8],
        leaf: Leaf,
        slot: u32,
    ) -> Result<Added<'n>, Clash> {
        let start = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
        let name = path.get(start..).unwrap_or(path);
        let parent = self.parent_of(path, start, slot)?;
        if self.trail.len() >= self.max_depth {
            return Err(Clash::TooDeep);
        }
        let node = match self.nodes.entry((parent, key(self.fold, name))) {
            Entry::Occupied(node) => node.into_mut(),
            Entry::Vacant(vacant) => {
                let directory = Directory::new(parent, name, slot, Some(slot));
                let place = match leaf {
                    Leaf::File => Place::File(slot),
                    Leaf::Link => Place::Link(slot),
                    Leaf::Directory => Place::Directory(push(&mut self.directories, directory)),
                };
                vacant.insert(Node { name, place });
                if leaf != Leaf::File {
                    self.mix(parent);
                }
                return Ok(Added { parent, name, place, superseded: None });
            }
        };
        let clash = |collision, other| Err(Clash::With(collision, other));
        let mut superseded = None;
        match (node.place, leaf) {
            (Place::Link(other), _) => return clash(Collision::SameAsLink, other),
            (Place::File(other), Leaf::Link) => return clash(Collision::SameAsLink, other),
            (Place::File(other), Leaf::Directory) => {
                return clash(Collision::FileAndDirectory, other);
            }
            (Place::File(other), Leaf::File) => {
                if node.name != name {
                    return clash(Collision::Alias, other);
                }
                if !self.duplicates {
                    return clash(Collision::Duplicate, other);
                }
                node.place = Place::File(slot);
                superseded = Some(other);
            }
            (Place::Directory(id), leaf) => {
                let Some(directory) = self.directories.get_mut(id.0 as usize) else {
                    return clash(Collision::FileAndDirectory, slot);
                };
                let other = directory.entry.unwrap_or(directory.first);
                match leaf {
                    Leaf::Link => return clash(Collision::SameAsLink, other),
                    Leaf::File => return clash(Collision::FileAndDirectory, other),
                    Leaf::Directory if node.name != name => return clash(Collision::Alias, other),
                    // Named again it is the same directory; the last entry has its mode and time.
                    Leaf::Directory => directory.entry = Some(slot),
                }
            }
        }
        Ok(Added { parent, name, place: node.place, superseded })
    }

    /// The directory of a path of which the last component begins at `start`.
    fn parent_of(&mut self, path: &'n [u8], start: usize, slot: u32) -> Result<DirectoryId, Clash> {
        let shared = path.iter().zip(self.last).take_while(|(one, other)| one == other).count();
        let holds = |end: usize| end <= shared && end < start && path.get(end) == Some(&b'/');
        while self.trail.pop_if(|(end, _)| !holds(*end)).is_some() {}
        self.last = path;
        let (mut at, mut parent) = match self.trail.last() {
            Some(&(end, id)) => (end + 1, id),
            None => (0, ROOT),
        };
        while at < start {
            let rest = path.get(at..start).unwrap_or(&[]);
            let len = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
            let name = rest.get(..len).unwrap_or(rest);
            if self.trail.len() >= self.max_depth {
                return Err(Clash::TooDeep);
            }
            parent = self.descend(parent, name, slot)?;
            self.trail.push((at + len, parent));
            at += len + 1;
        }
        Ok(parent)
    }

    fn descend(
        &mut self,
        parent: DirectoryId,
        name: &'n [u8],
        slot: u32,
    ) -> Result<DirectoryId, Clash> {
        let node = match self.nodes.entry((parent, key(self.fold, name))) {
            Entry::Occupied(node) => node.into_mut(),
            Entry::Vacant(vacant) => {
                let directory = Directory::new(parent, name, slot, None);
                let id = push(&mut self.directories, directory);
                vacant.insert(Node { name, place: Place::Directory(id) });
                self.mix(parent);
                return Ok(id);
            }
        };
        match node.place {
            Place::File(other) => Err(Clash::With(Collision::BelowFile, other)),
            Place::Link(other) => Err(Clash::With(Collision::BelowLink, other)),
            Place::Directory(id) if node.name == name => Ok(id),
            Place::Directory(id) => {
                let directory = self.directory(id);
                let other = directory.entry.unwrap_or(directory.first);
                Err(Clash::With(Collision::Alias, other))
            }
        }
    }

    /// Something else than a file is in the directory.
    fn mix(&mut self, id: DirectoryId) {
        if let Some(directory) = self.directories.get_mut(id.0 as usize) {
            directory.has_files_only = false;
        }
    }

    /// A file of so many bytes is in the directory.
    pub(super) fn hold(&mut self, id: DirectoryId, bytes: u64) {
        if let Some(directory) = self.directories.get_mut(id.0 as usize) {
            directory.bytes = directory.bytes.saturating_add(bytes);
            directory.largest = directory.largest.max(bytes);
        }
    }

    /// What stands in a directory under a name, and how the archive spells it.
    pub(super) fn find(&self, parent: DirectoryId, name: &[u8]) -> Option<(Place, &'n [u8])> {
        let node = self.nodes.get(&(parent, key(self.fold, name)))?;
        Some((node.place, node.name))
    }

    pub(super) fn directory(&self, id: DirectoryId) -> &Directory<'n> {
        // Numbers come from this tree only.
        self.directories.get(id.0 as usize).expect("a directory of this tree")
    }

    /// All directories, each before what is in it; the root first.
    pub(super) fn directories(
        &self,
    ) -> impl DoubleEndedIterator<Item = (DirectoryId, &Directory<'n>)> + ExactSizeIterator {
        // As `push_directory` numbers them.
        let number = |(id, directory)| (DirectoryId(id as u32), directory);
        self.directories.iter().enumerate().map(number)
    }
}

fn key(fold: bool, name: &[u8]) -> Cow<'_, [u8]> {
    if fold { fold::key(name) } else { Cow::Borrowed(name) }
}

fn push<'n>(directories: &mut Vec<Directory<'n>>, directory: Directory<'n>) -> DirectoryId {
    // Each takes 56 bytes here, and its node more; memory ends before the numbers do.
    let id = u32::try_from(directories.len()).expect("fewer than 2^32 directories");
    directories.push(directory);
    DirectoryId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slots of the entries that clash, with what they clash with.
    fn clashes(names: &[&'static str]) -> Vec<(u32, Clash)> {
        let mut tree = Tree::new(0, true, false, 8);
        let add = |(slot, name): (usize, &&'static str)| {
            let (name, leaf) = match (name.strip_suffix('/'), name.strip_suffix('@')) {
                (Some(name), _) => (name, Leaf::Directory),
                (_, Some(name)) => (name, Leaf::Link),
                _ => (*name, Leaf::File),
            };
            tree.add(name.as_bytes(), leaf, slot as u32).err().map(|clash| (slot as u32, clash))
        };
        names.iter().enumerate().filter_map(add).collect()
    }

    #[test]
    fn trees_without_a_clash() {
        for names in [
            &["a", "b", "d/", "d/e/f", "d/g", "d/e/h", "dd/x", "d/e/i/j"][..],
            &["d/a", "d/", "d/b/"],
            &["d/", "d/a", "d/"],
            &["ab/c", "a/c", "abc/c", "a/cc/d", "a/c.d/e"],
            &["l@", "d/l@", "d/m"],
        ] {
            assert_eq!(clashes(names), [], "{names:?}");
        }
    }

    #[test]
    fn each_clash_names_the_earlier_entry() {
        use Collision::{Alias, BelowFile, BelowLink, Duplicate, FileAndDirectory, SameAsLink};
        for (names, collision, other) in [
            (&["x", "a", "a"][..], Duplicate, 1),
            (&["a", "A"], Alias, 0),
            (&["x", "A/x", "a/y"], Alias, 1),
            (&["d/", "D/"], Alias, 0),
            (&["a", "a./b"], BelowFile, 0),
            (&["a/b", "a"], FileAndDirectory, 0),
            (&["a", "a/"], FileAndDirectory, 0),
            (&["a", "a/b/c"], BelowFile, 0),
            (&["l@", "l/x"], BelowLink, 0),
            (&["L@", "l/x/y"], BelowLink, 0),
            (&["l/x", "l@"], SameAsLink, 0),
            (&["l@", "l/"], SameAsLink, 0),
            (&["l", "l@"], SameAsLink, 0),
            (&["l@", "l@"], SameAsLink, 0),
        ] {
            let last = names.len() as u32 - 1;
            assert_eq!(clashes(names), [(last, Clash::With(collision, other))], "{names:?}");
        }
    }

    #[test]
    fn depth_is_counted_in_components() {
        assert_eq!(clashes(&["1/2/3/4/5/6/7/8"]), []);
        assert_eq!(clashes(&["1/2/3/4/5/6/7/8/9"]), [(0, Clash::TooDeep)]);
        assert_eq!(clashes(&["1/2/3/4/5/6/7/x", "1/2/3/4/5/6/7/8/9"]), [(1, Clash::TooDeep)]);
        assert_eq!(clashes(&["1/2/3/4/5/6/7/8/", "1/2/3/4/5/6/7/8/9/0"]), [(1, Clash::TooDeep)]);
    }

    #[test]
    fn of_duplicates_that_are_allowed_the_last_counts() {
        let mut tree = Tree::new(0, true, true, 8);
        tree.add(b"a", Leaf::File, 0).unwrap();
        assert_eq!(tree.add(b"a", Leaf::File, 1).unwrap().superseded, Some(0));
        assert_eq!(tree.find(ROOT, b"A"), Some((Place::File(1), &b"a"[..])));
        assert!(tree.add(b"A", Leaf::File, 2).is_err(), "another spelling is no duplicate");
        tree.add(b"d", Leaf::Directory, 3).unwrap();
        tree.add(b"d", Leaf::Directory, 4).unwrap();
        assert_eq!(tree.directory(DirectoryId(1)).entry, Some(4));
    }
}
