//! The one place where commands open archives: a file, or all volumes of one of them.

use std::path::Path;

use pzip::reader;
use pzip::segment::check::faults;
use pzip::segment::files::{ArchiveFile, VolumeFile, open, open_cuts};
use pzip::segment::{Error, SegmentedSource};

use crate::exit::Failure;
use crate::output::complain;
pub(crate) use crate::sealed::AnySource;
use crate::sealed::is_sealed;

/// Missing volumes that are named, of an archive that lacks many.
const SHOWN: usize = 10;

/// Opens what `path` names, or is a volume of.
pub(crate) fn any(path: &Path) -> Result<AnySource, Failure> {
    let failure = |error: Error| Failure::new(error.category(), error).about(path);
    match open(path) {
        Ok(ArchiveFile::One(file)) => Ok(Box::new(file)),
        Ok(ArchiveFile::Volumes(volumes)) => Ok(all_of(volumes)),
        // Cuts of a sealed archive show no end; whether the last of them is there is proven when
        // it is unsealed.
        Err(error @ Error::NoEnd { .. }) => match open_cuts(path) {
            Ok(cuts) if is_sealed(&cuts) => Ok(all_of(cuts)),
            _ => Err(failure(error)),
        },
        Err(error) => Err(failure(error)),
    }
}

/// All volumes as one source, after it was said which are missing.
fn all_of(volumes: SegmentedSource<VolumeFile>) -> AnySource {
    let missing = volumes.missing().count();
    for name in volumes.missing().take(SHOWN) {
        complain(format_args!("{name} is missing: what lies on it cannot be read"));
    }
    if missing > SHOWN {
        complain(format_args!("{} more volumes are missing", missing - SHOWN));
    }
    Box::new(volumes)
}

/// After something failed: if the archive has volumes, says in which of them the offset lies, and
/// what is wrong with them.
pub(crate) fn explain(path: &Path, at: Option<u64>) {
    let Ok(ArchiveFile::Volumes(volumes)) = open(path) else { return };
    if let Some(at) = at {
        let (name, offset) = volumes.locate(at);
        complain(format_args!("offset {at} of the archive is offset {offset} of {name}"));
    }
    for fault in faults(&volumes).unwrap_or_default() {
        complain(fault);
    }
}

/// The offset that an error of the reader shows.
pub(crate) fn offset_of(error: &reader::Error) -> Option<u64> {
    match error {
        reader::Error::Format(error) => Some(error.at),
        reader::Error::Entry { at, cause, .. } => offset_of(cause).or(Some(*at)),
        _ => None,
    }
}
