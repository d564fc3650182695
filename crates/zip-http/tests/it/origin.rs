//! Contents that another server has: what is asked, and which answers are refused.

use std::io;

use bytes::Bytes;
use futures::TryStreamExt as _;
use futures::executor::block_on;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use zip_format::position::Span;
use zip_http::origin;

const SPAN: Span = Span { start: 2, end: 5 };

/// Opens three bytes of five with an answer, and returns them or what is said against it.
fn open(
    span: Span,
    version: Option<&str>,
    answer: http::response::Builder,
    expected: &[(&str, &str)],
) -> io::Result<Vec<u8>> {
    let send = |request: Request<()>| {
        for (name, value) in expected {
            assert_eq!(request.headers()[*name], *value);
        }
        let body = Full::new(Bytes::from_static(b"llo"));
        std::future::ready(answer.body(body).map_err(io::Error::other))
    };
    let version = version.map(|version| HeaderValue::from_str(version).unwrap());
    let request = Request::get("http://store/hello").body(()).unwrap();
    let pieces = block_on(origin::open(request, span, 5, version.as_ref(), send))?;
    let pieces: Vec<Bytes> = block_on(pieces.try_collect())?;
    Ok(pieces.concat())
}

#[test]
fn the_range_and_the_version_that_were_planned() {
    let answer = || Response::builder().status(206).header("content-range", "bytes 2-4/5");
    let asked = [("range", "bytes=2-4"), ("if-match", "\"v1\"")];
    assert_eq!(
        open(SPAN, Some("\"v1\""), answer().header("etag", "\"v1\""), &asked).unwrap(),
        b"llo"
    );
    assert_eq!(open(SPAN, None, answer(), &asked[..1]).unwrap(), b"llo");
    let from_zero = Span { start: 0, end: 3 };
    assert_eq!(open(from_zero, None, Response::builder(), &[]).unwrap(), b"llo", "a plain 200");
}

#[test]
fn other_answers_are_refused() {
    let part = |range: &str| Response::builder().status(206).header("content-range", range);
    for (answer, why) in [
        (Response::builder().status(200), "does not know ranges"),
        (Response::builder().status(404), "404"),
        (Response::builder().status(412), "412"),
        (part("bytes 0-2/5"), "asked for bytes 2-4/"),
        (Response::builder().status(206), "asked for bytes 2-4/"),
        (part("bytes 2-4/6"), "6 bytes are there, 5 were planned"),
        (part("bytes 2-4/5").header("etag", "\"v2\""), "changed"),
        (part("bytes 2-4/5").header("content-encoding", "gzip"), "another encoding"),
    ] {
        let error = open(SPAN, Some("\"v1\""), answer, &[]).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}
