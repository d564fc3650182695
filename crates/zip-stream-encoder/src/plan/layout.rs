//! The layout itself: where every record is, and which record a byte belongs to.

use std::sync::OnceLock;

use zip_format::directory::ending::{End, Form};
use zip_format::directory::lookalike::SEARCHED_LEN;
use zip_format::directory::member::Member;
use zip_format::position::{Position, Span};

use super::borders::Borders;
use super::row::Row;
use crate::entry::Entry;
use crate::error::Result;
use crate::seal::{Lock, Salted};

/// Entries among which those are looked for whose keys are made together.
const LOOK_AHEAD: usize = 4096;
/// Bytes between salt and body.
const VERIFIER_LEN: u64 = 2;

/// An archive whose every byte has its place.
///
/// *Threads*: immutable and shared; put it into an `Arc` and serve as many streams from it as
/// there are readers.
///
/// ```
/// use zip_stream_encoder::{Contents, Entry, Plan};
/// let mut plan = Plan::builder();
/// plan.push(&Entry::file(b"a.txt", Contents::of(b"hello")))?;
/// plan.push(&Entry::file(b"b.bin", Contents::sized(5_000_000_000)))?;
/// let plan = plan.finish();
/// // Nothing was opened, and the length is exact.
/// assert_eq!(plan.len(), 5_000_381_819);
/// # Ok::<(), zip_stream_encoder::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan {
    pub(super) rows: Box<[Row]>,
    pub(super) texts: Box<[u8]>,
    pub(super) comment: Box<[u8]>,
    /// The directory.
    pub(super) directory: Span,
    /// That of the end records.
    pub(super) form: Form,
    /// Bytes of the archive.
    pub(super) len: u64,
    /// Where volumes begin, if it is for split volumes.
    pub(super) volumes: Option<Borders>,
    /// What entries are encrypted with.
    pub(super) lock: Option<Lock>,
    /// Computed when it is first asked for.
    pub(super) tag: OnceLock<String>,
}

/// A record, or the payload, that a byte of the archive belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The marker of split volumes, before the first member.
    Marker,
    /// Local header of an entry.
    Local(usize),
    /// Payload of an entry.
    Payload(usize),
    /// Descriptor of an entry.
    Descriptor(usize),
    /// Central header of an entry.
    Central(usize),
    /// End records and the archive's comment.
    Trailer,
}

impl Plan {
    /// Bytes of the archive, on all volumes.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Never true: even an archive without entries has its end record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Number of entries.
    #[must_use]
    pub const fn entries(&self) -> usize {
        self.rows.len()
    }

    /// The archive's comment.
    #[must_use]
    pub const fn comment(&self) -> &[u8] {
        &self.comment
    }

