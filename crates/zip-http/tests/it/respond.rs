//! Every row of the table in the documentation of `Download`.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::executor::block_on;
use http::{HeaderMap, HeaderValue, Method, Response};
use http_body_util::BodyExt as _;
use zip_format::position::Span;
use zip_http::{Body, Download};
use zip_stream_encoder::stream::{Opening, pieces_of};
use zip_stream_encoder::{Contents, Entry, Error, Plan};

const TEXT: &[u8] = b"0123456789 and the rest of a file that is stored\n";

fn open(_: usize, span: Span) -> Opening {
    async move { Ok(pieces_of(&Bytes::from_static(TEXT), span)) }.boxed()
}

fn download() -> Download {
    let mut plan = Plan::builder();
    let entry = Entry::file(b"a", Contents::of(TEXT)).with_modified(784_111_777);
    plan.push(&entry).unwrap();
    Download::new(Arc::new(plan.finish())).with_name("a.zip")
}

type Head = Response<Body<fn(usize, Span) -> Opening>>;

fn ask(method: &Method, headers: &[(&'static str, &str)]) -> Head {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_str(value).unwrap());
    }
    download().respond(method, &map, open as fn(usize, Span) -> Opening)
}

fn get(headers: &[(&'static str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let response = ask(&Method::GET, headers);
    let (head, body) = response.into_parts();
    let body = block_on(body.collect()).unwrap().to_bytes().to_vec();
    if let Some(len) = head.headers.get("content-length") {
        assert_eq!(len.to_str().unwrap(), body.len().to_string());
    }
    (head.status.as_u16(), head.headers, body)
}

#[test]
fn the_whole_and_its_head() {
    let (status, headers, body) = get(&[]);
    assert_eq!(status, 200);
    assert!(body.starts_with(b"PK\x03\x04"));
    assert_eq!(headers["content-type"], "application/zip");
    assert_eq!(headers["accept-ranges"], "bytes");
    assert_eq!(headers["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(headers["content-disposition"], r#"attachment; filename="a.zip""#);
    assert_eq!(headers["etag"], format!("\"{}\"", download().plan().tag()));

    let response = ask(&Method::HEAD, &[]);
    assert_eq!((response.status().as_u16(), response.headers()), (200, &headers));
    assert!(block_on(response.into_body().collect()).unwrap().to_bytes().is_empty());
}

#[test]
fn one_range() {
    let (_, _, whole) = get(&[]);
    for (range, start, end) in [
        ("0-0", 0, 1),
        ("31-40", 31, 41),
        ("5-", 5, whole.len()),
        ("-7", whole.len() - 7, whole.len()),
    ] {
        let (status, headers, body) = get(&[("range", &format!("bytes={range}"))]);
        assert_eq!((status, &body[..]), (206, &whole[start..end]), "{range}");
        let expected = format!("bytes {start}-{}/{}", end - 1, whole.len());
        assert_eq!(headers["content-range"], expected);
    }
}

#[test]
fn several_ranges() {
    let (_, _, whole) = get(&[]);
    let (status, headers, body) = get(&[("range", "bytes=0-3,31-40,-2")]);
    assert_eq!(status, 206);
    let boundary = headers["content-type"]
        .to_str()
        .unwrap()
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let text = body.as_slice();
    let mut expected = Vec::new();
    for (start, end) in [(0, 4), (31, 41), (whole.len() - 2, whole.len())] {
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: application/zip\r\nContent-Range: bytes {start}-{}/{}\r\n\r\n",
            end - 1,
            whole.len()
        );
        expected.extend_from_slice(head.as_bytes());
        expected.extend_from_slice(&whole[start..end]);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert_eq!(text, &expected[2..]);
    let (_, other, _) = get(&[("range", "bytes=0-3,31-40")]);
    assert_ne!(other["content-type"], headers["content-type"], "nobody can foresee it");
}

#[test]
fn what_lies_outside() {
    let (status, headers, body) = get(&[("range", "bytes=100000-")]);
    let len = download().plan().len();
    assert_eq!((status, body.len()), (416, 0));
    assert_eq!(headers["content-range"], format!("bytes */{len}"));
    let response = ask(&Method::HEAD, &[("range", "bytes=0-3")]);
    assert_eq!(response.status(), 200, "ranges are for GET alone");
}

#[test]
fn conditions() {
    let tag = format!("\"{}\"", download().plan().tag());
    let range = ("range", "bytes=0-3");
    for (headers, status) in [
        (&[("if-none-match", tag.as_str())][..], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", &format!("\"x\", W/{tag}"))], 304),
        (&[("if-none-match", "\"x\"")], 200),
        (&[("if-match", "\"x\"")], 412),
        (&[("if-match", &tag)], 200),
        (&[range, ("if-range", &tag)], 206),
        (&[range, ("if-range", "\"x\"")], 200),
        (&[range, ("if-range", &format!("W/{tag}"))], 200),
        (&[range, ("if-range", "Sun, 06 Nov 1994 08:49:37 GMT")], 200),
        (&[range, ("if-none-match", &tag)], 304),
    ] {
        let (found, answered, body) = get(headers);
        assert_eq!(found, status, "{headers:?}");
        assert!(status != 304 || body.is_empty() && !answered.contains_key("content-length"));
        assert_eq!(answered["etag"], tag, "{headers:?}");
    }
    let response = ask(&Method::POST, &[]);
    assert_eq!(
        (response.status().as_u16(), &response.headers()["allow"]),
        (405, &HeaderValue::from_static("GET, HEAD"))
    );
}

#[test]
fn what_may_change_has_a_weak_tag_and_no_if_range() {
    let mut plan = Plan::builder();
    plan.push(&Entry::file(b"a", Contents::sized(TEXT.len() as u64))).unwrap();
    let download = Download::new(Arc::new(plan.finish()));
    let tag = format!("W/\"{}\"", download.plan().tag());
    let mut headers = HeaderMap::new();
    headers.insert("range", HeaderValue::from_static("bytes=0-3"));
    let response = download.respond(&Method::GET, &headers, open);
    assert_eq!(
        (response.status().as_u16(), &response.headers()["etag"]),
        (206, &HeaderValue::from_str(&tag).unwrap())
    );
    headers.insert("if-range", HeaderValue::from_str(&tag).unwrap());
    assert_eq!(download.respond(&Method::GET, &headers, open).status(), 200);
}

#[test]
fn a_source_that_breaks_its_promise_breaks_the_body() {
    let mut plan = Plan::builder();
    plan.push(&Entry::file(b"a", Contents::sized(1_000_000))).unwrap();
    let download = Download::new(Arc::new(plan.finish()));
    let response = download.respond(&Method::GET, &HeaderMap::new(), open);
    assert_eq!(response.headers()["content-length"], download.plan().len().to_string());
    let error = block_on(response.into_body().collect()).unwrap_err();
    assert!(matches!(error, Error::TooShort { promised: 1_000_000, .. }), "{error}");
}
