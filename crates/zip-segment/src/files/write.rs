//! Volumes as files that appear together, or each as it is complete.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zip_io::Source;
use zip_io::pending::{CompleteFile, PendingFile, sync_directory_of};

use super::flush::Flush;
use super::listing::listing;
use crate::error::{Error, Result};
use crate::name::{Place, parse, siblings, volume_name};
use crate::policy::Kind;
use crate::volume::{Volumes, not_begun};

/// [`Volumes`] as files of one directory.
///
/// Nothing has its name before the whole archive is complete and on the disk: then the volumes are
/// renamed, the last one last, since that is the one that readers begin with. Dropped unfinished,
/// nothing is left. With [`FileVolumes::publish_each`] a volume has its name as soon as
/// it is complete, so that it can leave the machine while the next one is written.
///
/// *Threads*: one, from the second volume on, that flushes what is complete to the disk while the
/// next is written, and ends with this.
pub struct FileVolumes<'f> {
    /// The name of the archive: that of the last volume of a split archive, and of all raw cuts
    /// up to their number.
    path: PathBuf,
    kind: Kind,
    number: u32,
    current: Option<PendingFile>,
    /// Volumes before the current one, on their way to the disk.
    flush: Flush,
    publish: Option<Published<'f>>,
}

/// Told where a complete volume is.
type Published<'f> = Box<dyn FnMut(&Path) -> io::Result<()> + Send + 'f>;

impl std::fmt::Debug for FileVolumes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileVolumes")
            .field("path", &self.path)
            .field("kind", &self.kind)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl<'f> FileVolumes<'f> {
    /// Volumes of the archive at `path`, which for [`Kind::Split`] must end in `.zip`.
    ///
    /// # Errors
    /// [`Error::Name`]; [`Error::Exists`] where there are volumes of that name, because several
    /// files cannot be replaced at once; and what the system says.
    pub fn create(path: impl Into<PathBuf>, kind: Kind) -> Result<Self> {
        let path = path.into();
        let name = path.file_name().unwrap_or_default();
        if kind == Kind::Split && !matches!(parse(name), Some((_, Place::Last))) {
            return Err(Error::Name { name: path.display().to_string() });
        }
        // Of a raw cut the whole name is the stem.
        let first = volume_name(name, kind, 0);
        let old = siblings(&first, kind, listing(&path)?);
        if let Some((_, old)) = old?.numbered.first() {
            let name = path.with_file_name(old).display().to_string();
            return Err(Error::Exists { name });
        }
        let (number, current, flush, publish) = (0, None, Flush::new(CompleteFile::sync), None);
        Ok(Self { path, kind, number, current, flush, publish })
    }

    /// The same, where each volume gets its name when it is complete, and `published` is told.
    /// What was published stays, whatever becomes of the archive.
    #[must_use]
    pub fn publish_each(
        mut self,
        published: impl FnMut(&Path) -> io::Result<()> + Send + 'f,
    ) -> Self {
        self.publish = Some(Box::new(published));
        self
    }

    fn path_of(&self, number: u32, last: bool) -> PathBuf {
        if last && self.kind == Kind::Split {
            return self.path.clone();
        }
        let name = self.path.file_name().unwrap_or_default();
        self.path.with_file_name(volume_name(name, self.kind, number))
    }

    fn check_at_hand(&self) -> io::Result<()> {
        if self.publish.is_some() { Err(io::ErrorKind::Unsupported.into()) } else { Ok(()) }
    }

    fn current(&mut self) -> io::Result<&mut PendingFile> {
        self.current.as_mut().ok_or_else(not_begun)
    }

    /// Renames everything once it is on the disk, the last volume last. After a failure nothing is
    /// left.
    fn publish_all(&mut self, last: CompleteFile, last_path: &Path) -> io::Result<()> {
        last.sync()?;
        let complete = self.flush.finish()?;
        let mut published = Vec::new();
        let result = self.name_all(complete, (last, last_path), &mut published);
        if result.is_err() {
            for path in published {
                // One that cannot be removed is no archive without the last volume.
                let _ = fs::remove_file(path);
            }
        }
        result?;
        sync_directory_of(&self.path)
    }

    fn name_all(
        &self,
        complete: Vec<CompleteFile>,
        (last, last_path): (CompleteFile, &Path),
        published: &mut Vec<PathBuf>,
    ) -> io::Result<()> {
        for (number, file) in (0..).zip(complete) {
            let path = self.path_of(number, false);
            check_free(&path)?;
            file.name(&path)?;
            published.push(path);
        }
        if self.kind == Kind::Raw {
            check_free(last_path)?;
        }
        // Whatever the machine does now, where the last one is, the others are.
        sync_directory_of(&self.path)?;
        last.name(last_path)
    }
}

/// An error if there is a file of this name, which was not there when the archive was begun.
fn check_free(path: &Path) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(Error::Exists { name: path.display().to_string() }.into());
    }
    Ok(())
}

impl Volumes for FileVolumes<'_> {
    fn start(&mut self, number: u32) -> io::Result<()> {
        self.number = number;
        self.current = Some(PendingFile::create(&self.path)?);
        Ok(())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.current()?.write_all(bytes)
    }

    fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
        self.current()?.copy_from(source, at, len)
    }

    fn replace_head(&mut self, head: &[u8]) -> io::Result<()> {
        self.current()?.patch(0, head)
    }

    /// Volumes that have their names may have left.
    fn can_rewind(&self) -> bool {
        self.check_at_hand().is_ok()
    }

    fn rewind(&mut self, number: u32, len: u64) -> io::Result<()> {
        self.check_at_hand()?;
        if number == self.number {
            return self.current()?.truncate(len);
        }
        // Removed with what is behind the volume.
        self.current = None;
        self.current = Some(self.flush.take_back(number as usize)?.resume(len)?);
        self.number = number;
        Ok(())
    }

    fn patch(&mut self, number: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.check_at_hand()?;
        if number == self.number {
            return self.current()?.patch(at, bytes);
        }
        self.flush.patch(number as usize, at, bytes)
    }

    fn complete(&mut self, last: bool) -> io::Result<()> {
        let path = self.path_of(self.number, last);
        let pending = self.current.take().ok_or_else(not_begun)?;
        let file = pending.complete()?;
        if let Some(published) = &mut self.publish {
            file.publish(&path)?;
            return published(&path);
        }
        if last { self.publish_all(file, &path) } else { self.flush.push(file) }
    }
}
