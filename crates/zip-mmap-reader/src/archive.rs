//! An open archive. Every method takes `&self`; share it with as many threads as you like.

use std::path::Path;

use zip_format::directory::names::NameIndex;
use zip_format::directory::saved;
use zip_format::error::{Error as FormatError, ErrorKind};
use zip_format::locate::Located;
use zip_format::profile::Relax;
use zip_io::Source;
use zip_io::file::FileSource;

use crate::entry::EntryRef;
use crate::error::{Error, Result};
use crate::opened::Opened;
use crate::options::Options;
use crate::passwords::Passwords;

/// A ZIP archive over any [`Source`].
///
/// ```no_run
/// use zip_mmap_reader::Archive;
/// let archive = Archive::open("a.zip")?;
/// for entry in archive.entries() {
///     println!("{} {}", entry.size(), entry.name());
/// }
/// let contents = archive.by_name("README.md")?.read()?;
/// # Ok::<(), zip_mmap_reader::Error>(())
/// ```
///
/// *Limits*: the directory's bytes (unless the source is in memory), and half a byte an entry, 4
/// more where members stand in another order than the directory has them; 8 more once one was
/// asked for by name.
#[derive(Debug)]
pub struct Archive<S> {
    opened: Opened<S>,
}

impl Archive<FileSource> {
    /// Opens the archive at `path`, safely: by positioned reads, which threads share without a
    /// lock and which survive that others truncate the file.
    ///
    /// # Errors
    /// What the system says, or what is wrong with the archive.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, Options::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn open_with(path: impl AsRef<Path>, options: Options) -> Result<Self> {
        let source = FileSource::open(path).map_err(|source| Error::Io { at: 0, source })?;
        Self::new(source, options)
    }
}

impl<S: Source> Archive<S> {
    /// Opens an archive over any source: bytes in memory, a file, several volumes.
    ///
    /// Reads the tail and the directory, and checks the layout once: every header is well-formed,
    /// their number is right, no two members share bytes, and what stands before the first is no
    /// member. Local headers are compared when an entry is read, and all of them at once by
    /// [`Archive::check_all`] and [`Archive::audit`].
    ///
    /// # Errors
    /// What the source says, or what is wrong with the archive.
    pub fn new(source: S, options: Options) -> Result<Self> {
        Ok(Self { opened: Opened::new(source, options)? })
    }

    /// The same archive with other passwords: for those that are asked for when it turns out
    /// that entries are encrypted.
    #[must_use]
    pub fn with_passwords(mut self, passwords: Passwords) -> Self {
        self.opened.options.passwords = passwords;
        self
    }

    /// Opens an archive with the index of names that [`Archive::save_index`] gave for it.
    ///
    /// For archives that many processes open to look for names. Everything is checked as by
    /// [`Archive::new`], and the index against the names, which takes a walk but no sort.
    ///
    /// # Errors
    /// As [`Archive::new`]; [`ErrorKind::SavedIndex`] where the index is not that of this archive
    /// and this [`Options::charset`].
    ///
    /// [`ErrorKind::SavedIndex`]: zip_format::error::ErrorKind::SavedIndex
    pub fn with_index(source: S, options: Options, index: &[u8]) -> Result<Self> {
        Ok(Self { opened: Opened::with_index(source, options, index)? })
    }

    /// The index of names as bytes for [`Archive::with_index`].
    ///
    /// *Limits*: 8 bytes an entry, and 12.
    #[must_use]
    pub fn save_index(&self) -> Vec<u8> {
        saved::save(self.names(), self.opened.named())
    }

    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.opened.index.len()
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.opened.index.is_empty()
    }

    /// The entries, in the directory's order.
    pub fn entries(&self) -> impl Iterator<Item = EntryRef<'_, S>> {
        self.opened
            .index
            .entries(self.directory())
            .enumerate()
            .map(|(index, entry)| EntryRef::new(&self.opened, index, entry))
    }

    /// The entry of this number; `None` past the last.
    #[must_use]
    pub fn entry(&self, index: usize) -> Option<EntryRef<'_, S>> {
        let entry = self.opened.entry(index)?;
        Some(EntryRef::new(&self.opened, index, entry))
    }

    /// The entry of this name, as [`Name::path_bytes`] gives names: decoded text, and raw bytes
    /// where there is none.
    ///
    /// The first call reads all names once, in about the time a walk over the directory takes.
    ///
    /// [`Name::path_bytes`]: zip_format::name::Name::path_bytes
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`ErrorKind::DuplicateName`] where the name stands twice, because
    /// readers disagree about which of them is meant. With [`Relax::DUPLICATES`] it is the first, and so it
    /// is of a directory without contents.
    ///
    /// [`ErrorKind::DuplicateName`]: zip_format::error::ErrorKind::DuplicateName
    pub fn by_name(&self, name: impl AsRef<[u8]>) -> Result<EntryRef<'_, S>> {
        let name = name.as_ref();
        let mut same = self.all_by_name(name);
        let Some(first) = same.next() else {
            return Err(Error::NotFound(match str::from_utf8(name) {
                Ok(text) => text.to_owned(),
                Err(_) => name.escape_ascii().to_string(),
            }));
        };
        match same.next() {
            Some(again)
                if !(self.options().relax.contains(Relax::DUPLICATES)
                    || first.is_bare_directory() && again.is_bare_directory()) =>
            {
                let kind = ErrorKind::DuplicateName { other: first.at() };
                let error = FormatError::new(kind, again.at()).needing(Relax::DUPLICATES);
                Err(again.name_error(error.into()))
            }
            _ => Ok(first),
        }
    }

    /// All entries of this name, in the directory's order: more than one only where a name
    /// stands twice.
    pub fn all_by_name<'a, N: AsRef<[u8]>>(
        &'a self,
        name: N,
    ) -> impl Iterator<Item = EntryRef<'a, S>> + use<'a, N, S> {
        let numbers = self.names().find(self.opened.named(), name.as_ref());
        numbers.filter_map(|number| self.entry(number))
    }

    /// Pairs of entries of one name: each that repeats a name, and the last one before it.
    pub fn duplicates(&self) -> impl Iterator<Item = (usize, usize)> {
        self.names().duplicates(self.opened.named())
    }

    fn names(&self) -> &NameIndex {
        let build = || NameIndex::build(self.opened.named());
        self.opened.names.get_or_init(build)
    }

    /// The archive comment, raw.
    #[must_use]
    pub fn comment(&self) -> &[u8] {
        &self.opened.comment
    }

    /// Relaxations the archive needed to be opened; reading entries may show more, and
    /// [`Archive::audit`] shows all.
    #[must_use]
    pub const fn needs(&self) -> Relax {
        self.opened.index.needs()
    }

    /// Bytes before the first member: the program of a self-extractor.
    #[must_use]
    pub const fn prefix_len(&self) -> u64 {
        self.opened.index.prefix_len()
    }

    #[cfg(feature = "async")]
    pub(crate) const fn from_opened(opened: Opened<S>) -> Self {
        Self { opened }
    }

    pub(crate) const fn opened(&self) -> &Opened<S> {
        &self.opened
    }

    /// Where the directory is.
    #[must_use]
    pub const fn located(&self) -> &Located {
        &self.opened.located
    }

    /// How the archive was opened.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.opened.options
    }

    /// Where the bytes come from.
    #[must_use]
    pub const fn source(&self) -> &S {
        &self.opened.source
    }

    /// The bytes of the central directory.
    #[must_use]
    pub fn directory(&self) -> &[u8] {
        self.opened.directory()
    }
}
