//! One volume that is a file, of an archive that may have more of them than files can be open.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use zip_io::Source;
use zip_io::file::FileSource;
use zip_io::source::OpenFile;

use crate::error::Error;

/// Files open at a time, of an archive that has more volumes.
const OPEN_FILES: usize = 256;

/// One volume that is a file, opened when it is read and closed when others are.
#[derive(Debug)]
pub struct VolumeFile {
    path: PathBuf,
    number: usize,
    len: u64,
    handles: Arc<Handles>,
}

/// The open files of an archive: each volume has its slot, which it shares where there are many.
#[derive(Debug)]
pub(super) struct Handles(Vec<Mutex<Option<Handle>>>);

impl Handles {
    /// None is open.
    pub(super) fn new() -> Self {
        Self((0..OPEN_FILES).map(|_| Mutex::new(None)).collect())
    }
}

/// The open file of the volume of this number.
type Handle = (usize, Arc<FileSource>);

impl VolumeFile {
    /// Opens the file once, for its length.
    pub(super) fn open(path: PathBuf, number: usize, handles: &Arc<Handles>) -> io::Result<Self> {
        let file = Self { path, number, len: 0, handles: handles.clone() };
        let len = file.handle()?.len();
        Ok(Self { len, ..file })
    }

    fn handle(&self) -> io::Result<Arc<FileSource>> {
        let slot = self.handles.0.get(self.number % OPEN_FILES);
        let slot = slot.ok_or_else(|| io::Error::other("no such volume"))?;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((number, file)) = &*slot
            && *number == self.number
        {
            return Ok(file.clone());
        }
        let file = Arc::new(FileSource::open(&self.path)?);
        let (expected, found) = (self.len, file.len());
        if self.len != 0 && expected != found {
            let name = self.path.display().to_string();
            return Err(Error::Changed { name, expected, found }.into());
        }
        *slot = Some((self.number, file.clone()));
        Ok(file)
    }
}

impl Source for VolumeFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.handle()?.read_at(buf, at)
    }

    fn copy_to_file(&self, at: u64, len: u64, file: OpenFile<'_>) -> io::Result<u64> {
        self.handle()?.copy_to_file(at, len, file)
    }
}
