//! The contract of a payload that is not opened before its turn.

use std::io::{self, Read};

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

    /// Opens the contents for one pass from the start. Called once.
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
}

impl<I: Input + ?Sized> Input for Box<I> {
    fn len_hint(&self) -> Option<u64> {
        (**self).len_hint()
    }
    fn as_slice(&self) -> Option<&[u8]> {
        (**self).as_slice()
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        (**self).open()
    }
    fn reopen(&self, from: u64) -> Option<io::Result<Box<dyn Read + Send>>> {
        (**self).reopen(from)
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
