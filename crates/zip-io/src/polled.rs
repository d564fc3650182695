//! Waiting for what is polled, from code that blocks.
//!
//! For inputs, sinks and volumes that are asynchronous below and are driven by a thread above.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// Wakes a sleeping thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls until it is ready; the thread sleeps in between.
///
/// Works below any executor, as long as what is waited for is driven by another thread than this.
///
/// ```
/// use std::task::Poll;
/// assert_eq!(zip_io::polled::block_on(|_| Poll::Ready(7)), 7);
/// ```
pub fn block_on<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = poll(&mut context) {
            return value;
        }
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_until_it_is_woken_by_another_thread() {
        let mut polls = 0;
        let woken = block_on(|context| {
            polls += 1;
            let waker = context.waker().clone();
            if polls < 3 {
                std::thread::spawn(move || waker.wake());
                return Poll::Pending;
            }
            Poll::Ready("woken")
        });
        assert_eq!((woken, polls), ("woken", 3));
    }
}
