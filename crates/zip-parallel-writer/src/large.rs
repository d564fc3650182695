//! Members too large for one buffer: read in pieces by one thread, and compressed by all of them
//! where the method can be divided.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use zip_codec::chunk::{self, Joined, piece_bound};
use zip_codec::level::Level;
use zip_codec::member::Facts;
use zip_codec::member::encode::{Encoder, is_worth_it};
use zip_codec::step::Want;
use zip_format::crc32::Crc32;
use zip_format::method::Method;
use zip_io::Sink;

use crate::desk::Desk;
use crate::error::Result;
use crate::events::Events;
use crate::hall::Hall;
use crate::item::Item;
use crate::options::Options;
use crate::outlet::Outlet;
use crate::pieces::{Piece, Slots};
use crate::read::{PIECE_BYTES, read_some, read_up_to};

/// What a large member is made of: what was read of it, and the rest.
pub(crate) struct Large<'r> {
    pub(crate) index: usize,
    pub(crate) first: &'r [u8],
    pub(crate) reader: &'r mut dyn Read,
}

/// Most bytes that a MiB of contents can grow by in pieces.
const PIECE_GROWTH: u64 = piece_bound(chunk::PIECE_BYTES) - chunk::PIECE_BYTES as u64 + 5;

/// The method that is worth its time for contents that begin so.
pub(crate) fn look(
    desk: &mut Desk<'_>,
    method: Method,
    level: Level,
    first: &[u8],
) -> Result<Method> {
    if level == Level::NONE {
        return Ok(Method::STORED);
    }
    let shrinks = is_worth_it(&mut desk.tools().scratch, method, first)?;
    Ok(if shrinks { method } else { Method::STORED })
}

/// Stores it, whatever it is.
pub(crate) fn store<S: Sink>(
    large: &mut Large<'_>,
    item: &Item<'_>,
    outlet: &mut Outlet<'_, '_, S>,
    options: &Options<'_>,
) -> Result<Facts> {
    let events = Events::new(options);
    let (mut crc, mut size) = (Crc32::new(), 0_u64);
    let mut give = |piece: &[u8]| -> Result<Facts> {
        options.check_cancel()?;
        crc.update(piece);
        size = size.saturating_add(piece.len() as u64);
        let (method, crc32) = (Method::STORED, crc.value());
        let facts = Facts { method, crc32, size, compressed_size: size };
        outlet.write(item, piece, &facts, 0)?;
        events.advance(large.index, piece.len() as u64);
        events.produce(large.index, piece.len() as u64);
        Ok(facts)
    };
    let mut facts = give(large.first)?;
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        match read_some(large.reader, &mut buffer, options)? {
            0 => return Ok(facts),
            len => facts = give(buffer.get(..len).unwrap_or(&[]))?,
        }
    }
}

/// Compresses it as one stream, for methods that have no pieces.
pub(crate) fn stream<S: Sink>(
    large: &mut Large<'_>,
    item: &Item<'_>,
    (method, level): (Method, Level),
    desk: &mut Desk<'_>,
    outlet: &mut Outlet<'_, '_, S>,
    options: &Options<'_>,
) -> Result<Facts> {
    let mut encoder = Encoder::new(&mut desk.tools().scratch, method, level)?;
    let result = drive(large, item, &mut encoder, desk, outlet, options);
    let facts = encoder.facts();
    encoder.recycle(&mut desk.tools().scratch);
    result.map(|()| facts)
}

fn drive<S: Sink>(
    large: &mut Large<'_>,
    item: &Item<'_>,
    encoder: &mut Encoder,
    desk: &mut Desk<'_>,
    outlet: &mut Outlet<'_, '_, S>,
    options: &Options<'_>,
) -> Result<()> {
    let events = Events::new(options);
    let index = large.index;
    let mut output = vec![0; PIECE_BYTES];
    let mut give = |desk: &mut Desk<'_>, mut input: &[u8], last| -> Result<()> {
        options.check_cancel()?;
        events.advance(index, input.len() as u64);
        loop {
            // Held while it compresses, and not while it reads.
            desk.tools();
            let step = encoder.push(input, last, &mut output)?;
            desk.leave();
            input = input.get(step.consumed..).unwrap_or(&[]);
            let produced = output.get(..step.produced).unwrap_or(&[]);
            // It may still have to be stored, so it stays in the spool.
            outlet.write(item, produced, &encoder.facts(), u64::MAX)?;
            events.produce(index, produced.len() as u64);
            match step.want {
                Want::Nothing => return Ok(()),
                Want::Input if !last => return Ok(()),
                Want::Input | Want::Output => {}
            }
        }
    };
    for piece in large.first.chunks(PIECE_BYTES) {
        give(desk, piece, false)?;
    }
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        match read_some(large.reader, &mut buffer, options)? {
            0 => return give(desk, &[], true),
            len => give(desk, buffer.get(..len).unwrap_or(&[]), false)?,
        }
    }
}

