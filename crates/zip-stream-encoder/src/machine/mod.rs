//! The encoder without I/O: it says what it wants, is fed, and yields.
//!
//! ```text
//!        ┌──────────── Want::Take ──> ready(), took(n)           headers, in pieces
//! want() ├──────────── Want::Open ──> open the entry, opened()   sources, one at a time
//!        ├──────────── Want::Input ─> feed(bytes) -> Fed::Pass   payload, passed on as it is
//!        ├──────────── Want::Close ─> close it, closed()
//!        └──────────── Want::Done
//! ```
//!
//! A machine runs over any byte range of its plan, and opens only what the range touches. Where a
//! record holds a checksum that nobody knows yet, it has the missing bytes read for that alone.

mod crcs;
mod pass;
mod ready;
mod sums;
mod upcoming;
mod want;

use std::sync::Arc;

use zip_format::position::Span;
use zip_io::cancel::CancelToken;

use crate::cache::CrcCache;
use crate::error::{Error, Result, shown};
use crate::plan::{Part, Plan};
use crate::runs::Runs;
use crate::seal::{Done, Seals};
use pass::Pass;
use ready::Ready;
use sums::Sums;
pub use want::{Fed, Want};

#[derive(Debug)]
enum State {
    /// Between two parts.
    Between,
    /// Over the contents of an entry.
    Pass(Box<Pass>),
    /// After an error.
    Ended,
}

/// Central headers are laid until this many bytes are ready.
const BATCH_BYTES: usize = 16 << 10;

/// One run over a byte range of an archive.
///
/// *Limits*: the headers in hand, up to 16 KiB or one header; of encrypted entries 64 KiB in hand,
/// and a few keys; four bytes an entry once the first checksum was computed.
///
/// Dropping it at any time leaves what it has summed in the cache.
pub struct Machine {
    plan: Arc<Plan>,
    cancel: Option<CancelToken>,
    ready: Ready,
    extra: Vec<u8>,
    state: State,
    sums: Sums,
    seals: Seals,
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Ready { at, end, .. }, state) = (&self.ready, &self.state);
        f.debug_struct("Machine").field("at", at).field("end", end).field("state", state).finish()
    }
}

