//! The front door of reading: any file of an archive opens all of it.

use std::io;
use std::path::Path;

use zip_format::position::Span;
use zip_io::Source;
use zip_io::file::FileSource;
use zip_io::source::OpenFile;

use super::set::Set;
use super::volume_file::VolumeFile;
use crate::error::Result;
use crate::name::{Place, parse};
use crate::policy::Kind;
use crate::source::{SegmentedSource, claim_of};

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
/// [`open`] says [`NoEnd`](crate::Error::NoEnd) of, since a sealed archive shows no end record.
///
/// # Errors
/// What the system says, and too many volumes.
pub fn open_cuts(path: impl AsRef<Path>) -> Result<SegmentedSource<VolumeFile>> {
    let set = Set::beside(path.as_ref(), Kind::Raw)?;
    SegmentedSource::of_cuts(set.cuts()?.0)
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
