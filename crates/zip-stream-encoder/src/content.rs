//! Where the contents of entries come from: opened when their turn comes, at the byte that is
//! needed, and closed after.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use zip_format::position::Span;
use zip_io::file::FileInput;
use zip_io::{Input, Source};

/// Contents that are open, from the byte that was asked for on.
pub enum Opened {
    /// All that is left, in memory: passed on without a copy.
    Bytes(Bytes),
    /// A reader. It is asked once more than its length needs, to see that it ends.
    Read(Box<dyn Read + Send>),
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Read(_) => f.write_str("Read"),
        }
    }
}

/// The contents of one entry, which can be opened any number of times.
///
/// What is open goes on with byte `span.start`. Only the bytes of the span are used; behind its
/// end there must be none if the contents end there, and may be some otherwise. A source that has
/// to ask for a range asks for exactly this one.
pub trait Content: Send {
    /// Opens the contents.
    ///
    /// # Errors
    /// What the system says; the stream then ends with an error that names the entry.
    fn open(&self, span: Span) -> io::Result<Opened>;

    /// Opens the contents once for reads by position, at several places at a time; `None` where
    /// that cannot be. For [`crate::ahead`].
    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        None
    }
}

/// The contents of all entries, by number.
///
/// Implemented by slices and vectors of [`Content`], and by functions.
pub trait Contained {
    /// Opens the contents of an entry, as [`Content::open`].
    ///
    /// # Errors
    /// What the system says.
    fn open(&mut self, entry: usize, span: Span) -> io::Result<Opened>;
}

impl<F: FnMut(usize, Span) -> io::Result<Opened>> Contained for F {
    fn open(&mut self, entry: usize, span: Span) -> io::Result<Opened> {
        self(entry, span)
    }
}

impl<C: Content> Contained for Vec<C> {
    fn open(&mut self, entry: usize, span: Span) -> io::Result<Opened> {
        open_in(self, entry, span)
    }
}

impl<C: Content> Contained for &[C] {
    fn open(&mut self, entry: usize, span: Span) -> io::Result<Opened> {
        open_in(self, entry, span)
    }
}

impl<C: Content> Contained for Arc<[C]> {
    fn open(&mut self, entry: usize, span: Span) -> io::Result<Opened> {
        open_in(self, entry, span)
    }
}

pub(crate) fn open_in<C: Content>(contents: &[C], entry: usize, span: Span) -> io::Result<Opened> {
    match contents.get(entry) {
        Some(content) => content.open(span),
        None => {
            let text = format!("no contents were given for entry {entry}");
            Err(io::Error::new(io::ErrorKind::NotFound, text))
        }
    }
}

impl<C: Content + ?Sized> Content for Box<C> {
    fn open(&self, span: Span) -> io::Result<Opened> {
        (**self).open(span)
    }

    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        (**self).share()
    }
}

impl<C: Content + Sync + ?Sized> Content for Arc<C> {
    fn open(&self, span: Span) -> io::Result<Opened> {
        (**self).open(span)
    }

    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        (**self).share()
    }
}

impl Content for Bytes {
    fn open(&self, span: Span) -> io::Result<Opened> {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX).min(self.len());
        Ok(Opened::Bytes(self.slice(start..)))
    }
}

impl Content for FileInput {
    fn open(&self, span: Span) -> io::Result<Opened> {
        Ok(Opened::Read(Box::new(self.open_at(span.start)?)))
    }

    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        Input::share(self)
    }
}

/// A shared [`Source`] as contents: a file that stays open, a member of another archive.
#[derive(Clone, Debug)]
pub struct Positioned<S>(pub Arc<S>);

impl<S: Source + 'static> Content for Positioned<S> {
    fn open(&self, span: Span) -> io::Result<Opened> {
        Ok(Opened::Read(Box::new(Cursor { source: Arc::clone(&self.0), at: span.start })))
    }

    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        Some(Ok(Arc::clone(&self.0) as _))
    }
}

/// A shared source from a byte on.
pub(crate) struct Cursor<S: ?Sized> {
    pub(crate) source: Arc<S>,
    pub(crate) at: u64,
}

impl<S: Source + ?Sized> Read for Cursor<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read_at(buf, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// A function that opens a reader at a byte, as contents.
#[derive(Clone, Copy, Debug)]
pub struct OpenWith<F>(pub F);

impl<R, F> Content for OpenWith<F>
where
    R: Read + Send + 'static,
    F: Fn(Span) -> io::Result<R> + Send,
{
    fn open(&self, span: Span) -> io::Result<Opened> {
        Ok(Opened::Read(Box::new((self.0)(span)?)))
    }
}

/// Contents that lie in something longer, from this byte of it on: the payload of a gzip file,
/// say.
#[derive(Clone, Copy, Debug)]
pub struct Within<C> {
    /// What they lie in.
    pub content: C,
    /// Where they start.
    pub start: u64,
    /// Where they end.
    pub end: u64,
}

impl<C: Content> Content for Within<C> {
    fn open(&self, span: Span) -> io::Result<Opened> {
        let start = self.start.saturating_add(span.start).min(self.end);
        let end = self.start.saturating_add(span.end).min(self.end);
        let left = self.end - start;
        Ok(match self.content.open(Span { start, end })? {
            Opened::Bytes(bytes) => {
                let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                Opened::Bytes(bytes.slice(..len))
            }
            Opened::Read(reader) => Opened::Read(Box::new(reader.take(left))),
        })
    }
}

/// Reads once, whatever interrupts.
pub(crate) fn read_some(reader: &mut dyn Read, buf: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buf) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(read) if read > buf.len() => {
                let text = "a reader claims to have read more than it was asked for";
                return Err(io::Error::other(text));
            }
            done => return done,
        }
    }
}
