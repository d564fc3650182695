//! The asynchronous face, with an executor of three lines.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use futures::io::{AsyncRead, AsyncWrite};
use futures::stream;
use zip_parallel_writer::queue::NotAdded;
use zip_parallel_writer::{AsyncSink, Item, Options, ParallelWriter, Queue};
use zip_testkit::data::{Kind, payload};

use crate::common::{contents, read_back};

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        std::thread::park();
    }
}

/// Is never ready at once: another thread wakes the reader.
struct Slow {
    bytes: io::Cursor<Vec<u8>>,
    ready: bool,
}

impl Slow {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: io::Cursor::new(bytes), ready: false }
    }
    fn later(&mut self, context: &Context<'_>) -> bool {
        self.ready = !self.ready;
        if self.ready {
            let waker = context.waker().clone();
            std::thread::spawn(move || waker.wake());
        }
        self.ready
    }
}

impl AsyncRead for Slow {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.later(context) {
            return Poll::Pending;
        }
        Poll::Ready(io::Read::read(&mut self.bytes, buf))
    }
}

struct SlowSink(Slow);

impl AsyncWrite for SlowSink {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.0.later(context) {
            return Poll::Pending;
        }
        let len = buf.len().min(100_000);
        self.0.bytes.get_mut().extend_from_slice(&buf[..len]);
        Poll::Ready(Ok(len))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn readers_streams_and_a_sink_that_are_polled() {
    let large = payload(Kind::Text, 6 << 20, 1);
    let buffers: Vec<io::Result<Vec<u8>>> =
        large.chunks(70_001).map(|part| Ok(part.to_vec())).chain([Ok(Vec::new())]).collect();
    let broken: Vec<io::Result<Vec<u8>>> =
        vec![Ok(vec![1; 10]), Err(io::Error::other("the peer is gone"))];
    let items = vec![
        Item::async_read("small", Slow::new(b"some text".to_vec())),
        Item::async_read("large", Slow::new(large.clone())),
        Item::stream("stream", stream::iter(buffers)),
        Item::stream("empty", stream::iter(Vec::<io::Result<Vec<u8>>>::new())),
        Item::stream("broken", stream::iter(broken)),
    ];
    let options = Options { threads: 2, ..Options::default() };
    let sink = AsyncSink::new(SlowSink(Slow::new(Vec::new())));
    let (sink, report) = ParallelWriter::new(options).write(sink, items).unwrap();
    assert_eq!(report.failed.len(), 1);
    assert_eq!(report.failed[0].name, "broken");
    let bytes = sink.into_inner().0.bytes.get_ref().clone();
    let entries = read_back(&bytes);
    assert_eq!(contents(&entries, "small"), b"some text");
    assert!(contents(&entries, "large") == large && contents(&entries, "stream") == large);
    assert!(contents(&entries, "empty").is_empty());
}

#[test]
fn items_are_added_without_blocking() {
    let queue = Queue::<Vec<u8>>::with_capacity(Options::default(), 2);
    queue.try_add(Item::bytes("a", "1")).unwrap();
    queue.try_add(Item::bytes("b", "2")).unwrap();
    // Full, so that the first poll has to wait; the run makes room.
    let mut adding = Box::pin(queue.add_async(Item::bytes("c", "3")));
    let waker = Waker::noop();
    assert!(adding.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    queue.start(Vec::new()).unwrap();
    block_on(adding).unwrap();
    block_on(queue.add_async(Item::bytes("d", "4"))).unwrap();
    let run = queue.wait().unwrap();
    assert_eq!(read_back(&run.result.unwrap()).len(), 4);
    queue.start(Vec::new()).unwrap();
    queue.cancel();
    while queue.try_add(Item::bytes("x", "")).is_ok() {
        std::thread::yield_now();
    }
    let closed = loop {
        if let Err(error) = block_on(queue.add_async(Item::bytes("y", ""))) {
            break error;
        }
    };
    assert!(matches!(closed, NotAdded::Closed(_)));
    assert!(queue.wait().is_some());
}
