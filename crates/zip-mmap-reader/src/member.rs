//! One member of an archive under a reader's hands: its records checked, its payload decoded.
//!
//! Everything that gives out contents goes through here, so that nothing is given out unchecked:
//! the local header agrees with the directory, the member ends where the next one starts, size
//! and CRC-32 are exact.

use zip_codec::member::Scratch as CodecScratch;
use zip_format::audit::{self, Member, Padded};
use zip_format::descriptor;
use zip_format::entry::Entry;
use zip_format::local;
use zip_format::method::Method;
use zip_format::position::Span;
use zip_format::profile::{Gate, Judge};
use zip_io::Source;

use crate::error::{Error, Result};
use crate::open::{read_exact, slice_of};
use crate::options::Options;

/// Members up to this size are read in one piece; larger ones through a window.
pub(crate) const WHOLE_BYTES: u64 = 4 << 20;
/// Stored members from this size on are not read with their neighbours.
const IN_PLACE_BYTES: u64 = 64 << 10;

/// Buffers and coders that one thread reuses from entry to entry.
///
/// *Limits*: up to 8 MiB of buffers beside the coders, 12 once a member was encrypted; from a source
/// that is read by position, a buffer as long as the largest deflated payload whose contents were
/// asked for whole. Nothing is freed before it is dropped.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) codec: CodecScratch,
    /// A local header, where it is read apart.
    pub(crate) head: Vec<u8>,
    /// Members, payloads or pieces of them: see [`room`].
    pub(crate) payload: Vec<u8>,
    /// Contents, or pieces of them: see [`room`].
    pub(crate) contents: Vec<u8>,
}

impl Scratch {
    /// Empty; buffers come with the first entry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn for_options(options: &Options) -> Self {
        Self { codec: CodecScratch::with_registry(options.registry.clone()), ..Self::default() }
    }
}

/// Bytes of the archive in memory, from an offset on.
#[derive(Clone, Copy)]
pub(crate) struct Window<'w> {
    pub(crate) start: u64,
    pub(crate) bytes: &'w [u8],
}

impl<'w> Window<'w> {
    pub(crate) fn slice(&self, span: Span) -> &'w [u8] {
        let start = span.start.saturating_sub(self.start);
        let end = span.end.saturating_sub(self.start);
        slice_of(self.bytes, Span { start, end })
    }
}

/// A member to be read: where it starts, and where it must have ended.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) entry: Entry<'a>,
    pub(crate) at: u64,
    pub(crate) limit: u64,
    /// What is behind this is no gap: see [`zip_format::audit::Padded`].
    pub(crate) padding_start: u64,
}

