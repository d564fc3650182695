//! Volumes as files next to each other: written under temporary names, found from any of them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use zip_format::position::Span;
use zip_io::Source;
use zip_io::file::FileSource;
use zip_io::pending::{CompleteFile, PendingFile, sync_directory_of};
use zip_io::source::OpenFile;

use crate::error::{Error, Result};
use crate::name::{Place, Siblings, parse, siblings, volume_name};
use crate::policy::{Kind, MOST_VOLUMES};
use crate::source::{SegmentedSource, Volume, claim_of};
use crate::volume::{Volumes, not_begun};

/// Files open at a time, of an archive that has more volumes.
const OPEN_FILES: usize = 256;

/// [`Volumes`] as files of one directory.
///
/// Nothing has its name before the whole archive is complete: then the volumes are flushed to the
/// disk and renamed, the last one last, since that is the one that readers begin with. Dropped
/// unfinished, nothing is left. With [`FileVolumes::publish_each`] a volume has its name as soon as
/// it is complete, so that it can leave the machine while the next one is written.
pub struct FileVolumes<'f> {
    /// The name of the archive: that of the last volume of a split archive, and of all raw cuts
    /// up to their number.
    path: PathBuf,
    kind: Kind,
    number: u32,
    current: Option<PendingFile>,
    complete: Vec<(CompleteFile, PathBuf)>,
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
        let (number, current, complete, publish) = (0, None, Vec::new(), None);
        Ok(Self { path, kind, number, current, complete, publish })
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

    fn current(&mut self) -> io::Result<&mut PendingFile> {
        self.current.as_mut().ok_or_else(not_begun)
    }

    /// Flushes and renames everything, the last volume last. After a failure nothing is left.
    fn publish_all(&mut self) -> io::Result<()> {
        for (file, _) in &self.complete {
            file.sync()?;
        }
        let mut published = Vec::new();
        let result = self.name_all(&mut published);
        if result.is_err() {
            for path in published {
                // One that cannot be removed is no archive without the last volume.
                let _ = fs::remove_file(path);
            }
        }
        result?;
        sync_directory_of(&self.path)
    }

    fn name_all(&mut self, published: &mut Vec<PathBuf>) -> io::Result<()> {
        let Some((last, last_path)) = self.complete.pop() else { return Ok(()) };
        for (file, path) in self.complete.drain(..) {
            check_free(&path)?;
            file.name(&path)?;
            published.push(path);
        }
        if self.kind == Kind::Raw {
            check_free(&last_path)?;
        }
        // Whatever the machine does now, where the last one is, the others are.
        sync_directory_of(&self.path)?;
        last.name(&last_path)
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

    fn complete(&mut self, last: bool) -> io::Result<()> {
        let path = self.path_of(self.number, last);
        let pending = self.current.take().ok_or_else(not_begun)?;
        let mut file = pending.complete()?;
        if let Some(published) = &mut self.publish {
            file.publish(&path)?;
            return published(&path);
        }
        // There may be more volumes than files can be open.
        file.close();
        self.complete.push((file, path));
        if last { self.publish_all() } else { Ok(()) }
    }
}

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
struct Handles(Vec<Mutex<Option<Handle>>>);

/// The open file of the volume of this number.
type Handle = (usize, Arc<FileSource>);

impl VolumeFile {
    /// Opens the file once, for its length.
    fn open(path: PathBuf, number: usize, handles: &Arc<Handles>) -> io::Result<Self> {
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

/// An archive that is one file or many.
#[derive(Debug)]
pub enum ArchiveFile {
    /// One file.
    One(FileSource),
    /// Several volumes, of either kind.
    Volumes(SegmentedSource<VolumeFile>),
}

/// Opens the archive at `path`: a plain one, or the whole that `path` is any volume of. Volumes are
/// looked for in the same directory. Missing ones are told where they are needed, see
/// [`SegmentedSource`].
///
/// # Errors
/// What the system says, and what is wrong with the set of volumes.
pub fn open(path: impl AsRef<Path>) -> Result<ArchiveFile> {
    let path = path.as_ref();
    let name = path.file_name().unwrap_or_default();
    let kind = match parse(name) {
        None => return Ok(ArchiveFile::One(FileSource::open(path)?)),
        Some((_, Place::Raw(_))) => Kind::Raw,
        Some((_, Place::Numbered(_))) => Kind::Split,
        Some((_, Place::Last)) => {
            let file = FileSource::open(path)?;
            // What is no archive at all is the reader's to judge.
            if claim_of(&file).map_or(1, |claim| claim.claimed_volumes) == 1 {
                return Ok(ArchiveFile::One(file));
            }
            Kind::Split
        }
    };
    let set = Set::beside(path, kind)?;
    Ok(ArchiveFile::Volumes(match kind {
        Kind::Split => set.split()?,
        Kind::Raw => set.raw()?,
    }))
}

/// Opens the whole that `path` is a raw volume of (`.001`, `.002`, ...), whatever it is: for what
/// [`open`] says [`Error::NoEnd`] of, since a sealed archive shows no end record.
///
/// # Errors
/// What the system says, and too many volumes.
pub fn open_cuts(path: impl AsRef<Path>) -> Result<SegmentedSource<VolumeFile>> {
    let set = Set::beside(path.as_ref(), Kind::Raw)?;
    SegmentedSource::of_cuts(set.cuts()?.0)
}

/// The files of an archive, on their way to a source.
struct Set<'p> {
    /// Any volume.
    path: &'p Path,
    kind: Kind,
    found: Siblings,
    handles: Arc<Handles>,
}

impl<'p> Set<'p> {
    /// All that lie next to `path`.
    fn beside(path: &'p Path, kind: Kind) -> Result<Self> {
        let found = siblings(path.file_name().unwrap_or_default(), kind, listing(path)?)?;
        let handles = Arc::new(Handles((0..OPEN_FILES).map(|_| Mutex::new(None)).collect()));
        Ok(Self { path, kind, found, handles })
    }

