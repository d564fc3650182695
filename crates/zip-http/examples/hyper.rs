//! An archive over hyper: `cargo run -p zip-http --example hyper`, then
//! `curl -OJ http://127.0.0.1:3000/`, and `curl -C - -o example.zip` for the rest of it.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use zip_format::position::Span;
use zip_http::Download;
use zip_stream_encoder::stream::{Opening, pieces_of};
use zip_stream_encoder::{Contents, Entry, MemoryCache, Plan};

/// What is known beforehand, and what is opened when its turn comes.
const TEXT: &str = "Known by size alone; the checksum is found on the way.\n";

/// Serves one archive to whoever asks.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let mut plan = Plan::builder();
    let contents = Contents::sized(TEXT.len() as u64);
    plan.push(&Entry::file(b"text.txt", contents).with_key(b"text, version 1"))
        .and_then(|_| plan.push(&Entry::directory(b"empty/")))
        .map_err(io::Error::other)?;
    let download = Download::new(Arc::new(plan.finish()))
        .with_name("beispiel für hyper.zip")
        .with_cache(Arc::new(MemoryCache::default()));
    loop {
        let (stream, _) = listener.accept().await?;
        let download = download.clone();
        let service = service_fn(move |request| {
            let response = download.respond(request.method(), request.headers(), open);
            async move { Ok::<_, Infallible>(response) }
        });
        tokio::spawn(async move {
            // Fails when the client leaves, or a source does.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Any stream of bytes will do: a file, an object, a query.
fn open(_entry: usize, span: Span) -> Opening {
    async move { Ok(pieces_of(&Bytes::from_static(TEXT.as_bytes()), span)) }.boxed()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}
