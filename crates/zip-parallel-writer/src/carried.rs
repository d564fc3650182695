//! Entries of other archives as items: payload and headers as they are, for editing and merging.
//!
//! The reader is not needed here, and not known: whoever has an [`Entry`] and knows where its
//! member is can carry it. `zip_mmap_reader::EntryRef` is one such place (`&**entry`, `offset()`).

use zip_format::audit::payload_span;
use zip_format::directory::carry::Carried;
use zip_format::entry::Entry;
use zip_format::error::Error as FormatError;
use zip_format::local::{FIXED_LEN, LocalHeader};
use zip_io::Source;
use zip_io::input::SpanInput;

use crate::error::{Error, Result};
use crate::form::Form;
use crate::item::Item;

impl<'i> Item<'i> {
    /// An entry of another archive, payload and headers as they are: nothing is decoded or
    /// compressed again, encryption stays, unknown extra records stay. `local` is the offset of
    /// its local header in `source`.
    ///
    /// Whether the entry is sound is for the reader to say, with
    /// `zip_mmap_reader::EntryRef::check` or by decoding it.
    ///
    /// ```no_run
    /// use zip_io::file::FileSink;
    /// use zip_mmap_reader::Archive;
    /// use zip_parallel_writer::{Item, ParallelWriter};
    ///
    /// // A copy of the archive without one entry.
    /// let archive = Archive::open("a.zip")?;
    /// let kept = archive.entries().filter(|entry| entry.raw_name() != b"secret.txt");
    /// let items = kept
    ///     .map(|entry| Item::carried(&entry, archive.source(), entry.offset()))
    ///     .collect::<Result<Vec<_>, _>>()?;
    /// ParallelWriter::default().write(FileSink::create("a.zip")?, items)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The source fails; there is no local header; it is not that of the entry, or its payload
    /// would pass the end of the source.
    pub fn carried(entry: &Entry<'_>, source: impl Source + 'i, local: u64) -> Result<Self> {
        let mut header = vec![0; FIXED_LEN];
        source.read_exact_at(&mut header, local).map_err(Error::Input)?;
        let here = |error: FormatError| Error::Format(error.offset(local));
        header.resize(LocalHeader::peek_len(&header).map_err(here)?, 0);
        source.read_exact_at(&mut header, local).map_err(Error::Input)?;
        let span = payload_span(entry, &header, local, source.len())?;
        let (parsed, _) = LocalHeader::parse(&header).map_err(here)?;
        let carried = Carried::new(entry, &parsed)?;
        let kind = entry.kind();
        Ok(Self {
            attributes: entry.attributes(),
            contents: Some(Box::new(SpanInput::new(source, span))),
            form: Form::Carried(Box::new(carried)),
            ..Self::new(entry.raw_name(), kind, 0o644)
        })
    }
}
