//! From a request's head to a response: conditions, ranges, headers.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, Method, Response, StatusCode};
use zip_format::position::Span;
use zip_stream_encoder::stream::AsyncContained;
use zip_stream_encoder::{AsyncEncoder, CrcCache, Machine, Plan};

use crate::body::{Body, Part};
use crate::range::{self, Wanted};
use crate::tag::Tag;
use crate::{date, disposition};

/// An archive to be downloaded: a plan, and how it is presented.
///
/// | request | response |
/// | --- | --- |
/// | plain | 200, the whole |
/// | `Range` | 206, one range or `multipart/byteranges`; 416 if it lies outside |
/// | `Range` with an `If-Range` that does not match | 200, the whole |
/// | `If-None-Match` that matches | 304 |
/// | `If-Match` that does not | 412 |
/// | another method than GET and HEAD | 405 |
///
/// The tag is strong if the plan is [pinned](Plan::is_pinned), else weak, and then `If-Range`
/// never matches. Dates are shown and not compared: files can be removed without a newer date.
///
/// *Threads*: shared; cloning is cheap.
#[derive(Clone)]
pub struct Download {
    plan: Arc<Plan>,
    name: Option<String>,
    cache: Option<Arc<dyn CrcCache>>,
    prefetch: bool,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Download {
    /// The archive of a plan, shown where the client likes.
    #[must_use]
    pub const fn new(plan: Arc<Plan>) -> Self {
        Self { plan, name: None, cache: None, prefetch: false }
    }

    /// With a name to save it under, in UTF-8.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With checksums kept from one response to the next, also of those that were broken off.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<dyn CrcCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Opens the next source while the present one is being sent.
    #[must_use]
    pub const fn with_prefetch(mut self) -> Self {
        self.prefetch = true;
        self
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The response to a request. Nothing is opened before its body is asked for bytes.
    ///
    /// `contents` is cloned for each range of a request for several.
    pub fn respond<C>(&self, method: &Method, headers: &HeaderMap, contents: C) -> Response<Body<C>>
    where
        C: AsyncContained + Clone + Unpin + 'static,
    {
        let mut answer = self.answer(method, headers);
        let (plan, cache, prefetch) = (Arc::clone(&self.plan), self.cache.clone(), self.prefetch);
        let start = move |span: Span| {
            let mut machine = Machine::over(Arc::clone(&plan), span)?;
            if let Some(cache) = &cache {
                machine = machine.with_cache(Arc::clone(cache));
            }
            let encoder = AsyncEncoder::with(machine, contents.clone());
            Ok(if prefetch { encoder.with_prefetch() } else { encoder })
        };
        if method == Method::HEAD {
            answer.parts.clear();
        }
        let mut response = Response::new(Body::new(answer.parts, start));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response
    }

    fn answer(&self, method: &Method, headers: &HeaderMap) -> Answer {
        let mut answer = Answer::new(StatusCode::OK);
        if method != Method::GET && method != Method::HEAD {
            answer.status = StatusCode::METHOD_NOT_ALLOWED;
            answer.put(http::header::ALLOW, "GET, HEAD");
            return answer.sized();
        }
        let tag = Tag::new(self.plan.tag(), !self.plan.is_pinned());
        if let Some(tag) = tag.header() {
            answer.headers.insert(ETAG, tag);
        }
        if let Some(date) =
            self.plan.modified().filter(|&date| date <= now()).and_then(date::format)
        {
            answer.put(LAST_MODIFIED, &date);
        }
        if headers.contains_key(IF_MATCH) && !tag.is_among(headers, IF_MATCH, true) {
            answer.status = StatusCode::PRECONDITION_FAILED;
            return answer.sized();
        }
        if tag.is_among(headers, IF_NONE_MATCH, false) {
            answer.status = StatusCode::NOT_MODIFIED;
            return answer;
        }
        answer.put(ACCEPT_RANGES, "bytes");
        if let Some(name) = &self.name {
            answer.put(CONTENT_DISPOSITION, &disposition::attachment(name));
        }
        let len = self.plan.len();
        // Ranges are defined for GET alone (RFC 9110, 14.2).
        let wanted = if method == Method::GET { self.wanted(headers, &tag) } else { Wanted::Whole };
        match wanted {
            Wanted::Whole => {
                answer.put(CONTENT_TYPE, TYPE);
                answer.parts.push_back(Part::Archive(Span { start: 0, end: len }));
            }
            Wanted::Unsatisfiable => {
                answer.status = StatusCode::RANGE_NOT_SATISFIABLE;
                answer.put(CONTENT_RANGE, &format!("bytes */{len}"));
                answer.headers.remove(CONTENT_DISPOSITION);
            }
            Wanted::Ranges(ranges) => {
                answer.status = StatusCode::PARTIAL_CONTENT;
                match ranges.as_slice() {
                    &[span] => {
                        answer.put(CONTENT_TYPE, TYPE);
                        answer.put(CONTENT_RANGE, &content_range(span, len));
                        answer.parts.push_back(Part::Archive(span));
                    }
                    spans => answer.multipart(spans, len),
                }
            }
        }
        answer.sized()
    }

    /// The ranges that are asked for, if the client's part is of this archive.
    fn wanted(&self, headers: &HeaderMap, tag: &Tag) -> Wanted {
        let Some(range) = headers.get(RANGE).and_then(|range| range.to_str().ok()) else {
            return Wanted::Whole;
        };
        if headers.contains_key(IF_RANGE) && !tag.is_among(headers, IF_RANGE, true) {
            return Wanted::Whole;
        }
        range::parse(range, self.plan.len())
    }
}

const TYPE: &str = "application/zip";

/// Seconds since 1970; the end of time for a clock that is before.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(i64::MAX)
}

fn content_range(span: Span, len: u64) -> String {
    format!("bytes {}-{}/{len}", span.start, span.end.saturating_sub(1))
}

/// A response before it has its body.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    parts: VecDeque<Part>,
}

impl Answer {
    fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), parts: VecDeque::new() }
    }

    /// Sets a header; one that is not fit for HTTP is left out.
    fn put(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }

    /// With the length of its parts.
    fn sized(mut self) -> Self {
        let len = self.parts.iter().map(Part::len).fold(0, u64::saturating_add);
        self.headers.insert(CONTENT_LENGTH, HeaderValue::from(len));
        self
    }

    /// Several ranges, RFC 9110, 14.6.
    fn multipart(&mut self, spans: &[Span], len: u64) {
        // Nobody who writes contents may know it, or they could end a part before its end.
        let random = RandomState::new();
        let boundary = format!("{:016x}{:016x}", random.hash_one(0), random.hash_one(1));
        self.put(CONTENT_TYPE, &format!("multipart/byteranges; boundary={boundary}"));
        for (index, &span) in spans.iter().enumerate() {
            let line = if index == 0 { "" } else { "\r\n" };
            let range = content_range(span, len);
            let head = format!(
                "{line}--{boundary}\r\nContent-Type: {TYPE}\r\nContent-Range: {range}\r\n\r\n"
            );
            self.parts.push_back(Part::Text(head.into()));
            self.parts.push_back(Part::Archive(span));
        }
        self.parts.push_back(Part::Text(format!("\r\n--{boundary}--\r\n").into()));
    }
}
