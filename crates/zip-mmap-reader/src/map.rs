//! A whole file as one slice: the crate's only unsafe code, and its contract.
//!
//! A map cannot be made safe against others. If another process truncates the file, touching the
//! lost pages kills this process with a signal; if it writes to it, bytes change under a `&[u8]`,
//! which the language forbids. So mapping is `unsafe` and said aloud, and the safe way to open an
//! archive reads by position, which is as parallel and hardly slower.

use std::io;
use std::path::Path;

use memmap2::Mmap;
use zip_io::Source;
use zip_io::file::FileSource;

use crate::archive::Archive;
use crate::error::{Error, Result};
use crate::options::Options;

/// A mapped file.
#[derive(Debug)]
pub struct MmapSource {
    map: Mmap,
}

impl MmapSource {
    /// Maps the file at `path`.
    ///
    /// # Errors
    /// What the system says.
    ///
    /// # Safety
    /// Until the source is dropped, no process may write to the file or truncate it.
    #[expect(unsafe_code, reason = "the contract is handed to the caller")]
    pub unsafe fn map(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = FileSource::open(path)?;
        // SAFETY: the caller keeps the contract of this function, which is that of `Mmap::map`:
        // nobody changes the file while it is mapped.
        let map = unsafe { Mmap::map(file.file())? };
        Ok(Self { map })
    }
}

impl Source for MmapSource {
    fn len(&self) -> u64 {
        self.map.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let bytes: &[u8] = &self.map;
        bytes.read_at(buf, at)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.map)
    }
}

impl Archive<MmapSource> {
    /// Opens the archive at `path` as a memory map.
    ///
    /// # Errors
    /// As [`Archive::open`].
    ///
    /// # Safety
    /// Until the archive is dropped, no process may write to the file or truncate it: see the
    /// head of [this module](crate::map).
    #[expect(unsafe_code, reason = "the contract is handed to the caller")]
    pub unsafe fn map(path: impl AsRef<Path>, options: Options) -> Result<Self> {
        // SAFETY: the caller keeps the contract, which is the same.
        let source = unsafe { MmapSource::map(path) };
        Self::new(source.map_err(|source| Error::Io { at: 0, source })?, options)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip_testkit::lay::{LaidEntry, Lay};

    use super::*;

    #[expect(unsafe_code, reason = "the test keeps the contract")]
    fn map(path: &Path) -> Result<Archive<MmapSource>> {
        // SAFETY: the temporary file is known to this test only, which leaves it as it is.
        unsafe { Archive::map(path, Options::default()) }
    }

    #[test]
    fn a_map_is_a_slice() {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        assert!(map(file.path()).is_err(), "an empty file is an error, not a panic");
        let contents = "contents, contents, contents";
        let entries =
            [LaidEntry::stored("stored", contents), LaidEntry::deflated("deflated", contents)];
        file.write_all(&Lay::of(entries).build()).expect("room");
        let archive = map(file.path()).expect("valid");
        let stored = archive.by_name("stored").expect("there");
        assert_eq!(stored.bytes().expect("whole"), Some(contents.as_bytes()), "without a copy");
        let deflated = archive.by_name("deflated").expect("there");
        assert_eq!(deflated.read().expect("whole"), contents.as_bytes());
        assert_eq!(deflated.bytes().expect("whole"), None);
        let folder = tempfile::tempdir().expect("a directory");
        assert!(map(folder.path()).is_err() && map(&folder.path().join("absent")).is_err());
    }
}
