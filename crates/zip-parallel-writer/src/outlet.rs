//! Where the payload of a large member goes while it is made: into a spool, and straight into the
//! archive once it is its turn there.

use std::time::Instant;

use zip_codec::member::Facts;
use zip_format::directory::build::{self, Payload};
use zip_format::method::Method;
use zip_format::position::Position;
use zip_format::size::needs_zip64;
use zip_io::Sink;
use zip_io::spool::Spool;

use crate::assemble::Assembler;
use crate::error::{Error, Result};
use crate::hall::Hall;
use crate::item::Item;
use crate::member::{Batch, Body, Made, meta_of, payload_of};
use crate::options::Options;
use crate::read::PIECE_BYTES;

/// Bytes of a payload kept in memory before they go to a temporary file.
pub(crate) const SPOOL_BYTES: usize = 2 << 20;

/// The way out for one payload.
pub(crate) struct Outlet<'h, 'i, S: Sink> {
    hall: &'h Hall<'i, S>,
    /// Number of the job, if the member is all of it and may be written in its turn.
    number: Option<u64>,
    index: usize,
    hint: Option<u64>,
    way: Way<S>,
}

enum Way<S> {
    Spool(Spool),
    Archive { assembler: Box<Assembler<S>>, at: Position, wide: bool },
}

impl<'h, 'i, S: Sink> Outlet<'h, 'i, S> {
    pub(crate) fn new(
        hall: &'h Hall<'i, S>,
        number: Option<u64>,
        index: usize,
        hint: Option<u64>,
    ) -> Self {
        let way = Way::Spool(Spool::new(SPOOL_BYTES));
        let number = number.filter(|_| hall.rewinds);
        Self { hall, number, index, hint, way }
    }

    /// Takes some of the payload. `so_far` is what the member weighs with it, `method` included;
    /// `growth` is the most that the rest of the contents can grow by, for each MiB.
    pub(crate) fn write(
        &mut self,
        item: &Item<'_>,
        bytes: &[u8],
        so_far: &Facts,
        growth: u64,
    ) -> Result<()> {
        if let Way::Spool(spool) = &mut self.way {
            spool.write_all(bytes).map_err(Error::Spool)?;
            return self.try_archive(item, so_far, growth);
        }
        if let Way::Archive { assembler, wide, .. } = &mut self.way {
            if needs_zip64(so_far.size.max(so_far.compressed_size)) && !*wide {
                return Err(Error::Grew);
            }
            assembler.out.sink.write_all(bytes).map_err(Error::Sink)?;
        }
        Ok(())
    }

    /// Goes over to the archive, if it is the member's turn, its header can be written before its
    /// sizes are known, and it is certain not to be stored after all.
    fn try_archive(&mut self, item: &Item<'_>, so_far: &Facts, growth: u64) -> Result<()> {
        let Some(number) = self.number else { return Ok(()) };
        let Some((wide, left)) = self.prospect(so_far) else { return Ok(()) };
        let saved = so_far.size.checked_sub(so_far.compressed_size);
        let grown = (left >> 20).saturating_add(1).saturating_mul(growth);
        if growth > 0 && saved.is_none_or(|saved| saved <= grown) {
            return Ok(());
        }
        let Some(mut assembler) = self.hall.turn(number) else { return Ok(()) };
        let begun = Payload { method: so_far.method, crc32: 0, compressed_size: 0, size: 0 };
        let at = assembler.out.sink.position();
        let result = assembler.out.begin(item, &begun, wide).and_then(|at| {
            if let Way::Spool(spool) = &mut self.way {
                assembler.out.buffer.resize(PIECE_BYTES, 0);
                spool
                    .drain(&mut assembler.out.sink, &mut assembler.out.buffer)
                    .map_err(Error::Sink)?;
            }
            Ok(at)
        });
        let place = *result.as_ref().unwrap_or(&at);
        self.way = Way::Archive { assembler: Box::new(assembler), at: place, wide };
        result.map(drop)
    }

    /// Whether the header will need zip64, and how many contents are to come; `None` while that
    /// is not certain.
    fn prospect(&self, so_far: &Facts) -> Option<(bool, u64)> {
        match self.hint {
            Some(hint) => {
                let size = hint.max(so_far.size);
                Some((needs_zip64(size), size - so_far.size))
            }
            // Of an unknown length, but long enough already. What is to come may be anything;
            // 1 TiB of it is taken into account.
            None if needs_zip64(so_far.size) => Some((true, 1 << 40)),
            None => None,
        }
    }

    /// Ends the member: `Some` of what is to be deposited, or `None` if it is in the archive, or
    /// failed there and is reported.
    pub(crate) fn end(
        self,
        item: &Item<'_>,
        ended: Result<Facts>,
        started: Instant,
        batch: &mut Batch<'_>,
        options: &Options<'_>,
    ) -> Option<Result<Made<'static>>> {
        match self.way {
            Way::Spool(spool) => Some(ended.and_then(|facts| close(item, facts, spool, batch))),
            Way::Archive { mut assembler, at, wide } => {
                let ended = ended.and_then(|facts| {
                    let payload = payload_of(&facts);
                    assembler.out.amend(item, &payload, wide, at)?;
                    Ok((payload, started.elapsed()))
                });
                let ended = assembler.end(self.index, item, at, ended, options);
                self.hall.end_turn(*assembler, ended, options);
                None
            }
        }
    }
}

/// A member whose payload is all in a spool.
pub(crate) fn close(
    item: &Item<'_>,
    facts: Facts,
    spool: Spool,
    batch: &mut Batch<'_>,
) -> Result<Made<'static>> {
    let smaller = facts.compressed_size < facts.size || facts.method == Method::STORED;
    let (facts, body) = if smaller {
        (facts, Body::Spooled(spool))
    } else {
        let stored = Facts { method: Method::STORED, compressed_size: facts.size, ..facts };
        (stored, Body::Unpacked(spool, facts.method))
    };
    build::write_local(&meta_of(item), &payload_of(&facts), &mut batch.bytes)?;
    Ok(Made { facts, header_end: batch.bytes.len(), body })
}
