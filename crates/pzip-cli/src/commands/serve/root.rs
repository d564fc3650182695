//! The directory that is shown: everything is opened relative to handles below it, one name at a
//! time, and never through a symbolic link.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use pzip::format::attributes::Kind;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

use super::address::is_name;

/// A directory below the root, open.
#[derive(Debug)]
pub(super) struct Directory {
    handle: OwnedFd,
}

/// The root, and what of it is shown.
#[derive(Clone, Debug)]
pub(super) struct Root {
    directory: Arc<Directory>,
    hidden: bool,
}

/// A file or directory in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) name: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) size: u64,
    pub(super) modified: i64,
    pub(super) mode: u32,
    /// Identity and version of the contents.
    pub(super) key: [u8; 40],
}

const COMMON: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);

impl Root {
    pub(super) fn open(path: &Path, hidden: bool) -> io::Result<Self> {
        // The root itself may be named through links: its owner gave it.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY;
        let handle = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self { directory: Arc::new(Directory { handle }), hidden })
    }

    /// Names that are shown: those of directories and files that are not hidden.
    fn is_shown(&self, name: &[u8]) -> bool {
        is_name(name) && (self.hidden || !name.starts_with(b"."))
    }

    /// The directory of this path.
    pub(super) fn enter(&self, path: &[Vec<u8>]) -> io::Result<Arc<Directory>> {
        let mut directory = Arc::clone(&self.directory);
        for name in path {
            directory = Arc::new(self.enter_in(&directory, name)?);
        }
        Ok(directory)
    }

    /// A directory in another.
    pub(super) fn enter_in(&self, directory: &Directory, name: &[u8]) -> io::Result<Directory> {
        self.check(name)?;
        let flags = COMMON | OFlags::DIRECTORY;
        let handle = rustix::fs::openat(&directory.handle, name, flags, Mode::empty())?;
        Ok(Directory { handle })
    }

    /// The file of this path, for reading.
    pub(super) fn open_file(&self, path: &[Vec<u8>]) -> io::Result<(File, Item)> {
        let (name, above) = path.split_last().ok_or(io::ErrorKind::NotFound)?;
        self.check(name)?;
        let directory = self.enter(above)?;
        // A pipe would wait for its other end.
        let flags = COMMON | OFlags::NONBLOCK;
        let file = rustix::fs::openat(&directory.handle, name.as_slice(), flags, Mode::empty())?;
        let file = File::from(file);
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let key = key_of([
            metadata.dev(),
            metadata.ino(),
            metadata.len(),
            stamp(metadata.mtime(), metadata.mtime_nsec()),
            stamp(metadata.ctime(), metadata.ctime_nsec()),
        ]);
        let item = Item {
            name: name.clone(),
            kind: Kind::File,
            size: metadata.len(),
            modified: metadata.mtime(),
            mode: metadata.mode() & 0o777,
            key,
        };
        Ok((file, item))
    }

    /// What one name in a directory stands for, if it is shown.
    pub(super) fn look(&self, directory: &Directory, name: &[u8]) -> io::Result<Item> {
        self.check(name)?;
        let status = rustix::fs::statat(&directory.handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            // Links and devices are not there.
            _ => return Err(io::ErrorKind::NotFound.into()),
        };
        let size = u64::try_from(status.st_size).unwrap_or(0);
        let key = key_of([
            status.st_dev,
            status.st_ino,
            size,
            stamp(status.st_mtime, status.st_mtime_nsec as i64),
            stamp(status.st_ctime, status.st_ctime_nsec as i64),
        ]);
        let mode = status.st_mode & 0o777;
        Ok(Item { name: name.to_vec(), kind, size, modified: status.st_mtime, mode, key })
    }

    /// All that is shown in a directory, by name.
    pub(super) fn list(&self, directory: &Directory) -> io::Result<Vec<Item>> {
        let mut items = Vec::new();
        for entry in Dir::read_from(&directory.handle)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !self.is_shown(name) {
                continue;
            }
            match self.look(directory, name) {
                Ok(item) => items.push(item),
                // A link, or gone meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        items.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(items)
    }

    /// The file can be opened by us, as far as its mode tells.
    pub(super) fn is_readable(directory: &Directory, name: &[u8]) -> bool {
        let (access, flags) = (rustix::fs::Access::READ_OK, AtFlags::EACCESS);
        rustix::fs::accessat(&directory.handle, name, access, flags).is_ok()
    }

    fn check(&self, name: &[u8]) -> io::Result<()> {
        if self.is_shown(name) { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

/// Nanoseconds since 1970, as far as they matter to tell two times apart.
const fn stamp(seconds: i64, nanoseconds: i64) -> u64 {
    seconds.wrapping_mul(1_000_000_000).wrapping_add(nanoseconds) as u64
}

fn key_of(words: [u64; 5]) -> [u8; 40] {
    let mut key = [0; 40];
    for (to, word) in key.chunks_exact_mut(8).zip(words) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn path(names: &[&str]) -> Vec<Vec<u8>> {
        names.iter().map(|name| name.as_bytes().to_vec()).collect()
    }

    #[test]
    fn nothing_outside_and_nothing_hidden_can_be_opened() {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("secret"), "secret").unwrap();
        let inside = outer.path().join("root");
        fs::create_dir_all(inside.join("d")).unwrap();
        fs::write(inside.join("d/file"), "file").unwrap();
        fs::write(inside.join(".hidden"), "hidden").unwrap();
        symlink("../secret", inside.join("link")).unwrap();
        symlink("..", inside.join("up")).unwrap();
        symlink("d", inside.join("alias")).unwrap();
        let root = Root::open(&inside, false).unwrap();
        assert!(root.open_file(&path(&["d", "file"])).is_ok());
        for names in [
            &["..", "secret"][..],
            &["link"],
            &["up", "secret"],
            &["alias", "file"],
            &[".hidden"],
            &["d"],
            &["d", "..", ".hidden"],
            &["none"],
            &[],
        ] {
            assert!(root.open_file(&path(names)).is_err(), "{names:?}");
        }
        let listed = root.list(&root.enter(&[]).unwrap()).unwrap();
        assert_eq!(listed.iter().map(|item| &item.name[..]).collect::<Vec<_>>(), [b"d"]);
        let all = Root::open(&inside, true).unwrap();
        assert_eq!(all.list(&all.enter(&[]).unwrap()).unwrap().len(), 2);
        // The same key by a look and by an open handle.
        let directory = root.enter(&path(&["d"])).unwrap();
        let looked = root.look(&directory, b"file").unwrap();
        assert_eq!(root.open_file(&path(&["d", "file"])).unwrap().1, looked);
    }
}
