//! What is to be read, in portions.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use zip_format::position::Span;
use zip_io::Source;

use super::chunk::{CHUNK_BYTES, Chunk, MAX_PIECES};
use super::place::Place;
use crate::content::{Content, Cursor, Opened, open_in};
use crate::entry::{Contents, Wrap};
use crate::plan::Plan;

/// The reading that a whole archive takes, cut into jobs in the order of their bytes.
///
/// Entries of up to 1 MiB are opened by the thread that does the job, so several are open at once.
/// A larger one is opened once, when the first of its jobs is taken; where it cannot be
/// [shared](Content::share) it is read then as well, by one thread at a time.
///
/// ```
/// use std::sync::Arc;
/// use bytes::Bytes;
/// use zip_stream_encoder::ahead::{Chunk, Joiner, Jobs};
/// use zip_stream_encoder::{Contents, Entry, Machine, Plan};
///
/// let contents = [Bytes::from_static(b"hello")];
/// let mut plan = Plan::builder();
/// plan.push(&Entry::file(b"a.txt", Contents::sized(5)))?;
/// let plan = Arc::new(plan.finish());
///
/// let mut archive = Vec::new();
/// let mut joiner = Joiner::new(Machine::new(Arc::clone(&plan)), &mut archive);
/// let mut jobs = Jobs::new(&plan, &contents);
/// let mut chunk = Chunk::default();
/// while let Some(job) = jobs.next(&mut chunk) {
///     job.read(&mut chunk); // On any thread.
///     joiner.push(&mut chunk)?; // In this order.
/// }
/// assert_eq!(joiner.finish()?, plan.len());
/// # Ok::<(), zip_stream_encoder::Error>(())
/// ```
pub struct Jobs<'c, C> {
    plan: &'c Plan,
    contents: &'c [C],
    /// The next entry, and its next byte.
    entry: usize,
    at: u64,
    /// A large entry that is being taken.
    open: Option<Large>,
}

impl<C> std::fmt::Debug for Jobs<'_, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("entry", &self.entry).field("at", &self.at).finish()
    }
}

/// A large entry that is open.
enum Large {
    Shared(Arc<dyn Source>),
    Bytes(Bytes),
    Reader(Box<dyn Read + Send>),
}

/// Some reading: see [`Jobs`].
pub struct Job<'c, C> {
    plan: &'c Plan,
    contents: &'c [C],
    parts: Vec<Part>,
}

impl<C> std::fmt::Debug for Job<'_, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("parts", &self.parts).finish()
    }
}

struct Part {
    place: Place,
    from: From,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.place.fmt(f)
    }
}

enum From {
    /// To be opened.
    Contents,
    Open(Box<dyn Read + Send>),
    /// In the chunk by now.
    Chunk,
}

impl<'c, C: Content> Jobs<'c, C> {
    /// All that the archive of a plan takes.
    #[must_use]
    pub const fn new(plan: &'c Plan, contents: &'c [C]) -> Self {
        Self { plan, contents, entry: 0, at: 0, open: None }
    }

    /// The next job, to be done with this chunk, which is emptied; `None` after the last. What
    /// cannot be opened or read is told by [`super::Joiner::push`], in its turn.
    pub fn next(&mut self, chunk: &mut Chunk) -> Option<Job<'c, C>> {
        chunk.clear();
        let mut parts = Vec::new();
        let mut room = CHUNK_BYTES;
        while parts.len() < MAX_PIECES
            && let Some(entry) = self.plan.entry(self.entry)
        {
            let contents = entry.contents;
            let size = contents.read_size();
            if contents == Contents::None {
                self.entry += 1;
            } else if self.at == 0 && size <= room {
                let place = self.place(&contents, size);
                parts.push(Part { place, from: From::Contents });
                room -= size;
                self.entry += 1;
            } else {
                if parts.is_empty() {
                    let end = size.min(self.at + CHUNK_BYTES);
                    let place = self.place(&contents, end);
                    parts.extend(self.large(place, size, chunk));
                }
                break;
            }
        }
        let Self { plan, contents, .. } = *self;
        (!parts.is_empty()).then_some(Job { plan, contents, parts })
    }

    /// The bytes of the next entry up to `end`.
    fn place(&self, contents: &Contents, end: u64) -> Place {
        Place {
            entry: self.entry,
            span: Span { start: self.at, end },
            is_last: end == contents.read_size(),
            // An encrypted payload is stored, however it was to be wrapped.
            blocks: matches!(contents, Contents::Sized { wrap: Wrap::DeflateStored, .. })
                && self.plan.salt(self.entry).is_none(),
            sum: !matches!(contents, Contents::Raw { .. }),
        }
    }

    /// A part of an entry that does not fit into one chunk. None where it failed: nothing comes
    /// after.
    fn large(&mut self, place: Place, size: u64, chunk: &mut Chunk) -> Option<Part> {
        let open = match self.open.take() {
            Some(open) => Ok(open),
            None => self.open_large(Span { start: 0, end: size }),
        };
        let mut open = match open {
            Ok(open) => open,
            Err(error) => {
                chunk.refuse(place, error);
                self.entry = self.plan.entries();
                return Some(Part { place, from: From::Chunk });
            }
        };
        let from = match &mut open {
            Large::Shared(source) => {
                From::Open(Box::new(Cursor { source: Arc::clone(source), at: place.span.start }))
            }
            Large::Bytes(bytes) => {
                let from = usize::try_from(place.span.start).unwrap_or(usize::MAX);
                From::Open(Box::new(io::Cursor::new(bytes.slice(from.min(bytes.len())..))))
            }
            Large::Reader(reader) => {
                chunk.fill(place, reader);
                From::Chunk
            }
        };
        if place.is_last {
            (self.entry, self.at) = (self.entry + 1, 0);
        } else {
            (self.at, self.open) = (place.span.end, Some(open));
        }
        Some(Part { place, from })
    }

    fn open_large(&self, span: Span) -> io::Result<Large> {
        if let Some(shared) = self.contents.get(self.entry).and_then(Content::share) {
            return Ok(Large::Shared(shared?));
        }
        Ok(match open_in(self.contents, self.entry, span)? {
            Opened::Bytes(bytes) => Large::Bytes(bytes),
            Opened::Read(reader) => Large::Reader(reader),
        })
    }
}

impl<C: Content> Job<'_, C> {
    /// Reads and sums, into the chunk that the job came with; encrypts what is there as a whole.
    pub fn read(self, chunk: &mut Chunk) {
        for Part { place, from } in self.parts {
            match from {
                From::Chunk => {}
                From::Open(mut reader) => chunk.fill(place, &mut reader),
                From::Contents => match open_in(self.contents, place.entry, place.span) {
                    Ok(Opened::Read(mut reader)) => chunk.fill(place, &mut reader),
                    Ok(Opened::Bytes(bytes)) => chunk.fill(place, &mut &bytes[..]),
                    Err(error) => chunk.refuse(place, error),
                },
            }
        }
        chunk.seal(self.plan);
    }
}
