//! Files: positioned reads, lazily opened inputs, and outputs that appear under their name only
//! when they are finished.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use zip_format::position::Position;

use crate::input::Input;
use crate::sink::Sink;
use crate::source::Source;

/// A file read by position. Threads share the handle without a lock.
///
/// Safe against others who truncate or rewrite the file meanwhile: reads then end in an error, or
/// in bytes whose CRC is wrong, never in a signal.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// What the system says; `InvalidInput` for a directory.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::new(File::open(path)?)
    }

    /// Takes an open file, of the length it has now.
    ///
    /// # Errors
    /// What the system says; `InvalidInput` for what has no fixed length (a pipe, a directory).
    pub fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            let text = "not a regular file: an archive is read by position";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let len = metadata.len();
        Ok(Self { file, len })
    }

    /// The file.
    #[must_use]
    pub const fn file(&self) -> &File {
        &self.file
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    #[cfg(unix)]
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buf, at)
    }

    #[cfg(windows)]
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buf, at)
    }
}

/// A file as an input, opened when its turn comes.
#[derive(Clone, Debug)]
pub struct FileInput {
    path: PathBuf,
    len: Option<u64>,
}

impl FileInput {
    /// The file at `path`; it is not touched yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), len: None }
    }

    /// The same, with the length a directory walk has seen.
    #[must_use]
    pub const fn with_len_hint(mut self, len: u64) -> Self {
        self.len = Some(len);
        self
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file for one pass from byte `from`. Any number of passes may be open.
    ///
    /// # Errors
    /// What the system says.
    pub fn open_at(&self, from: u64) -> io::Result<File> {
        let mut file = File::open(&self.path)?;
        if from > 0 {
            file.seek(io::SeekFrom::Start(from))?;
        }
        Ok(file)
    }
}

impl Input for FileInput {
    fn len_hint(&self) -> Option<u64> {
        self.len
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(File::open(&self.path)?))
    }
    fn reopen(&self, from: u64) -> Option<io::Result<Box<dyn Read + Send>>> {
        Some(self.open_at(from).map(|file| Box::new(file) as Box<dyn Read + Send>))
    }
}

/// An archive written to a file that takes its name in the last step.
///
/// The bytes go to a temporary file in the same directory. [`Sink::finish`] flushes it to the
/// disk and renames it; before that, the old file, if there is one, stays as it is. A sink that
/// is dropped unfinished removes its temporary file.
#[derive(Debug)]
pub struct FileSink {
    temporary: Option<NamedTempFile>,
    path: PathBuf,
    buffer: Vec<u8>,
    position: u64,
}

/// Bytes gathered before a write; larger pieces are written as they are.
const BUFFER: usize = 256 << 10;

impl FileSink {
    /// A sink for the file at `path`, in a directory that must exist.
    ///
    /// # Errors
    /// What the system says; also when `path` names a directory.
    pub fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        if path.is_dir() {
            let text = format!("{} is a directory", path.display());
            return Err(io::Error::new(io::ErrorKind::IsADirectory, text));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".pzip-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: what the umask leaves of it. An existing file keeps its mode.
            let mode = std::fs::metadata(&path).map_or(0o666, |old| old.permissions().mode());
            builder.permissions(std::fs::Permissions::from_mode(mode & 0o777));
        }
        let temporary = builder.tempfile_in(parent_of(&path))?;
        let buffer = Vec::with_capacity(BUFFER);
        Ok(Self { temporary: Some(temporary), path, buffer, position: 0 })
    }

    fn file(&mut self) -> io::Result<&mut File> {
        let temporary = self.temporary.as_mut();
        temporary
            .map(NamedTempFile::as_file_mut)
            .ok_or_else(|| io::Error::other("sink is finished"))
    }

    fn flush(&mut self) -> io::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        let result = self.file()?.write_all(&buffer);
        self.buffer = buffer;
        self.buffer.clear();
        result
    }
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Sink for FileSink {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        if bytes.len() >= BUFFER {
            self.file()?.write_all(bytes)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        self.position = self.position.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn position(&self) -> Position {
        Position::on_first(self.position)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file()?.sync_all()?;
        if let Some(temporary) = self.temporary.take() {
            temporary.persist(&self.path).map_err(|error| error.error)?;
        }
        sync_directory(parent_of(&self.path))
    }
}

/// Makes the rename itself last, where the system has a way to.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    match File::open(path).and_then(|directory| directory.sync_all()) {
        // Some file systems cannot sync a directory; the file itself is safe.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}
