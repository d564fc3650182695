//! Volumes handed over asynchronously: each into a [`futures::Sink`] as soon as it is complete.
//!
//! The sender of a channel is such a sink, and its receiver the stream of the volumes; so is all
//! that uploads one value after the other. It is polled by the thread that writes the archive,
//! which sleeps while it waits, below any executor: let another thread drive the other end.

use std::error::Error;
use std::io;

use futures::Sink;
use zip_io::polled::block_on;

use crate::volume::{CompleteVolume, HandOver};

/// Volumes that are sent into `sink`: the archive goes on when it has taken one, and has flushed
/// it; after the last one it is closed.
///
/// An archive that fails, or is given up, drops the sink without a volume that is
/// [`CompleteVolume::last`], and what came before is no archive.
///
/// *Errors*: what the sink says ends the archive, with the volume's number.
/// *Limits*: the volume that is written or waits to be taken, and what the sink itself holds.
///
/// ```
/// use futures::channel::mpsc::channel;
/// use futures::executor::block_on_stream;
/// use zip_io::Sink;
/// use zip_segment::asynchronous::send_volumes;
/// use zip_segment::{Kind, Policy, SegmentedSink};
///
/// // Of a channel of 0, one volume is sent while the next is written.
/// let (sender, receiver) = channel(0);
/// let writing = std::thread::spawn(move || {
///     let mut sink = SegmentedSink::new(send_volumes(sender), Policy::new(Kind::Raw, 100)?)?;
///     sink.write_all(&[7; 250])?;
///     sink.finish()
/// });
/// let volumes: Vec<_> = block_on_stream(receiver).collect();
/// assert_eq!(volumes.iter().map(|volume| volume.bytes.len()).collect::<Vec<_>>(), [100, 100, 50]);
/// assert!(volumes[2].last);
/// writing.join().expect("it does not panic")?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn send_volumes<K>(
    sink: K,
) -> HandOver<impl FnMut(CompleteVolume) -> io::Result<()> + Send + use<K>>
where
    K: Sink<CompleteVolume> + Send,
    K::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut sink = Box::pin(sink);
    let mut send = move |volume: CompleteVolume| {
        let last = volume.last;
        block_on(|context| sink.as_mut().poll_ready(context))?;
        sink.as_mut().start_send(volume)?;
        if last {
            block_on(|context| sink.as_mut().poll_close(context))
        } else {
            block_on(|context| sink.as_mut().poll_flush(context))
        }
    };
    HandOver::new(move |volume| send(volume).map_err(|error: K::Error| io::Error::other(error)))
}