/// Compresses it in pieces, by all threads that have nothing else to do.
pub(crate) fn divide<S: Sink>(
    large: &mut Large<'_>,
    item: &Item<'_>,
    level: Level,
    hall: &Hall<'_, S>,
    desk: &mut Desk<'_>,
    outlet: &mut Outlet<'_, '_, S>,
    options: &Options<'_>,
) -> Result<Facts> {
    let mut pieces = Pieces {
        slots: Arc::default(),
        given: 0,
        collected: 0,
        ended: false,
        joined: Joined::default(),
    };
    // The reader, or an observer, may panic; the pieces that are out must come back all the same.
    let run = || pieces.run(large, item, level, hall, desk, outlet, options);
    let result = catch_unwind(AssertUnwindSafe(run));
    pieces.drain(hall, desk);
    let result = result.unwrap_or_else(|panic| resume_unwind(panic));
    result.map(|()| pieces.joined.facts())
}

/// The pieces of one member.
struct Pieces {
    slots: Arc<Slots>,
    given: usize,
    collected: usize,
    /// The last piece was given.
    ended: bool,
    joined: Joined,
}

impl Pieces {
    #[expect(clippy::too_many_arguments, reason = "one call, all of it needed")]
    fn run<S: Sink>(
        &mut self,
        large: &mut Large<'_>,
        item: &Item<'_>,
        level: Level,
        hall: &Hall<'_, S>,
        desk: &mut Desk<'_>,
        outlet: &mut Outlet<'_, '_, S>,
        options: &Options<'_>,
    ) -> Result<()> {
        let events = Events::new(options);
        loop {
            options.check_cancel()?;
            while let Some(pressed) = self.slots.take(self.collected) {
                self.collected += 1;
                hall.end_piece();
                let pressed = pressed?;
                let size = pressed.input.len() as u64;
                self.joined.add(&pressed.crc, size, pressed.output.len() as u64);
                outlet.write(item, &pressed.output, &self.joined.facts(), PIECE_GROWTH)?;
                events.produce(large.index, pressed.output.len() as u64);
                hall.keep([pressed.input, pressed.output]);
            }
            let out = self.given - self.collected;
            if self.ended && out == 0 {
                return Ok(());
            }
            if !self.ended && hall.admits_piece(out) {
                // No desk while it reads: the input may have to wait.
                desk.leave();
                let piece = self.read(large, level, hall.piece_buffer(), options)?;
                let bytes = piece.input.len() as u64;
                self.given += 1;
                self.ended = piece.last;
                hall.give_piece(piece);
                // An observer may panic; the piece is out by then, and will come back.
                events.advance(large.index, bytes);
            } else if !self.help(hall, desk) {
                self.slots.wait(self.collected);
            }
        }
    }

    /// The next piece of the contents. One that is not full is the last.
    fn read(
        &self,
        large: &mut Large<'_>,
        level: Level,
        mut input: Vec<u8>,
        options: &Options<'_>,
    ) -> Result<Piece> {
        input.resize(chunk::PIECE_BYTES, 0);
        let known = large.first.len().min(chunk::PIECE_BYTES);
        let (first, rest) = large.first.split_at(known);
        large.first = rest;
        let (head, tail) = input.split_at_mut(known);
        head.copy_from_slice(first);
        let len = known + read_up_to(large.reader, tail, options)?;
        input.truncate(len);
        let last = len < chunk::PIECE_BYTES;
        Ok(Piece { number: self.given, input, last, level, to: Arc::clone(&self.slots) })
    }

    /// Compresses a piece, of whatever member, if there is one.
    fn help<S: Sink>(&self, hall: &Hall<'_, S>, desk: &mut Desk<'_>) -> bool {
        let Some(piece) = hall.take_piece() else { return false };
        piece.press(desk, hall.piece_buffer());
        desk.leave();
        true
    }

    /// After a failure: lets what is on its way come back.
    fn drain<S: Sink>(&mut self, hall: &Hall<'_, S>, desk: &mut Desk<'_>) {
        while self.collected < self.given {
            if self.slots.take(self.collected).is_some() {
                self.collected += 1;
                hall.end_piece();
            } else if !self.help(hall, desk) {
                self.slots.wait(self.collected);
            }
        }
    }
}
