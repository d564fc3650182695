//! The files of one archive, found from any of them, and the source they make.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

use super::listing::listing;
use super::volume_file::{Handles, VolumeFile};
use crate::error::{Error, Result};
use crate::name::{Siblings, parse, siblings, volume_name};
use crate::policy::{Kind, MOST_VOLUMES};
use crate::source::{SegmentedSource, Volume, claim_of};

/// The files of an archive, on their way to a source.
pub(super) struct Set<'p> {
    /// Any volume.
    path: &'p Path,
    kind: Kind,
    found: Siblings,
    handles: Arc<Handles>,
}

impl<'p> Set<'p> {
    /// All that lie next to `path`.
    pub(super) fn beside(path: &'p Path, kind: Kind) -> Result<Self> {
        let found = siblings(path.file_name().unwrap_or_default(), kind, listing(path)?)?;
        let handles = Arc::new(Handles::new());
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

    pub(super) fn split(self) -> Result<SegmentedSource<VolumeFile>> {
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
    pub(super) fn cuts(&self) -> Result<(Vec<Volume<VolumeFile>>, u32)> {
        let count = self.found.numbered.iter().map(|(number, _)| *number).max().unwrap_or(0);
        if count > MOST_VOLUMES {
            return Err(Error::TooManyVolumes { most: MOST_VOLUMES, found: count.into() });
        }
        Ok((self.numbered(count)?.0, count))
    }

    pub(super) fn raw(self) -> Result<SegmentedSource<VolumeFile>> {
        let (volumes, count) = self.cuts()?;
        let last = volumes.last().map(|volume| volume.name.clone()).unwrap_or_default();
        let next = self.name_of(count).to_string_lossy().into_owned();
        SegmentedSource::assemble(volumes).map_err(|error| match error {
            Error::Format(_) => Error::NoEnd { last, next },
            other => other,
        })
    }
}
