//! Files as contents of an archive: read from the page cache where they are there, and by a
//! thread that may wait where not.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::FutureExt as _;
use futures::StreamExt as _;
use pzip::format::position::Span;
use pzip::stream::Plan;
use pzip::stream::stream::{AsyncContained, Opening, Pieces};
use tokio::task::spawn_blocking;

use super::root::Root;
use super::selection::path_of;

/// Bytes read at once, and held by a download that waits for its client.
const PIECE_BYTES: usize = 128 << 10;

/// The files of a plan, opened below the root when their turn comes.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) root: Root,
    pub(super) base: Arc<[Vec<u8>]>,
    pub(super) plan: Arc<Plan>,
}

impl AsyncContained for Files {
    fn open(&mut self, entry: usize, span: Span) -> Opening {
        let files = self.clone();
        async move {
            let opened = spawn_blocking(move || files.open_now(entry)).await;
            Ok(pieces(opened.map_err(io::Error::other)??, span))
        }
        .boxed()
    }
}

impl Files {
    /// The file of an entry, if it is still the one that was planned.
    fn open_now(&self, entry: usize) -> io::Result<File> {
        let planned = self.plan.entry(entry).ok_or(io::ErrorKind::NotFound)?;
        let path = path_of(&self.base, planned.meta.name).ok_or(io::ErrorKind::NotFound)?;
        let (file, item) = self.root.open_file(&path)?;
        if item.key == planned.key {
            return Ok(file);
        }
        Err(io::Error::other(format!(
            "the file changed: {} bytes are there, {} were planned",
            item.size,
            planned.contents.size()
        )))
    }
}

/// The bytes of a file from `span.start` on, and a look behind its end.
fn pieces(file: File, span: Span) -> Pieces {
    let state = (Arc::new(file), span.start, BytesMut::new());
    let left = move |at: u64| {
        let most = span.end.saturating_sub(at).saturating_add(1);
        usize::try_from(most).unwrap_or(PIECE_BYTES).min(PIECE_BYTES)
    };
    futures::stream::try_unfold(state, move |(file, at, mut buffer)| async move {
        buffer.resize(left(at), 0);
        let (read, mut buffer) = match read_cached(&file, &mut buffer, at) {
            Some(read) => (read?, buffer),
            None => {
                let file = Arc::clone(&file);
                let waiting = spawn_blocking(move || {
                    let read = file.read_at(&mut buffer, at)?;
                    Ok::<_, io::Error>((read, buffer))
                });
                waiting.await.map_err(io::Error::other)??
            }
        };
        let piece: Bytes = buffer.split_to(read).freeze();
        let next = (file, at + read as u64, buffer);
        Ok::<_, io::Error>((!piece.is_empty()).then_some((piece, next)))
    })
    .boxed()
}

/// Reads without waiting for a disk; `None` where that cannot be.
#[cfg(target_os = "linux")]
fn read_cached(file: &File, buffer: &mut [u8], at: u64) -> Option<io::Result<usize>> {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    let mut slices = [io::IoSliceMut::new(buffer)];
    match preadv2(file, &mut slices, at, ReadWriteFlags::NOWAIT) {
        Ok(read) => Some(Ok(read)),
        Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INTR) => None,
        Err(error) => Some(Err(error.into())),
    }
}

#[cfg(not(target_os = "linux"))]
fn read_cached(_: &File, _: &mut [u8], _: u64) -> Option<io::Result<usize>> {
    None
}
