//! Pieces of large members: compressed by whoever is free, collected by whoever reads them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

use zip_codec::chunk::encode_piece;
use zip_codec::level::Level;
use zip_format::crc32::Crc32;

use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::threads::{Condvar, Mutex, MutexGuard};

/// A piece to be compressed.
pub(crate) struct Piece {
    pub(crate) number: usize,
    pub(crate) input: Vec<u8>,
    pub(crate) last: bool,
    pub(crate) level: Level,
    pub(crate) to: Arc<Slots>,
}

/// A compressed piece.
pub(crate) struct Pressed {
    pub(crate) crc: Crc32,
    /// The contents; of use as a buffer.
    pub(crate) input: Vec<u8>,
    pub(crate) output: Vec<u8>,
}

/// The compressed pieces of one member that were not collected yet.
#[derive(Default)]
pub(crate) struct Slots {
    done: Mutex<BTreeMap<usize, Result<Pressed>>>,
    arrived: Condvar,
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, Result<Pressed>>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The piece of this number, if it is there.
    pub(crate) fn take(&self, number: usize) -> Option<Result<Pressed>> {
        self.lock().remove(&number)
    }

    /// Waits for the piece of this number, which someone is working on.
    pub(crate) fn wait(&self, number: usize) {
        let mut done = self.lock();
        while !done.contains_key(&number) {
            done = self.arrived.wait(done).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Piece {
    /// Compresses the piece and hands it in; whatever happens, something is handed in.
    pub(crate) fn press(self, desk: &mut Desk<'_>, spare: Vec<u8>) {
        let Self { number, input, last, level, to } = self;
        let tools = desk.tools();
        let mut output = spare;
        let pressed = catch_unwind(AssertUnwindSafe(|| {
            encode_piece(&mut tools.scratch, level, &input, last, &mut output)
        }));
        let pressed = match pressed {
            Ok(Ok(crc)) => Ok(Pressed { crc, input, output }),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => {
                desk.leave_broken();
                Err(Error::Panicked("the coder".into()))
            }
        };
        to.lock().insert(number, pressed);
        to.arrived.notify_all();
    }
}
