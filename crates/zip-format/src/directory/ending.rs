//! The end of an archive as a machine: directory and end records in pieces that must not be
//! parted, and that say where they were put (APPNOTE 8.5.2, 4.4.19 to 4.4.24).
//!
//! A driver is four lines, the same for one volume and for many:
//!
//! ```
//! # use zip_format::directory::build::Builder;
//! # use zip_format::position::Position;
//! # struct Sink(Vec<u8>);
//! # impl Sink {
//! #     fn room(&self) -> u64 { u64::MAX }
//! #     fn reserve(&mut self, _: u64) -> Position { Position::on_first(self.0.len() as u64) }
//! #     fn write_all(&mut self, bytes: &[u8]) { self.0.extend_from_slice(bytes) }
//! # }
//! # let (builder, mut sink) = (Builder::new(), Sink(Vec::new()));
//! let mut ending = builder.ending(b"comment")?;
//! while let Some(len) = ending.reserve(sink.room())? {
//!     let at = sink.reserve(len);
//!     sink.write_all(ending.place(at));
//! }
//! # assert_eq!(sink.0.len(), 22 + 7);
//! # Ok::<(), zip_format::error::Error>(())
//! ```

use alloc::vec::Vec;

use crate::central::CentralHeader;
use crate::directory::lookalike::{check_comment, is_told_apart};
use crate::eocd::Eocd;
use crate::eocd64::{Eocd64, Eocd64Locator};
use crate::error::{Error, ErrorKind, Result};
use crate::extra::zip64::{SATURATED_16, SATURATED_32};
use crate::position::Position;
use crate::size::{narrow, trailer_len, trailer_needs_zip64};

/// The pieces still to be written. See the module's head.
#[derive(Clone, Debug)]
pub struct Ending<'b> {
    /// Central headers that were not placed yet.
    rest: &'b [u8],
    comment: &'b [u8],
    end: End,
    directory: &'b [u8],
    /// Headers that were not placed yet.
    entries_left: u64,
    /// The next piece: its bytes and headers; no headers for the trailer.
    piece: (usize, u64),
    /// Decided when the trailer's length is asked for.
    form: Form,
    trailer: Option<Vec<u8>>,
}

impl<'b> Ending<'b> {
    pub(crate) fn new(directory: &'b [u8], entries: u64, comment: &'b [u8]) -> Result<Self> {
        check_comment(comment)?;
        let end = End {
            directory: Position::default(),
            size: directory.len() as u64,
            entries,
            entries_on_disk: 0,
            at: Position::default(),
        };
        let (piece, form, trailer) = ((0, 0), Form::Classic, None);
        let (rest, entries_left) = (directory, entries);
        Ok(Self { directory, rest, comment, end, entries_left, piece, form, trailer })
    }

    /// Length of the next piece, which must stay together; `None` when all was placed.
    ///
    /// `room` is what is left on the current volume: as many whole headers as it can take are
    /// one piece, and at least one. On one volume that is the whole directory.
    ///
    /// # Errors
    /// [`ErrorKind::EndInDirectory`], with the last piece.
    pub fn reserve(&mut self, room: u64) -> Result<Option<u64>> {
        if self.trailer.is_some() {
            return Ok(None);
        }
        if self.rest.is_empty() {
            self.piece = (0, 0);
            // The volume is known only after the length.
            self.form = self.end.form(self.directory, self.comment)?;
            return Ok(Some(self.form.len(self.comment.len())));
        }
        self.piece = if self.rest.len() as u64 <= room {
            (self.rest.len(), self.entries_left)
        } else {
            self.headers_in(room)
        };
        Ok(Some(self.piece.0 as u64))
    }

