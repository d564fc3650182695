//! One entry of an open archive: its metadata, and the ways to its contents.

use std::ops::Deref;

use zip_codec::guard;
#[cfg(feature = "crypto")]
use zip_codec::member::Keyring;
use zip_format::attributes::Kind;
use zip_format::audit::Member;
#[cfg(feature = "crypto")]
use zip_format::encryption::Scheme;
use zip_format::entry::Entry;
use zip_format::error::{Error as FormatError, ErrorKind};
use zip_format::name::Name;
use zip_format::time::Instant;
use zip_io::Source;

use crate::error::{Error, Result};
use crate::in_place;
use crate::job::{Job, Proof};
use crate::member::{Scratch, Target, Window, room, zeroed};
use crate::open::{read_exact, slice_of};
use crate::opened::Opened;
use crate::passwords::Passwords;
use crate::read::EntryReader;
use crate::stream::stream;

/// An entry of an archive; its metadata is that of [`Entry`], which it dereferences to.
///
/// *Threads*: copies may be sent anywhere the archive is shared.
#[derive(Debug)]
pub struct EntryRef<'a, S> {
    opened: &'a Opened<S>,
    index: usize,
    entry: Entry<'a>,
    passwords: &'a Passwords,
}

impl<S> Clone for EntryRef<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for EntryRef<'_, S> {}

impl<'a, S> Deref for EntryRef<'a, S> {
    type Target = Entry<'a>;

    fn deref(&self) -> &Entry<'a> {
        &self.entry
    }
}

impl<'a, S: Source> EntryRef<'a, S> {
    pub(crate) const fn new(opened: &'a Opened<S>, index: usize, entry: Entry<'a>) -> Self {
        Self { opened, index, entry, passwords: &opened.options.passwords }
    }

    /// The same entry under other passwords than those of [`Options::passwords`].
    ///
    /// [`Options::passwords`]: crate::Options::passwords
    #[must_use]
    pub const fn with_passwords(self, passwords: &'a Passwords) -> Self {
        Self { passwords, ..self }
    }

    /// What decoding this entry has to prove, and what opens it.
    pub(crate) fn job(&self) -> Result<Job> {
        Job::new(&self.entry, self.index, self.passwords)
    }

