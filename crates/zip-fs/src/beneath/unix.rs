//! Directories as handles, by the `*at` calls.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawMode, Timespec, Timestamps, UTIME_OMIT};
use rustix::fs::{Gid, Uid};
use rustix::io::Errno;
use zip_format::extra::unix::Owner;

use super::Status;
use crate::metadata::{Change, Time};

/// An open directory.
#[derive(Debug)]
pub(crate) struct Directory(OwnedFd);

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const CREATE: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

fn mode_of(bits: u32) -> Mode {
    Mode::from_raw_mode((bits & 0o777) as RawMode)
}

impl Directory {
    /// The directory at a path of the caller's, links followed.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(CWD, path, DIRECTORY, Mode::empty())?))
    }

    /// Makes a directory; `false` if something of this name was there.
    pub(crate) fn make(&self, name: &[u8], mode: u32) -> io::Result<bool> {
        match rustix::fs::mkdirat(&self.0, name, mode_of(mode)) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a directory in this one; an error for a link.
    pub(crate) fn enter(&self, name: &[u8]) -> io::Result<Self> {
        let flags = DIRECTORY | OFlags::NOFOLLOW;
        Ok(Self(rustix::fs::openat(&self.0, name, flags, Mode::empty())?))
    }

    /// Opens a directory any number of steps below this one, if the system can do that without
    /// leaving it and without following a link.
    pub(crate) fn enter_beneath(&self, path: &[u8]) -> Option<Self> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            use rustix::fs::ResolveFlags;
            let resolve =
                ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            // Kernels before 5.6 and some sandboxes do not know the call.
            rustix::fs::openat2(&self.0, path, DIRECTORY, Mode::empty(), resolve).ok().map(Self)
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        {
            let _ = path;
            None
        }
    }

    /// Creates a file that was not there.
    pub(crate) fn create(&self, name: &[u8], mode: u32) -> io::Result<File> {
        Ok(rustix::fs::openat(&self.0, name, CREATE, mode_of(mode))?.into())
    }

    /// Creates a file without a name, which is gone if it gets none; `None` where the system, or
    /// the file system, has no such files.
    pub(crate) fn create_unnamed(&self, mode: u32) -> io::Result<Option<File>> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let flags = OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC;
            match rustix::fs::openat(&self.0, c".", flags, mode_of(mode)) {
                Ok(file) => Ok(Some(file.into())),
                // The last two are what kernels say that do not know the flag.
                Err(Errno::OPNOTSUPP | Errno::INVAL | Errno::ISDIR | Errno::NOENT) => Ok(None),
                Err(error) => Err(error.into()),
            }
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        {
            let _ = mode;
            Ok(None)
        }
    }

    /// Gives a file without a name the one it is to have; an error where something has it.
    /// `false` where the system does not let us.
    pub(crate) fn link_unnamed(&self, file: &File, name: &[u8]) -> io::Result<bool> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            match rustix::fs::linkat(file, c"", &self.0, name, AtFlags::EMPTY_PATH) {
                Ok(()) => return Ok(true),
                // Kernels before 6.10 want a capability for it.
                Err(Errno::NOENT | Errno::PERM | Errno::INVAL) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let _ = (file, name);
        Ok(false)
    }

    /// Makes a symbolic link that was not there.
    pub(crate) fn link(&self, target: &[u8], name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::symlinkat(target, &self.0, name)?)
    }

    /// The target of a symbolic link.
    pub(crate) fn read_link(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(rustix::fs::readlinkat(&self.0, name, Vec::new())?.into_bytes())
    }

    /// Removes what is no directory.
    pub(crate) fn remove(&self, name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Renames; what has the new name is replaced.
    pub(crate) fn replace(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    /// Renames a file, into this or another directory; an error where something has the new name.
    pub(crate) fn publish(&self, from: &[u8], other: &Self, to: &[u8]) -> io::Result<()> {
        if !self.rename_new(from, other, to)? {
            self.publish_by_link(from, other, to)?;
        }
        Ok(())
    }

    /// Directories can be renamed while they are open, and without replacing an empty one.
    pub(crate) const CAN_BE_NAMED: bool =
        cfg!(any(target_os = "linux", target_os = "android", target_vendor = "apple"));

    /// Renames a directory; an error where something has the new name. `false` where the system
    /// cannot do that in one step.
    pub(crate) fn publish_directory(&self, from: &[u8], to: &[u8]) -> io::Result<bool> {
        self.rename_new(from, self, to)
    }

    /// `false` where the system cannot rename without replacing.
    fn rename_new(&self, from: &[u8], other: &Self, to: &[u8]) -> io::Result<bool> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            match renameat_with(&self.0, from, &other.0, to, RenameFlags::NOREPLACE) {
                Ok(()) => return Ok(true),
                // Kernels and file systems that do not know the flag.
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let _ = (from, other, to);
        Ok(false)
    }

    /// The same in two steps, for systems that cannot do it in one.
    fn publish_by_link(&self, from: &[u8], other: &Self, to: &[u8]) -> io::Result<()> {
        rustix::fs::linkat(&self.0, from, &other.0, to, AtFlags::empty())?;
        self.remove(from)
    }

    /// Removes a directory that is empty.
    pub(crate) fn remove_directory(&self, name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// What stands under the name; `None` where nothing does.
    #[allow(clippy::useless_conversion, reason = "32 bits wide on some systems")]
    pub(crate) fn status(&self, name: &[u8]) -> io::Result<Option<Status>> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Status {
                is_symlink: FileType::from_raw_mode(stat.st_mode) == FileType::Symlink,
                is_directory: FileType::from_raw_mode(stat.st_mode) == FileType::Directory,
                modified: (
                    i64::from(stat.st_mtime),
                    u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
                ),
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets what is to be set on this directory.
    pub(crate) fn apply(&self, change: &Change) -> io::Result<()> {
        apply_to(&self.0, change)
    }

    /// Sets what is to be set on a symbolic link; its mode means nothing.
    pub(crate) fn apply_to_link(&self, name: &[u8], change: &Change) -> io::Result<()> {
        if let Some(owner) = change.owner {
            let (uid, gid) = ids(owner);
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            rustix::fs::chownat(&self.0, name, Some(uid), Some(gid), flags)?;
        }
        if let Some(time) = change.modified {
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            rustix::fs::utimensat(&self.0, name, &timestamps(time), flags)?;
        }
        Ok(())
    }
}

/// Sets what is to be set on a file.
pub(crate) fn apply(file: &File, change: &Change) -> io::Result<()> {
    apply_to(file, change)
}

fn apply_to(fd: impl AsFd, change: &Change) -> io::Result<()> {
    // The owner first: a change of it may take bits from the mode.
    if let Some(owner) = change.owner {
        let (uid, gid) = ids(owner);
        rustix::fs::fchown(&fd, Some(uid), Some(gid))?;
    }
    if let Some(mode) = change.mode {
        rustix::fs::fchmod(&fd, mode_of(mode))?;
    }
    if let Some(time) = change.modified {
        rustix::fs::futimens(&fd, &timestamps(time))?;
    }
    Ok(())
}

fn ids(owner: Owner) -> (Uid, Gid) {
    (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid))
}

fn timestamps((seconds, nanoseconds): Time) -> Timestamps {
    // Below 10^9, and so an i32, which every system's field holds.
    let nanoseconds = i32::try_from(nanoseconds).unwrap_or(0);
    Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: seconds, tv_nsec: nanoseconds.into() },
    }
}

