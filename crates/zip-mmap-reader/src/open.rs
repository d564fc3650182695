//! From a source to a located directory: the driver of the sans-io locator.

use zip_format::directory::index::Index;
use zip_format::limits::Limits;
use zip_format::locate::{Located, Locator};
use zip_format::position::Span;
use zip_format::profile::Relax;
use zip_io::Source;

use crate::error::{Error, Result};

/// Finds the central directory; two reads for nearly every archive.
pub(crate) fn locate(source: &dyn Source, relax: Relax) -> Result<Located> {
    let mut locator = Locator::over_volumes(source.volumes(), relax);
    let mut buffer = Vec::new();
    loop {
        let want = locator.want();
        let located = match source.as_slice() {
            Some(all) => locator.feed(slice_of(all, want))?,
            None => {
                // At most `locate::TAIL_LEN` bytes.
                buffer.resize(usize::try_from(want.len()).unwrap_or(0), 0);
                read_exact(source, &mut buffer, want.start)?;
                locator.feed(&buffer)?
            }
        };
        if let Some(located) = located {
            return Ok(located);
        }
    }
}

/// Reads the directory's bytes, unless the source has them in memory anyway.
pub(crate) fn directory(
    source: &dyn Source,
    located: &Located,
    limits: &Limits,
) -> Result<Option<Vec<u8>>> {
    if source.as_slice().is_some() {
        return Ok(None);
    }
    let span = located.directory;
    admit_directory(span, limits)?;
    // The locator proved that the span lies inside the source, so it is no bigger than the file.
    let mut bytes = vec![0; usize::try_from(span.len()).unwrap_or(usize::MAX)];
    read_exact(source, &mut bytes, span.start)?;
    Ok(Some(bytes))
}

/// Reads the archive comment, at most 65,535 bytes.
pub(crate) fn comment(source: &dyn Source, located: &Located) -> Result<Vec<u8>> {
    let len = located.comment.len().min(u64::from(u16::MAX));
    let mut comment = vec![0; len as usize];
    read_exact(source, &mut comment, located.comment.start)?;
    Ok(comment)
}

/// Whether a directory of this length may be read at all.
pub(crate) fn admit_directory(span: Span, limits: &Limits) -> Result<()> {
    if span.len() > limits.directory_bytes {
        let kind = zip_format::error::ErrorKind::Limit {
            what: "bytes of the directory",
            limit: limits.directory_bytes,
            found: span.len(),
        };
        return Err(zip_format::error::Error::new(kind, span.start).into());
    }
    Ok(())
}

/// Checks the layout: the directory, and the first bytes of what stands before the members.
pub(crate) fn index(
    source: &dyn Source,
    directory: &[u8],
    located: &Located,
    relax: Relax,
    limits: &Limits,
) -> Result<Index> {
    let volumes = source.volumes();
    let mut index = Index::build_over_volumes(directory, located, volumes, relax, limits)?;
    signing_block(source, &mut index)?;
    let span = index.prefix_head();
    if source.probe(span).is_err() {
        // The first volume is missing, and with it all that a prefix could hide from readers.
        return Ok(index);
    }
    // At most 64 KiB.
    let mut head = vec![0; usize::try_from(span.len()).unwrap_or(0)];
    read_exact(source, &mut head, span.start)?;
    index.check_prefix(&head, relax)?;
    Ok(index)
}

/// Looks for an APK Signing Block: two small reads where there is one.
fn signing_block(source: &dyn Source, index: &mut Index) -> Result<()> {
    let Some(span) = index.signing_tail().filter(|span| source.probe(*span).is_ok()) else {
        return Ok(());
    };
    // At most 24 bytes.
    let mut tail = vec![0; usize::try_from(span.len()).unwrap_or(0)];
    read_exact(source, &mut tail, span.start)?;
    if let Some(span) = index.signing_head(&tail)
        && source.probe(span).is_ok()
    {
        // A page at most.
        let mut head = vec![0; usize::try_from(span.len()).unwrap_or(0)];
        read_exact(source, &mut head, span.start)?;
        index.set_signing_block(&head, &tail);
    }
    Ok(())
}

/// The part of a slice that a span names; cut where the slice ends.
pub(crate) fn slice_of(bytes: &[u8], span: Span) -> &[u8] {
    let clamp = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.get(clamp(span.start)..clamp(span.end)).unwrap_or(&[])
}

pub(crate) fn read_exact(source: &dyn Source, buf: &mut [u8], at: u64) -> Result<()> {
    source.read_exact_at(buf, at).map_err(|source| Error::Io { at, source })
}
