//! Files: positioned reads, lazily opened inputs, and outputs that appear under their name only
//! when they are finished.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use zip_format::position::Position;

use crate::destination::Destination;
use crate::input::Input;
use crate::pending::PendingFile;
use crate::sink::Sink;
#[cfg(target_os = "linux")]
use crate::source::OpenFile;
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
    /// What the system says; `InvalidInput` for what has no fixed length (a pipe, a directory).
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // Opening a pipe would wait for a writer. Regular files do not know the flag.
            options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
        }
        Self::new(options.open(path)?)
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

    #[cfg(target_os = "linux")]
    fn copy_to_file(&self, mut at: u64, len: u64, file: OpenFile<'_>) -> io::Result<u64> {
        use rustix::io::Errno;
        use std::io::Seek;
        // The system copies by pages of the source. Where little of each reaches into the next
        // page of the target, it clears that page first, and is slower than reading and writing.
        let shift = (&mut &*file.0).stream_position()?.wrapping_sub(at) % 4096;
        if (1..2048).contains(&shift) {
            return Ok(0);
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        match rustix::fs::copy_file_range(&self.file, Some(&mut at), file.0, None, len) {
            Ok(copied) => Ok(copied as u64),
            // Not between these two files, or not by this kernel.
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => {
                Ok(0)
            }
            Err(Errno::INTR) => self.copy_to_file(at, len as u64, file),
            Err(error) => Err(error.into()),
        }
    }
}

/// A file as an input, opened when its turn comes.
#[derive(Clone, Debug)]
pub struct FileInput {
    path: PathBuf,
    /// Asked for once: it is a hint, and costs as much as a small file's compression.
    len: OnceLock<Option<u64>>,
}

impl FileInput {
    /// The file at `path`; it is not touched yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), len: OnceLock::new() }
    }

    /// The same, with the length a directory walk has seen.
    #[must_use]
    pub fn with_len_hint(mut self, len: u64) -> Self {
        self.len = OnceLock::from(Some(len));
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
    /// The length a directory walk has seen, or the one the system tells when it is first asked.
    fn len_hint(&self) -> Option<u64> {
        *self.len.get_or_init(|| {
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
    fn reopen(&self, from: u64) -> Option<io::Result<Box<dyn Read + Send>>> {
        Some(self.open_at(from).map(|file| Box::new(file) as Box<dyn Read + Send>))
    }
    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        Some(FileSource::open(&self.path).map(|file| Arc::new(file) as _))
    }
}

/// An archive written to a file that takes its name in the last step.
///
/// The bytes go to a temporary file in the same directory. [`Sink::finish`] flushes it to the
/// disk and renames it; before that, the old file, if there is one, stays as it is. A sink that
/// is dropped unfinished removes its temporary file.
///
/// Where the path is a link, the file it leads to is replaced. Where it is a character device or
/// a pipe (`/dev/null`, a FIFO), there is nothing to replace: the bytes go there as they come.
#[derive(Debug)]
pub struct FileSink {
    output: Output,
    position: u64,
}

#[derive(Debug)]
enum Output {
    File { pending: PendingFile, path: PathBuf },
    Stream(File),
    Finished,
}

impl FileSink {
    /// A sink for the file at `path`, in a directory that must exist.
    ///
    /// # Errors
    /// What the system says; also when `path` names a directory, a block device or a link to
    /// nothing.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let output = match Destination::of(path.as_ref())? {
            Destination::File(path) => Output::File { pending: PendingFile::create(&path)?, path },
            Destination::Stream(file) => Output::Stream(file),
        };
        Ok(Self { output, position: 0 })
    }

    /// The file under its temporary name; what is no file can only be written on.
    fn pending(&mut self) -> io::Result<&mut PendingFile> {
        match &mut self.output {
            Output::File { pending, .. } => Ok(pending),
            Output::Stream(_) => Err(io::ErrorKind::Unsupported.into()),
            Output::Finished => Err(finished()),
        }
    }
}

fn finished() -> io::Error {
    io::Error::other("sink is finished")
}

impl Sink for FileSink {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.output {
            Output::File { pending, .. } => pending.write_all(bytes)?,
            Output::Stream(file) => file.write_all(bytes)?,
            Output::Finished => return Err(finished()),
        }
        self.position = self.position.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
        let Output::File { pending, .. } = &mut self.output else { return Ok(0) };
        let copied = pending.copy_from(source, at, len)?;
        self.position = self.position.saturating_add(copied);
        Ok(copied)
    }

    fn position(&self) -> Position {
        Position::on_first(self.position)
    }

    fn can_rewind(&self) -> bool {
        matches!(self.output, Output::File { .. })
    }

    fn rewind(&mut self, to: Position) -> io::Result<()> {
        if to.offset > self.position {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.pending()?.truncate(to.offset)?;
        self.position = to.offset;
        Ok(())
    }

    fn patch(&mut self, at: Position, bytes: &[u8]) -> io::Result<()> {
        if at.offset.saturating_add(bytes.len() as u64) > self.position {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.pending()?.patch(at.offset, bytes)
    }

    fn finish(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.output, Output::Finished) {
            Output::File { pending, path } => pending.complete()?.publish(&path),
            Output::Stream(mut file) => file.flush(),
            Output::Finished => Err(finished()),
        }
    }
}
