//! The examples, run, and asked over a socket.

use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use tokio::net::TcpListener;
use zip_mmap_reader::{Archive, Options};

/// Runs a server, and a client of it in a thread of its own.
fn with<F, S>(serve: S, client: impl FnOnce(SocketAddr) + Send + 'static)
where
    S: FnOnce(TcpListener) -> F,
    F: Future<Output = std::io::Result<()>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = tokio::task::spawn_blocking(move || client(address));
        tokio::select! {
            ended = serve(listener) => panic!("the server ended: {ended:?}"),
            asked = client => asked.unwrap(),
        }
    });
}

/// Head and body of the answer to a request.
fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let body = answer.split_off(end);
    (String::from_utf8(answer).unwrap().to_ascii_lowercase(), body)
}

fn check(address: SocketAddr, path: &str, entries: usize) {
    let (head, whole) = ask(address, "GET", path, "");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains(&format!("content-length: {}\r\n", whole.len())), "{head}");
    let archive = Archive::new(&whole[..], Options::default()).unwrap();
    assert_eq!(archive.len(), entries);
    let (head, rest) = ask(address, "GET", path, "Range: bytes=40-\r\n");
    assert!(head.starts_with("http/1.1 206"), "{head}");
    assert!(rest == whole[40..], "resumed");
    let (head, none) = ask(address, "HEAD", path, "");
    assert!(none.is_empty());
    assert!(head.contains(&format!("content-length: {}\r\n", whole.len())), "{head}");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let (head, none) = ask(address, "GET", path, &format!("If-None-Match: {tag}\r\n"));
    assert!(head.starts_with("http/1.1 304") && none.is_empty(), "{head}");
    let (head, _) = ask(address, "GET", path, "Range: bytes=999999-\r\n");
    assert!(head.starts_with("http/1.1 416"), "{head}");
    let (head, parts) = ask(address, "GET", path, "Range: bytes=0-3,9-12\r\n");
    assert!(head.contains("multipart/byteranges"), "{head}");
    assert!(parts.windows(4).any(|window| window == b"PK\x03\x04"));
}

#[test]
fn hyper() {
    with(crate::hyper_example::serve, |address| check(address, "/", 2));
}

#[test]
fn axum() {
    with(crate::axum_example::serve, |address| check(address, "/archive", 2));
}
