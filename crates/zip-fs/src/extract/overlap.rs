//! Decoding and writing at the same time, for an entry so large that one processor would do it
//! all while the others have nothing left.
//!
//! The pieces are copied into a few buffers that go to the writing thread and come back: their
//! pages stay in the caches, and no fresh memory is touched but the file's own.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Entries below this size are written by the thread that decodes them.
pub(super) const OVERLAP_BYTES: u64 = 16 << 20;
/// Bytes of a buffer.
const BUFFER_BYTES: usize = 512 << 10;
/// Buffers on the way.
const BUFFERS: usize = 4;

/// Calls `produce` on this thread, which gives it pieces to write; another thread writes them.
///
/// The second result is that of writing. When it failed, `produce` was told so, too.
///
/// *Limits*: 2 MiB. *Threads*: one, gone when this returns; where none can be had, this one.
pub(super) fn copy<R>(
    file: &File,
    produce: impl FnOnce(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> R,
) -> (R, io::Result<()>) {
    let (full, to_write) = sync_channel(BUFFERS);
    let (written, free) = channel();
    for _ in 0..BUFFERS {
        // The receiver is right here.
        let _ = written.send(Vec::new());
    }
    std::thread::scope(|scope| {
        let work = move || write(file, &to_write, &written);
        match std::thread::Builder::new().spawn_scoped(scope, work) {
            Ok(writer) => {
                let mut feed = Feed { full, free, current: Vec::new() };
                let produced = produce(&mut |piece| feed.give(piece));
                // What is left in the last buffer; a writer that failed says why below.
                let _ = feed.send();
                drop(feed);
                let result = writer.join();
                (produced, result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            }
            Err(_) => {
                let mut result = Ok(());
                let produced = produce(&mut |piece| {
                    (&*file).write_all(piece).map_err(|error| {
                        let told = error.kind().into();
                        result = Err(error);
                        told
                    })
                });
                (produced, result)
            }
        }
    })
}

/// The side that decodes.
struct Feed {
    full: SyncSender<Vec<u8>>,
    free: Receiver<Vec<u8>>,
    current: Vec<u8>,
}

impl Feed {
    fn give(&mut self, mut piece: &[u8]) -> io::Result<()> {
        while !piece.is_empty() {
            if self.current.capacity() == 0 {
                self.current = self.free.recv().map_err(|_| gone())?;
                self.current.reserve_exact(BUFFER_BYTES);
            }
            let room = BUFFER_BYTES - self.current.len();
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.current.extend_from_slice(now);
            piece = later;
            if self.current.len() == BUFFER_BYTES {
                self.send()?;
            }
        }
        Ok(())
    }

    fn send(&mut self) -> io::Result<()> {
        self.full.send(std::mem::take(&mut self.current)).map_err(|_| gone())
    }
}

/// The writer has ended, and tells why itself.
fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

/// The side that writes: to the end, or to the first failure.
fn write(
    mut file: &File,
    to_write: &Receiver<Vec<u8>>,
    written: &Sender<Vec<u8>>,
) -> io::Result<()> {
    for mut buffer in to_write {
        file.write_all(&buffer)?;
        buffer.clear();
        // Nobody wants it back after the last piece.
        let _ = written.send(buffer);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;

    #[test]
    fn every_byte_arrives_in_order_whatever_the_pieces() {
        let bytes: Vec<u8> = (0..9_u32 << 20).map(|number| (number % 251) as u8).collect();
        for piece in [1 << 20, 300_000, BUFFER_BYTES, 77_777, 16 << 20] {
            let mut file = tempfile::tempfile().unwrap();
            let (sent, result) =
                copy(&file, |out| bytes.chunks(piece).try_for_each(&mut *out).map(|()| 7));
            assert_eq!((sent.unwrap(), result.is_ok()), (7, true));
            let mut found = Vec::new();
            file.rewind().unwrap();
            file.read_to_end(&mut found).unwrap();
            assert!(found == bytes, "pieces of {piece}");
        }
    }

    #[test]
    fn a_failure_to_write_stops_the_decoder_and_is_told() {
        let place = tempfile::NamedTempFile::new().unwrap();
        let read_only = File::open(place.path()).unwrap();
        let mut given = 0;
        let (produced, result) = copy(&read_only, |out| {
            let piece = [0; 64 << 10];
            (0..1000).try_for_each(|_| out(&piece).inspect(|()| given += 1))
        });
        assert!(produced.is_err() && result.is_err());
        assert!(given < 1000, "it went on to the end");
    }
}
