//! Files that have no name before they are complete: written, completed, and then published.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

use crate::destination::replaceable;
use crate::source::{OpenFile, Source};

/// A file being written, under a temporary name in the directory of its final one. Dropping it
/// removes it.
#[derive(Debug)]
pub struct PendingFile {
    temporary: NamedTempFile,
    buffer: Vec<u8>,
}

/// A file with all its bytes, still under its temporary name. Dropping it removes it.
#[derive(Debug)]
pub struct CompleteFile {
    /// Open until it is closed, which one does who has many of them.
    file: Option<File>,
    path: TempPath,
}

/// Bytes gathered before a write.
const BUFFER: usize = 256 << 10;
/// Pieces from this length on are written as they are: a call costs less than copying them.
const DIRECT: usize = 64 << 10;

impl PendingFile {
    /// An empty file that may become the one at `path`, or another in its directory, which must
    /// exist. Its mode is that of the file at `path`, if there is one, and else that of any new
    /// file.
    ///
    /// # Errors
    /// What the system says; also when `path` names what no file may replace: a directory, a
    /// device, a pipe, a link to nothing.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".pzip-").suffix(".tmp");
        like(&mut builder, replaceable(path)?);
        let temporary = builder.tempfile_in(parent_of(path))?;
        Ok(Self { temporary, buffer: Vec::with_capacity(BUFFER) })
    }

    /// Takes more bytes.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let direct = bytes.len() >= DIRECT;
        if direct || self.buffer.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        if direct {
            return self.temporary.as_file_mut().write_all(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes up to `len` bytes at `at` of a source without passing them through this process;
    /// zero where that cannot be done.
    ///
    /// # Errors
    /// What the system says.
    pub fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
        self.flush()?;
        source.copy_to_file(at, len, OpenFile(self.temporary.as_file()))
    }

    /// Replaces bytes at `at`, which were written before.
    ///
    /// # Errors
    /// What the system says.
    pub fn patch(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.flush()?;
        let file = self.temporary.as_file_mut();
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)?;
        file.seek(SeekFrom::End(0)).map(drop)
    }

    /// Forgets everything from `len` on.
    ///
    /// # Errors
    /// What the system says.
    pub fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.flush()?;
        let file = self.temporary.as_file_mut();
        file.set_len(len)?;
        file.seek(SeekFrom::Start(len)).map(drop)
    }

    /// Ends the file. It is not flushed to the disk yet.
    ///
    /// # Errors
    /// What the system says.
    pub fn complete(mut self) -> io::Result<CompleteFile> {
        self.flush()?;
        let (file, path) = self.temporary.into_parts();
        Ok(CompleteFile { file: Some(file), path })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let result = self.temporary.as_file_mut().write_all(&self.buffer);
        self.buffer.clear();
        result
    }
}

impl CompleteFile {
    /// The file with its first `len` bytes, to be written on.
    ///
    /// # Errors
    /// What the system says.
    pub fn resume(self, len: u64) -> io::Result<PendingFile> {
        let file = match self.file {
            Some(file) => file,
            None => open_again(&self.path)?,
        };
        let temporary = NamedTempFile::from_parts(file, self.path);
        let mut pending = PendingFile { temporary, buffer: Vec::with_capacity(BUFFER) };
        pending.truncate(len)?;
        Ok(pending)
    }

    /// Where the bytes are now.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the file; what is still to be done opens it again.
    pub fn close(&mut self) {
        self.file = None;
    }

    /// Flushes the file to the disk.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        if let Some(file) = &self.file {
            return file.sync_all();
        }
        // Windows flushes only what may be written to.
        let file = OpenOptions::new().read(true).write(cfg!(windows)).open(&self.path)?;
        file.sync_all()
    }

    /// Flushes the file to the disk and gives it its name, in place of a file that has it now.
    ///
    /// # Errors
    /// What the system says.
    pub fn publish(self, path: &Path) -> io::Result<()> {
        self.sync()?;
        self.name(path)?;
        sync_directory_of(path)
    }

    /// Gives the file its name, in place of a file that has it now; neither the file nor the name
    /// is flushed to the disk. For who publishes several at once.
    ///
    /// # Errors
    /// What the system says.
    pub fn name(mut self, path: &Path) -> io::Result<()> {
        self.close();
        self.path.persist(path).map_err(|error| error.error)
    }
}

/// Replaces bytes at `at` of a complete file that is still at `path`, its [`CompleteFile::path`],
/// and was closed. It has to be flushed to the disk again.
///
/// # Errors
/// What the system says.
pub fn patch_complete(path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = open_again(path)?;
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}

/// Opens a file of ours to be written once more. Its mode may be one that forbids it: it has that
/// of the file it will replace.
fn open_again(path: &Path) -> io::Result<File> {
    let open = || OpenOptions::new().read(true).write(true).open(path);
    let refused = match open() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => error,
        other => return other,
    };
    let Ok(metadata) = path.metadata() else { return Err(refused) };
    let mode = metadata.permissions();
    std::fs::set_permissions(path, writable(mode.clone()))?;
    let file = open();
    std::fs::set_permissions(path, mode)?;
    file
}

#[cfg(unix)]
fn writable(mut mode: Permissions) -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    mode.set_mode(mode.mode() | 0o600);
    mode
}

#[cfg(not(unix))]
#[expect(clippy::permissions_set_readonly_false, reason = "nobody else may write here")]
fn writable(mut mode: Permissions) -> Permissions {
    mode.set_readonly(false);
    mode
}

/// As any new file: what the umask leaves of it. An existing file keeps its mode.
#[cfg(unix)]
fn like(builder: &mut tempfile::Builder<'_, '_>, old: Option<Metadata>) {
    use std::os::unix::fs::PermissionsExt;
    let mode = old.map_or(0o666, |old| old.permissions().mode());
    builder.permissions(Permissions::from_mode(mode & 0o777));
}

#[cfg(not(unix))]
fn like(_builder: &mut tempfile::Builder<'_, '_>, _old: Option<Metadata>) {}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes renames in the directory of `path` last, where the system has a way to.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    match File::open(parent_of(path)).and_then(|directory| directory.sync_all()) {
        // Some file systems cannot sync a directory; the file itself is safe.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}

/// Makes renames in the directory of `path` last, where the system has a way to: not here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_directory_of(_path: &Path) -> io::Result<()> {
    Ok(())
}
