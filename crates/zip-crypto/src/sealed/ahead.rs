//! Pieces of an archive that are sealed on other threads while the next ones are gathered.
//!
//! Whoever gathers does not wait while there are pieces that nobody has begun: it seals those
//! itself. So a pool that is busy, or is the one the gathering runs on, makes it slower and never
//! stand still.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::sealed::error::{Error, Result};
use crate::sealed::sealer::Frames;

/// A few frames to be sealed, by any thread: [`SealedSink::with_spawner`].
///
/// Dropped, it is sealed by the thread that writes, when its turn comes.
///
/// [`SealedSink::with_spawner`]: crate::sealed::SealedSink::with_spawner
pub struct PieceJob(Arc<Place>);

/// Where a piece waits until some thread takes it.
type Place = Mutex<Option<Piece>>;

struct Piece {
    frames: Frames,
    buffers: Buffers,
    done: Sender<Done>,
}

/// Bytes of a piece before and after, to be used again.
#[derive(Default)]
pub(crate) struct Buffers {
    pub(crate) plain: Zeroizing<Vec<u8>>,
    pub(crate) sealed: Vec<u8>,
}

type Done = (Result<()>, Buffers);

impl std::fmt::Debug for PieceJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PieceJob")
    }
}

impl PieceJob {
    /// Seals it, if that is not done yet. About 100 us for 256 KiB.
    pub fn seal(self) {
        if let Some(piece) = take(&self.0) {
            piece.seal();
        }
    }
}

impl Piece {
    fn seal(self) {
        let Self { frames, mut buffers, done } = self;
        let result = frames.seal_into(&buffers.plain, &mut buffers.sealed);
        // Nobody waits for it after an error.
        let _ = done.send((result, buffers));
    }
}

fn take(place: &Place) -> Option<Piece> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Pieces on their way, the oldest first.
#[derive(Default)]
pub(crate) struct Ahead(VecDeque<(Arc<Place>, Receiver<Done>)>);

impl Ahead {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Sends a piece on its way: what is returned is to be given to some thread.
    pub(crate) fn push(&mut self, frames: Frames, buffers: Buffers) -> PieceJob {
        let (done, receiver) = channel();
        let place = Arc::new(Mutex::new(Some(Piece { frames, buffers, done })));
        self.0.push_back((Arc::clone(&place), receiver));
        PieceJob(place)
    }

    /// The oldest piece, sealed; `None` if none is on its way.
    ///
    /// # Errors
    /// What sealing it said; [`Error::Usage`] if its thread panicked.
    pub(crate) fn pop(&mut self) -> Result<Option<Buffers>> {
        let Some((_, oldest)) = self.0.front() else { return Ok(None) };
        let done = loop {
            match oldest.try_recv() {
                Err(TryRecvError::Empty) => {}
                done => break done.ok(),
            }
            match self.0.iter().find_map(|(place, _)| take(place)) {
                Some(piece) => piece.seal(),
                None => break oldest.recv().ok(),
            }
        };
        self.0.pop_front();
        let (result, buffers) = done.ok_or(Error::Usage("frames were not sealed"))?;
        result.map(|()| Some(buffers))
    }
}
