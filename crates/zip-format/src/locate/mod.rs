//! Search for the central directory: a machine without I/O.
//!
//! It says which bytes it [wants](Locator::want), is [fed](Locator::feed) them, and ends with
//! where the directory is. One read of at most [`TAIL_LEN`] bytes does for nearly every archive.
//!
//! Readers that pick different end records see different archives (ZipDiff classes C2 to C5), so
//! the rule is: exactly one candidate may satisfy all constraints. Its comment must reach the
//! end of the file, its counts and sizes must agree with each other and with the zip64 records,
//! and the directory must end where the trailer starts. Deviations that real archives show are
//! taken only when [`Relax`] names them, and are reported either way.

//! Over the volumes of a split archive ([`Locator::over_volumes`]) the same holds for the whole
//! that they make behind each other: records name a volume and an offset, and a [`VolumeMap`]
//! says where that is. The end records stand on the last volume (APPNOTE 8.5.2), so nothing
//! before it is searched.

pub(crate) mod candidates;
pub mod claim;
mod end;

use crate::bytes::{Head, truncated};
use crate::entry::LEAST_CENTRAL_LEN;
use crate::eocd::{self, Eocd};
use crate::eocd64::{self, Eocd64, Eocd64Locator};
use crate::error::{Error, ErrorKind, Field, Record, Result};
use crate::position::{Position, Span, VolumeMap};
use crate::profile::Relax;
use crate::signature;
use end::End;

/// Bytes of the first read: the longest trailer without extensible data.
pub const TAIL_LEN: u64 =
    (eocd::FIXED_LEN + 65_535 + eocd64::LOCATOR_LEN + eocd64::FIXED_LEN) as u64;

/// Bytes of extensible data that are searched for a second record, from the end. Readers that do
/// not believe the locator look right before it, or search back as far as for the end record.
const EXTENSIBLE_BYTES: u64 = 64 << 10;

/// Where the directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// The central directory, in the file.
    pub directory: Span,
    /// What is added to every offset of the archive: the length of a prefix that its offsets do
    /// not count.
    pub base: u64,
    /// Entries the end record claims.
    pub claimed_entries: u64,
    /// The count stands in a zip64 record, so it is not cut to 16 bits.
    pub zip64: bool,
    /// The archive comment, in the file.
    pub comment: Span,
    /// The end of central directory record.
    pub eocd_at: u64,
    /// Relaxations the archive needed so far.
    pub needs: Relax,
}

/// The search. See the module's head.
#[derive(Clone, Debug)]
pub struct Locator<'v> {
    volumes: VolumeMap<'v>,
    relax: Relax,
    needs: Relax,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// Wants the tail of the file.
    Tail,
    /// Wants the zip64 record: first where the locator says, then right before the locator.
    Record64 {
        eocd: End,
        locator: Eocd64Locator,
        locator_at: u64,
        other: Option<u64>,
        adjacent: bool,
    },
    /// Wants the extensible data of the zip64 record, in which a second record could stand.
    Extensible { end: End, start: u64, locator_at: u64 },
    /// Wants the four bytes at the stated offset of the directory, then those at the offset
    /// that its size and end imply.
    Probe { end: End, stated: u64, implied: u64, stated_holds: Option<bool> },
}

impl Locator<'static> {
    /// A search in `len` bytes.
    #[must_use]
    pub const fn new(len: u64, relax: Relax) -> Self {
        Self::over_volumes(VolumeMap::one(len), relax)
    }
}

impl<'v> Locator<'v> {
    /// A search in the whole that these volumes make.
    #[must_use]
    pub const fn over_volumes(volumes: VolumeMap<'v>, relax: Relax) -> Self {
        Self { volumes, relax, needs: Relax::empty(), stage: Stage::Tail }
    }

