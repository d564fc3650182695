//! Archives split, joined and split anew: the same members at other positions, nothing recompressed.
//!
//! What a rewrite is depends on where it writes to. Into a [`SegmentedSink`]
//! it splits, into a file it joins, and what it reads may be either. Members are laid behind each
//! other in the order they have; their local headers, payloads and descriptors stay what they are,
//! and central headers and end records are written anew with the new positions, with zip64 where
//! these need it. A plain archive that goes into raw cuts, and back, is copied byte for byte.

use zip_format::audit::{self, Padded};
use zip_format::descriptor;
use zip_format::directory::build::Builder;
use zip_format::directory::index::Index;
use zip_format::directory::lookalike::check_comment;
use zip_format::entry::Entry;
use zip_format::error::{Error as FormatError, ErrorKind, Record};
use zip_format::limits::Limits;
use zip_format::local::LocalHeader;
use zip_format::position::{Position, Span};
use zip_format::profile::{Gate, Relax};
use zip_format::signature::{SINGLE_VOLUME_MARKER, SPANNING_MARKER};
use zip_io::progress::Silent;
use zip_io::{CancelToken, Observer, Sink, Source};

use crate::error::{Error, Result};
use crate::open::{Opened, bytes, open};
use crate::policy::Policy;
use crate::sink::SegmentedSink;
use crate::volume::MeasuredVolumes;

/// Bytes read at a time: few enough that they are still in the processor's cache when they are
/// written, and more than the longest local header has.
const WINDOW: u64 = 256 << 10;

/// From this length on, the system is asked to copy; below, reading ahead is worth more.
const DIRECT: u64 = 128 << 10;
/// Bytes the system copies at a time: little enough to be cancelled soon.
const DIRECT_PIECE: u64 = 16 << 20;

/// How an archive is rewritten.
#[derive(Clone)]
pub struct Options<'o> {
    /// Deviations that are accepted. Bytes that belong to no record ([`Relax::GAPS`],
    /// [`Relax::TRAILING`]) are left out of the new archive, unless it is copied byte for byte.
    pub relax: Relax,
    /// Caps on what the archive may ask for.
    pub limits: Limits,
    /// Leave out what stands before the first member: the program of a self-extractor.
    pub drop_prefix: bool,
    /// Leave out an APK Signing Block, which vouches for the file as a whole and for no other.
    pub drop_signature: bool,
    /// Stops the work.
    pub cancel: Option<&'o CancelToken>,
    /// Told of the bytes, all as those of item 0.
    pub observer: &'o dyn Observer,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            relax: Relax::STRICT,
            limits: Limits::default(),
            drop_prefix: false,
            drop_signature: false,
            cancel: None,
            observer: &Silent,
        }
    }
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("relax", &self.relax)
            .field("limits", &self.limits)
            .field("drop_prefix", &self.drop_prefix)
            .field("drop_signature", &self.drop_signature)
            .finish_non_exhaustive()
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Entries of the archive.
    pub entries: u64,
    /// Bytes of the new archive, on all volumes.
    pub bytes: u64,
}

/// Writes the archive of `source` to `sink` and finishes it.
///
/// The records of every member are checked as for reading; what the payloads hold is not looked
/// at, which is what a reader's test is for.
///
/// *Limits*: the directory twice, 16 bytes an entry, and 260 KiB.
///
/// # Errors
/// What is wrong with the archive, and what source and sink say. The sink is then not finished, so
/// one over files leaves nothing. [`Error::Missing`] comes before anything is written;
/// [`Error::Prefix`] where the archive begins with other bytes, the sink with a marker, and they
/// are not to be dropped; [`Error::Signature`] where it has an APK Signing Block, is not copied
/// byte for byte, and that is not to be dropped. A comment with an end record's signature in it is
/// refused before anything is written, too, where the records are written anew.
pub fn rewrite(source: &dyn Source, sink: &mut dyn Sink, options: &Options<'_>) -> Result<Summary> {
    source.probe(Span { start: 0, end: source.len() })?;
    let opened = open(source, options.relax, &options.limits)?;
    let pending = Span::default();
    let mut copy = Copy { window: Window::new(source), sink, options, pending };
    let plain = copy.sink.position() == Position::default();
    if plain && copy.sink.room() == u64::MAX && source.volumes().is_one() && !options.drop_prefix {
        copy.bytes(Span { start: 0, end: source.len() })?;
    } else {
        if let Some(block) = opened.index.signing_block().filter(|_| !options.drop_signature) {
            return Err(Error::Signature { at: block.start, bytes: block.len() });
        }
        let comment = bytes(source, opened.located.comment)?;
        check_comment(&comment)?;
        copy.prefix(&opened.index, plain)?;
        let builder = copy.members(&opened)?;
        copy.flush()?;
        let mut ending = builder.ending(&comment)?;
        while let Some(len) = ending.reserve(copy.sink.room())? {
            let at = copy.sink.reserve(len)?;
            copy.sink.write_all(ending.place(at))?;
        }
    }
    copy.sink.finish()?;
    Ok(Summary { entries: opened.index.len() as u64, bytes: copy.sink.written() })
}