impl Target<'_> {
    pub(crate) fn span(&self) -> Span {
        Span { start: self.at, end: self.limit.max(self.at) }
    }

    /// The judge of this member's records.
    pub(crate) const fn padded<'j, J: Judge>(&self, judge: &'j mut J) -> Padded<'j, J> {
        Padded { judge, from: self.padding_start }
    }

    /// Whether contents that have to be read by position go right where they are wanted: stored,
    /// not encrypted, and large enough that a copy costs more than the calls that read headers
    /// apart.
    pub(crate) fn is_read_in_place(&self) -> bool {
        let is_stored = self.entry.header().method() == Method::STORED;
        is_stored && !self.entry.is_encrypted() && self.entry.size() >= IN_PLACE_BYTES
    }

    pub(crate) fn is_small(&self) -> bool {
        self.span().len() <= WHOLE_BYTES
    }

    /// Whether a member that lies in memory is decoded from there. Encrypted ones are copied once
    /// more, so large ones go piece by piece in any case.
    pub(crate) fn is_decoded_at_once(&self) -> bool {
        self.is_small() || !self.entry.is_encrypted()
    }

    /// Whether a large member is worth a buffer of its own, where its contents are wanted whole:
    /// deflate is decoded half as fast again from one slice as from pieces. Only if that takes no
    /// more than the contents do, and a little for those that could not be made smaller.
    ///
    /// Members do not overlap, so the buffers of all threads are no longer than the archive, where
    /// no entry is asked for twice.
    pub(crate) fn is_read_whole(&self) -> bool {
        let size = self.entry.size();
        let most = size.saturating_add(size / 64).saturating_add(WHOLE_BYTES);
        let is_deflated = self.entry.header().method() == Method::DEFLATE;
        is_deflated && !self.entry.is_encrypted() && self.span().len() <= most
    }

    /// Checks the member's records inside a window that holds all of it.
    pub(crate) fn check_in(&self, window: Window<'_>, options: &Options) -> Result<Member> {
        let mut gate = Gate::new(options.relax);
        let (payload, end) = self.examine_in(window, options, &mut gate)?;
        Ok(Member { payload, end, needs: gate.needs })
    }

    /// The same before any judge; returns the payload, and where the member ends.
    pub(crate) fn examine_in(
        &self,
        window: Window<'_>,
        options: &Options,
        judge: &mut impl Judge,
    ) -> Result<(Span, u64)> {
        let judge = &mut self.padded(judge);
        self.entry.examine(&options.limits, judge)?;
        let all = window.slice(self.span());
        let payload = audit::payload_span(&self.entry, all, self.at, self.limit)?;
        let tail = window.slice(Span { start: payload.end, end: self.limit });
        Ok(audit::examine(&self.entry, all, tail, self.at, self.limit, judge)?)
    }

    /// Checks the member's records with two small reads, whatever the payload's size.
    pub(crate) fn check_by_reads(
        &self,
        source: &dyn Source,
        buffer: &mut Vec<u8>,
        options: &Options,
    ) -> Result<Member> {
        let mut gate = Gate::new(options.relax);
        let (payload, end) = self.examine_by_reads(source, buffer, options, &mut gate)?;
        Ok(Member { payload, end, needs: gate.needs })
    }

    /// The same before any judge; returns the payload, and where the member ends.
    pub(crate) fn examine_by_reads(
        &self,
        source: &dyn Source,
        buffer: &mut Vec<u8>,
        options: &Options,
        judge: &mut impl Judge,
    ) -> Result<(Span, u64)> {
        let judge = &mut self.padded(judge);
        self.entry.examine(&options.limits, judge)?;
        // Of a missing volume not even the length is known, so nothing behind it can be judged.
        let span = self.span();
        source.probe(span).map_err(|source| Error::Io { at: self.at, source })?;
        // Both headers are usually of one length; a longer extra field takes a second read.
        let likely = local::FIXED_LEN + self.entry.header().len() + 64;
        self.fill(source, buffer, likely)?;
        let whole = local::LocalHeader::peek_len(buffer).map_err(|error| error.offset(self.at))?;
        if whole > buffer.len() {
            self.fill(source, buffer, whole)?;
        }
        let span = self.tail(buffer)?;
        let mut tail = [0; descriptor::MAX_LEN];
        // Within `usize`: no longer than the buffer.
        let tail = tail.get_mut(..span.len() as usize).unwrap_or(&mut []);
        read_exact(source, tail, span.start)?;
        Ok(audit::examine(&self.entry, buffer, tail, self.at, self.limit, judge)?)
    }

    /// The bytes behind the payload that are needed to examine the member: those of the longest
    /// descriptor, or what there is. `header` holds the local header.
    pub(crate) fn tail(&self, header: &[u8]) -> Result<Span> {
        let start = audit::payload_span(&self.entry, header, self.at, self.limit)?.end;
        let end = self.limit.min(start.saturating_add(descriptor::MAX_LEN as u64));
        Ok(Span { start, end })
    }

    /// Reads the first `len` bytes of the member, or all of them if it is shorter.
    fn fill(&self, source: &dyn Source, buffer: &mut Vec<u8>, len: usize) -> Result<()> {
        let len = (len as u64).min(self.span().len());
        buffer.resize(usize::try_from(len).unwrap_or(0), 0);
        read_exact(source, buffer, self.at)
    }
}

/// The first `len` bytes of a buffer that is used again and again, whatever they hold. Grown it is
/// made anew, so that nothing is copied or zeroed that is to be overwritten; never shrunk, so a
/// shorter use does not make the next longer one pay.
pub(crate) fn room(buffer: &mut Vec<u8>, len: usize) -> Result<&mut [u8]> {
    if buffer.len() < len {
        *buffer = Vec::new();
        // Sizes that grow little by little would have it made as often.
        let is_small = len as u64 <= WHOLE_BYTES;
        *buffer = zeroed(if is_small { len.next_power_of_two() } else { len })?;
    }
    Ok(buffer.get_mut(..len).unwrap_or_default())
}

/// A buffer for contents whose size is only claimed. The system gives zeroed pages when they are
/// touched, so a lie costs address space and no memory; and there may be none left of that.
pub(crate) fn zeroed(size: usize) -> Result<Vec<u8>> {
    if size as u64 > WHOLE_BYTES {
        // `vec!` would end the process.
        Vec::<u8>::new().try_reserve_exact(size).map_err(no_room)?;
    }
    Ok(vec![0; size])
}

pub(crate) fn no_room(error: std::collections::TryReserveError) -> Error {
    Error::Io { at: 0, source: std::io::Error::new(std::io::ErrorKind::OutOfMemory, error) }
}