impl Machine {
    /// A run over the whole archive.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            sums: Sums::new(Arc::clone(&plan)),
            ready: Ready::over(Span { start: 0, end: plan.len() }),
            plan,
            cancel: None,
            extra: Vec::new(),
            state: State::Between,
            seals: Seals::default(),
        }
    }

    /// A run over some bytes of the archive.
    ///
    /// # Errors
    /// [`Error::NoSuchRange`].
    pub fn over(plan: Arc<Plan>, range: Span) -> Result<Self> {
        let len = plan.len();
        if range.start > range.end || range.end > len {
            return Err(Error::NoSuchRange { start: range.start, end: range.end, len });
        }
        let mut machine = Self::new(plan);
        machine.ready = Ready::over(range);
        Ok(machine)
    }

    /// With checksums kept from run to run.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<dyn CrcCache>) -> Self {
        self.sums.keep_in(cache);
        self
    }

    /// With a flag that ends the run with [`Error::Cancelled`].
    #[must_use]
    pub fn with_cancel(mut self, cancel: CancelToken) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Bytes of the archive from the next one on.
    pub(crate) const fn range(&self) -> Span {
        Span { start: self.ready.at, end: self.ready.end }
    }

    /// Bytes that are still to come; exact, unless an error ends the run.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.ready.remaining()
    }

    /// What is needed next. Asking again without acting gives the same answer.
    ///
    /// # Errors
    /// What was found out about the contents that were passed last; [`Error::Ended`] after any
    /// other error.
    pub fn want(&mut self) -> Result<Want> {
        match self.go() {
            Err(error) => {
                self.end_run(!matches!(error, Error::Crc { .. }));
                Err(error)
            }
            wanted => wanted,
        }
    }

    fn go(&mut self) -> Result<Want> {
        if let Some(cancel) = &self.cancel {
            cancel.check()?;
        }
        loop {
            if !self.ready.left().is_empty() {
                return Ok(Want::Take);
            }
            self.ready.clear();
            match &self.state {
                State::Ended => return Err(Error::Ended),
                State::Between if self.ready.at == self.ready.end => return Ok(Want::Done),
                State::Between => self.begin_part()?,
                State::Pass(_) => {
                    if let Some(want) = self.pass()? {
                        return Ok(want);
                    }
                }
            }
        }
    }

    /// Bytes of the archive that are next, after [`Want::Take`].
    #[must_use]
    pub fn ready(&self) -> &[u8] {
        self.ready.left()
    }

    /// The first so many of the ready bytes were delivered.
    pub fn took(&mut self, bytes: usize) {
        self.ready.took(bytes);
    }

    /// The contents asked for are open.
    pub fn opened(&mut self) {
        if let State::Pass(pass) = &mut self.state {
            pass.open = true;
        }
    }

    /// The contents asked for could not be opened: ends the run.
    pub fn open_failed(&mut self, source: std::io::Error) -> Error {
        let name = self.current_name();
        self.end_run(true);
        Error::Open { name, source }
    }

    /// The contents failed on the way: ends the run.
    pub fn read_failed(&mut self, source: std::io::Error) -> Error {
        let name = self.current_name();
        let at = if let State::Pass(pass) = &self.state { pass.at } else { 0 };
        self.end_run(true);
        Error::Read { name, at, source }
    }

    /// Takes the next bytes of what is open; none at all mean that it has ended.
    ///
    /// # Errors
    /// The contents are shorter or longer than the plan promises, or not those it promises.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Fed> {
        let fed = self.take_in(bytes);
        if fed.is_err() {
            self.end_run(false);
        }
        fed
    }

    /// The contents of this entry are open, and this byte of them is to be fed next.
    pub(crate) fn is_at(&self, entry: usize, at: u64) -> bool {
        matches!(&self.state, State::Pass(pass) if pass.open && pass.entry == entry && pass.at == at)
    }

    /// Says the checksum of bytes of what is open that are still to be fed, for drivers that sum on
    /// other threads: they are not summed again. It goes into the archive as it is.
    pub fn summed(&mut self, span: Span, crc32: u32) {
        if let State::Pass(pass) = &mut self.state {
            pass.summed(span, crc32);
        }
    }

    /// Bodies of encrypted entries will be fed enciphered where they have up to so many bytes.
    pub(crate) const fn seals_come_done(&mut self, bytes: u64) {
        self.seals.come_done(bytes);
    }

    /// The body of an encrypted entry whose turn is still to come will be fed enciphered.
    pub(crate) fn is_sealed(&mut self, entry: usize, done: Done) {
        self.seals.is_done(entry, done);
    }

    /// What was open is closed.
    pub fn closed(&mut self) {
        if matches!(&self.state, State::Pass(pass) if pass.open) {
            self.state = State::Between;
        }
    }

    /// What [`Want::Open`] will most probably ask for next, after what is open now: for drivers
    /// that open ahead.
    #[must_use]
    pub fn upcoming(&self) -> Option<(usize, Span)> {
        let State::Pass(pass) = &self.state else { return None };
        pass.deliver.then(|| upcoming::behind(&self.plan, pass.entry, self.ready.end))?
    }

    fn current_name(&self) -> String {
        let entry = match &self.state {
            State::Pass(pass) => self.plan.entry(pass.entry),
            _ => None,
        };
        entry.map(|entry| shown(entry.meta.name)).unwrap_or_default()
    }

    /// Begins with the part that the next byte belongs to.
    fn begin_part(&mut self) -> Result<()> {
        let Some(part) = self.plan.part_at(self.ready.at) else {
            return Err(Error::Ended);
        };
        match part {
            Part::Marker => {
                self.ready.bytes.extend_from_slice(self.plan.marker());
                self.laid(part);
            }
            Part::Local(index) => {
                if let Some(member) = self.plan.member(index, 0) {
                    member.write_local(&mut self.ready.bytes)?;
                }
                self.laid(part);
                self.check_empty(index);
            }
            Part::Payload(index) => {
                let (plan, at, end) = (&self.plan, self.ready.at, self.ready.end);
                let pass = match plan.body_span(index) {
                    Some(body) if at < body.start => return self.lay_head(index, body),
                    Some(_) => Pass::over_body(plan, index, at, end, &mut self.seals),
                    None => Pass::over_payload(plan, index, at, end),
                };
                let mut pass = pass.ok_or(Error::Ended)?;
                let runs = if pass.is_whole() { Runs::new() } else { self.sums.known(index) };
                pass.start_sum(&self.plan, runs);
                self.state = State::Pass(Box::new(pass));
            }
            Part::Descriptor(index) => {
                if let Some(crc32) = self.crc_or_pass(index)? {
                    if let Some(member) = self.plan.member(index, crc32) {
                        member.write_descriptor(&mut self.ready.bytes);
                    }
                    self.laid(part);
                }
            }
            Part::Central(first) => self.lay_central(first)?,
            Part::Trailer => {
                self.plan.write_trailer(&mut self.ready.bytes)?;
                self.laid(part);
            }
        }
        Ok(())
    }

    /// Salt and verifier before an encrypted body, as far as the range goes.
    fn lay_head(&mut self, index: usize, body: Span) -> Result<()> {
        let salts = self.plan.salts(index, self.seals.above());
        let head = self.seals.head(index, self.plan.lock(), salts);
        match self.ready.lay(&head, body.start) {
            0 => Err(Error::Ended),
            _ => Ok(()),
        }
    }

    /// Contents of no bytes have no payload in which it would show that there are some.
    fn check_empty(&mut self, index: usize) {
        let payload = self.plan.payload_span(index);
        let is_next = payload.is_some_and(|span| span.is_empty() && span.start == self.ready.at);
        if is_next && let Some(pass) = Pass::over_nothing(&self.plan, index) {
            self.state = State::Pass(Box::new(pass));
        }
    }

    /// Central headers from that of `first` on, as far as their checksums are known.
    fn lay_central(&mut self, first: usize) -> Result<()> {
        let mut index = first;
        while self.ready.at < self.ready.end
            && index < self.plan.entries()
            && self.ready.bytes.len() < BATCH_BYTES
        {
            let crc32 = match self.sums.crc(index) {
                Some(crc32) => crc32,
                // What is laid is delivered first.
                None if index > first => return Ok(()),
                None => return self.crc_or_pass(index).map(drop),
            };
            let before = self.ready.bytes.len();
            if let Some(member) = self.plan.member(index, crc32) {
                let local = self.plan.local(index);
                member.write_central(local, &mut self.extra, &mut self.ready.bytes)?;
            }
            self.ready.laid(self.plan.span(Part::Central(index)), before);
            index += 1;
        }
        Ok(())
    }

    /// A whole record was appended to nothing: what lies outside of the range goes.
    fn laid(&mut self, part: Part) {
        self.ready.laid(self.plan.span(part), 0);
    }

    /// The checksum of an entry, or a pass over what is missing of it.
    fn crc_or_pass(&mut self, index: usize) -> Result<Option<u32>> {
        let crc32 = self.sums.crc(index);
        if crc32.is_none() {
            // Where nothing is missing the sum is known.
            let pass =
                Pass::over_gap(&self.plan, index, self.sums.known(index)).ok_or(Error::Ended)?;
            self.state = State::Pass(Box::new(pass));
        }
        Ok(crc32)
    }

    /// Goes on in a pass, or ends it.
    fn pass(&mut self) -> Result<Option<Want>> {
        let State::Pass(pass) = &mut self.state else { return Ok(None) };
        if pass.deliver && pass.lay_block_header(&mut self.ready) {
            return Ok(None);
        }
        if let Some(want) = pass.want() {
            return Ok(Some(want));
        }
        self.sums.settle(pass)?;
        if pass.lay_tail(&mut self.ready) {
            return Ok(None);
        }
        if pass.open {
            return Ok(Some(Want::Close));
        }
        self.state = State::Between;
        Ok(None)
    }

    fn take_in(&mut self, bytes: &[u8]) -> Result<Fed> {
        let State::Pass(pass) = &mut self.state else { return Err(Error::Ended) };
        let Some(Want::Input { most }) = pass.want() else { return Err(Error::Ended) };
        let len = usize::try_from(most).map_or(bytes.len(), |most| most.min(bytes.len()));
        let bytes = bytes.get(..len).unwrap_or(bytes);
        if let Err((promised, found)) = pass.take_in(bytes) {
            let name = self.current_name();
            return Err(if found < promised {
                Error::TooShort { name, promised, found }
            } else {
                Error::TooLong { name, promised, found }
            });
        }
        if !pass.deliver {
            return Ok(Fed::Used(len));
        }
        if let Some(delivered) = pass.seal(bytes, &mut self.ready.bytes) {
            self.ready.at += delivered as u64;
            return Ok(Fed::Used(len));
        }
        self.ready.at += len as u64;
        Ok(Fed::Pass(len))
    }

    /// Ends the run early; keeps what was summed, unless the contents turned out to be others.
    fn end_run(&mut self, keep: bool) {
        let state = std::mem::replace(&mut self.state, State::Ended);
        self.ready.clear();
        if let (State::Pass(mut pass), true) = (state, keep) {
            self.sums.broken_off(&mut pass);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.end_run(true);
    }
}
