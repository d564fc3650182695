//! Writing: the directory and trailer of all members, and through [`Meta`] and [`Payload`] the
//! headers of each.

use alloc::vec::Vec;

use crate::central::CentralFields;
use crate::directory::carry::Carried;
use crate::directory::ending::{End, Ending};
use crate::directory::lookalike::check_comment;
use crate::encryption::Scheme;
use crate::entry::Entry;
use crate::error::Result;
use crate::extra::zip64::{self, SATURATED_16, Values};
use crate::extra::{self, id};
use crate::position::Position;
use crate::size::{LocalSizes, narrow};
use crate::version::raised;

use super::record::central_header;
pub use super::record::{
    Framing, Meta, Payload, write_descriptor, write_local, write_local_for, write_local_sealed,
};

/// Collects one central header per member and ends the archive.
///
/// *Limits*: holds the bytes of the directory, 46 and the name an entry.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    directory: Vec<u8>,
    extra: Vec<u8>,
    entries: u64,
}

impl Builder {
    /// An empty directory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Entries so far.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// Appends the central header of a member whose local header is at `local`.
    ///
    /// # Errors
    /// Name or comment do not fit; the directory is then as before.
    pub fn push(&mut self, meta: &Meta<'_>, payload: &Payload, local: Position) -> Result<()> {
        self.push_any(meta, payload, (Framing::Local, Scheme::None), local)
    }

    /// The same for a member that is encrypted in this way; as [`write_local_sealed`].
    ///
    /// # Errors
    /// As [`Builder::push`].
    pub fn push_sealed(
        &mut self,
        meta: &Meta<'_>,
        payload: &Payload,
        scheme: Scheme,
        local: Position,
    ) -> Result<()> {
        self.push_any(meta, payload, (Framing::Local, scheme), local)
    }

    /// The same for a member framed in either way.
    ///
    /// # Errors
    /// As [`Builder::push`].
    pub fn push_framed(
        &mut self,
        meta: &Meta<'_>,
        payload: &Payload,
        framing: Framing,
        local: Position,
    ) -> Result<()> {
        self.push_any(meta, payload, (framing, Scheme::None), local)
    }

    fn push_any(
        &mut self,
        meta: &Meta<'_>,
        payload: &Payload,
        (framing, scheme): (Framing, Scheme),
        local: Position,
    ) -> Result<()> {
        let before = self.directory.len();
        let (extra, out) = (&mut self.extra, &mut self.directory);
        central_header(meta, payload, (framing, scheme), local, extra, out)
            .inspect_err(|_| self.directory.truncate(before))?;
        self.entries += 1;
        Ok(())
    }

    /// Appends the central header of an entry of another directory, whose member now is at
    /// `local`. All of it stays as it was, but for position and zip64 record: that holds the
    /// values that need it, and no others.
    ///
    /// # Errors
    /// The extra field is malformed, or does not fit with the zip64 record the new position
    /// needs; the directory is then as before.
    pub fn push_moved(&mut self, entry: &Entry<'_>, local: Position) -> Result<()> {
        let (size, compressed_size) = (entry.size(), entry.compressed_size());
        self.push_again(entry.header().fields(), LocalSizes { size, compressed_size }, local)
            .map_err(|error| error.offset(entry.at()))
    }

    /// The same for an entry whose headers were taken along, and whose local header
    /// [`Carried::write_local`] has written at `local`.
    ///
    /// # Errors
    /// As [`Builder::push_moved`].
    pub fn push_carried(&mut self, carried: &Carried, local: Position) -> Result<()> {
        self.push_again(carried.fields(), carried.sizes(), local)
    }

    /// Appends a central header that was one before, with these sizes and this place.
    fn push_again(
        &mut self,
        old: CentralFields<'_>,
        LocalSizes { size, compressed_size }: LocalSizes,
        local: Position,
    ) -> Result<()> {
        let Position { disk, offset } = local;
        self.extra.clear();
        zip64::push_central(&mut self.extra, &Values { size, compressed_size, offset, disk });
        let zip64 = !self.extra.is_empty();
        extra::push_without(old.extra, &[id::ZIP64], &mut self.extra)?;
        let fields = CentralFields {
            version_needed: raised(old.version_needed, zip64),
            compressed_size: narrow(compressed_size),
            size: narrow(size),
            disk: u16::try_from(disk).unwrap_or(SATURATED_16),
            offset: narrow(offset),
            extra: &self.extra,
            ..old
        };
        let before = self.directory.len();
        fields.write(&mut self.directory).inspect_err(|_| self.directory.truncate(before))?;
        self.entries += 1;
        Ok(())
    }

    /// The directory's bytes so far.
    #[must_use]
    pub fn directory(&self) -> &[u8] {
        &self.directory
    }

    /// Directory and end records as pieces that go to wherever a sink has room for them, over
    /// several volumes if need be.
    ///
    /// # Errors
    /// The comment cannot be written ([`check_comment`]).
    pub fn ending<'b>(&'b self, comment: &'b [u8]) -> Result<Ending<'b>> {
        Ending::new(&self.directory, self.entries, comment)
    }

    /// The trailer of a single-volume archive whose directory starts at `offset`.
    ///
    /// # Errors
    /// The comment cannot be written ([`check_comment`]), or the directory cannot be told from its
    /// end ([`End::form`]).
    pub fn trailer(&self, offset: u64, comment: &[u8]) -> Result<Vec<u8>> {
        check_comment(comment)?;
        let end = single(self.entries, self.directory.len() as u64, offset);
        end.write(comment, end.form(&self.directory, comment)?)
    }
}

/// The end of an archive in one volume.
fn single(entries: u64, size: u64, offset: u64) -> End {
    End {
        directory: Position::on_first(offset),
        size,
        entries,
        entries_on_disk: entries,
        at: Position::on_first(offset.saturating_add(size)),
    }
}
