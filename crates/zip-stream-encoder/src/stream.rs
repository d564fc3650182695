//! Feature `async`: the machine as a [`Stream`] of [`Bytes`], over sources that are streams
//! themselves. On any executor; nothing is spawned.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::io::AsyncRead;
use futures::stream::{BoxStream, Stream, StreamExt as _};
use zip_format::position::Span;

use crate::encoder::PIECE_BYTES;
use crate::error::{Error, Result};
use crate::gather::Gather;
use crate::machine::{Fed, Machine, Want};
use crate::plan::Plan;

/// Bytes that are only summed before others have their turn.
const UNSEEN_BYTES: usize = 1 << 20;
/// A piece without bytes counts as this many, so that a source of nothing else does not spin.
const EMPTY_BYTES: usize = 4 << 10;

/// Contents that are open: pieces, in order, until they end.
pub type Pieces = BoxStream<'static, io::Result<Bytes>>;
/// Contents that are being opened.
pub type Opening = BoxFuture<'static, io::Result<Pieces>>;

/// The contents of all entries, by number, without blocking.
///
/// What is opened goes on with byte `span.start`. Only the bytes of the span are used; behind its
/// end there must be none if the contents end there, and may be some otherwise. A source that has
/// to ask for a range asks for exactly this one. Dropping the future or the pieces closes them.
///
/// Implemented by functions that return an [`Opening`], and by anything in an `Arc`.
pub trait AsyncContained: Send {
    /// Begins to open the contents of an entry.
    fn open(&mut self, entry: usize, span: Span) -> Opening;
}

impl<F: FnMut(usize, Span) -> Opening + Send> AsyncContained for F {
    fn open(&mut self, entry: usize, span: Span) -> Opening {
        self(entry, span)
    }
}

/// Contents in memory, as pieces from a byte on.
#[must_use]
pub fn pieces_of(bytes: &Bytes, span: Span) -> Pieces {
    let start = usize::try_from(span.start).unwrap_or(usize::MAX).min(bytes.len());
    let rest = bytes.slice(start..);
    futures::stream::iter((!rest.is_empty()).then_some(Ok(rest))).boxed()
}

/// What an [`AsyncRead`] gives, as pieces of up to `piece_bytes`. The reader is where the pieces
/// begin.
pub fn pieces_from<R>(reader: R, piece_bytes: usize) -> Pieces
where
    R: AsyncRead + Send + Unpin + 'static,
{
    let piece_bytes = piece_bytes.max(1);
    let mut state = (reader, BytesMut::new());
    futures::stream::poll_fn(move |context| {
        let (reader, buffer) = &mut state;
        buffer.resize(piece_bytes, 0);
        match Pin::new(reader).poll_read(context, buffer) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(0)) => Poll::Ready(None),
            Poll::Ready(Ok(read)) if read > buffer.len() => {
                let text = "a reader claims to have read more than it was asked for";
                Poll::Ready(Some(Err(io::Error::other(text))))
            }
            Poll::Ready(Ok(read)) => Poll::Ready(Some(Ok(buffer.split_to(read).freeze()))),
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
        }
    })
    .boxed()
}

/// A source that is being opened, or was.
enum Door {
    Opening(Opening),
    Open(Pieces),
    Failed(io::Error),
}

impl Door {
    /// Goes on with opening; true once that is over.
    fn poll(&mut self, context: &mut Context<'_>) -> bool {
        let Self::Opening(opening) = self else { return true };
        match opening.as_mut().poll(context) {
            Poll::Pending => return false,
            Poll::Ready(Ok(pieces)) => *self = Self::Open(pieces),
            Poll::Ready(Err(error)) => *self = Self::Failed(error),
        }
        true
    }
}

/// An archive being streamed without blocking.
///
/// A stream of pieces that ends after the last byte of the range, or with an error. Dropping it
/// closes what is open.
///
/// *Limits*: what [`Machine`] holds, 32 KiB of gathered pieces, and the piece in hand.
///
/// ```
/// use std::sync::Arc;
/// use bytes::Bytes;
/// use futures::{FutureExt, StreamExt, TryStreamExt};
/// use zip_format::position::Span;
/// use zip_stream_encoder::stream::{AsyncEncoder, Opening, pieces_of};
/// use zip_stream_encoder::{Contents, Entry, Plan};
///
/// let mut plan = Plan::builder();
/// plan.push(&Entry::file(b"a.txt", Contents::sized(5)))?;
/// let plan = Arc::new(plan.finish());
/// let open = |_, span: Span| -> Opening {
///     let hello = Bytes::from_static(b"hello");
///     async move { Ok(pieces_of(&hello, span)) }.boxed()
/// };
/// let pieces: Vec<Bytes> =
///     futures::executor::block_on(AsyncEncoder::new(Arc::clone(&plan), open).try_collect())?;
/// assert_eq!(pieces.concat().len() as u64, plan.len());
/// # Ok::<(), zip_stream_encoder::Error>(())
/// ```
pub struct AsyncEncoder<C> {
    machine: Machine,
    contents: C,
    door: Option<Door>,
    /// One opened ahead of its turn.
    next: Option<(usize, Span, Door)>,
    prefetch: bool,
    /// What came and was not yet fed.
    ahead: Bytes,
    gather: Gather,
    /// Comes after what is gathered.
    failed: Option<Error>,
    ended: bool,
}

