//! One entry in the hands of a thread that visits many.

use std::sync::atomic::{AtomicU64, Ordering};

use zip_format::audit::Member;
use zip_format::limits::Limits;
use zip_io::progress::Observer;
use zip_io::{CancelToken, Source};

use crate::entry::EntryRef;
use crate::error::{Error, Result};
use crate::job::{Job, Proof};
#[cfg(feature = "crypto")]
use crate::keys;
use crate::member::{Scratch, Target, WHOLE_BYTES, Window, room, zeroed};
use crate::options::Parallel;
use crate::piece::Piece;
use crate::plan::Item;
use crate::stream::stream;

/// One entry while it is visited, with the buffers of the visiting thread.
pub struct Visit<'v, 'a, S> {
    pub(crate) entry: EntryRef<'a, S>,
    pub(crate) target: Target<'a>,
    /// Memory that holds the whole member, if it was read with its neighbours.
    pub(crate) window: Option<Window<'v>>,
    /// What comes after it in that memory.
    #[cfg(feature = "crypto")]
    pub(crate) ahead: &'v [Item],
    pub(crate) scratch: &'v mut Scratch,
    pub(crate) run: &'v Run<'v>,
}

impl<S> std::fmt::Debug for Visit<'_, '_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("at", &self.target.at).finish_non_exhaustive()
    }
}

/// What all threads of one run share.
pub(crate) struct Run<'o> {
    parallel: Parallel<'o>,
    total: AtomicU64,
    total_limit: u64,
}

impl<'o> Run<'o> {
    pub(crate) const fn new(parallel: Parallel<'o>, limits: &Limits) -> Self {
        Self { parallel, total: AtomicU64::new(0), total_limit: limits.total_bytes }
    }

    pub(crate) const fn observer(&self) -> &'o dyn Observer {
        self.parallel.observer
    }

    pub(crate) fn check(&self) -> Result<()> {
        Ok(self.parallel.cancel.map_or(Ok(()), CancelToken::check)?)
    }

    /// Visits one entry, and tells the observer; `ahead` comes after it in the window.
    pub(crate) fn visit<'a, S: Source, R>(
        &self,
        entry: EntryRef<'a, S>,
        item: &Item,
        ahead: &[Item],
        window: Option<Window<'_>>,
        scratch: &mut Scratch,
        visit: &impl Fn(&mut Visit<'_, 'a, S>) -> Result<R>,
    ) -> Result<R> {
        self.check()?;
        let observer = self.observer();
        observer.start(item.index, &|| entry.name().to_string());
        let target = entry.target_at(item.at, item.limit);
        #[cfg(not(feature = "crypto"))]
        let _ = ahead;
        let result = visit(&mut Visit {
            entry,
            target,
            window,
            #[cfg(feature = "crypto")]
            ahead,
            scratch,
            run: self,
        });
        match &result {
            Ok(_) => observer.finish(item.index),
            Err(error) => observer.fail(item.index, error),
        }
        result
    }

    /// Whether there is room for so many bytes of contents, before they are made.
    fn admit(&self, bytes: u64) -> Result<()> {
        let before = self.total.load(Ordering::Relaxed);
        if before.saturating_add(bytes) > self.total_limit {
            return Err(Error::TotalBytes { limit: self.total_limit });
        }
        Ok(())
    }

    /// Counts contents of entry `index`.
    fn count(&self, index: usize, bytes: u64) -> Result<()> {
        let before = self.total.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.total_limit {
            return Err(Error::TotalBytes { limit: self.total_limit });
        }
        self.parallel.observer.advance(index, bytes);
        Ok(())
    }
}

/// There is no entry of this number.
#[cold]
pub(crate) fn no_such(index: usize) -> Error {
    Error::NotFound(format!("number {index}"))
}

