//! The contract of a payload that is not opened before its turn.

use std::io::{self, Read};
use std::sync::Arc;

use zip_format::position::Span;

use crate::source::Source;

/// The contents of one item to be written, opened when its turn comes.
pub trait Input: Send {
    /// Number of bytes, if it is known beforehand. A hint: what is read counts.
    fn len_hint(&self) -> Option<u64> {
        None
    }

    /// All bytes at once, where they are in memory.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    /// Whether reading may have to wait for someone else: a network, a pipe, another thread.
    /// Such inputs are read ahead, several at once, so that their waits overlap.
    fn may_wait(&self) -> bool {
        true
    }

    /// Whether [`Input::open`] may be called again, each time for a pass from the start.
    fn can_reopen(&self) -> bool {
        false
    }

    /// The bytes as a span of a source, where they are one.
    fn as_span(&self) -> Option<(&dyn Source, Span)> {
        None
    }

    /// Opens the contents for one pass from the start. Called once, unless
    /// [`Input::can_reopen`] says otherwise.
    ///
    /// # Errors
    /// What the system says; the item then fails, and no other.
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>>;

    /// Opens the contents for one more pass, from byte `from` on; `None` where there is one pass
    /// only. Any number of passes may be open.
    fn reopen(&self, from: u64) -> Option<io::Result<Box<dyn Read + Send>>> {
        let _ = from;
        None
    }

    /// Opens the contents once for reads by position, at several places at a time; `None` where
    /// that cannot be.
    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        None
    }
}

impl<I: Input + ?Sized> Input for Box<I> {
    fn len_hint(&self) -> Option<u64> {
        (**self).len_hint()
    }
    fn as_slice(&self) -> Option<&[u8]> {
        (**self).as_slice()
    }
    fn may_wait(&self) -> bool {
        (**self).may_wait()
    }
    fn can_reopen(&self) -> bool {
        (**self).can_reopen()
    }
    fn as_span(&self) -> Option<(&dyn Source, Span)> {
        (**self).as_span()
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        (**self).open()
    }
    fn reopen(&self, from: u64) -> Option<io::Result<Box<dyn Read + Send>>> {
        (**self).reopen(from)
    }
    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        (**self).share()
    }
}

/// Any reader as an input, with its length where it is known.
#[derive(Debug)]
pub struct ReadInput<R> {
    reader: R,
    len: Option<u64>,
}

impl<R: Read + Send> ReadInput<R> {
    /// A reader of unknown length.
    pub const fn new(reader: R) -> Self {
        Self { reader, len: None }
    }

    /// A reader that will give `len` bytes.
    pub const fn with_len(reader: R, len: u64) -> Self {
        Self { reader, len: Some(len) }
    }
}

impl<R: Read + Send> Input for ReadInput<R> {
    fn len_hint(&self) -> Option<u64> {
        self.len
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(&mut self.reader))
    }
}

/// A function that opens a reader, called when the item's turn comes.
pub struct LazyInput<F> {
    open: F,
    len: Option<u64>,
}

impl<F> std::fmt::Debug for LazyInput<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LazyInput").field("len", &self.len).finish_non_exhaustive()
    }
}

impl<R, F> LazyInput<F>
where
    R: Read + Send + 'static,
    F: FnMut() -> io::Result<R> + Send,
{
    /// Opens with `open`; `len` is the number of bytes, if known.
    pub const fn new(open: F, len: Option<u64>) -> Self {
        Self { open, len }
    }
}

impl<R, F> Input for LazyInput<F>
where
    R: Read + Send + 'static,
    F: FnMut() -> io::Result<R> + Send,
{
    fn len_hint(&self) -> Option<u64> {
        self.len
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new((self.open)()?))
    }
}

/// A span of a source as an input: the payload of an entry, for one.
#[derive(Clone, Copy, Debug)]
pub struct SpanInput<S> {
    source: S,
    span: Span,
}

impl<S: Source> SpanInput<S> {
    /// The bytes of `span`; a source that ends before them fails when they are read.
    pub const fn new(source: S, span: Span) -> Self {
        Self { source, span }
    }
}

/// Reads a span in order.
struct SpanReader<'s, S> {
    source: &'s S,
    left: Span,
}

impl<S: Source> Read for SpanReader<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left.len()).unwrap_or(usize::MAX).min(buf.len());
        let buf = buf.get_mut(..room).unwrap_or(&mut []);
        if buf.is_empty() {
            return Ok(0);
        }
        let read = self.source.read_at(buf, self.left.start)?;
        if read == 0 {
            let text = format!("the source ends at offset {}", self.left.start);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
        }
        self.left.start = self.left.start.saturating_add(read as u64);
        Ok(read)
    }
}

impl<S: Source> Input for SpanInput<S> {
    fn len_hint(&self) -> Option<u64> {
        Some(self.span.len())
    }
    fn as_slice(&self) -> Option<&[u8]> {
        let start = usize::try_from(self.span.start).ok()?;
        let end = usize::try_from(self.span.end).ok()?;
        self.source.as_slice()?.get(start..end)
    }
    fn may_wait(&self) -> bool {
        false
    }
    fn can_reopen(&self) -> bool {
        true
    }
    fn as_span(&self) -> Option<(&dyn Source, Span)> {
        Some((&self.source, self.span))
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(SpanReader { source: &self.source, left: self.span }))
    }
}
