//! The body of a response: ranges of an archive, and texts between them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use http_body::{Frame, SizeHint};
use zip_format::position::Span;
use zip_stream_encoder::stream::AsyncContained;
use zip_stream_encoder::{AsyncEncoder, Error};

/// One thing after the other.
#[derive(Debug)]
pub(crate) enum Part {
    /// A head or the end of a multipart body.
    Text(Bytes),
    /// Bytes of the archive.
    Archive(Span),
}

impl Part {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Archive(span) => span.len(),
        }
    }
}

/// The body of a response, of known length. Sources are opened when their turn comes, and closed
/// when the body is dropped.
///
/// An error ends it before that length: servers then close the connection.
pub struct Body<C> {
    parts: VecDeque<Part>,
    /// Bytes of what is to come, the present part included.
    remaining: u64,
    start: Start<C>,
    current: Option<AsyncEncoder<C>>,
}

/// Begins with a range of the archive.
type Start<C> = Box<dyn FnMut(Span) -> Result<AsyncEncoder<C>, Error> + Send>;

impl<C> std::fmt::Debug for Body<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("remaining", &self.remaining).finish_non_exhaustive()
    }
}

impl<C> Body<C> {
    pub(crate) fn new(
        parts: VecDeque<Part>,
        start: impl FnMut(Span) -> Result<AsyncEncoder<C>, Error> + Send + 'static,
    ) -> Self {
        let remaining = parts.iter().map(Part::len).fold(0, u64::saturating_add);
        Self { parts, remaining, start: Box::new(start), current: None }
    }

    /// Bytes that are still to come.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.remaining
    }
}

impl<C: AsyncContained + Unpin> http_body::Body for Body<C> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        loop {
            if let Some(encoder) = &mut this.current {
                match Pin::new(encoder).poll_next(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Some(Ok(piece))) => {
                        this.remaining = this.remaining.saturating_sub(piece.len() as u64);
                        return Poll::Ready(Some(Ok(Frame::data(piece))));
                    }
                    Poll::Ready(Some(Err(error))) => {
                        this.current = None;
                        this.parts.clear();
                        return Poll::Ready(Some(Err(error)));
                    }
                    Poll::Ready(None) => this.current = None,
                }
            }
            match this.parts.pop_front() {
                None => return Poll::Ready(None),
                Some(Part::Text(text)) => {
                    this.remaining = this.remaining.saturating_sub(text.len() as u64);
                    return Poll::Ready(Some(Ok(Frame::data(text))));
                }
                Some(Part::Archive(span)) => match (this.start)(span) {
                    Ok(encoder) => this.current = Some(encoder),
                    Err(error) => return Poll::Ready(Some(Err(error))),
                },
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.current.is_none() && self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