    /// Number of the entry in the directory.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    pub(crate) const fn opened(&self) -> &'a Opened<S> {
        self.opened
    }

    /// Name, read as text: as [`Entry::name`], and in [`Options::charset`] where the entry does
    /// not tell its encoding.
    ///
    /// [`Options::charset`]: crate::Options::charset
    #[must_use]
    pub fn name(&self) -> Name<'a> {
        self.entry.name_in(self.opened.named().charset)
    }

    /// The best modification instant: as [`Entry::modified`], and a DOS time in [`Options::zone`].
    ///
    /// [`Options::zone`]: crate::Options::zone
    #[must_use]
    pub fn modified(&self) -> Instant {
        let instant = self.entry.modified();
        self.opened.options.zone.as_ref().map_or(instant, |zone| instant.in_zone(zone.as_zone()))
    }

    /// Offset of the local header in the file, prefix included.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.opened.index.local_at(&self.entry)
    }

    pub(crate) fn target(&self) -> Target<'a> {
        let index = &self.opened.index;
        let limit = index.member_limit(self.opened.directory(), self.index, &self.entry);
        self.target_at(self.offset(), limit)
    }

    /// The same, where the bounds of the member are known.
    pub(crate) const fn target_at(&self, at: u64, limit: u64) -> Target<'a> {
        let padding_start = self.opened.index.padding_start();
        Target { entry: self.entry, at, limit, padding_start }
    }

    /// How many keys like that of this entry are worth deriving together: 1 without a key, and
    /// where every entry is asked for its own password.
    pub(crate) fn keys_at_once(&self) -> u8 {
        #[cfg(feature = "crypto")]
        if self.is_encrypted()
            && self.passwords.is_shared()
            && let Ok((Scheme::Aes(aes), _)) = self.scheme()
        {
            return u8::try_from(Keyring::at_once(aes.strength)).unwrap_or(u8::MAX);
        }
        1
    }

    /// A directory without contents, which by rights every directory is.
    pub(crate) fn is_bare_directory(&self) -> bool {
        self.entry.kind() == Kind::Directory && self.entry.size() == 0
    }

    /// Puts this entry around an error.
    pub(crate) fn name_error(&self, error: Error) -> Error {
        match error {
            named @ (Error::Entry { .. } | Error::Cancelled | Error::TotalBytes { .. }) => named,
            cause => Error::Entry {
                index: self.index,
                name: self.name().to_string(),
                at: self.offset(),
                cause: Box::new(cause),
            },
        }
    }

    /// Checks the member's records: local header and descriptor agree with the directory, and the
    /// member ends where the next one starts. Decodes nothing.
    ///
    /// # Errors
    /// The first contradiction, or a deviation the archive was not opened to accept.
    pub fn check(&self) -> Result<Member> {
        let target = self.target();
        let options = &self.opened.options;
        let source = &self.opened.source;
        let checked = match source.as_slice() {
            Some(bytes) => target.check_in(Window { start: 0, bytes }, options),
            None => target.check_by_reads(source, &mut Vec::new(), options),
        };
        checked.map_err(|error| self.name_error(error))
    }

    /// The contents.
    ///
    /// For many entries, [`EntryRef::read_into`] with one [`Scratch`] is faster.
    ///
    /// # Errors
    /// Everything that is wrong with the member; then there are no contents.
    pub fn read(&self) -> Result<Vec<u8>> {
        let room = self.admit().and_then(zeroed);
        let mut contents = room.map_err(|error| self.name_error(error))?;
        let mut scratch = Scratch::for_options(&self.opened.options);
        self.read_into(&mut scratch, &mut contents)?;
        Ok(contents)
    }

    /// Fills `out`, which must be as long as the contents.
    ///
    /// Allocates nothing once the scratch is warm. By position, a deflated payload is read whole,
    /// into a buffer of the scratch that is hardly longer than `out`. After an error the bytes of `out` are
    /// unspecified.
    ///
    /// # Errors
    /// Everything that is wrong with the member, and a buffer of another length.
    pub fn read_into(&self, scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
        self.fill(scratch, out).map_err(|error| self.name_error(error))
    }

    fn fill(&self, scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
        let (expected, found) = (self.entry.size(), out.len() as u64);
        if expected != found {
            return Err(Error::BufferLength { expected, found });
        }
        let target = self.target();
        let options = &self.opened.options;
        let source = &self.opened.source;
        if let Some(bytes) = source.as_slice()
            && target.is_decoded_at_once()
        {
            let member = target.check_in(Window { start: 0, bytes }, options)?;
            let payload = slice_of(bytes, member.payload);
            return self.job()?.decode(&mut scratch.codec, options, payload, out);
        }
        if target.is_read_in_place() {
            let member = target.check_by_reads(source, &mut scratch.head, options)?;
            return in_place::fill(&self.job()?, options, (source, member.payload), out);
        }
        // Where there is no memory for it, it goes piece by piece.
        if let Ok(len) = usize::try_from(target.span().len())
            && (target.is_small() || target.is_read_whole())
            && let Ok(buffer) = room(&mut scratch.payload, len)
        {
            read_exact(source, buffer, target.at)?;
            let window = Window { start: target.at, bytes: buffer };
            let member = target.check_in(window, options)?;
            let payload = window.slice(member.payload);
            return self.job()?.decode(&mut scratch.codec, options, payload, out);
        }
        let member = target.check_by_reads(source, &mut scratch.head, options)?;
        let job = self.job()?;
        let (from, mut filled) = ((source as &dyn Source, member.payload), 0);
        let run = &mut || Ok(());
        let result = stream(scratch, &job, options, from, Proof::Last, run, &mut |piece| {
            let bytes = piece.as_slice();
            // The decoder gives no more than the size, which is the buffer's length.
            if let Some(room) = out.get_mut(filled..filled + bytes.len()) {
                room.copy_from_slice(bytes);
                filled += bytes.len();
            }
            Ok(())
        });
        if result.is_err() && job.is_locked() {
            // Decrypted, and not authentic.
            out.fill(0);
        }
        result
    }

    /// The contents as they stand in the archive: for stored entries of a source in memory.
    /// `None` where they must be decoded or read. Their CRC-32 was checked.
    ///
    /// # Errors
    /// Everything that is wrong with the member.
    pub fn bytes(&self) -> Result<Option<&'a [u8]>> {
        let Some(bytes) = self.opened.source.as_slice() else { return Ok(None) };
        let borrow = || {
            self.admit()?;
            let target = self.target();
            let options = &self.opened.options;
            let member = target.check_in(Window { start: 0, bytes }, options)?;
            let job = self.job()?;
            if !job.is_in_place() {
                return Ok(None);
            }
            let payload = slice_of(bytes, member.payload);
            job.verify(&mut Scratch::new().codec, options, payload)?;
            Ok(Some(payload))
        };
        borrow().map_err(|error| self.name_error(error))
    }

    /// The contents as a reader, in bounded memory for entries of any size.
    ///
    /// # Errors
    /// What is wrong with the member's records; what is wrong with its payload shows while
    /// reading. Of an entry encrypted with AES a wrong password and an authentication code that
    /// does not fit show here, because all of its payload was read once when this returns.
    pub fn reader(&self) -> Result<EntryReader<'a>> {
        self.admit().map_err(|error| self.name_error(error))?;
        let member = self.check()?;
        self.job()
            .and_then(|job| {
                let source = &self.opened.source;
                EntryReader::new(&job, source, member.payload, &self.opened.options)
            })
            .map_err(|error| self.name_error(error))
    }

    /// The size of a buffer for the contents, if one may be made at all: the directory only
    /// claims it.
    pub(crate) fn admit(&self) -> Result<usize> {
        let size = self.entry.size();
        guard::admit(size, self.entry.compressed_size(), &self.opened.options.limits)?;
        usize::try_from(size).map_err(|_| {
            let (what, limit) = ("bytes of a buffer", usize::MAX as u64);
            let kind = ErrorKind::Limit { what, limit, found: size };
            Error::Format(FormatError::new(kind, self.entry.at()))
        })
    }
}