    fn open(&self, name: &OsStr, number: usize) -> Result<VolumeFile> {
        let path = self.path.with_file_name(name);
        let read = |source| Error::Read { name: path.display().to_string(), at: 0, source };
        VolumeFile::open(path.clone(), number, &self.handles).map_err(read)
    }

    /// What a file is called, or would be if it were there; `number` counts from 0.
    fn name_of(&self, number: u32) -> OsString {
        let base = match (&self.found.last, self.path.file_name().and_then(parse)) {
            (Some(last), _) => last.clone(),
            (None, Some((stem, _))) => {
                // The stem is a whole part of a name, up to a dot.
                let len = stem.len();
                let name = self.path.file_name().unwrap_or_default().to_string_lossy();
                let mut base = OsString::from(name.get(..len).unwrap_or(&name));
                if self.kind == Kind::Split {
                    base.push(".zip");
                }
                base
            }
            (None, None) => OsString::new(),
        };
        volume_name(&base, self.kind, number)
    }

    /// The volumes before number `end`, which counts from 0, and the names of those that follow.
    fn numbered(&self, end: u32) -> Result<(Vec<Volume<VolumeFile>>, Vec<String>)> {
        let mut files = self.found.numbered.iter().peekable();
        let mut volumes = Vec::new();
        for number in 0..end {
            let file = files.next_if(|(found, _)| *found == number + 1);
            let source = file.map(|(_, name)| self.open(name, number as usize)).transpose()?;
            let name = file.map_or_else(|| self.name_of(number), |(_, name)| name.clone());
            volumes.push(Volume { name: name.to_string_lossy().into_owned(), source });
        }
        let surplus = files.map(|(_, name)| name.to_string_lossy().into_owned()).collect();
        Ok((volumes, surplus))
    }

    fn split(self) -> Result<SegmentedSource<VolumeFile>> {
        let Some(name) = &self.found.last else {
            let name = self.name_of(0);
            let name = Path::new(&name).with_extension("zip").display().to_string();
            return Err(Error::MissingLast { name });
        };
        // Its number shows only in itself.
        let last = self.open(name, usize::MAX)?;
        let claimed = claim_of(&last).map_or(1, |claim| claim.claimed_volumes);
        let numbered = self.found.numbered.iter().map(|(number, _)| *number).max().unwrap_or(0);
        let before = match claimed {
            // A plain archive that was cut and named so.
            1 => numbered,
            claimed => u32::try_from(claimed - 1).unwrap_or(u32::MAX),
        };
        if before >= MOST_VOLUMES {
            return Err(Error::TooManyVolumes { most: MOST_VOLUMES, found: u64::from(before) + 1 });
        }
        let (mut volumes, surplus) = self.numbered(before)?;
        let name = name.to_string_lossy().into_owned();
        volumes.push(Volume { name, source: Some(last) });
        Ok(SegmentedSource::assemble(volumes)?.with_surplus(surplus))
    }

    /// All cuts, and their number.
    fn cuts(&self) -> Result<(Vec<Volume<VolumeFile>>, u32)> {
        let count = self.found.numbered.iter().map(|(number, _)| *number).max().unwrap_or(0);
        if count > MOST_VOLUMES {
            return Err(Error::TooManyVolumes { most: MOST_VOLUMES, found: count.into() });
        }
        Ok((self.numbered(count)?.0, count))
    }

    fn raw(self) -> Result<SegmentedSource<VolumeFile>> {
        let (volumes, count) = self.cuts()?;
        let last = volumes.last().map(|volume| volume.name.clone()).unwrap_or_default();
        let next = self.name_of(count).to_string_lossy().into_owned();
        SegmentedSource::assemble(volumes).map_err(|error| match error {
            Error::Format(_) => Error::NoEnd { last, next },
            other => other,
        })
    }
}

/// Names of the files next to `path`.
fn listing(path: &Path) -> io::Result<Vec<OsString>> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::read_dir(parent)?.map(|file| Ok(file?.file_name())).collect()
}

impl Source for ArchiveFile {
    fn len(&self) -> u64 {
        match self {
            Self::One(file) => file.len(),
            Self::Volumes(volumes) => volumes.len(),
        }
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        match self {
            Self::One(file) => file.read_at(buf, at),
            Self::Volumes(volumes) => volumes.read_at(buf, at),
        }
    }

    fn copy_to_file(&self, at: u64, len: u64, file: OpenFile<'_>) -> io::Result<u64> {
        match self {
            Self::One(one) => one.copy_to_file(at, len, file),
            Self::Volumes(volumes) => volumes.copy_to_file(at, len, file),
        }
    }

    fn volume_starts(&self) -> &[u64] {
        match self {
            Self::One(_) => &[],
            Self::Volumes(volumes) => volumes.volume_starts(),
        }
    }

    fn probe(&self, span: Span) -> io::Result<()> {
        match self {
            Self::One(_) => Ok(()),
            Self::Volumes(volumes) => volumes.probe(span),
        }
    }
}
