//! A planned ZIP archive as an HTTP response.
//!
//! [`Download`] answers a request for an archive that is not written anywhere: with its exact
//! length, any range or several of it, and a strong tag, so that browsers show progress and every
//! client can resume. The response is an [`http::Response`] over an [`http_body::Body`], which
//! hyper, axum and others send as it is; nothing is spawned, and there is no runtime below.
//!
//! ```text
//! request head ──> Download ──> 200, 206, 304, 412 or 416 ──> body: Bytes, or an error that
//!                  plan, name   ranges, tag, length             ends the connection
//! ```
//!
//! ```
//! use std::sync::Arc;
//! use bytes::Bytes;
//! use futures::FutureExt;
//! use zip_http::Download;
//! use zip_stream_encoder::stream::{Opening, pieces_of};
//! use zip_stream_encoder::{Contents, Entry, Plan};
//!
//! let mut plan = Plan::builder();
//! plan.push(&Entry::file(b"a.txt", Contents::of(b"hello")))?;
//! let download = Download::new(Arc::new(plan.finish())).with_name("a.zip");
//!
//! let open = |_, span| -> Opening {
//!     async move { Ok(pieces_of(&Bytes::from_static(b"hello"), span)) }.boxed()
//! };
//! let request = http::Request::get("/").header("range", "bytes=0-3").body(()).unwrap();
//! let response = download.respond(request.method(), request.headers(), open);
//! assert_eq!(response.status(), 206);
//! assert_eq!(response.headers()["content-length"], "4");
//! # Ok::<(), zip_stream_encoder::Error>(())
//! ```
//!
//! A source that turns out other than promised ends the body with an error; servers then close
//! the connection before `Content-Length` is reached, which every client sees.

pub mod date;
pub mod disposition;
pub mod range;
mod tag;

pub mod body;
pub mod origin;

pub mod respond;

pub use body::Body;
pub use respond::Download;
