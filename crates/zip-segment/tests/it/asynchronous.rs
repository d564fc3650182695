//! Volumes through channels and other asynchronous sinks.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use futures::channel::mpsc::channel;
use futures::executor::{block_on, block_on_stream};
use futures::{Sink, StreamExt};
use zip_segment::asynchronous::send_volumes;
use zip_segment::volume::CompleteVolume;
use zip_segment::{Error, SegmentedSink};

use crate::common::{K64, items, members, read_volumes, split, writer};

fn write(
    sink: impl Sink<CompleteVolume, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    sizes: &[usize],
) -> Result<(), zip_parallel_writer::Error> {
    let sink = SegmentedSink::new(send_volumes(sink), split(K64))
        .map_err(zip_parallel_writer::Error::Sink)?;
    writer(b"").write(sink, items(&members(sizes))).map(drop)
}

#[test]
fn through_a_channel_in_order_and_the_last_one_last() {
    let sizes = [10, 300_000, 70_000];
    for waiting in [0, 1, 100] {
        let (sender, receiver) = channel(waiting);
        let writing = thread::spawn(move || write(sender, &sizes));
        let volumes: Vec<CompleteVolume> = block_on_stream(receiver).collect();
        writing.join().unwrap().unwrap();
        assert_eq!(volumes.len(), 6);
        for (number, volume) in volumes.iter().enumerate() {
            assert_eq!((volume.number as usize, volume.last), (number, number == 5));
        }
        let volumes = volumes.into_iter().map(|volume| volume.bytes).collect();
        assert_eq!(read_volumes(volumes), Ok(members(&sizes)));
    }
}

#[test]
fn a_receiver_that_goes_away_ends_the_archive_and_the_volume_is_named() {
    for taken in 0..6 {
        let (sender, mut receiver) = channel(0);
        let writing = thread::spawn(move || write(sender, &[400_000]));
        let seen = block_on(receiver.by_ref().take(taken).collect::<Vec<_>>());
        drop(receiver);
        assert!(seen.iter().all(|volume| !volume.last));
        let error = writing.join().unwrap().unwrap_err();
        let zip_parallel_writer::Error::Sink(error) = &error else { panic!("{error}") };
        let Some(Error::Write { number, .. }) = Error::of(error) else { panic!("{error}") };
        // The next one may have been put into the channel before it was closed.
        assert!((taken..=taken + 1).contains(&(*number as usize)), "after {taken}: {error}");
    }
}

#[test]
fn an_archive_that_fails_sends_no_last_volume_and_closes_the_channel() {
    let (sender, receiver) = channel(100);
    let sink = SegmentedSink::new(send_volumes(sender), split(K64)).unwrap();
    let mut items = items(&members(&[200_000]));
    items.push(zip_parallel_writer::Item::bytes("n".repeat(65_535), ""));
    assert!(writer(b"").write(sink, items).is_err());
    let volumes: Vec<_> = block_on_stream(receiver).collect();
    assert!(!volumes.is_empty() && volumes.iter().all(|volume| !volume.last));
}

/// A sink that is not ready at first, each time, and fails at one of its calls.
struct Upload {
    calls: usize,
    fails_at: usize,
    pending: bool,
    taken: usize,
    closed: bool,
}

impl Upload {
    fn step(&mut self, context: &Context<'_>) -> Poll<io::Result<()>> {
        self.pending = !self.pending;
        if self.pending {
            let waker = context.waker().clone();
            thread::spawn(move || waker.wake());
            return Poll::Pending;
        }
        self.calls += 1;
        Poll::Ready(if self.calls == self.fails_at {
            Err(io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(())
        })
    }
}

impl Sink<CompleteVolume> for &mut Upload {
    type Error = io::Error;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.step(context)
    }
    fn start_send(mut self: Pin<&mut Self>, volume: CompleteVolume) -> io::Result<()> {
        assert_eq!(volume.number as usize, self.taken);
        self.taken += 1;
        Ok(())
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.step(context)
    }
    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let step = self.step(context);
        self.closed |= matches!(step, Poll::Ready(Ok(())));
        step
    }
}

#[test]
fn an_upload_that_fails_at_every_step() {
    for fails_at in 1.. {
        let mut upload = Upload { calls: 0, fails_at, pending: false, taken: 0, closed: false };
        match write(&mut upload, &[150_000]) {
            Ok(()) => {
                assert!(upload.closed && upload.taken == 3 && fails_at == 7);
                break;
            }
            Err(zip_parallel_writer::Error::Sink(error)) => {
                assert!(!upload.closed);
                let Some(Error::Write { number, .. }) = Error::of(&error) else {
                    panic!("{error}")
                };
                assert_eq!(*number as usize, (fails_at - 1) / 2, "call {fails_at}: {error}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}
