//! The access log: one line a request on standard error, written when its body is over.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::output::complain;

/// One request, until it is over.
pub(super) struct Line {
    peer: SocketAddr,
    request: String,
    status: u16,
    sent: u64,
    /// Bytes that were promised.
    promised: Option<u64>,
    begun: Instant,
    failed: Option<String>,
    quiet: bool,
}

impl Line {
    pub(super) fn new(peer: SocketAddr, request: String, quiet: bool) -> Self {
        let begun = Instant::now();
        Self { peer, request, status: 0, sent: 0, promised: None, begun, failed: None, quiet }
    }

    pub(super) const fn answered(&mut self, status: u16) {
        self.status = status;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let Self { peer, request, status, sent, .. } = self;
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        let date = pzip::http::date::format(i64::try_from(seconds).unwrap_or(0));
        let date = date.unwrap_or_default();
        let took = self.begun.elapsed().as_secs_f64();
        let end = match (&self.failed, self.promised) {
            (Some(error), _) => format!(" aborted: {error}"),
            (None, Some(promised)) if promised > *sent => String::from(" client left"),
            _ => String::new(),
        };
        // Failures are told in any case: the client only sees a connection that broke off.
        if !self.quiet || self.failed.is_some() {
            complain(format_args!(
                "{} [{date}] \"{request}\" {status} {sent} {took:.3}s{end}",
                peer.ip()
            ));
        }
    }
}

/// A body that counts what is taken of it, and holds what is free again after its end.
pub(super) struct Logged<B, G> {
    pub(super) body: B,
    pub(super) line: Line,
    pub(super) _guard: G,
}

impl<B: Body, G> Logged<B, G> {
    pub(super) fn new(body: B, mut line: Line, guard: G) -> Self {
        line.promised = body.size_hint().exact();
        Self { body, line, _guard: guard }
    }
}

impl<B, G> Body for Logged<B, G>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
    G: Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                this.line.sent += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            Poll::Ready(Some(Err(error))) => this.line.failed = Some(error.to_string()),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
