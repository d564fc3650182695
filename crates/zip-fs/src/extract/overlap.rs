//! Decoding and writing at the same time, for an entry so large that one processor would do it
//! all while the others have nothing left.
//!
//! A few buffers go from the one thread to the other and come back: what is decoded or read is not
//! copied, their pages stay in the caches, and no fresh memory is touched but the file's own.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};

use zip_mmap_reader::Piece;

/// Entries below this size are written by the thread that decodes them.
pub(super) const OVERLAP_BYTES: u64 = 16 << 20;
/// Buffers on the way, of a piece each.
const BUFFERS: usize = 8;

/// Calls `produce` on this thread, which gives it pieces to write; another thread writes them.
///
/// The second result is that of writing. When it failed, `produce` was told so, too.
///
/// *Limits*: eight pieces. *Threads*: one, gone when this returns; where none can be had, this one.
pub(super) fn copy<R>(
    file: &File,
    produce: impl FnOnce(&mut dyn FnMut(Piece<'_>) -> io::Result<()>) -> R,
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
                // A writer that has ended tells why itself.
                let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
                let produced = produce(&mut |piece| {
                    let empty = free.recv().map_err(|_| gone())?;
                    full.send(piece.exchange(empty)).map_err(|_| gone())
                });
                drop(full);
                let result = writer.join();
                (produced, result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            }
            Err(_) => {
                let mut result = Ok(());
                let produced = produce(&mut |piece| {
                    (&*file).write_all(piece.as_slice()).map_err(|error| {
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

/// The side that writes: to the end, or to the first failure.
fn write(
    mut file: &File,
    to_write: &Receiver<(Vec<u8>, usize)>,
    written: &Sender<Vec<u8>>,
) -> io::Result<()> {
    for (buffer, len) in to_write {
        file.write_all(buffer.get(..len).unwrap_or(&[]))?;
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
        for piece in [1 << 20, 300_000, 77_777, 16 << 20] {
            let mut file = tempfile::tempfile().unwrap();
            let (sent, result) = copy(&file, |out| {
                bytes.chunks(piece).try_for_each(|piece| out(piece.into())).map(|()| 7)
            });
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
            (0..1000).try_for_each(|_| out(piece[..].into()).inspect(|()| given += 1))
        });
        assert!(produced.is_err() && result.is_err());
        assert!(given < 1000, "it went on to the end");
    }
}
