//! Inputs into a buffer: who may wait holds no desk meanwhile, and no more memory than its job was
//! given.

use std::io::Read;
use std::time::Instant;

use zip_io::Sink;

use crate::desk::Desk;
use crate::error::Result;
use crate::hall::Hall;
use crate::options::Options;
use crate::read::{fill, growth, most_bytes};

/// Where an item is in its run.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) index: usize,
    pub(crate) started: Instant,
    /// Number of the job, if the item is all of it.
    pub(crate) number: Option<u64>,
    /// The desk is left while its input is read.
    pub(crate) waits: bool,
    /// It has memory for its first bytes only.
    pub(crate) grows: bool,
}

/// What a thread reads with.
pub(crate) struct Intake<'h, 'o, 'i, S: Sink> {
    pub(crate) hall: &'h Hall<'i, S>,
    pub(crate) options: &'o Options<'o>,
    /// Its own buffer, for inputs that do not wait.
    own: Vec<u8>,
}

impl<'h, 'o, 'i, S: Sink> Intake<'h, 'o, 'i, S> {
    pub(crate) const fn new(hall: &'h Hall<'i, S>, options: &'o Options<'o>) -> Self {
        Self { hall, options, own: Vec::new() }
    }

    /// A buffer for an input whose expected length is `hint`, with anything in it; to be given back
    /// with [`Intake::end`]. If the input may wait, the desk is left.
    pub(crate) fn begin(
        &mut self,
        place: Place,
        hint: Option<u64>,
        desk: &mut Desk<'_>,
    ) -> Vec<u8> {
        if !place.waits {
            return std::mem::take(&mut self.own);
        }
        desk.leave();
        // Readers are many, and their memory is only theirs while they have a job.
        let first = growth(hint).first().filter(|_| place.grows);
        self.hall.input_buffer(first.map_or_else(|| most_bytes(hint), |most| most + 1))
    }

    pub(crate) fn end(&mut self, place: Place, buffer: Vec<u8>) {
        if place.waits {
            self.hall.keep([buffer]);
        } else {
            self.own = buffer;
        }
    }

    /// Reads what is read in one piece, up to `most` bytes and one more: how many there are, and
    /// whether that was the end. An input that has memory for its first bytes gets more of it when
    /// it goes on after them.
    pub(crate) fn fill(
        &self,
        place: Place,
        reader: &mut dyn Read,
        buffer: &mut Vec<u8>,
        (most, hint): (usize, Option<u64>),
    ) -> Result<(usize, bool)> {
        let options = self.options;
        let mut filled = 0;
        if let Some(number) = place.number.filter(|_| place.grows) {
            let steps = growth(hint);
            let after = steps.iter().skip(1).map(|most| most + 1).chain([most_bytes(hint)]);
            for (&step, next) in steps.iter().zip(after) {
                let (len, ended) = fill(reader, buffer, filled, step.min(most), hint, options)?;
                if ended || len > most {
                    return Ok((len, ended));
                }
                // The desk was left before the first read, so none is held meanwhile.
                self.hall.grow(number, next, options)?;
                self.move_over(buffer, len, next);
                filled = len;
            }
        }
        fill(reader, buffer, filled, most, hint, options)
    }

    /// Exchanges the buffer of a reader for one of `wanted` bytes, with the first `len` bytes of it.
    fn move_over(&self, buffer: &mut Vec<u8>, len: usize, wanted: usize) {
        let old = std::mem::replace(buffer, self.hall.input_buffer(wanted));
        if buffer.len() < len {
            buffer.resize(len, 0);
        }
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), old.get(..len)) {
            to.copy_from_slice(from);
        }
        self.hall.keep([old]);
    }
}
