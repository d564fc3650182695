//! One pass over the contents of an entry: to deliver them, or only to sum them.

use zip_codec::deflate_stored::{BLOCK_BYTES, HEADER_BYTES, header};
use zip_format::position::Span;

use super::ready::Ready;
use super::want::Want;
use crate::entry::{Contents, Wrap};
use crate::plan::Plan;
use crate::runs::{Runs, Summer};
use crate::seal::{Sealing, Seals};

/// A full block of the deflate of stored blocks, in payload bytes.
const BLOCK: u64 = (BLOCK_BYTES + HEADER_BYTES) as u64;

/// From byte `from` to byte `until` of what is opened for an entry.
#[derive(Debug)]
pub(super) struct Pass {
    pub(super) entry: usize,
    /// The bytes are delivered; else only summed.
    pub(super) deliver: bool,
    /// The contents are open.
    pub(super) open: bool,
    /// The next byte to be fed.
    pub(super) at: u64,
    /// There is one while the sum is of interest.
    pub(super) sum: Option<Summer>,
    from: u64,
    until: u64,
    /// Bytes that the plan promises.
    size: u64,
    /// The end was looked for behind the last byte, and found.
    ended: bool,
    /// Where the payload is, if it is delivered in blocks.
    blocks: Option<Span>,
    /// Of an encrypted entry.
    sealed: Option<Sealed>,
}

/// The encryption of what is delivered.
#[derive(Debug)]
struct Sealed {
    sealing: Sealing,
    /// Bytes of the contents before this one are taken in for the code alone.
    deliver_from: u64,
    /// Where the code is, if the range goes that far.
    tail: Option<Span>,
}

/// Bytes of an encrypted entry that are taken in at a time.
const SEALED_BYTES: u64 = 64 << 10;

impl Pass {
    fn new(entry: usize, contents: &Contents, span: Span) -> Self {
        Self {
            entry,
            deliver: true,
            open: false,
            at: span.start,
            sum: None,
            from: span.start,
            until: span.end,
            size: contents.read_size(),
            ended: false,
            blocks: None,
            sealed: None,
        }
    }

    /// Delivers the payload from archive byte `at` on, as far as the range goes.
    pub(super) fn over_payload(plan: &Plan, entry: usize, at: u64, end: u64) -> Option<Self> {
        let contents = plan.entry(entry)?.contents;
        if contents == Contents::None {
            return None;
        }
        let payload = plan.payload_span(entry)?;
        let (from, until) = (at - payload.start, payload.end.min(end).max(at) - payload.start);
        if !matches!(contents, Contents::Sized { wrap: Wrap::DeflateStored, .. }) {
            return Some(Self::new(entry, &contents, Span { start: from, end: until }));
        }
        let span = Span { start: before(from), end: before(until) };
        Some(Self { blocks: Some(payload), ..Self::new(entry, &contents, span) })
    }

    /// The same for an encrypted entry, from a byte behind its head on. If the range holds the code
    /// at its end, all of the contents are taken in.
    pub(super) fn over_body(
        plan: &Plan,
        entry: usize,
        at: u64,
        end: u64,
        seals: &mut Seals,
    ) -> Option<Self> {
        let contents = plan.entry(entry)?.contents;
        let (body, payload) = (plan.body_span(entry)?, plan.payload_span(entry)?);
        let with_tail = end > body.end;
        let deliver_from = at.clamp(body.start, body.end) - body.start;
        let from = if with_tail { 0 } else { deliver_from };
        let span = Span { start: from, end: end.clamp(body.start, body.end) - body.start };
        let sealing = seals.body(entry, plan.lock(), plan.salts(entry, seals.above()), from)?;
        let tail = with_tail.then_some(Span { start: body.end, end: payload.end });
        let sealed = Some(Sealed { sealing, deliver_from, tail });
        Some(Self { sealed, ..Self::new(entry, &contents, span) })
    }

    /// Sees that contents of no bytes have none.
    pub(super) fn over_nothing(plan: &Plan, entry: usize) -> Option<Self> {
        let contents = plan.entry(entry)?.contents;
        let nothing = Span { start: 0, end: 0 };
        (contents != Contents::None).then(|| Self::new(entry, &contents, nothing))
    }

    /// Sums the first bytes whose checksum is missing.
    pub(super) fn over_gap(plan: &Plan, entry: usize, runs: Runs) -> Option<Self> {
        let contents = plan.entry(entry)?.contents;
        let gap = runs.gap(0, contents.size())?;
        let sum = Summer::new(runs, gap.start, contents.size());
        let pass = Self::new(entry, &contents, gap);
        Some(Self { deliver: false, sum: Some(sum), ..pass })
    }

