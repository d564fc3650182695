//! Contents that another server has, fetched over sockets when their turn comes: the addresses
//! are signed at that moment, and each signature holds once.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::TryStreamExt as _;
use http::{HeaderValue, Request, Response};
use http_body_util::{Empty, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use zip_format::position::Span;
use zip_http::origin;
use zip_http::range::{Wanted, parse};
use zip_mmap_reader::{Archive, Options};
use zip_stream_encoder::stream::{AsyncEncoder, Opening};
use zip_stream_encoder::{Contents, CrcCache, Entry, Machine, MemoryCache, Plan};

const OBJECTS: [&[u8]; 3] = [b"the first object", &[7; 300_000], b"the third"];

/// The store: gives bytes for a signature that was not used before.
#[derive(Default)]
struct Store {
    used: Mutex<BTreeSet<String>>,
    asked: Mutex<Vec<String>>,
}

impl Store {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let target = request.uri().to_string();
        let status = |status| Response::builder().status(status);
        let object = target.strip_prefix("/").and_then(|rest| rest.split('?').next());
        let object = object.and_then(|number| OBJECTS.get(number.parse::<usize>().ok()?));
        let Some(object) = object else { return status(404).body(Full::default()).unwrap() };
        if !self.used.lock().unwrap().insert(target.clone()) {
            return status(403).body(Full::default()).unwrap();
        }
        let range = request.headers().get("range").map(|range| range.to_str().unwrap());
        self.asked.lock().unwrap().push(format!("{target} {}", range.unwrap_or("whole")));
        let response = status(200).header("etag", "\"v1\"");
        let Some(range) = range else { return response.body(Full::from(*object)).unwrap() };
        let Wanted::Ranges(spans) = parse(range, object.len() as u64) else {
            return status(416).body(Full::default()).unwrap();
        };
        let Span { start, end } = spans[0];
        let content_range = format!("bytes {start}-{}/{}", end - 1, object.len());
        let part = Bytes::from_static(&object[start as usize..end as usize]);
        response.status(206).header("content-range", content_range).body(part.into()).unwrap()
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let store = Arc::clone(&self);
            let service = service_fn(move |request| {
                let response = store.answer(&request);
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move {
                // Clients may leave.
                let _ = connection.await;
            });
        }
    }
}

/// A client of one connection a request.
async fn send(
    address: std::net::SocketAddr,
    request: Request<()>,
) -> io::Result<Response<Incoming>> {
    let stream = TokioIo::new(TcpStream::connect(address).await?);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(stream).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let mut request = request.map(|()| Empty::<Bytes>::new());
    request.headers_mut().insert("host", HeaderValue::from_static("store"));
    sender.send_request(request).await.map_err(io::Error::other)
}

#[test]
fn signed_addresses_are_made_when_their_turn_comes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let store = Arc::new(Store::default());
        tokio::spawn(Arc::clone(&store).serve(listener));

        let mut plan = Plan::builder();
        for (n, object) in OBJECTS.iter().enumerate() {
            let (name, key) = (format!("object {n}"), format!("store/{n}/v1"));
            let contents = Contents::sized(object.len() as u64);
            plan.push(&Entry::file(name.as_bytes(), contents).with_key(key.as_bytes())).unwrap();
        }
        let plan = Arc::new(plan.finish());
        let signatures = Arc::new(AtomicU32::new(0));
        let made = Arc::clone(&signatures);
        let version = HeaderValue::from_static("\"v1\"");
        let open = move |entry: usize, span: Span| -> Opening {
            // Here, and not when the plan was made.
            let signature = made.fetch_add(1, Ordering::SeqCst);
            let target = format!("/{entry}?signature={signature}");
            let request = Request::get(target).body(()).unwrap();
            let size = OBJECTS[entry].len() as u64;
            origin::open(request, span, size, Some(&version), move |r| send(address, r))
        };
        let cache: Arc<dyn CrcCache> = Arc::new(MemoryCache::default());
        let stream = |start, end| {
            let machine = Machine::over(Arc::clone(&plan), Span { start, end }).unwrap();
            AsyncEncoder::with(machine.with_cache(Arc::clone(&cache)), open.clone())
        };

        // A client that leaves in the middle of the second, and one that goes on from there.
        let cut = plan.payload_span(1).unwrap().start + 100_000;
        let first: Vec<Bytes> = stream(0, cut).try_collect().await.unwrap();
        assert_eq!(signatures.load(Ordering::SeqCst), 2, "the third was not asked for");
        let rest: Vec<Bytes> = stream(cut, plan.len()).try_collect().await.unwrap();
        let bytes = [first.concat(), rest.concat()].concat();

        let archive = Archive::new(&bytes[..], Options::default()).unwrap();
        for (n, object) in OBJECTS.iter().enumerate() {
            assert!(archive.by_name(format!("object {n}")).unwrap().read().unwrap() == *object);
        }
        let asked = store.asked.lock().unwrap();
        assert_eq!(asked.len(), 4, "{asked:?}");
        // Two block headers lie before the cut.
        assert_eq!(asked[1], "/1?signature=1 bytes=0-99989");
        assert_eq!(asked[2], "/1?signature=2 bytes=99990-299999", "and no byte twice");
    });
}