    /// The bytes of the piece, which goes to `at`.
    pub fn place(&mut self, at: Position) -> &[u8] {
        if self.entries_left == self.end.entries {
            self.end.directory = at;
        }
        if self.end.at.disk != at.disk {
            self.end.entries_on_disk = 0;
        }
        self.end.at = at;
        let (bytes, entries) = self.piece;
        if entries == 0 {
            // The comment's length was checked.
            return self
                .trailer
                .insert(self.end.write(self.comment, self.form).unwrap_or_default());
        }
        self.end.entries_on_disk += entries;
        self.entries_left = self.entries_left.saturating_sub(entries);
        let (piece, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, &[]));
        self.rest = rest;
        piece
    }

    /// As many headers as `room` bytes can take, and at least one.
    fn headers_in(&self, room: u64) -> (usize, u64) {
        let (mut rest, mut entries) = (self.rest, 0);
        let taken = |rest: &[u8]| self.rest.len() - rest.len();
        // The builder wrote these headers, so none is malformed.
        while let Ok((_, after)) = CentralHeader::parse(rest) {
            if entries > 0 && taken(after) as u64 > room {
                break;
            }
            (rest, entries) = (after, entries + 1);
        }
        (taken(rest), entries)
    }
}

/// The form of the end records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// No zip64 records.
    #[default]
    Classic,
    /// With zip64 records; the classic one has the numbers that fit.
    Zip64,
    /// All numbers stand in the zip64 record, for those that would read like a signature.
    Zip64Only,
}

impl Form {
    /// Bytes of the end records with a comment of so many bytes.
    #[must_use]
    pub const fn len(self, comment: usize) -> u64 {
        // A count that needs the zip64 records stands for whatever else does.
        let entries = if matches!(self, Self::Classic) { 0 } else { u64::MAX };
        trailer_len(entries, 0, 0, comment)
    }
}

/// What the end records say, apart from the comment: for writers that keep no directory in memory.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Where the directory starts.
    pub directory: Position,
    /// Bytes of the directory.
    pub size: u64,
    /// Entries of the archive.
    pub entries: u64,
    /// Entries whose headers are on the volume of the end records.
    pub entries_on_disk: u64,
    /// Where the end records go; before that is known, where the piece before them went.
    pub at: Position,
}

impl End {
    /// The first form of the trailer in which all numbers fit, and in which nothing but its end
    /// record reads like the end of the archive.
    ///
    /// `directory` is at least the last [`SEARCHED_LEN`] bytes of the directory, if it has so many.
    /// The volume of the trailer is known only after its length, so the next one counts as well.
    ///
    /// # Errors
    /// The comment is longer than 65,535 bytes; [`ErrorKind::EndInDirectory`] where there is none.
    ///
    /// [`SEARCHED_LEN`]: super::lookalike::SEARCHED_LEN
    pub fn form(&self, directory: &[u8], comment: &[u8]) -> Result<Form> {
        let is_wide = trailer_needs_zip64(self.entries, self.size, self.directory.offset)
            || self.at.disk >= u32::from(SATURATED_16) - 1;
        for form in [Form::Classic, Form::Zip64, Form::Zip64Only] {
            let is_possible = form != Form::Classic || !is_wide;
            if is_possible && is_told_apart(directory, &self.write(comment, form)?, comment.len()) {
                return Ok(form);
            }
        }
        Err(Error::new(ErrorKind::EndInDirectory, self.directory.offset))
    }

    /// The end records and the comment.
    ///
    /// # Errors
    /// The comment is longer than 65,535 bytes.
    pub fn write(&self, comment: &[u8], form: Form) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(128 + comment.len());
        let (disk, directory_disk) = (self.at.disk, self.directory.disk);
        if form != Form::Classic {
            let offset = self.directory.offset;
            let record = Eocd64::new(disk, directory_disk, self.entries, self.size, offset);
            Eocd64 { entries_on_disk: self.entries_on_disk, ..record }.write(&mut out);
            let disks = disk.saturating_add(1);
            Eocd64Locator { disk, offset: self.at.offset, disks }.write(&mut out);
        }
        let is_referred = form == Form::Zip64Only;
        let short = |value: u64| match u16::try_from(value) {
            Ok(value) if !is_referred => value,
            _ => SATURATED_16,
        };
        let long = |value| if is_referred { SATURATED_32 } else { narrow(value) };
        Eocd {
            disk: short(disk.into()),
            directory_disk: short(directory_disk.into()),
            entries_on_disk: short(self.entries_on_disk),
            entries: short(self.entries),
            directory_size: long(self.size),
            directory_offset: long(self.directory.offset),
            comment,
        }
        .write(&mut out)?;
        Ok(out)
    }
}