/// The sizes of the volumes that [`rewrite`] would make of the archive of `source`, in bytes.
///
/// Large payloads are not read for it; nothing is written.
///
/// # Errors
/// As [`rewrite`], but for what a sink would say.
pub fn volume_sizes(
    source: &dyn Source,
    policy: Policy,
    options: &Options<'_>,
) -> Result<Vec<u64>> {
    let mut sink = SegmentedSink::new(MeasuredVolumes::new(), policy)?;
    rewrite(source, &mut sink, options)?;
    Ok(sink.into_volumes().into_sizes().unwrap_or_default())
}

struct Copy<'c> {
    window: Window<'c>,
    sink: &'c mut dyn Sink,
    options: &'c Options<'c>,
    /// What comes next, and waits for what lies behind it: members that are as they were go out
    /// together. It lies in the window.
    pending: Span,
}

impl Copy<'_> {
    /// What stands before the first member, unless it is the marker of a split archive.
    fn prefix(&mut self, index: &Index, plain: bool) -> Result<()> {
        let span = Span { start: 0, end: index.prefix_len() };
        if span.is_empty() || self.options.drop_prefix {
            return Ok(());
        }
        let markers = [SPANNING_MARKER, SINGLE_VOLUME_MARKER].map(u32::to_le_bytes);
        if span.len() == 4
            && markers
                .iter()
                .any(|marker| self.window.whole(span).is_ok_and(|bytes| bytes == marker))
        {
            return Ok(());
        }
        if !plain {
            return Err(Error::Prefix { bytes: span.len() });
        }
        self.bytes(span)
    }

    /// All members, in the order they have; returns the directory, in the order that has.
    fn members(&mut self, opened: &Opened) -> Result<Builder> {
        let Opened { directory, index, .. } = opened;
        let mut positions = vec![Position::default(); index.len()];
        for number in index.in_archive_order() {
            let Some(entry) = index.entry(directory, number) else { continue };
            let entry = entry?;
            let limit = index.member_limit(directory, number, &entry);
            let at = self.member(&entry, index.local_at(&entry), limit, index.padding_start())?;
            if let Some(position) = positions.get_mut(number) {
                *position = at;
            }
        }
        let mut builder = Builder::new();
        for (entry, at) in index.entries(directory).zip(positions) {
            builder.push_moved(&entry, at)?;
        }
        Ok(builder)
    }

    /// One member: header, payload, descriptor. Returns where it now is.
    /// Zeros behind `padding` belong to what stands behind the members, and are left with that.
    fn member(&mut self, entry: &Entry<'_>, at: u64, limit: u64, padding: u64) -> Result<Position> {
        let Options { relax, limits, .. } = self.options;
        entry.validate(*relax, limits)?;
        let end = limit.min(at.saturating_add(local_fixed()));
        let fixed = self.whole(Span { start: at, end })?;
        let len = LocalHeader::peek_len(fixed).map_err(|error| error.offset(at))? as u64;
        let header = Span::at(at, len).filter(|header| header.end <= limit).ok_or_else(|| {
            let (record, end) = (Record::LocalHeader, at.saturating_add(len));
            FormatError::new(ErrorKind::OutOfBounds { record, start: at, end, limit }, at)
        })?;
        let payload_end = header.end.saturating_add(entry.compressed_size());
        let tail_end = limit.min(payload_end.saturating_add(descriptor::MAX_LEN as u64));
        let tail = self.window.small(Span { start: payload_end.min(limit), end: tail_end })?;
        let bytes = self.whole(header)?;
        let judge = &mut Padded { judge: &mut Gate::new(*relax), from: padding };
        let (payload, end) = audit::examine(entry, bytes, &tail, at, limit, judge)?;
        let position = self.record(header)?;
        self.take(payload)?;
        let rest = Span { start: payload.end, end };
        if !rest.is_empty() {
            self.record(rest)?;
        }
        Ok(position)
    }

    /// Takes a record, which stays together; returns where it goes.
    fn record(&mut self, span: Span) -> Result<Position> {
        let (waiting, len) = (self.pending.len(), span.len());
        let position = if waiting.saturating_add(len) <= self.sink.room() {
            let at = self.sink.position();
            Position { offset: at.offset + waiting, ..at }
        } else {
            self.flush()?;
            self.sink.reserve(len)?
        };
        self.take(span)?;
        Ok(position)
    }

    /// Takes bytes as they are.
    fn take(&mut self, span: Span) -> Result<()> {
        if self.pending.is_empty() {
            self.pending = span;
        } else if self.pending.end == span.start {
            self.pending.end = span.end;
        } else {
            self.flush()?;
            self.pending = span;
        }
        // What is held stays in the window until it is written.
        if self.window.held(self.pending).len() as u64 == self.pending.len() {
            return Ok(());
        }
        self.flush()
    }

    /// Writes what waits.
    fn flush(&mut self) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.bytes(pending)
    }

    /// All bytes of a span no longer than a window, which may have to move for it.
    fn whole(&mut self, span: Span) -> Result<&[u8]> {
        if (self.window.held(span).len() as u64) < span.len() {
            self.flush()?;
        }
        self.window.whole(span)
    }

    /// Bytes as they are.
    fn bytes(&mut self, mut span: Span) -> Result<()> {
        while !span.is_empty() {
            if let Some(cancel) = self.options.cancel {
                cancel.check()?;
            }
            let mut done = 0;
            if span.len() >= DIRECT && self.window.held(span).is_empty() {
                let len = span.len().min(DIRECT_PIECE);
                done = self.sink.copy_from(self.window.source, span.start, len)?;
            }
            if done == 0 {
                let piece = self.window.piece(span)?;
                self.sink.write_all(piece)?;
                done = piece.len() as u64;
            }
            span.start += done;
            self.options.observer.advance(0, done);
        }
        Ok(())
    }
}

