//! Directories as paths, where the system offers std no handles to work from.
//!
//! Each step looks whether its directory is a link before it goes there. That holds against
//! archives; against others who swap directories for links at that moment it is weaker than
//! `unix.rs`.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Status;
use crate::metadata::{Change, Time};

/// A directory.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        if !fs::symlink_metadata(&path)?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Ok(Self(path))
    }

    fn at(&self, name: &[u8]) -> io::Result<PathBuf> {
        if !fs::symlink_metadata(&self.0)?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        let name =
            std::str::from_utf8(name).map_err(|_| io::Error::from(ErrorKind::InvalidData))?;
        Ok(self.0.join(name))
    }

    pub(crate) fn make(&self, name: &[u8], _mode: u32) -> io::Result<bool> {
        match fs::create_dir(self.at(name)?) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn enter(&self, name: &[u8]) -> io::Result<Self> {
        let path = self.at(name)?;
        // True of a directory only, not of a link to one.
        if !fs::symlink_metadata(&path)?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Ok(Self(path))
    }

    #[expect(clippy::unused_self, reason = "as on Unix")]
    pub(crate) const fn enter_beneath(&self, _path: &[u8]) -> Option<Self> {
        None
    }

    pub(crate) fn create(&self, name: &[u8], _mode: u32) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.at(name)?)
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(crate) const fn create_unnamed(&self, _mode: u32) -> io::Result<Option<File>> {
        Ok(None)
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(crate) const fn link_unnamed(&self, _file: &File, _name: &[u8]) -> io::Result<bool> {
        Ok(false)
    }

    pub(crate) fn link(&self, _target: &[u8], _name: &[u8]) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    /// No link is made here, so none is followed to know where another would lead.
    #[expect(clippy::unused_self, reason = "as on Unix")]
    pub(crate) fn read_link(&self, _name: &[u8]) -> io::Result<Vec<u8>> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(crate) fn remove(&self, name: &[u8]) -> io::Result<()> {
        fs::remove_file(self.at(name)?)
    }

    pub(crate) fn replace(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        fs::rename(self.at(from)?, self.at(to)?)
    }

    pub(crate) fn publish(&self, from: &[u8], other: &Self, to: &[u8]) -> io::Result<()> {
        fs::hard_link(self.at(from)?, other.at(to)?)?;
        self.remove(from)
    }

    /// Not while it is open, on Windows.
    pub(crate) const CAN_BE_NAMED: bool = false;

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(crate) const fn publish_directory(&self, _from: &[u8], _to: &[u8]) -> io::Result<bool> {
        Ok(false)
    }

    pub(crate) fn remove_directory(&self, name: &[u8]) -> io::Result<()> {
        fs::remove_dir(self.at(name)?)
    }

    pub(crate) fn status(&self, name: &[u8]) -> io::Result<Option<Status>> {
        match fs::symlink_metadata(self.at(name)?) {
            Ok(metadata) => {
                let modified = metadata.modified()?;
                let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                Ok(Some(Status {
                    is_symlink: metadata.is_symlink(),
                    is_directory: metadata.is_dir(),
                    modified: (
                        i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
                        since.subsec_nanos(),
                    ),
                }))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Times of directories need handles that std does not open everywhere.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(crate) fn apply(&self, _change: &Change) -> io::Result<()> {
        Ok(())
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(crate) fn apply_to_link(&self, _name: &[u8], _change: &Change) -> io::Result<()> {
        Ok(())
    }
}

/// Sets the time, and of the mode whether the file may be written.
pub(crate) fn apply(file: &File, change: &Change) -> io::Result<()> {
    if let Some(time) = change.modified.and_then(system_time) {
        file.set_times(FileTimes::new().set_modified(time))?;
    }
    if change.mode.is_some_and(|mode| mode & 0o222 == 0) {
        let mut permissions = file.metadata()?.permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions)?;
    }
    Ok(())
}

fn system_time((seconds, nanoseconds): Time) -> Option<SystemTime> {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let base = if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(whole)?
    } else {
        SystemTime::UNIX_EPOCH.checked_add(whole)?
    };
    base.checked_add(Duration::from_nanos(nanoseconds.into()))
}

pub(crate) const fn umask() -> Option<u32> {
    None
}

pub(crate) const fn is_root() -> bool {
    false
}

pub(crate) const fn open_files_limit() -> Option<u64> {
    None
}

pub(crate) fn name_to_path(name: &[u8]) -> &Path {
    Path::new(std::str::from_utf8(name).unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_same_promises_as_with_handles() {
        let place = tempfile::tempdir().unwrap();
        let root = Directory::open(place.path()).unwrap();
        assert!(root.make(b"d", 0o755).unwrap());
        assert!(!root.make(b"d", 0o755).unwrap(), "it is there now");
        let below = root.enter(b"d").unwrap();
        let mut file = below.create(b"f", 0o644).unwrap();
        file.write_all(b"x").unwrap();
        let change = Change { modified: Some((77, 5)), ..Change::default() };
        apply(&file, &change).unwrap();
        assert_eq!(below.status(b"f").unwrap().unwrap().modified.0, 77);
        assert_eq!(below.status(b"g").unwrap(), None);
        let again = below.create(b"f", 0o644).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        below.create(b"g", 0o644).unwrap();
        assert!(below.publish(b"g", &below, b"f").is_err(), "the name is taken");
        below.replace(b"g", b"f").unwrap();
        assert_eq!(fs::read(place.path().join("d/f")).unwrap(), b"");
        assert!(root.enter(b"f").is_err());
        below.publish(b"f", &root, b"f").unwrap();
        assert!(!Directory::CAN_BE_NAMED && !root.publish_directory(b"d", b"e").unwrap());
        root.make(b"empty", 0o755).unwrap();
        root.remove_directory(b"empty").unwrap();
        assert!(root.remove_directory(b"f").is_err(), "a file is none");
        root.remove(b"f").unwrap();
        assert!(below.apply(&change).is_ok() && below.apply_to_link(b"f", &change).is_ok());
        assert!(root.enter_beneath(b"d").is_none(), "the walk by steps does it");
        let no_name = below.create_unnamed(0o600).unwrap();
        assert!(no_name.is_none() && !below.link_unnamed(&file, b"f").unwrap());
        assert!(below.link(b"f", b"l").is_err() && below.read_link(b"f").is_err());
        assert!(umask().is_none() && !is_root());
        assert_eq!((open_files_limit(), name_to_path(b"f")), (None, Path::new("f")));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_entered() {
        let place = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let root = Directory::open(place.path()).unwrap();
        std::os::unix::fs::symlink(outside.path(), place.path().join("l")).unwrap();
        assert!(root.enter(b"l").is_err());
        root.make(b"d", 0o755).unwrap();
        let below = root.enter(b"d").unwrap();
        fs::remove_dir(place.path().join("d")).unwrap();
        std::os::unix::fs::symlink(outside.path(), place.path().join("d")).unwrap();
        assert!(below.create(b"x", 0o644).is_err(), "swapped after it was entered");
        assert!(root.status(b"d").unwrap().unwrap().is_symlink);
    }
}