    /// Sums on the way what is worth it: contents that are seen as a whole, and those whose
    /// checksum is not known.
    pub(super) fn start_sum(&mut self, plan: &Plan, runs: Runs) {
        let Some(entry) = plan.entry(self.entry) else { return };
        let wanted = match entry.contents {
            Contents::Sized { .. } => self.sealed.is_none(),
            Contents::Known { .. } => self.is_whole(),
            _ => false,
        };
        if wanted {
            self.sum = Some(Summer::new(runs, self.from, self.size));
        }
    }

    pub(super) const fn span(&self) -> Span {
        Span { start: self.from, end: self.until }
    }

    /// All of the contents.
    pub(super) const fn is_whole(&self) -> bool {
        self.from == 0 && self.until == self.size
    }

    /// What is needed next; nothing after the last byte, and after the end was seen if it is the
    /// contents' last.
    pub(super) fn want(&self) -> Option<Want> {
        let left = self.until - self.at;
        // One byte, of which there should be none.
        let left = if left == 0 && self.until == self.size && !self.ended { 1 } else { left };
        if left == 0 {
            return None;
        }
        if !self.open {
            return Some(Want::Open { entry: self.entry, span: self.span() });
        }
        let in_block = BLOCK_BYTES as u64 - self.at % BLOCK_BYTES as u64;
        let most = match (&self.blocks, &self.sealed) {
            (Some(_), _) => left.min(in_block),
            (None, Some(sealed)) if !sealed.sealing.is_done() => left.min(SEALED_BYTES),
            (None, _) => left,
        };
        Some(Want::Input { most })
    }

    /// Encrypts bytes that were taken in, the last of them being before `at`, and appends those
    /// that are to be delivered; `None` if the entry is not encrypted, or they were before.
    pub(super) fn seal(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let sealed = self.sealed.as_mut().filter(|sealed| !sealed.sealing.is_done())?;
        let before = out.len();
        out.extend_from_slice(bytes);
        let fresh = out.get_mut(before..).unwrap_or(&mut []);
        sealed.sealing.seal(fresh);
        let first = self.at.saturating_sub(bytes.len() as u64);
        let skipped = sealed.deliver_from.saturating_sub(first).min(bytes.len() as u64) as usize;
        out.drain(before..before + skipped);
        Some(bytes.len() - skipped)
    }

    /// Appends the code behind an encrypted body that has passed, as far as the range goes; once.
    pub(super) fn lay_tail(&mut self, ready: &mut Ready) -> bool {
        let Some(Sealed { sealing, tail: Some(span), .. }) = self.sealed.take() else {
            return false;
        };
        ready.lay(&sealing.finish(), span.end);
        true
    }

    /// Appends the header of a block if the archive goes on with one, or with a part of one.
    pub(super) fn lay_block_header(&self, ready: &mut Ready) -> bool {
        let Some(payload) = self.blocks else { return false };
        let from_start = ready.at - payload.start;
        if from_start % BLOCK >= HEADER_BYTES as u64 || ready.at >= ready.end.min(payload.end) {
            return false;
        }
        let block = from_start / BLOCK;
        let left = self.size - block * BLOCK_BYTES as u64;
        let bytes = left.min(BLOCK_BYTES as u64) as usize;
        let header = header(bytes, left <= BLOCK_BYTES as u64);
        ready.lay(&header, payload.start + block * BLOCK + HEADER_BYTES as u64) > 0
    }

    /// Takes in the next bytes. Fails with the promised length, and the one there is at least.
    pub(super) fn take_in(&mut self, bytes: &[u8]) -> Result<(), (u64, u64)> {
        let len = bytes.len() as u64;
        match self.at == self.until {
            true if len > 0 => return Err((self.size, self.size.saturating_add(len))),
            true => self.ended = true,
            false if len == 0 => return Err((self.size, self.at)),
            false => {}
        }
        if let Some(sum) = &mut self.sum {
            sum.update(bytes);
        }
        self.at += len;
        Ok(())
    }

    /// Takes in the sum of bytes that come later.
    pub(super) fn summed(&mut self, span: Span, crc32: u32) {
        if let Some(sum) = &mut self.sum
            && self.at <= span.start
            && span.end <= self.until
        {
            sum.runs.insert(span, crc32);
        }
    }
}

/// Bytes of the contents that lie before a byte of a payload in blocks.
const fn before(at: u64) -> u64 {
    at / BLOCK * BLOCK_BYTES as u64 + (at % BLOCK).saturating_sub(HEADER_BYTES as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_headers_hold_no_contents() {
        assert_eq!([0, 4, 5, 6].map(before), [0, 0, 0, 1]);
        assert_eq!(
            [BLOCK - 1, BLOCK, BLOCK + 5, BLOCK + 6].map(before),
            [65_534, 65_535, 65_535, 65_536]
        );
    }
}
