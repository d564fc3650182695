//! Where the payload of a large member goes while it is made: into a spool, and straight into the
//! archive once it is its turn there.

use std::time::Instant;

use zip_codec::member::Facts;
use zip_format::directory::build::{self, Payload};
use zip_format::encryption::Scheme;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_format::size::needs_zip64;
use zip_io::Sink;
use zip_io::spool::Spool;

use crate::assemble::Assembler;
use crate::cipher::Seal;
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
    seal: Option<Seal>,
    way: Way<S>,
}

enum Way<S> {
    Spool(Spool),
    /// `before` is where the archive ended, and `at` where the member's header is: on the next
    /// volume, where it did not fit on that one.
    Archive {
        assembler: Box<Assembler<S>>,
        before: Position,
        at: Position,
        wide: bool,
    },
}

impl<'h, 'i, S: Sink> Outlet<'h, 'i, S> {
    pub(crate) fn new(
        hall: &'h Hall<'i, S>,
        number: Option<u64>,
        index: usize,
        hint: Option<u64>,
        seal: Option<Seal>,
    ) -> Self {
        let way = Way::Spool(Spool::new(SPOOL_BYTES));
        let waits = seal.as_ref().is_some_and(Seal::waits);
        let number = number.filter(|_| hall.rewinds && !waits);
        Self { hall, number, index, hint, seal, way }
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
        if let Way::Archive { wide: false, .. } = self.way
            && needs_zip64(so_far.size.max(so_far.compressed_size.saturating_add(self.overhead())))
        {
            return Err(Error::Grew);
        }
        let way = &mut self.way;
        match &mut self.seal {
            None => way.write(bytes)?,
            Some(seal) => seal.pass(bytes, &mut |sealed| way.write(sealed))?,
        }
        if let Way::Spool(_) = self.way {
            return self.try_archive(item, so_far, growth);
        }
        Ok(())
    }

    /// Bytes that encryption adds.
    fn overhead(&self) -> u64 {
        self.seal.as_ref().map_or(0, Seal::overhead_bytes)
    }

    fn scheme(&self, method: Method) -> Scheme {
        self.seal.as_ref().map_or(Scheme::None, |seal| seal.scheme(method))
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
        let scheme = self.scheme(so_far.method);
        let before = assembler.out.sink.position();
        let result = assembler.out.begin(item, &begun, scheme, wide).and_then(|at| {
            if let Way::Spool(spool) = &mut self.way {
                assembler.out.buffer.resize(PIECE_BYTES, 0);
                spool
                    .drain(&mut assembler.out.sink, &mut assembler.out.buffer)
                    .map_err(Error::Sink)?;
            }
            Ok(at)
        });
        let at = *result.as_ref().unwrap_or(&before);
        self.way = Way::Archive { assembler: Box::new(assembler), before, at, wide };
        result.map(drop)
    }

    /// Whether the header will need zip64, and how many contents are to come; `None` while that
    /// is not certain.
    fn prospect(&self, so_far: &Facts) -> Option<(bool, u64)> {
        match self.hint {
            Some(hint) => {
                let size = hint.max(so_far.size);
                Some((needs_zip64(size.saturating_add(self.overhead())), size - so_far.size))
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
        mut self,
        item: &Item<'_>,
        ended: Result<Facts>,
        started: Instant,
        batch: &mut Batch<'_>,
        options: &Options<'_>,
    ) -> Option<Result<Made<'static>>> {
        let seal = self.seal.take();
        match self.way {
            Way::Spool(spool) => {
                Some(ended.and_then(|facts| close(item, facts, spool, seal, batch)))
            }
            Way::Archive { mut assembler, before, at, wide } => {
                let ended = ended.and_then(|facts| {
                    let (mut payload, mut scheme) = (payload_of(&facts), Scheme::None);
                    if let Some(seal) = seal {
                        scheme = seal.scheme(facts.method);
                        payload.compressed_size += seal.overhead_bytes();
                        let sink = &mut assembler.out.sink;
                        seal.close(&mut |bytes| sink.write_all(bytes).map_err(Error::Sink))?;
                    }
                    assembler.out.amend(item, &payload, scheme, wide, at)?;
                    Ok((payload, scheme, started.elapsed()))
                });
                let ended = assembler.end(self.index, item, (before, at), ended, options);
                self.hall.end_turn(*assembler, ended, options);
                None
            }
        }
    }
}

impl<S: Sink> Way<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Spool(spool) => spool.write_all(bytes).map_err(Error::Spool),
            Self::Archive { assembler, .. } => {
                assembler.out.sink.write_all(bytes).map_err(Error::Sink)
            }
        }
    }
}

/// A member whose payload is all in a spool, and went through `seal` if there is one.
pub(crate) fn close(
    item: &Item<'_>,
    facts: Facts,
    spool: Spool,
    seal: Option<Seal>,
    batch: &mut Batch<'_>,
) -> Result<Made<'static>> {
    if let Some(seal) = seal {
        // Sealed bytes are not looked into again: what did not get smaller stays as it is.
        let scheme = seal.scheme(facts.method);
        let compressed_size = facts.compressed_size + seal.overhead_bytes();
        let spool = seal.close_spool(spool, facts.crc32)?;
        let facts = Facts { compressed_size, ..facts };
        build::write_local_sealed(&meta_of(item), &payload_of(&facts), scheme, &mut batch.bytes)?;
        let (header_end, body) = (batch.bytes.len(), Body::Spooled(spool));
        return Ok(Made { facts, scheme, header_end, body });
    }
    let smaller = facts.compressed_size < facts.size || facts.method == Method::STORED;
    let (facts, body) = if smaller {
        (facts, Body::Spooled(spool))
    } else {
        let stored = Facts { method: Method::STORED, compressed_size: facts.size, ..facts };
        (stored, Body::Unpacked(spool, facts.method))
    };
    build::write_local(&meta_of(item), &payload_of(&facts), &mut batch.bytes)?;
    Ok(Made { facts, scheme: Scheme::None, header_end: batch.bytes.len(), body })
}