    /// What was said of an entry; `None` if there is none of that number.
    #[must_use]
    pub fn entry(&self, index: usize) -> Option<Entry<'_>> {
        self.rows.get(index)?.entry(&self.texts)
    }

    /// Where the member of an entry is, from its local header to its descriptor.
    #[must_use]
    pub fn member_span(&self, index: usize) -> Option<Span> {
        let start = self.rows.get(index)?.local;
        let end = self.rows.get(index + 1).map_or(self.directory.start, |next| next.local);
        Some(Span { start, end })
    }

    /// Where the payload of an entry is.
    #[must_use]
    pub fn payload_span(&self, index: usize) -> Option<Span> {
        let member = self.member(index, 0)?;
        let span = self.member_span(index)?;
        let end = span.end - member.descriptor_len();
        Some(Span { start: end - member.payload.compressed_size, end })
    }

    /// Where the central directory is.
    #[must_use]
    pub const fn directory_span(&self) -> Span {
        self.directory
    }

    /// Where a part is; an empty span behind the archive for an entry that is not there.
    #[must_use]
    pub fn span(&self, part: Part) -> Span {
        let nowhere = Span { start: self.len, end: self.len };
        let found = match part {
            Part::Marker => Some(self.marker_span()),
            Part::Local(index) => self
                .member_span(index)
                .zip(self.payload_span(index))
                .map(|(member, payload)| Span { start: member.start, end: payload.start }),
            Part::Payload(index) => self.payload_span(index),
            Part::Descriptor(index) => self
                .member_span(index)
                .zip(self.payload_span(index))
                .map(|(member, payload)| Span { start: payload.end, end: member.end }),
            Part::Central(index) => self.rows.get(index).map(|row| {
                let next = self.rows.get(index + 1);
                Span {
                    start: row.central,
                    end: next.map_or(self.directory.end, |next| next.central),
                }
            }),
            Part::Trailer => Some(Span { start: self.directory.end, end: self.len }),
        };
        found.unwrap_or(nowhere)
    }

    /// The part that the byte at `offset` belongs to; `None` behind the end. By binary search.
    #[must_use]
    pub fn part_at(&self, offset: u64) -> Option<Part> {
        if offset >= self.len {
            return None;
        }
        if offset >= self.directory.end {
            return Some(Part::Trailer);
        }
        let last = |starts: fn(&Row) -> u64| {
            self.rows.partition_point(|row| starts(row) <= offset).checked_sub(1)
        };
        if offset >= self.directory.start {
            return last(|row| row.central).map(Part::Central);
        }
        let Some(index) = last(|row| row.local) else { return Some(Part::Marker) };
        let payload = self.payload_span(index)?;
        Some(if offset < payload.start {
            Part::Local(index)
        } else if offset < payload.end {
            Part::Payload(index)
        } else {
            Part::Descriptor(index)
        })
    }

    /// The newest time of modification among the entries, in seconds since 1970 UTC.
    #[must_use]
    pub fn modified(&self) -> Option<i64> {
        (0..self.entries()).filter_map(|index| self.entry(index)?.meta.modified).max()
    }

    /// Equal bytes today and tomorrow: for each entry the checksum is part of the plan, or
    /// identity and version of its contents are. Otherwise two streams of this plan can differ,
    /// namely when contents change and keep their length.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        (0..self.entries())
            .filter_map(|index| self.entry(index))
            .all(|entry| entry.contents.crc32().is_some() || !entry.key.is_empty())
    }

    /// The records of an entry, with this checksum where the plan has none.
    pub(crate) fn member(&self, index: usize, crc32: u32) -> Option<Member<'_>> {
        let row = self.rows.get(index)?;
        let mut member = row.member(&self.texts)?;
        if self.entry(index)?.contents.crc32().is_none() {
            member.payload.crc32 = crc32;
        }
        Some(member)
    }

    /// What entries are encrypted with.
    pub(crate) const fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }

    /// The salt of an entry; `None` if it is not encrypted.
    pub(crate) fn salt(&self, index: usize) -> Option<&[u8]> {
        self.rows.get(index)?.salt(&self.texts)
    }

    /// Salt and password of an entry; `None` if it is not encrypted.
    pub(crate) fn salted(&self, index: usize) -> Option<Salted<'_>> {
        let row = self.rows.get(index)?;
        Some(Salted { password: row.password, salt: row.salt(&self.texts)? })
    }

    /// Those of all encrypted entries.
    pub(crate) fn all_salts(&self) -> impl Iterator<Item = Salted<'_>> {
        (0..self.entries()).filter_map(|index| self.salted(index))
    }

    /// Those of an encrypted entry, and of such behind it that are of more bytes than `above`.
    pub(crate) fn salts(
        &self,
        from: usize,
        above: Option<u64>,
    ) -> impl Iterator<Item = Salted<'_>> + Clone {
        let is_wanted = move |index: usize| {
            let size = || self.entry(index).map(|entry| entry.contents.read_size());
            index == from || above.is_none_or(|above| size().is_some_and(|size| size > above))
        };
        // Few of many are looked for no farther than it pays.
        let all = from..self.entries().min(from.saturating_add(LOOK_AHEAD));
        all.filter(move |&index| is_wanted(index)).filter_map(|index| self.salted(index))
    }

    /// Where the body of an encrypted entry is, between salt and code.
    pub(crate) fn body_span(&self, index: usize) -> Option<Span> {
        let scheme = self.member(index, 0)?.scheme;
        let payload = self.payload_span(index)?;
        let head = self.salt(index)?.len() as u64 + VERIFIER_LEN;
        let tail = scheme.overhead_bytes() - head;
        Some(Span { start: payload.start + head, end: payload.end - tail })
    }

    /// Where the local header of an entry is.
    pub(crate) fn local(&self, index: usize) -> Position {
        self.position(self.rows.get(index).map_or(0, |row| row.local))
    }

    /// Appends the end records and the comment.
    pub(crate) fn write_trailer(&self, out: &mut Vec<u8>) -> Result<()> {
        let end = self.end_records(self.position(self.directory.end));
        out.extend_from_slice(&end.write(&self.comment, self.form)?);
        Ok(())
    }

    /// Settles the form of the end records, and says how many bytes they and the comment have.
    pub(super) fn settle_trailer(&mut self) -> u64 {
        // Decided before their volume is known, like everywhere.
        let before = self.rows.last().map_or(Position::default(), |row| self.position(row.central));
        let end = self.end_records(before);
        // No name or comment holds an end record, so there is a form; and nothing else that could
        // end there has more than a number to be mistaken with.
        self.form = end.form(&self.directory_end(), &self.comment).unwrap_or(Form::Zip64);
        self.form.len(self.comment.len())
    }

    /// As much of the directory's end as readers search for end records. Checksums that are not
    /// known yet are nought: one that becomes part of a signature, before a length that happens to
    /// reach the end, would make an archive that strict readers refuse.
    fn directory_end(&self) -> Vec<u8> {
        let searched = self.directory.end.saturating_sub(SEARCHED_LEN as u64);
        let first = self.rows.partition_point(|row| row.central < searched).saturating_sub(1);
        let (mut out, mut scratch) = (Vec::new(), Vec::new());
        for index in first..self.entries() {
            let Some(member) = self.member(index, 0) else { continue };
            // Name and comment were checked, so it is written.
            let _ = member.write_central(self.local(index), &mut scratch, &mut out);
        }
        out
    }

    /// What the end records at a position say.
    fn end_records(&self, at: Position) -> End {
        let on_disk = self.volumes().span(at.disk).map_or(0, |volume| volume.start);
        let before = self.rows.partition_point(|row| row.central < on_disk);
        End {
            directory: self.position(self.directory.start),
            size: self.directory.len(),
            entries: self.rows.len() as u64,
            entries_on_disk: (self.rows.len() - before) as u64,
            at,
        }
    }
}

#[cfg(all(test, feature = "crypto"))]
mod tests {
    use zip_codec::member::Password;
    use zip_format::extra::aes::Strength;

    use crate::{Contents, Entry, Plan};

    /// Otherwise keys would be made that nobody uses.
    #[test]
    fn entries_that_come_enciphered_are_not_among_those_that_need_keys() {
        let mut plan = Plan::encrypted(Strength::Aes256, Password::new("secret"));
        for (number, size) in [5, 200, 100, 0, 101, 7, 300].into_iter().enumerate() {
            let name = number.to_string();
            plan.push(&Entry::file(name.as_bytes(), Contents::sized(size))).unwrap();
        }
        let plan = plan.finish();
        let of = |from: usize, above: Option<u64>| -> Vec<usize> {
            let salts = plan.salts(from, above).map(|salted| salted.salt);
            let place = |salt| (0..7).position(|index| plan.salt(index) == Some(salt));
            salts.filter_map(place).collect()
        };
        assert_eq!(of(0, None), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(of(1, Some(100)), [1, 4, 6]);
        // One in whose turn a key is needed all the same.
        assert_eq!(of(2, Some(100)), [2, 4, 6]);
        assert_eq!(of(6, Some(100)), [6]);
    }
}
