//! Files: positioned reads, lazily opened inputs, and outputs that appear under their name only
//! when they are finished.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
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

    fn as_file(&self) -> Option<&File> {
        Some(&self.file)
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
}

impl Input for FileInput {
    /// The length a directory walk has seen, or the one the system tells now.
    fn len_hint(&self) -> Option<u64> {
        self.len.or_else(|| {
            let metadata = std::fs::metadata(&self.path).ok()?;
            metadata.is_file().then_some(metadata.len())
        })
    }
    /// Disks answer soon. A pipe under a name has no length and is what waits.
    fn may_wait(&self) -> bool {
        self.len_hint().is_none()
    }
    fn can_reopen(&self) -> bool {
        true
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(File::open(&self.path)?))
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

/// Bytes the system copies in one call, so that a signal comes through in between.
#[cfg(target_os = "linux")]
const COPY_BYTES: usize = 64 << 20;

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

    fn can_rewind(&self) -> bool {
        true
    }

    fn rewind(&mut self, to: Position) -> io::Result<()> {
        if to.offset > self.position {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.flush()?;
        let file = self.file()?;
        file.set_len(to.offset)?;
        file.seek(SeekFrom::Start(to.offset))?;
        self.position = to.offset;
        Ok(())
    }

    fn patch(&mut self, at: Position, bytes: &[u8]) -> io::Result<()> {
        if at.offset.saturating_add(bytes.len() as u64) > self.position {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.flush()?;
        let end = self.position;
        let file = self.file()?;
        file.seek(SeekFrom::Start(at.offset))?;
        file.write_all(bytes)?;
        file.seek(SeekFrom::Start(end)).map(drop)
    }

    #[cfg(target_os = "linux")]
    fn copy_file(&mut self, file: &File, at: u64, len: u64) -> io::Result<u64> {
        self.flush()?;
        let (mut from, mut to) = (at, self.position);
        let mut left = len;
        while left > 0 {
            let piece = usize::try_from(left).unwrap_or(usize::MAX).min(COPY_BYTES);
            let target = self.file()?;
            match rustix::fs::copy_file_range(file, Some(&mut from), target, Some(&mut to), piece) {
                // The end of the file, or a file system that cannot: the caller finds out.
                Ok(0) | Err(_) => break,
                Ok(copied) => left = left.saturating_sub(copied as u64),
            }
        }
        let copied = len - left;
        self.position = self.position.saturating_add(copied);
        let position = self.position;
        self.file()?.seek(SeekFrom::Start(position))?;
        Ok(copied)
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
