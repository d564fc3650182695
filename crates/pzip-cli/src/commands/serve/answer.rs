//! From a request to a page, an archive, or the reason why not.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName,
    HeaderValue, LOCATION, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use pzip::http::Download;
use pzip::stream::{CrcCache, Error, MemoryCache};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::address::{Address, Encoded};
use super::files::Files;
use super::log::{Line, Logged};
use super::page;
use super::plans::Plans;
use super::root::{Item, Root};
use super::selection::{self, Refused, Selection};
use crate::output::complain;

/// What all connections share.
pub(super) struct Server {
    pub(super) root: Root,
    /// What the archive of the root is called.
    pub(super) name: String,
    pub(super) max_entries: usize,
    pub(super) downloads: Arc<Semaphore>,
    pub(super) cache: Arc<MemoryCache>,
    pub(super) plans: Plans,
    /// Only programs of this machine can connect, and pages of others must not make them.
    pub(super) only_loopback: bool,
    pub(super) quiet: bool,
}

type Body = UnsyncBoxBody<Bytes, Error>;
type Answer = (Response<Body>, Option<OwnedSemaphorePermit>);

impl Server {
    /// Answers a request; the log has its line when the body is over.
    pub(super) async fn answer(
        self: &Arc<Self>,
        peer: SocketAddr,
        request: &Request<Incoming>,
    ) -> Response<Logged<Body, Option<OwnedSemaphorePermit>>> {
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let mut line = Line::new(peer, format!("{} {target}", request.method()), self.quiet);
        let (mut response, permit) = match self.decide(request).await {
            Ok(answer) => answer,
            Err(status) => (message(status), None),
        };
        line.answered(response.status().as_u16());
        for (name, value) in [
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (CONTENT_SECURITY_POLICY, page::SECURITY),
            (REFERRER_POLICY, "same-origin"),
            // The directory may change at any time; tags tell whether it did.
            (CACHE_CONTROL, "no-cache"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response.map(|body| Logged::new(body, line, permit))
    }

    async fn decide(self: &Arc<Self>, request: &Request<Incoming>) -> Result<Answer, StatusCode> {
        if !self.is_for_us(request) {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        let (path, query) = (request.uri().path(), request.uri().query());
        let address = Address::parse(path, query).ok_or(StatusCode::NOT_FOUND)?;
        if address.value("zip").is_some() {
            return self.archive(request, address).await;
        }
        if !path.ends_with('/') {
            // Relative links of the page need it. Made of names, so it leads nowhere else.
            let mut to = String::from("/");
            for name in &address.path {
                let _ = write!(to, "{}/", Encoded(name));
            }
            let mut response = message(StatusCode::MOVED_PERMANENTLY);
            put(&mut response, LOCATION, &to);
            return Ok((response, None));
        }
        let server = Arc::clone(self);
        let listed = spawn_blocking(move || {
            let items = server.list(&address)?;
            Ok::<_, Refused>(page::of(&address, items))
        });
        let page = listed.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let page = page.map_err(|refused| status_of(&refused))?;
        let text = if request.method() == Method::HEAD { String::new() } else { page.clone() };
        let mut response = text_response(StatusCode::OK, text);
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(page.len()));
        put(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
        Ok((response, None))
    }

    fn list(&self, address: &Address) -> Result<Vec<Item>, Refused> {
        let directory = self.root.enter(&address.path)?;
        Ok(self.root.list(&directory)?)
    }

    /// The archive of a selection.
    async fn archive(
        self: &Arc<Self>,
        request: &Request<Incoming>,
        address: Address,
    ) -> Result<Answer, StatusCode> {
        let permit = Arc::clone(&self.downloads).try_acquire_owned();
        let permit = permit.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        let server = Arc::clone(self);
        let planned = spawn_blocking(move || {
            let planned = server.select(&address);
            planned.map(|(selection, name)| (selection, name, address))
        });
        let planned = planned.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let (Selection { plan, skipped }, name, address) =
            planned.map_err(|refused| status_of(&refused))?;
        for skipped in skipped {
            complain(format_args!("left out, not to be read or not to be named: {skipped}"));
        }
        let plan = self.plans.shared(plan);
        let files =
            Files { root: self.root.clone(), base: address.path.into(), plan: Arc::clone(&plan) };
        let cache: Arc<dyn CrcCache> = Arc::clone(&self.cache) as _;
        let download = Download::new(plan).with_name(name).with_cache(cache).with_prefetch();
        let response = download.respond(request.method(), request.headers(), files);
        Ok((response.map(http_body_util::BodyExt::boxed_unsync), Some(permit)))
    }

    /// Plans what an address selects, and names it.
    fn select(&self, address: &Address) -> Result<(Selection, String), Refused> {
        let mut names = Vec::new();
        for value in address.values("e") {
            // Encoded once more by the page: see there.
            let text = std::str::from_utf8(value).map_err(|_| Refused::NotFound)?;
            let inner = Address::parse(&format!("/{text}"), None).ok_or(Refused::NotFound)?;
            let [name] = inner.path.as_slice() else { return Err(Refused::NotFound) };
            names.push(name.clone());
        }
        let slices: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        let selection = selection::of(&self.root, &address.path, &slices, self.max_entries)?;
        let last = match names.as_slice() {
            [only] => Some(only),
            _ => address.path.last(),
        };
        let stem = last.map(|name| String::from_utf8_lossy(name).into_owned());
        Ok((selection, format!("{}.zip", stem.as_ref().unwrap_or(&self.name))))
    }

    /// The request names this machine the way its own programs do, and no page of a stranger who
    /// had his own name lead here.
    fn is_for_us(&self, request: &Request<Incoming>) -> bool {
        if !self.only_loopback {
            return true;
        }
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let authority = host.and_then(|host| host.parse::<http::uri::Authority>().ok());
        authority.is_some_and(|authority| {
            let host = authority.host();
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            host.eq_ignore_ascii_case("localhost") || address.is_ok()
        })
    }
}

/// What the client is told; the log is told why.
fn status_of(refused: &Refused) -> StatusCode {
    match refused {
        Refused::NotFound => StatusCode::NOT_FOUND,
        Refused::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
        Refused::Plan(error) => {
            complain(error);
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Refused::Io(error) => {
            complain(error);
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn put(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn text_response(status: StatusCode, text: String) -> Response<Body> {
    let body = Full::new(Bytes::from(text)).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
}

fn message(status: StatusCode) -> Response<Body> {
    let mut response = text_response(status, format!("{status}\n"));
    put(&mut response, CONTENT_TYPE, "text/plain");
    match status {
        StatusCode::SERVICE_UNAVAILABLE => put(&mut response, RETRY_AFTER, "5"),
        StatusCode::METHOD_NOT_ALLOWED => put(&mut response, ALLOW, "GET, HEAD"),
        _ => {}
    }
    response
}