    /// The bytes to feed next.
    #[must_use]
    pub fn want(&self) -> Span {
        match &self.stage {
            Stage::Tail => {
                let last = self.volumes.last();
                Span { start: last.end.saturating_sub(TAIL_LEN).max(last.start), end: last.end }
            }
            Stage::Record64 { locator, locator_at, adjacent, .. } => {
                let fixed = eocd64::FIXED_LEN as u64;
                let start =
                    if *adjacent { locator_at.saturating_sub(fixed) } else { locator.offset };
                Span { start, end: start.saturating_add(fixed) }
            }
            Stage::Extensible { start, locator_at, .. } => Span { start: *start, end: *locator_at },
            Stage::Probe { stated, implied, stated_holds, .. } => {
                let start = if stated_holds.is_none() { *stated } else { *implied };
                Span { start, end: start.saturating_add(4) }
            }
        }
    }

    /// Takes in the bytes of the wanted span, all of them.
    ///
    /// # Errors
    /// What is wrong with the trailer, with its offset in the file.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Option<Located>> {
        let wanted = self.want();
        if bytes.len() as u64 != wanted.len() {
            let error = truncated(Record::Eocd, wanted.len(), bytes.len() as u64);
            return Err(error.offset(wanted.start));
        }
        match self.stage.clone() {
            Stage::Tail => self.tail(bytes, wanted.start),
            Stage::Record64 { eocd, locator, locator_at, other, .. } => {
                self.record64(bytes, eocd, locator, locator_at, other)
            }
            Stage::Extensible { end, .. } => match last_record64(bytes) {
                Some(within) => Err(ambiguous(end.trailer_at, wanted.start + within as u64)),
                None => self.place(end),
            },
            Stage::Probe { end, stated, implied, stated_holds } => {
                let (head, _) = Head::<4>::split(bytes, Record::CentralHeader)?;
                let holds = head.expect(signature::CENTRAL_HEADER, Record::CentralHeader);
                match stated_holds {
                    None => {
                        let stated_holds = Some(holds.is_ok());
                        self.stage = Stage::Probe { end, stated, implied, stated_holds };
                        Ok(None)
                    }
                    Some(stated_holds) => {
                        self.shifted(end, stated, stated_holds, implied, holds).map(Some)
                    }
                }
            }
        }
    }

    /// Chooses the end record.
    fn tail(&mut self, bytes: &[u8], start: u64) -> Result<Option<Located>> {
        let volumes = self.volumes;
        let fits = |eocd: &Eocd<'_>, at| candidates::fits(eocd, at, volumes);
        let chosen = candidates::choose(bytes, start, self.relax, &mut self.needs, fits)?;
        let record = bytes.get(chosen..).unwrap_or(&[]);
        let at = start + chosen as u64;
        let eocd = Eocd::parse(record).map_err(|error| error.offset(at))?;
        let mut end = End::classic(&eocd, at);
        let before = bytes.get(..chosen).unwrap_or(&[]);
        let locator = before.last_chunk::<{ eocd64::LOCATOR_LEN }>();
        let locator = locator.filter(|bytes| starts_with(*bytes, signature::EOCD64_LOCATOR));
        let Some(locator) = locator else {
            return self.place(end);
        };
        let locator_at = at - eocd64::LOCATOR_LEN as u64;
        let locator = self.on_whole(Eocd64Locator::parse(locator)?, locator_at)?;
        end.trailer_at = locator_at;
        // The record stands before its locator; a prefix can only move it further back.
        let fixed = eocd64::FIXED_LEN as u64;
        if locator.offset.checked_add(fixed).is_none_or(|end| end > locator_at) {
            let kind = ErrorKind::OutOfBounds {
                record: Record::Eocd64,
                start: locator.offset,
                end: locator.offset.saturating_add(fixed),
                limit: locator_at,
            };
            return Err(Error::new(kind, locator_at));
        }
        let (other, adjacent) = (None, false);
        self.stage = Stage::Record64 { eocd: end, locator, locator_at, other, adjacent };
        Ok(None)
    }

    /// The locator with its offset in the whole.
    fn on_whole(&self, locator: Eocd64Locator, at: u64) -> Result<Eocd64Locator> {
        let fail = |kind| Err(Error::new(kind, at));
        if self.volumes.is_one() {
            if locator.disk != 0 || locator.disks > 1 {
                let disk = locator.disks.saturating_sub(1).max(locator.disk);
                return fail(ErrorKind::OtherDisk { disk });
            }
            return Ok(locator);
        }
        let count = self.volumes.count();
        if locator.disks != count {
            let (expected, found) = (count.into(), locator.disks.into());
            return fail(ErrorKind::Mismatch { field: Field::Disk, expected, found });
        }
        let position = Position { disk: locator.disk, offset: locator.offset };
        let offset = self.resolve(position, Record::Eocd64, at)?;
        Ok(Eocd64Locator { offset, ..locator })
    }

    /// Offset in the whole of a position that the record at `at` gives.
    fn resolve(&self, position: Position, record: Record, at: u64) -> Result<u64> {
        self.volumes.resolve(position).ok_or_else(|| {
            let kind = match self.volumes.span(position.disk) {
                None => ErrorKind::OtherDisk { disk: position.disk },
                Some(volume) => ErrorKind::OutOfBounds {
                    record,
                    start: position.offset,
                    end: position.offset,
                    limit: volume.len(),
                },
            };
            Error::new(kind, at)
        })
    }

    /// Merges the zip64 record with the classic one: every slot must be saturated or agree.
    fn record64(
        &mut self,
        bytes: &[u8],
        end: End,
        locator: Eocd64Locator,
        locator_at: u64,
        other: Option<u64>,
    ) -> Result<Option<Located>> {
        let at = self.want().start;
        let parsed = Eocd64::parse(bytes);
        let fits = |record: &Eocd64| at.checked_add(record.len()) == Some(locator_at);
        let record = match parsed {
            Ok(record) if fits(&record) => match other {
                Some(other) => return Err(ambiguous(at, other)),
                None => record,
            },
            // Behind a prefix that offsets do not count, the record is further down. What stands
            // at the stated offset then must not be a record too.
            Ok(_) | Err(_) if at.saturating_add(eocd64::FIXED_LEN as u64) < locator_at => {
                let (other, adjacent) = (parsed.ok().map(|_| at), true);
                self.stage = Stage::Record64 { eocd: end, locator, locator_at, other, adjacent };
                return Ok(None);
            }
            Ok(record) => {
                let claimed = record.len();
                let kind = ErrorKind::Length { record: Record::Eocd64, claimed };
                return Err(Error::new(kind, at));
            }
            Err(error) => return Err(error.offset(at)),
        };
        // Never before the stated offset, which leaves room for it before the locator.
        let end = end.widened(&record, at, at.saturating_sub(locator.offset))?;
        if record.extensible_len == 0 {
            return self.place(end);
        }
        let start = locator_at.saturating_sub(EXTENSIBLE_BYTES).max(at + eocd64::FIXED_LEN as u64);
        self.stage = Stage::Extensible { end, start, locator_at };
        Ok(None)
    }

    /// Checks the numbers against each other and places the directory before the trailer.
    fn place(&mut self, end: End) -> Result<Option<Located>> {
        let fail = |kind| Err(Error::new(kind, end.at));
        let mismatch =
            |field, expected, found| fail(ErrorKind::Mismatch { field, expected, found });
        let counts_agree = if self.volumes.is_one() {
            let disk = end.disk.max(end.directory_disk);
            if disk != 0 {
                return fail(ErrorKind::OtherDisk { disk });
            }
            end.entries_on_disk == end.entries
        } else {
            let last = self.volumes.count() - 1;
            if end.disk != last {
                return mismatch(Field::Disk, last.into(), end.disk.into());
            }
            // Not more: zip4j counts the local headers of the last volume here.
            end.entries_on_disk <= end.entries
        };
        if !counts_agree {
            return mismatch(Field::Entries, end.entries, end.entries_on_disk);
        }
        let least = end.entries.checked_mul(LEAST_CENTRAL_LEN);
        if least.is_none_or(|least| least > end.directory_size)
            || (end.entries == 0 && end.directory_size != 0 && end.zip64)
        {
            let least = least.unwrap_or(u64::MAX);
            return mismatch(Field::DirectorySize, least, end.directory_size);
        }
        let position = Position { disk: end.directory_disk, offset: end.directory_offset };
        let stated = if self.volumes.is_one() {
            position.offset
        } else {
            self.resolve(position, Record::CentralHeader, end.at)?
        };
        let stated = Span::at(stated, end.directory_size);
        let Some(stated) = stated.filter(|span| span.end <= end.trailer_at) else {
            return fail(ErrorKind::OutOfBounds {
                record: Record::CentralHeader,
                start: end.directory_offset,
                end: end.directory_offset.saturating_add(end.directory_size),
                limit: end.trailer_at,
            });
        };
        let shift = end.trailer_at - stated.end;
        if shift == 0 && end.shift64 == 0 {
            return Ok(Some(self.located(&end, stated, 0)));
        }
        if shift == 0 {
            // No prefix is before the one and not before the other.
            let (at, locator_says) = (end.trailer_at, end.trailer_at - end.shift64);
            return mismatch(Field::Eocd64Offset, at, locator_says);
        }
        let implied = stated.start + shift;
        if end.entries == 0 {
            return self.shifted(end, stated.start, false, implied, Ok(())).map(Some);
        }
        self.stage = Stage::Probe { end, stated: stated.start, implied, stated_holds: None };
        Ok(None)
    }

    /// The directory does not end where the trailer starts: a prefix that offsets do not count,
    /// or a gap before the trailer.
    fn shifted(
        &mut self,
        end: End,
        stated: u64,
        stated_holds: bool,
        implied: u64,
        implied_holds: Result<()>,
    ) -> Result<Located> {
        let bytes = implied - stated;
        let span = |start: u64| Span { start, end: start + end.directory_size };
        match (stated_holds, implied_holds) {
            (true, Err(_)) if end.shift64 == 0 => {
                let error = Error::new(ErrorKind::Gap { bytes }, span(stated).end);
                self.relax.allow(&mut self.needs, Relax::GAPS, error)?;
                Ok(self.located(&end, span(stated), 0))
            }
            // Behind a prefix, offsets on the first volume would be off, those on others not.
            (false, Ok(())) if self.volumes.is_one() && (!end.zip64 || end.shift64 == bytes) => {
                let error = Error::new(ErrorKind::Prefix { bytes }, 0);
                self.relax.allow(&mut self.needs, Relax::PREFIX, error)?;
                Ok(self.located(&end, span(implied), bytes))
            }
            (false, Err(error)) => Err(error.offset(implied)),
            _ => {
                let field = Field::DirectoryOffset;
                let kind = ErrorKind::Mismatch { field, expected: implied, found: stated };
                Err(Error::new(kind, end.at))
            }
        }
    }

    fn located(&self, end: &End, directory: Span, base: u64) -> Located {
        Located {
            directory,
            base,
            claimed_entries: end.entries,
            zip64: end.zip64,
            comment: end.comment,
            eocd_at: end.at,
            needs: self.needs,
        }
    }
}

fn starts_with(bytes: &[u8], signature: u32) -> bool {
    bytes.starts_with(&signature.to_le_bytes())
}

/// Where in the bytes before a locator a whole zip64 record starts that ends with them.
fn last_record64(bytes: &[u8]) -> Option<usize> {
    let found =
        bytes.windows(4).enumerate().filter(|(_, four)| starts_with(four, signature::EOCD64));
    found.map(|(at, _)| at).find(|&at| {
        let rest = bytes.get(at..).unwrap_or(&[]);
        Eocd64::parse(rest).is_ok_and(|record| record.len() == rest.len() as u64)
    })
}

fn ambiguous(at: u64, other: u64) -> Error {
    Error::new(ErrorKind::Ambiguous { other }, at)
}
