//! Asynchronous readers and streams of buffers as inputs, and a queue that is filled without
//! blocking. Any executor will do; this one is a loop.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use zip_parallel_writer::{Item, Options, Queue};

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

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let queue = Queue::<Vec<u8>>::new(Options::default());
    queue.start(Vec::new())?;
    block_on(async {
        let reader = futures::io::Cursor::new("from an asynchronous reader");
        queue.add_async(Item::async_read("reader.txt", reader)).await?;
        // As the body of a response comes: buffer by buffer.
        let buffers: Vec<io::Result<Vec<u8>>> =
            vec![Ok(b"from ".to_vec()), Ok(b"a stream".to_vec())];
        queue.add_async(Item::stream("stream.txt", futures::stream::iter(buffers))).await
    })?;
    let run = queue.wait().ok_or("it was started")?;
    assert_eq!(run.report.written.len(), 2);
    println!("{} bytes", run.result?.len());
    Ok(())
}