impl<C> std::fmt::Debug for AsyncEncoder<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AsyncEncoder").field("machine", &self.machine).finish_non_exhaustive()
    }
}

impl<C: AsyncContained> AsyncEncoder<C> {
    /// The whole archive.
    pub fn new(plan: Arc<Plan>, contents: C) -> Self {
        Self::with(Machine::new(plan), contents)
    }

    /// Some bytes of the archive.
    ///
    /// # Errors
    /// [`Error::NoSuchRange`].
    pub fn over(plan: Arc<Plan>, range: Span, contents: C) -> Result<Self> {
        Ok(Self::with(Machine::over(plan, range)?, contents))
    }

    /// The bytes of a machine, which may have a cache or a cancel flag.
    pub fn with(machine: Machine, contents: C) -> Self {
        Self {
            machine,
            contents,
            door: None,
            next: None,
            prefetch: false,
            ahead: Bytes::new(),
            gather: Gather::default(),
            failed: None,
            ended: false,
        }
    }

    /// Opens the next source while the present one is being streamed, so that the time it takes
    /// to answer is not added. Two are open then; pieces of the next are not asked for.
    #[must_use]
    pub const fn with_prefetch(mut self) -> Self {
        self.prefetch = true;
        self
    }

    /// Bytes that are still to come; exact, unless an error ends the stream.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.machine.remaining().saturating_add(self.gather.len() as u64)
    }

    /// Goes on until a piece is due or the end is there; pending when a source is.
    fn poll_gather(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let mut unseen = 0;
        while !self.gather.is_due() {
            if unseen >= UNSEEN_BYTES {
                // Others have their turn between; this stream asks for its next at once.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.machine.want()? {
                Want::Take => {
                    let ready = self.machine.ready();
                    let len = ready.len();
                    self.gather.copy(ready);
                    self.machine.took(len);
                }
                Want::Open { entry, span } => {
                    let door = self.door.get_or_insert_with(|| {
                        match self.next.take() {
                            Some((ahead, of, door)) if (ahead, of) == (entry, span) => door,
                            // Another one was foreseen; it closes here.
                            _ => Door::Opening(self.contents.open(entry, span)),
                        }
                    });
                    if !door.poll(context) {
                        return Poll::Pending;
                    }
                    if let Some(Door::Failed(error)) =
                        self.door.take_if(|door| matches!(door, Door::Failed(_)))
                    {
                        return Poll::Ready(Err(self.machine.open_failed(error)));
                    }
                    self.machine.opened();
                    self.look_ahead();
                }
                Want::Input { .. } => {
                    if let Some((_, _, door)) = &mut self.next {
                        let _ = door.poll(context);
                    }
                    match self.poll_input(context) {
                        Poll::Ready(used) => unseen += used?,
                        Poll::Pending => return Poll::Pending,
                    }
                }
                Want::Close => {
                    self.door = None;
                    self.ahead.clear();
                    self.machine.closed();
                }
                Want::Done => {
                    self.ended = true;
                    break;
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Feeds the next bytes; returns how many of them went nowhere.
    fn poll_input(&mut self, context: &mut Context<'_>) -> Poll<Result<usize>> {
        if self.ahead.is_empty() {
            let Some(Door::Open(pieces)) = &mut self.door else {
                return Poll::Ready(Err(Error::Ended));
            };
            match pieces.poll_next_unpin(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(piece))) if piece.is_empty() => {
                    return Poll::Ready(Ok(EMPTY_BYTES));
                }
                Poll::Ready(Some(Ok(piece))) => self.ahead = piece,
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(self.machine.read_failed(error)));
                }
                Poll::Ready(None) => {}
            }
        }
        let piece = self.ahead.get(..PIECE_BYTES).unwrap_or(&self.ahead);
        match self.machine.feed(piece)? {
            Fed::Pass(len) => {
                let piece = self.ahead.split_to(len);
                self.gather.pass(piece);
                Poll::Ready(Ok(0))
            }
            Fed::Used(len) => {
                drop(self.ahead.split_to(len));
                Poll::Ready(Ok(len))
            }
        }
    }

    /// Begins to open what comes next, if that is wanted.
    fn look_ahead(&mut self) {
        self.next = None;
        if let (true, Some((entry, span))) = (self.prefetch, self.machine.upcoming()) {
            let door = Door::Opening(self.contents.open(entry, span));
            self.next = Some((entry, span, door));
        }
    }
}

impl<C: AsyncContained + Unpin> Stream for AsyncEncoder<C> {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if !this.ended && this.failed.is_none() {
            match this.poll_gather(context) {
                Poll::Ready(Ok(())) => {}
                // What there is goes out while the source takes its time.
                Poll::Pending => {
                    let piece = this.gather.next();
                    return piece.map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(piece))));
                }
                Poll::Ready(Err(error)) => {
                    (this.door, this.ended) = (None, true);
                    this.next = None;
                    this.failed = Some(error);
                }
            }
        }
        Poll::Ready(match this.gather.next() {
            Some(piece) => Some(Ok(piece)),
            None => this.failed.take().map(Err),
        })
    }
}
