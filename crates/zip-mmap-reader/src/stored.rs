//! The payload of a stored entry where it stands in the archive: read and sought, not decoded.
//!
//! For contents that are containers themselves (archives, media, databases): a [`StoredReader`]
//! is a [`Source`] too, so an archive within an archive is opened without a copy.

use std::io::{self, Read, Seek, SeekFrom};

use zip_format::position::Span;
use zip_io::Source;

use crate::entry::EntryRef;
use crate::error::Result;
use crate::job::Proof;
use crate::member::Scratch;
use crate::open::slice_of;
use crate::piece::Piece;
use crate::stream::stream;

/// The contents of a stored entry, at any position.
///
/// From [`EntryRef::stored_reader`] they were proven right once, when it was made, and are read
/// anew since: a source that others change meanwhile gives what it has then.
///
/// ```
/// use std::io::{Read, Seek, SeekFrom};
/// use zip_mmap_reader::{Archive, Options};
/// # use zip_testkit::lay::{LaidEntry, Lay};
/// # let inner = Lay::of([LaidEntry::deflated("inner.txt", "within")]).build();
/// # let bytes = Lay::of([LaidEntry::stored("inner.zip", inner)]).build();
/// let outer = Archive::new(bytes, Options::default())?;
/// let mut reader = outer.by_name("inner.zip")?.stored_reader()?.expect("it is stored");
/// let mut end = [0; 22];
/// reader.seek(SeekFrom::End(-22))?;
/// reader.read_exact(&mut end)?;
/// assert!(end.starts_with(b"PK\x05\x06"));
///
/// let inner = Archive::new(reader, Options::default())?;
/// assert_eq!(inner.by_name("inner.txt")?.read()?, b"within");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// *Threads*: clones have a position each; [`StoredReader::read_at`] needs none.
pub struct StoredReader<'a, S> {
    source: &'a S,
    payload: Span,
    /// Offset in the contents of the next read.
    position: u64,
}

impl<S> Clone for StoredReader<'_, S> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<S> std::fmt::Debug for StoredReader<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredReader")
            .field("payload", &self.payload)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl<'a, S: Source> EntryRef<'a, S> {
    /// The contents in place, if the entry is stored; `None` where they must be decoded
    /// or decrypted.
    ///
    /// The member's records and CRC-32 were checked: this reads all of the payload once, 256 KiB
    /// at a time.
    ///
    /// # Errors
    /// Everything that is wrong with the member; [`Error::Encrypted`](crate::Error::Encrypted).
    pub fn stored_reader(&self) -> Result<Option<StoredReader<'a, S>>> {
        let Some(reader) = self.stored_reader_unverified()? else { return Ok(None) };
        let options = &self.opened().options;
        let mut scratch = Scratch::for_options(options);
        let verified = self.job().and_then(|job| match reader.as_slice() {
            Some(payload) => job.verify(&mut scratch.codec, options, payload),
            None => {
                let from = (reader.source as &dyn Source, reader.payload);
                let check = &mut || Ok(());
                let drop = &mut |_: Piece<'_>| Ok(());
                stream(&mut scratch, &job, options, from, Proof::Last, check, drop)
            }
        });
        verified.map_err(|error| self.name_error(error))?;
        Ok(Some(reader))
    }

    /// The same without a look at the payload, whose bytes are as the archive has them: the size
    /// is right, the CRC-32 is whatever it is.
    ///
    /// # Errors
    /// What is wrong with the member's records; [`Error::Encrypted`](crate::Error::Encrypted).
    pub fn stored_reader_unverified(&self) -> Result<Option<StoredReader<'a, S>>> {
        self.admit().map_err(|error| self.name_error(error))?;
        let payload = self.check()?.payload;
        let job = self.job().map_err(|error| self.name_error(error))?;
        let reader = StoredReader { source: &self.opened().source, payload, position: 0 };
        Ok(job.is_in_place().then_some(reader))
    }
}

impl<S: Source> StoredReader<'_, S> {
    /// Bytes of the contents.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.payload.len()
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.payload.is_empty()
    }

    /// Reads some bytes at `at` of the contents, whatever the position; zero only at their end,
    /// or for an empty buffer.
    ///
    /// # Errors
    /// What the source says; `UnexpectedEof` where it became shorter than it was.
    pub fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let room = usize::try_from(self.len().saturating_sub(at)).unwrap_or(usize::MAX);
        let len = room.min(buf.len());
        let buf = buf.get_mut(..len).unwrap_or(&mut []);
        if buf.is_empty() {
            return Ok(0);
        }
        // Inside the payload, so the sum is an offset of the archive.
        match self.source.read_at(buf, self.payload.start + at)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }

    /// The contents, where the source is in memory.
    #[must_use]
    pub fn as_slice(&self) -> Option<&[u8]> {
        self.source.as_slice().map(|all| slice_of(all, self.payload))
    }
}

impl<S: Source> Source for StoredReader<'_, S> {
    fn len(&self) -> u64 {
        self.len()
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.read_at(buf, at)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        self.as_slice()
    }
}

impl<S: Source> Read for StoredReader<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.read_at(buf, self.position)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

impl<S: Source> Seek for StoredReader<'_, S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        // Behind the end is a position, as it is of a file: there is nothing to read.
        self.position = position.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "position before the first byte")
        })?;
        Ok(self.position)
    }
}
