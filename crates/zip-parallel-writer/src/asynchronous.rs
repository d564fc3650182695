//! The asynchronous face, over `futures`: inputs that are polled, a sink that is, and adding to a
//! queue without blocking.
//!
//! Inputs and sinks are polled by the threads of the run, which sleep while nothing comes. That
//! works with any executor, as long as what they wait for is driven by other threads than those
//! of the run: call [`crate::ParallelWriter::write`] from a thread where blocking is allowed, or
//! use a [`Queue`], which brings one.

use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::Poll;

use futures::io::{AsyncRead, AsyncWrite};
use futures::stream::Stream;
use zip_format::position::Position;
use zip_io::polled::block_on;
use zip_io::{Input, Sink};

use crate::item::Item;
use crate::queue::{NotAdded, Queue};

/// An asynchronous reader as an input.
pub struct AsyncInput<R> {
    reader: Pin<Box<R>>,
    len: Option<u64>,
}

impl<R: AsyncRead + Send> AsyncInput<R> {
    /// The reader, and its number of bytes if that is known.
    pub fn new(reader: R, len: Option<u64>) -> Self {
        Self { reader: Box::pin(reader), len }
    }
}

impl<R: AsyncRead + Send> Input for AsyncInput<R> {
    fn len_hint(&self) -> Option<u64> {
        self.len
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Polled(self.reader.as_mut())))
    }
}

struct Polled<'r, R>(Pin<&'r mut R>);

impl<R: AsyncRead> Read for Polled<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        block_on(|context| self.0.as_mut().poll_read(context, buf))
    }
}

/// A stream of byte buffers (`Bytes`, `Vec<u8>`, ...) as an input.
pub struct StreamInput<T, B> {
    stream: Pin<Box<T>>,
    len: Option<u64>,
    buffer: Option<B>,
}

impl<T, B> StreamInput<T, B>
where
    T: Stream<Item = io::Result<B>> + Send,
    B: AsRef<[u8]> + Send,
{
    /// The stream, and the number of bytes in all of it if that is known.
    pub fn new(stream: T, len: Option<u64>) -> Self {
        Self { stream: Box::pin(stream), len, buffer: None }
    }
}

impl<T, B> Input for StreamInput<T, B>
where
    T: Stream<Item = io::Result<B>> + Send,
    B: AsRef<[u8]> + Send,
{
    fn len_hint(&self) -> Option<u64> {
        self.len
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        let Self { stream, buffer, .. } = self;
        Ok(Box::new(Buffers { stream: stream.as_mut(), buffer, read: 0 }))
    }
}

struct Buffers<'t, T, B> {
    stream: Pin<&'t mut T>,
    buffer: &'t mut Option<B>,
    /// Bytes of the buffer that were read.
    read: usize,
}

impl<T, B> Read for Buffers<'_, T, B>
where
    T: Stream<Item = io::Result<B>>,
    B: AsRef<[u8]>,
{
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(buffer) = self.buffer {
                let rest = buffer.as_ref().get(self.read..).unwrap_or(&[]);
                let len = rest.len().min(buf.len());
                if let (Some(to), Some(from)) = (buf.get_mut(..len), rest.get(..len)) {
                    to.copy_from_slice(from);
                }
                self.read += len;
                if len > 0 {
                    return Ok(len);
                }
            }
            self.read = 0;
            match block_on(|context| self.stream.as_mut().poll_next(context)) {
                Some(buffer) => *self.buffer = Some(buffer?),
                None => {
                    *self.buffer = None;
                    return Ok(0);
                }
            }
        }
    }
}

impl<'i> Item<'i> {
    /// A file with all that an asynchronous reader gives.
    pub fn async_read(name: impl Into<Vec<u8>>, reader: impl AsyncRead + Send + 'i) -> Self {
        Self::input(name, AsyncInput::new(reader, None))
    }

    /// A file with all that a stream of byte buffers gives.
    pub fn stream<T, B>(name: impl Into<Vec<u8>>, stream: T) -> Self
    where
        T: Stream<Item = io::Result<B>> + Send + 'i,
        B: AsRef<[u8]> + Send + 'i,
    {
        Self::input(name, StreamInput::new(stream, None))
    }
}

/// An asynchronous writer as a sink.
pub struct AsyncSink<W> {
    writer: Pin<Box<W>>,
    position: u64,
}

impl<W: AsyncWrite + Send> AsyncSink<W> {
    /// A sink whose first byte is the writer's next one. It is closed when the archive is.
    pub fn new(writer: W) -> Self {
        Self { writer: Box::pin(writer), position: 0 }
    }

    /// The writer.
    #[must_use]
    pub fn into_inner(self) -> Pin<Box<W>> {
        self.writer
    }
}

impl<W: AsyncWrite + Send> Sink for AsyncSink<W> {
    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = block_on(|context| self.writer.as_mut().poll_write(context, bytes))?;
            if taken == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            bytes = bytes.get(taken..).unwrap_or(&[]);
            self.position = self.position.saturating_add(taken as u64);
        }
        Ok(())
    }

    fn position(&self) -> Position {
        Position::on_first(self.position)
    }

    fn finish(&mut self) -> io::Result<()> {
        block_on(|context| self.writer.as_mut().poll_close(context))
    }
}

impl<S: Sink + 'static> Queue<S> {
    /// Adds an item as soon as there is room. Dropping the future before its end adds nothing.
    ///
    /// # Errors
    /// [`NotAdded::Closed`].
    pub fn add_async(
        &self,
        item: Item<'static>,
    ) -> impl Future<Output = Result<(), NotAdded>> + Send + '_ {
        let mut item = Some(item);
        std::future::poll_fn(move |context| {
            // Polled again after its end, it has nothing to add.
            let Some(offered) = item.take() else { return Poll::Ready(Ok(())) };
            match self.offer_or_wake(offered, context.waker()) {
                Err(NotAdded::Full(back)) => {
                    item = Some(*back);
                    Poll::Pending
                }
                done => Poll::Ready(done),
            }
        })
    }
}
