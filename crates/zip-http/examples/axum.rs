//! An archive as a route of axum: `cargo run -p zip-http --example axum`, then
//! `curl -OJ http://127.0.0.1:3000/archive`.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use futures::FutureExt as _;
use tokio::net::TcpListener;
use zip_format::position::Span;
use zip_http::Download;
use zip_stream_encoder::stream::{Opening, pieces_of};
use zip_stream_encoder::{Contents, Entry, Plan};

/// Size and checksum of both are known: ranges need no cache.
const FILES: [(&str, &[u8]); 2] = [("one.txt", b"one\n"), ("dir/two.txt", b"two, two\n")];

/// Serves the archive at `/archive`; `get` answers `HEAD` as well.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let mut plan = Plan::builder();
    for (name, bytes) in FILES {
        let entry = Entry::file(name.as_bytes(), Contents::of(bytes)).with_modified(1_700_000_000);
        plan.push(&entry).map_err(io::Error::other)?;
    }
    let download = Download::new(Arc::new(plan.finish())).with_name("example.zip");
    let router = Router::new().route("/archive", get(archive)).with_state(download);
    axum::serve(listener, router).await
}

async fn archive(State(download): State<Download>, request: Request) -> Response {
    download.respond(request.method(), request.headers(), open).map(Body::new)
}

fn open(entry: usize, span: Span) -> Opening {
    let bytes = FILES.get(entry).map_or(&b""[..], |(_, bytes)| bytes);
    async move { Ok(pieces_of(&Bytes::from_static(bytes), span)) }.boxed()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}
