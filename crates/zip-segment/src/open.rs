//! From a source to the checked layout of its archive: the drivers of the locator and the index.

use zip_format::directory::index::Index;
use zip_format::error::{Error as FormatError, ErrorKind};
use zip_format::limits::Limits;
use zip_format::locate::{Located, Locator};
use zip_format::position::Span;
use zip_format::profile::Relax;
use zip_io::Source;

use crate::error::Result;

/// An archive whose layout was checked.
pub(crate) struct Opened {
    pub(crate) located: Located,
    pub(crate) directory: Vec<u8>,
    pub(crate) index: Index,
}

/// Finds the directory and reads it.
pub(crate) fn directory(
    source: &dyn Source,
    relax: Relax,
    limits: &Limits,
) -> Result<(Located, Vec<u8>)> {
    let mut locator = Locator::over_volumes(source.volumes(), relax);
    let located = loop {
        if let Some(located) = locator.feed(&bytes(source, locator.want())?)? {
            break located;
        }
    };
    let (limit, found) = (limits.directory_bytes, located.directory.len());
    if found > limit {
        let kind = ErrorKind::Limit { what: "bytes of the directory", limit, found };
        return Err(FormatError::new(kind, located.directory.start).into());
    }
    let directory = bytes(source, located.directory)?;
    Ok((located, directory))
}

/// The same, with the layout of the members checked.
pub(crate) fn open(source: &dyn Source, relax: Relax, limits: &Limits) -> Result<Opened> {
    let (located, directory) = directory(source, relax, limits)?;
    let volumes = source.volumes();
    let mut index = Index::build_over_volumes(&directory, &located, volumes, relax, limits)?;
    if let Some(tail) = index.signing_tail() {
        let tail = bytes(source, tail)?;
        if let Some(head) = index.signing_head(&tail) {
            index.set_signing_block(&bytes(source, head)?, &tail);
        }
    }
    let head = bytes(source, index.prefix_head())?;
    index.check_prefix(&head, relax)?;
    Ok(Opened { located, directory, index })
}

/// The bytes of a span that lies inside the source, and is no longer than a limit.
pub(crate) fn bytes(source: &dyn Source, span: Span) -> Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(span.len()).unwrap_or(usize::MAX)];
    source.read_exact_at(&mut bytes, span.start)?;
    Ok(bytes)
}
