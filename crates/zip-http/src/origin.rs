//! Contents that another HTTP server has: asked for when their turn comes, from the byte that is
//! needed, with any client.
//!
//! An address is made at that moment and not before, so signed ones do not expire on the way.

use std::future::Future;
use std::io;

use bytes::Bytes;
use futures::StreamExt as _;
use http::header::{CONTENT_ENCODING, CONTENT_RANGE, ETAG, IF_MATCH, RANGE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use zip_format::position::Span;
use zip_stream_encoder::stream::{Opening, Pieces};

/// Asks another server for some bytes, and checks that these are the ones it gives.
///
/// `request` is what to ask for: made by the caller now, with whatever authorisation it takes;
/// `Range` is added. `size` is what the plan promises, and what the server has to say. `version` is the entity tag, with its quotes,
/// that the contents had when they were planned: the server is asked for that version alone, and
/// another one is an error. `send` is any client.
///
/// ```
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use zip_format::position::Span;
/// use zip_http::origin;
///
/// let send = |request: Request<()>| async move {
///     assert_eq!(request.headers()["range"], "bytes=2-4");
///     let body = Full::new(bytes::Bytes::from_static(b"llo"));
///     Response::builder().status(206).header("content-range", "bytes 2-4/5").body(body)
///         .map_err(std::io::Error::other)
/// };
/// let request = Request::get("http://store/hello?signature=fresh").body(()).unwrap();
/// let pieces = futures::executor::block_on(
///     origin::open(request, Span { start: 2, end: 5 }, 5, None, send));
/// assert!(pieces.is_ok());
/// ```
#[must_use]
pub fn open<S, F, B>(
    mut request: Request<()>,
    span: Span,
    size: u64,
    version: Option<&HeaderValue>,
    send: S,
) -> Opening
where
    S: FnOnce(Request<()>) -> F,
    F: Future<Output = io::Result<Response<B>>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let version = version.cloned();
    if let Some(version) = &version {
        request.headers_mut().insert(IF_MATCH, version.clone());
    }
    let is_part = !span.is_empty();
    if is_part
        && let Ok(range) = HeaderValue::try_from(format!("bytes={}-{}", span.start, span.end - 1))
    {
        request.headers_mut().insert(RANGE, range);
    }
    let response = send(request);
    Box::pin(async move {
        let response = response.await?;
        check(&response, span, size, version.as_ref())?;
        Ok(pieces(response.into_body()))
    })
}

/// The response holds the bytes that were asked for, as they are.
fn check<B>(
    response: &Response<B>,
    span: Span,
    size: u64,
    version: Option<&HeaderValue>,
) -> io::Result<()> {
    let fail = |text: String| Err(io::Error::other(text));
    let headers = response.headers();
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return fail("the server sends the contents in another encoding".into());
    }
    if let (Some(expected), Some(found)) = (version, headers.get(ETAG))
        && expected != found
    {
        return fail(format!("the contents changed: tag {found:?}, planned {expected:?}"));
    }
    match response.status() {
        StatusCode::OK if span.start == 0 => Ok(()),
        StatusCode::OK => fail("the server does not know ranges".into()),
        StatusCode::PARTIAL_CONTENT => {
            let range = headers.get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
            let expected = format!("bytes {}-{}/", span.start, span.end.saturating_sub(1));
            match range.and_then(|range| range.strip_prefix(&expected)) {
                Some("*") => Ok(()),
                Some(total) if total.parse() == Ok(size) => Ok(()),
                Some(total) => fail(format!("{total} bytes are there, {size} were planned")),
                None => fail(format!("asked for {expected}*, the server sends {range:?}")),
            }
        }
        status => fail(format!("the server answers {status}")),
    }
}

/// The data of a body.
fn pieces<B>(body: B) -> Pieces
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = Box::pin(body);
    futures::stream::poll_fn(move |context| body.as_mut().poll_frame(context))
        .filter_map(|frame| {
            let piece = match frame {
                // Trailers are no contents.
                Ok(frame) => frame.into_data().ok().map(Ok),
                Err(error) => Some(Err(io::Error::other(error))),
            };
            std::future::ready(piece)
        })
        .boxed()
}
