//! The stream gives the same bytes, opens what the blocking faces open, and may be dropped at
//! any time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::executor::block_on;
use futures::io::AsyncRead;
use futures::{FutureExt, StreamExt, TryStreamExt};
use proptest::prelude::*;
use zip_format::position::Span;
use zip_stream_encoder::stream::{AsyncContained, AsyncEncoder, Opening, pieces_from, pieces_of};
use zip_stream_encoder::{Contents, Entry, Error, Plan};

use crate::archive::{File, files, plan_of, whole};

/// Gives what a reader gives, every other time.
struct Hesitant<R>(R, bool);

impl<R: io::Read + Unpin> AsyncRead for Hesitant<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.1 = !self.1;
        if self.1 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.0.read(buf))
    }
}

fn sources(files: Vec<File>) -> impl AsyncContained + Unpin {
    move |entry: usize, span: Span| -> Opening {
        use zip_stream_encoder::{Content, Opened};
        let opened = files[entry].open(span);
        async move {
            Ok(match opened? {
                Opened::Bytes(bytes) => pieces_of(&bytes, Span { start: 0, end: span.len() }),
                Opened::Read(reader) => pieces_from(Hesitant(reader, false), 4_096),
            })
        }
        .boxed()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_same_bytes_as_without_async(
        files in files(), cut in any::<prop::sample::Index>(), prefetch in any::<bool>(),
    ) {
        let (plan, blocking) = plan_of(&files);
        let bytes = whole(&plan, &blocking);
        let cut = cut.index(bytes.len()) as u64;
        let mut joined = Vec::new();
        for (start, end) in [(0, cut), (cut, plan.len())] {
            let span = Span { start, end };
            let encoder =
                AsyncEncoder::over(Arc::clone(&plan), span, sources(blocking.clone())).unwrap();
            let encoder = if prefetch { encoder.with_prefetch() } else { encoder };
            let pieces: Vec<Bytes> = block_on(encoder.try_collect()).unwrap();
            joined.extend(pieces.concat());
        }
        prop_assert!(joined == bytes);
    }
}

fn plan(count: usize) -> Arc<Plan> {
    let mut plan = Plan::builder();
    for n in 0..count {
        plan.push(&Entry::file(format!("{n}").as_bytes(), Contents::sized(10_000))).unwrap();
    }
    Arc::new(plan.finish())
}

/// Counts how many are open.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn one_is_open_or_two_with_prefetch_and_none_after() {
    for (prefetch, allowed) in [(false, 1), (true, 2)] {
        let count = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let (opened, highest) = (Arc::clone(&count), Arc::clone(&most));
        let open = move |_, _: Span| -> Opening {
            let guard = Counted::new(&opened);
            highest.fetch_max(opened.load(Ordering::SeqCst), Ordering::SeqCst);
            async move {
                let bytes = Bytes::from(vec![7; 10_000]);
                Ok(futures::stream::once(async move {
                    let _guard = guard;
                    Ok(bytes)
                })
                .boxed())
            }
            .boxed()
        };
        let encoder = AsyncEncoder::new(plan(20), open);
        let mut encoder = if prefetch { encoder.with_prefetch() } else { encoder };
        // Half of it, and then the client leaves.
        block_on(async {
            for _ in 0..5 {
                encoder.next().await.unwrap().unwrap();
            }
        });
        drop(encoder);
        assert_eq!(count.load(Ordering::SeqCst), 0, "nothing stays open");
        assert_eq!(most.load(Ordering::SeqCst), allowed);
    }
}

#[test]
fn errors_name_the_entry_and_end_the_stream() {
    let short = |_, _: Span| -> Opening {
        async { Ok(pieces_of(&Bytes::from_static(b"short"), Span::default())) }.boxed()
    };
    let refused = |_, _: Span| -> Opening { async { Err(io::ErrorKind::NotFound.into()) }.boxed() };
    let broken = |_, _: Span| -> Opening {
        let pieces = [Ok(Bytes::from_static(b"123")), Err(io::ErrorKind::TimedOut.into())];
        async { Ok(futures::stream::iter(pieces).boxed()) }.boxed()
    };
    let ways: [fn(usize, Span) -> Opening; 3] = [short, refused, broken];
    let mut errors = Vec::new();
    for way in ways {
        let mut encoder = AsyncEncoder::new(plan(2), way);
        let items: Vec<_> = block_on((&mut encoder).collect());
        assert!(items[..items.len() - 1].iter().all(Result::is_ok));
        let Some(Err(error)) = items.into_iter().last() else { panic!("no error") };
        assert!(error.to_string().starts_with("0: "), "{error}");
        assert!(block_on(encoder.next()).is_none());
        errors.push(error);
    }
    assert!(matches!(errors[0], Error::TooShort { promised: 10_000, found: 5, .. }));
    assert!(matches!(errors[1], Error::Open { .. }));
    assert!(matches!(errors[2], Error::Read { at: 3, .. }));
}
