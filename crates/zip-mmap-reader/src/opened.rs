//! An archive whose layout was checked: what [`crate::Archive`] and its entries share.

use std::sync::OnceLock;

use zip_format::directory::index::Index;
use zip_format::directory::names::{NameIndex, Named};
use zip_format::directory::saved;
use zip_format::entry::Entry;
use zip_format::locate::Located;
use zip_format::profile::Relax;
use zip_io::Source;

use crate::error::Result;
use crate::open;
use crate::options::{NameCharset, Options};

/// The parts of an open archive. Nothing in it changes after it was made.
#[derive(Debug)]
pub(crate) struct Opened<S> {
    pub(crate) source: S,
    pub(crate) options: Options,
    pub(crate) located: Located,
    pub(crate) index: Index,
    pub(crate) comment: Vec<u8>,
    /// Made when first asked for.
    pub(crate) names: OnceLock<NameIndex>,
    /// The directory's bytes, where the source does not have them in memory.
    copied: Option<Vec<u8>>,
}

impl<S: Source> Opened<S> {
    pub(crate) fn new(source: S, options: Options) -> Result<Self> {
        let located = open::locate(&source, options.relax)?;
        let copied = open::directory(&source, &located, &options.limits)?;
        let bytes = directory_in(&source, copied.as_deref(), &located);
        let index = open::index(&source, bytes, &located, options.relax, &options.limits)?;
        let comment = open::comment(&source, &located)?;
        let names = OnceLock::new();
        Ok(Self { source, options, located, index, comment, names, copied })
    }

    /// With an index of names that was made before.
    pub(crate) fn with_index(source: S, options: Options, index: &[u8]) -> Result<Self> {
        let opened = Self::new(source, options)?;
        let names = saved::load(index, opened.named())?;
        opened.names.get_or_init(|| names);
        Ok(opened)
    }

    /// The parts as another driver read them; `source` need not be readable here.
    #[cfg(feature = "async")]
    pub(crate) fn from_parts(
        source: S,
        options: Options,
        located: Located,
        index: Index,
        comment: Vec<u8>,
        directory: Vec<u8>,
    ) -> Self {
        let (names, copied) = (OnceLock::new(), Some(directory));
        Self { source, options, located, index, comment, names, copied }
    }

    /// The directory, its index, and how its names are read.
    pub(crate) fn named(&self) -> Named<'_> {
        let charset = self.options.charset.as_ref().map(NameCharset::as_charset);
        Named { bytes: self.directory(), index: &self.index, charset }
    }

    /// The entry of this number.
    pub(crate) fn entry(&self, index: usize) -> Option<Entry<'_>> {
        self.index.entry(self.directory(), index)?.ok()
    }

    /// The bytes of the central directory.
    pub(crate) fn directory(&self) -> &[u8] {
        directory_in(&self.source, self.copied.as_deref(), &self.located)
    }

    /// Whether this archive would have been opened under another profile.
    pub(crate) fn reopen(&self, relax: Relax) -> Result<()> {
        let located = open::locate(&self.source, relax)?;
        open::index(&self.source, self.directory(), &located, relax, &self.options.limits)?;
        Ok(())
    }
}

fn directory_in<'b>(
    source: &'b dyn Source,
    copied: Option<&'b [u8]>,
    located: &Located,
) -> &'b [u8] {
    copied.unwrap_or_else(|| open::slice_of(source.as_slice().unwrap_or(&[]), located.directory))
}
