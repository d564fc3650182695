//! What lies under the name that an output is to get: a file is replaced when the new one is
//! complete, a link leads to one that is, and a device or a pipe takes the bytes as they come.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Where an output goes.
#[derive(Debug)]
pub(crate) enum Destination {
    /// A file at this path, or none yet. It is no link, so that giving a new file its name
    /// replaces what the user sees and not the link to it.
    File(PathBuf),
    /// What cannot be replaced by a file without breaking it for everybody: a character device
    /// such as `/dev/null`, or a pipe. Opened for writing.
    Stream(File),
}

impl Destination {
    /// Looks at `path`, through links.
    ///
    /// # Errors
    /// What the system says; also for a directory, a block device and a link that leads nowhere.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let Some(metadata) = existing(path)? else { return Ok(Self::File(path.into())) };
        if metadata.is_file() {
            let link = path.symlink_metadata()?.is_symlink();
            return Ok(Self::File(if link { path.canonicalize()? } else { path.into() }));
        }
        if takes_a_stream(metadata.file_type()) {
            return OpenOptions::new().write(true).open(path).map(Self::Stream);
        }
        Err(no_file(path, &metadata))
    }
}

/// The metadata of what is at `path`, if something is and a file may replace it.
///
/// # Errors
/// What the system says; also for what is no file.
pub(crate) fn replaceable(path: &Path) -> io::Result<Option<Metadata>> {
    match existing(path)? {
        Some(metadata) if !metadata.is_file() => Err(no_file(path, &metadata)),
        found => Ok(found),
    }
}

fn existing(path: &Path) -> io::Result<Option<Metadata>> {
    match path.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
                let text = format!("{} is a link to nothing", path.display());
                return Err(io::Error::new(ErrorKind::NotFound, text));
            }
            Ok(None)
        }
        found => found.map(Some),
    }
}

fn no_file(path: &Path, found: &Metadata) -> io::Error {
    let (kind, what) = if found.is_dir() {
        (ErrorKind::IsADirectory, "a directory")
    } else {
        (ErrorKind::InvalidInput, "no regular file")
    };
    io::Error::new(kind, format!("{} is {what}; it is not replaced", path.display()))
}

#[cfg(unix)]
fn takes_a_stream(found: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    found.is_char_device() || found.is_fifo()
}

#[cfg(not(unix))]
fn takes_a_stream(_found: FileType) -> bool {
    false
}