impl<'a, S: Source> Visit<'_, 'a, S> {
    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> EntryRef<'a, S> {
        self.entry
    }

    /// Checks the member's records as [`EntryRef::check`] does. Decodes nothing.
    ///
    /// # Errors
    /// The first contradiction, or a deviation the archive was not opened to accept.
    pub fn check(&mut self) -> Result<Member> {
        self.run.check()?;
        let options = self.entry_options();
        let checked = match self.window {
            Some(window) => self.target.check_in(window, options),
            None => {
                let source = self.entry_source();
                self.target.check_by_reads(source, &mut self.scratch.head, options)
            }
        };
        checked.map_err(|error| self.entry.name_error(error))
    }

    /// The contents, all at once, in the thread's own buffer.
    ///
    /// # Errors
    /// Everything that is wrong with the member.
    pub fn contents(&mut self) -> Result<&[u8]> {
        let mut contents = std::mem::take(&mut self.scratch.contents);
        let result = self.fill(&mut contents).map_err(|error| self.entry.name_error(error));
        self.scratch.contents = contents;
        let size = result?;
        Ok(self.scratch.contents.get(..size).unwrap_or(&[]))
    }

    /// A buffer for the contents, of their size.
    pub(crate) fn room(&self) -> Result<Vec<u8>> {
        let room = self.entry.admit().and_then(zeroed);
        room.map_err(|error| self.entry.name_error(error))
    }

    /// The contents, in a buffer of their size.
    pub(crate) fn read_into(&mut self, out: &mut [u8]) -> Result<()> {
        self.fill_exactly(out).map_err(|error| self.entry.name_error(error))
    }

    /// Fills the first bytes of a buffer, which grows to the largest entry seen; returns how many.
    fn fill(&mut self, contents: &mut Vec<u8>) -> Result<usize> {
        let size = self.entry.admit()?;
        self.fill_exactly(room(contents, size)?)?;
        Ok(size)
    }

    /// Fills a buffer of the contents' size.
    fn fill_exactly(&mut self, out: &mut [u8]) -> Result<()> {
        self.run.check()?;
        self.run.admit(self.entry.size())?;
        let options = self.entry_options();
        match self.window.filter(|_| self.target.is_decoded_at_once()) {
            Some(window) => {
                let member = self.target.check_in(window, options)?;
                let job = self.entry.job()?;
                let payload = window.slice(member.payload);
                self.prepare_keys(&job, payload);
                job.decode(&mut self.scratch.codec, options, payload, out)?;
            }
            None => self.entry.read_into(self.scratch, out)?,
        }
        self.run.count(self.entry.index(), self.entry.size())
    }

    /// Gives the contents to `out`, in one piece where they are small, piece by piece where they
    /// are not: memory stays bounded for entries of any size.
    ///
    /// Pieces of large entries are unproven until this returns `Ok`; of those encrypted with AES
    /// the authentication code is checked before the first piece, in a pass of its own.
    ///
    /// # Errors
    /// Everything that is wrong with the member; what `out` returns, as [`Error::Write`].
    pub fn copy_to(&mut self, out: &mut dyn FnMut(&[u8]) -> std::io::Result<()>) -> Result<()> {
        if self.entry.size() <= WHOLE_BYTES {
            let entry = self.entry;
            let contents = self.contents()?;
            return out(contents).map_err(|error| entry.name_error(Error::Write(error)));
        }
        self.pass(&mut |piece| out(piece.as_slice()))
    }

    /// The same, always piece by piece, each of which may be taken as it is: for who works on them
    /// on other threads.
    ///
    /// # Errors
    /// As [`Visit::copy_to`].
    pub fn pass(&mut self, out: &mut dyn FnMut(Piece<'_>) -> std::io::Result<()>) -> Result<()> {
        let entry = self.entry;
        self.copy_pieces(Proof::First, out).map_err(|error| entry.name_error(error))
    }

    fn copy_pieces(
        &mut self,
        proof: Proof,
        out: &mut dyn FnMut(Piece<'_>) -> std::io::Result<()>,
    ) -> Result<()> {
        self.entry.admit()?;
        let member = self.entry.check()?;
        let (run, index) = (self.run, self.entry.index());
        let from = (self.entry_source() as &dyn Source, member.payload);
        let options = self.entry_options();
        let job = self.entry.job()?;
        let check = &mut || run.check();
        stream(self.scratch, &job, options, from, proof, check, &mut |piece| {
            run.check()?;
            run.count(index, piece.as_slice().len() as u64)?;
            out(piece).map_err(Error::Write)
        })
    }

    /// Decodes the contents, proves them right, and keeps nothing.
    ///
    /// # Errors
    /// Everything that is wrong with the member.
    pub fn verify(&mut self) -> Result<()> {
        let entry = self.entry;
        self.prove().map_err(|error| entry.name_error(error))
    }

    fn prove(&mut self) -> Result<()> {
        self.run.check()?;
        self.entry.admit()?;
        let options = self.entry_options();
        let whole = self.entry_source().as_slice().map(|bytes| Window { start: 0, bytes });
        if let Some(window) = self.window.or(whole)
            && self.entry.size() <= WHOLE_BYTES
        {
            let member = self.target.check_in(window, options)?;
            let job = self.entry.job()?;
            let payload = window.slice(member.payload);
            self.prepare_keys(&job, payload);
            job.verify(&mut self.scratch.codec, options, payload)?;
            return self.run.count(self.entry.index(), self.entry.size());
        }
        self.copy_pieces(Proof::Last, &mut |_| Ok(()))
    }

    #[cfg(feature = "crypto")]
    fn prepare_keys(&mut self, job: &Job, payload: &[u8]) {
        if let (Some(locked), Some(window)) = (&job.locked, self.window) {
            let ring = self.scratch.codec.keyring();
            keys::prepare(ring, self.entry, locked, payload, (window, self.ahead));
        }
    }

    #[cfg(not(feature = "crypto"))]
    fn prepare_keys(&mut self, _: &Job, _: &[u8]) {}

    fn entry_options(&self) -> &'a crate::options::Options {
        &self.entry.opened().options
    }

    fn entry_source(&self) -> &'a S {
        &self.entry.opened().source
    }
}