/// The umask, where it can be had without changing it for a moment, which other threads would
/// feel.
pub(crate) fn umask() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"))?;
    u32::from_str_radix(line.trim(), 8).ok()
}

/// Owners can be set.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Files the process may have open; `None` for as many as it likes.
pub(crate) fn open_files_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// A name as the system has it, for messages.
pub(crate) fn name_to_path(name: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(name))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn publishing_never_replaces() {
        let place = tempfile::tempdir().unwrap();
        let root = Directory::open(place.path()).unwrap();
        for publish in [Directory::publish, Directory::publish_by_link] {
            root.create(b"new", 0o600).unwrap();
            publish(&root, b"new", &root, b"name").unwrap();
            assert!(root.status(b"new").unwrap().is_none());
            root.create(b"new", 0o600).unwrap();
            let taken = publish(&root, b"new", &root, b"name").unwrap_err();
            assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
            root.remove(b"name").unwrap();
            root.remove(b"new").unwrap();
        }
    }

    #[test]
    fn links_are_neither_entered_nor_created_through() {
        let place = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let root = Directory::open(place.path()).unwrap();
        symlink(outside.path(), place.path().join("d")).unwrap();
        symlink(outside.path().join("f"), place.path().join("f")).unwrap();
        assert!(!root.make(b"d", 0o755).unwrap() && root.enter(b"d").is_err());
        assert_eq!(root.create(b"f", 0o600).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(root.status(b"f").unwrap().unwrap().is_symlink);
        let change = Change { modified: Some((1, 0)), ..Change::default() };
        root.apply_to_link(b"f", &change).unwrap();
        assert_eq!(root.status(b"f").unwrap().unwrap().modified, (1, 0));
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn many_steps_at_once_stay_beneath_and_meet_no_link() {
        let place = tempfile::tempdir().unwrap();
        let root = Directory::open(place.path()).unwrap();
        std::fs::create_dir_all(place.path().join("a/b/c")).unwrap();
        symlink("b", place.path().join("a/link")).unwrap();
        symlink("/", place.path().join("root")).unwrap();
        if root.enter_beneath(b"a/b/c").is_none() {
            println!("skipped: the system has no openat2");
        }
        for path in [&b"a/link"[..], b"a/link/c", b"root", b"root/tmp", b"..", b"a/../..", b"/"] {
            assert!(root.enter_beneath(path).is_none(), "{}", String::from_utf8_lossy(path));
        }
    }

    #[test]
    fn a_file_without_a_name_gets_one_or_is_gone() {
        let place = tempfile::tempdir().unwrap();
        let root = Directory::open(place.path()).unwrap();
        let Some(file) = root.create_unnamed(0o640).unwrap() else {
            println!("skipped: no files without a name here");
            return;
        };
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        if root.link_unnamed(&file, b"f").unwrap() {
            let taken = root.link_unnamed(&file, b"f").unwrap_err();
            assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
            symlink("nowhere", place.path().join("l")).unwrap();
            assert!(root.link_unnamed(&file, b"l").is_err(), "a link has the name");
            assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn the_umask_is_the_one_new_files_feel() {
        let place = tempfile::tempdir().unwrap();
        let file = Directory::open(place.path()).unwrap().create(b"f", 0o777).unwrap();
        let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().unwrap()) & 0o777;
        if let Some(umask) = umask() {
            assert_eq!(mode, 0o777 & !umask);
        }
    }
}
