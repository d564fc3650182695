//! An archive as a resource of actix-web: `cargo run` here, then
//! `curl -OJ http://127.0.0.1:3000/archive`.
//!
//! actix-web has types of its own for headers and bodies, so both are carried over by hand.

use std::future::{poll_fn, ready};
use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::{Method, StatusCode};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use futures::{FutureExt as _, stream};
use http_body::Body as _;
use zip_format::position::Span;
use zip_http::Download;
use zip_stream_encoder::stream::{Opening, pieces_of};
use zip_stream_encoder::{Contents, Entry, Plan};

/// Size and checksum of both are known: ranges need no cache.
const FILES: [(&str, &[u8]); 2] = [("one.txt", b"one\n"), ("dir/two.txt", b"two, two\n")];

/// Serves the archive at `/archive`.
async fn serve(listener: TcpListener) -> io::Result<()> {
    let mut plan = Plan::builder();
    for (name, bytes) in FILES {
        let entry = Entry::file(name.as_bytes(), Contents::of(bytes)).with_modified(1_700_000_000);
        plan.push(&entry).map_err(io::Error::other)?;
    }
    let download = Download::new(Arc::new(plan.finish())).with_name("example.zip");
    let app = move || {
        let download = download.clone();
        let archive = move |request: HttpRequest| ready(answer(&download, &request));
        App::new().service(web::resource("/archive").to(archive))
    };
    HttpServer::new(app).workers(1).listen(listener)?.run().await
}

fn answer(download: &Download, request: &HttpRequest) -> HttpResponse {
    let mut headers = http::HeaderMap::new();
    for (name, value) in request.headers() {
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes());
        let value = http::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let method = match *request.method() {
        Method::GET => http::Method::GET,
        Method::HEAD => http::Method::HEAD,
        _ => return HttpResponse::MethodNotAllowed().finish(),
    };
    let (parts, body) = download.respond(&method, &headers, open).into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16());
    let mut response = HttpResponse::build(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    let mut len = None;
    for (name, value) in &parts.headers {
        if name == http::header::CONTENT_LENGTH {
            // Said by the body below; of `HEAD` it is that of the body that does not come.
            len = value.to_str().ok().and_then(|len| len.parse().ok());
        } else {
            response.append_header((name.as_str(), value.as_bytes()));
        }
    }
    let Some(len) = len else { return response.finish() };
    let pieces = stream::unfold(body, |mut body| async move {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await?;
        let piece = frame.map(|frame| frame.into_data().unwrap_or_default());
        Some((piece, body))
    });
    // An error among the pieces ends the connection before the length is reached.
    response.body(SizedStream::new(len, Box::pin(pieces)))
}

fn open(entry: usize, span: Span) -> Opening {
    let bytes = FILES.get(entry).map_or(&b""[..], |(_, bytes)| bytes);
    async move { Ok(pieces_of(&Bytes::from_static(bytes), span)) }.boxed()
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    serve(TcpListener::bind("127.0.0.1:3000")?).await
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};

    use super::*;

    fn ask(address: SocketAddr, method: &str, headers: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!(
            "{method} /archive HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let body = answer.split_off(end);
        (String::from_utf8(answer).unwrap().to_ascii_lowercase(), body)
    }

    #[test]
    fn it_answers_as_the_others_do() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // Ends with the process.
        std::thread::spawn(|| actix_web::rt::System::new().block_on(serve(listener)));
        let (head, whole) = ask(address, "GET", "");
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let length = format!("content-length: {}\r\n", whole.len());
        assert!(head.contains(&length) && whole.starts_with(b"PK\x03\x04"), "{head}");
        assert!(whole.windows(4).any(|window| window == b"PK\x05\x06"));
        let (head, rest) = ask(address, "GET", "Range: bytes=40-\r\n");
        assert!(head.starts_with("http/1.1 206") && rest == whole[40..], "{head}");
        let (head, none) = ask(address, "HEAD", "");
        assert!(head.contains(&length) && none.is_empty(), "{head}");
        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
        let (head, none) = ask(address, "GET", &format!("If-None-Match: {tag}\r\n"));
        assert!(head.starts_with("http/1.1 304") && none.is_empty(), "{head}");
        let (head, _) = ask(address, "GET", "Range: bytes=999999-\r\n");
        assert!(head.starts_with("http/1.1 416"), "{head}");
        let (head, _) = ask(address, "GET", "Range: bytes=0-3,9-12\r\n");
        assert!(head.contains("multipart/byteranges"), "{head}");
    }
}
