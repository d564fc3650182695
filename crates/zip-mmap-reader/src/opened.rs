//! An archive whose layout was checked: what [`crate::Archive`] and its entries share.

use zip_format::directory::index::Index;
use zip_format::locate::Located;
use zip_io::Source;

use crate::error::Result;
use crate::open;
use crate::options::Options;

/// The parts of an open archive. Nothing in it changes after it was made.
#[derive(Debug)]
pub(crate) struct Opened<S> {
    pub(crate) source: S,
    pub(crate) options: Options,
    pub(crate) located: Located,
    pub(crate) index: Index,
    pub(crate) comment: Vec<u8>,
    /// The directory's bytes, where the source does not have them in memory.
    copied: Option<Vec<u8>>,
}

impl<S: Source> Opened<S> {
    pub(crate) fn new(source: S, options: Options) -> Result<Self> {
        let located = open::locate(&source, options.relax)?;
        let copied = open::directory(&source, &located, &options.limits)?;
        let bytes = match (&copied, source.as_slice()) {
            (Some(bytes), _) => bytes,
            (None, all) => open::slice_of(all.unwrap_or(&[]), located.directory),
        };
        let index = Index::build(bytes, &located, options.relax, &options.limits)?;
        let mut comment = vec![0; usize::try_from(located.comment.len()).unwrap_or(0)];
        open::read_exact(&source, &mut comment, located.comment.start)?;
        Ok(Self { source, options, located, index, comment, copied })
    }

    /// The bytes of the central directory.
    pub(crate) fn directory(&self) -> &[u8] {
        match &self.copied {
            Some(bytes) => bytes,
            None => open::slice_of(self.source.as_slice().unwrap_or(&[]), self.located.directory),
        }
    }
}
