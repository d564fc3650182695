//! The one place where commands open archives: a file, or all volumes of one of them.

use std::path::Path;

use pzip::io::Source;
use pzip::reader::Error;
use pzip::segment::check::faults;
use pzip::segment::files::{ArchiveFile, open};

use crate::exit::Failure;
use crate::output::complain;

/// Missing volumes that are named, of an archive that lacks many.
const SHOWN: usize = 10;

/// The bytes of an archive, wherever they are.
pub(crate) type AnySource = Box<dyn Source>;

/// Opens what `path` names, or is a volume of.
pub(crate) fn any(path: &Path) -> Result<AnySource, Failure> {
    match open(path) {
        Ok(ArchiveFile::One(file)) => Ok(Box::new(file)),
        Ok(ArchiveFile::Volumes(volumes)) => {
            let missing = volumes.missing().count();
            for name in volumes.missing().take(SHOWN) {
                complain(format_args!("{name} is missing: what lies on it cannot be read"));
            }
            if missing > SHOWN {
                complain(format_args!("{} more volumes are missing", missing - SHOWN));
            }
            Ok(Box::new(volumes))
        }
        Err(error) => {
            Err(Failure::new(error.category(), format_args!("{}: {error}", path.display())))
        }
    }
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
pub(crate) fn offset_of(error: &Error) -> Option<u64> {
    match error {
        Error::Format(error) => Some(error.at),
        Error::Entry { at, cause, .. } => offset_of(cause).or(Some(*at)),
        _ => None,
    }
}