const fn local_fixed() -> u64 {
    zip_format::local::FIXED_LEN as u64
}

/// What of the source was read last. Archives are read forward, so small members cost no read of
/// their own.
struct Window<'s> {
    source: &'s dyn Source,
    /// Offset of what was read.
    start: u64,
    /// Room for a window, wherever in a page that begins.
    room: Vec<u8>,
    /// Where in the room the bytes are that were read.
    from: usize,
    len: usize,
}

/// Bytes after which addresses look the same to a processor that compares their low bits only.
const PAGE: usize = 4 << 10;

impl<'s> Window<'s> {
    fn new(source: &'s dyn Source) -> Self {
        let room = vec![0; WINDOW as usize + PAGE];
        Self { source, start: 0, room, from: 0, len: 0 }
    }

    /// What was read.
    fn bytes(&self) -> &[u8] {
        self.room.get(self.from..self.from + self.len).unwrap_or(&[])
    }

    /// The part of the span, from its start on, that was read.
    fn held(&self, span: Span) -> &[u8] {
        let from = span.start.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let held = from.and_then(|from| self.bytes().get(from..)).unwrap_or(&[]);
        let len = usize::try_from(span.len()).unwrap_or(usize::MAX).min(held.len());
        held.get(..len).unwrap_or(&[])
    }

    fn fill(&mut self, start: u64) -> Result<()> {
        // At most `WINDOW`.
        let len = self.source.len().saturating_sub(start).min(WINDOW) as usize;
        // Half a page away from where the bytes are in pages of the source, and so nearly always
        // from where they will be: a copy to a few bytes further on takes half as long again,
        // because each load looks as if it had to wait for the store before it. The marker of
        // split volumes is such a few bytes.
        let wanted = (start % PAGE as u64) as usize + PAGE / 2;
        self.from = wanted.wrapping_sub(self.room.as_ptr().addr()) % PAGE;
        (self.start, self.len) = (start, 0);
        let room = self.room.get_mut(self.from..self.from + len).unwrap_or_default();
        self.source.read_exact_at(room, start)?;
        self.len = len;
        Ok(())
    }

    /// Some bytes from the start of a span that is not empty.
    fn piece(&mut self, span: Span) -> Result<&[u8]> {
        if self.held(span).is_empty() {
            self.fill(span.start)?;
        }
        match self.held(span) {
            [] => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            piece => Ok(piece),
        }
    }

    /// All bytes of a span no longer than a window; cut where the source ends.
    fn whole(&mut self, span: Span) -> Result<&[u8]> {
        if (self.held(span).len() as u64) < span.len() {
            self.fill(span.start)?;
        }
        Ok(self.held(span))
    }

    /// The same for a few bytes that lie ahead, behind a payload perhaps; the window stays.
    fn small(&self, span: Span) -> Result<Vec<u8>> {
        let held = self.held(span);
        if held.len() as u64 == span.len() {
            return Ok(held.to_vec());
        }
        bytes(self.source, span)
    }
}
