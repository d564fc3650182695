//! Payloads that are compressed already: taken over as they are, and proven right where that is
//! asked for.

use std::io::Read;

use zip_codec::member::decode::verify_whole;
use zip_codec::member::{DecodeSpec, Facts};
use zip_format::directory::build;
use zip_format::directory::carry::Carried;
use zip_format::encryption::Scheme;
use zip_format::method::Method;
use zip_io::spool::Spool;
use zip_io::{Input, Sink};

use crate::copy::{Verifier, check_len, limits};
use crate::desk::{Desk, lay};
use crate::error::{Error, Result};
use crate::events::Events;
use crate::form::Compressed;
use crate::gzip::Gunzip;
use crate::intake::{Intake, Place};
use crate::item::Item;
use crate::member::{Batch, Body, Late, Made, meta_of, payload_of};
use crate::options::Options;
use crate::outlet::{SPOOL_BYTES, close};
use crate::read::{WHOLE_BYTES, read_some};

/// Payloads up to this size are copied into the batch, larger ones when they are written.
const CARRIED_BYTES: u64 = 64 << 10;

/// Contents up to this size are decoded in one go; of more, cancelling is looked at on the way.
const AT_ONCE_BYTES: u64 = 16 << 20;

/// An entry of another archive.
pub(crate) fn carry<'i>(
    index: usize,
    item: &mut Item<'i>,
    carried: &mut Carried,
    mut input: Box<dyn Input + 'i>,
    batch: &mut Batch<'_>,
    options: &Options<'_>,
) -> Result<Made<'i>> {
    if carried.name() != item.name {
        carried.rename(&item.name)?;
    }
    carried.write_local(&mut batch.bytes)?;
    let header_end = batch.bytes.len();
    let facts = Facts {
        method: carried.method(),
        crc32: carried.crc32(),
        size: carried.size(),
        compressed_size: carried.compressed_size(),
    };
    if facts.compressed_size > CARRIED_BYTES {
        return Ok(Made { facts, scheme: Scheme::None, header_end, body: Body::Lent(input) });
    }
    let mut reader = input.open().map_err(Error::Input)?;
    let read = (&mut reader).take(facts.compressed_size + 1).read_to_end(&mut batch.bytes);
    check_len(facts.compressed_size, read.map_err(Error::Input)? as u64)?;
    carried.write_descriptor(&mut batch.bytes);
    let events = Events::new(options);
    events.advance(index, facts.compressed_size);
    events.produce(index, facts.compressed_size);
    Ok(Made { facts, scheme: Scheme::None, header_end, body: Body::Here })
}

/// A payload of known facts.
pub(crate) fn compressed<'i, S: Sink>(
    place: Place,
    item: &Item<'i>,
    compressed: Compressed,
    mut input: Box<dyn Input + 'i>,
    intake: &mut Intake<'_, '_, 'i, S>,
    desk: &mut Desk<'_>,
    batch: &mut Batch<'_>,
) -> Result<Made<'i>> {
    let facts = compressed.facts;
    if facts.method == Method::AES {
        // Its headers have a record that facts do not.
        return Err(zip_codec::error::Error::UnknownMethod(facts.method).into());
    }
    let large = facts.compressed_size > WHOLE_BYTES as u64;
    let encryption = item.encryption(intake.options);
    let in_memory = input.as_slice().is_some();
    if encryption.is_none() && large && !in_memory && !input.may_wait() && intake.hall.rewinds {
        let body = Body::Late(input, Late::Compressed(compressed));
        return Ok(Made { facts, scheme: Scheme::None, header_end: batch.bytes.len(), body });
    }
    if let (Some(bytes), None) = (input.as_slice(), encryption) {
        check(compressed, bytes, desk, intake.options)?;
        build::write_local(&meta_of(item), &payload_of(&facts), &mut batch.bytes)?;
        let (header_end, body) = (batch.bytes.len(), Body::Lent(input));
        return Ok(Made { facts, scheme: Scheme::None, header_end, body });
    }
    let hint = Some(facts.compressed_size);
    let most = facts.compressed_size.min(WHOLE_BYTES as u64) as usize;
    let mut buffer = intake.begin(place, hint, desk);
    let made = input.open().map_err(Error::Input).and_then(|mut reader| {
        let (len, ended) = intake.fill(place, &mut *reader, &mut buffer, (most, hint))?;
        if large && !ended {
            let rest = Rest { reader: &mut *reader, buffer: &mut buffer, len, ended };
            return spooled(place, item, compressed, rest, intake.options, desk, batch);
        }
        let events = Events::new(intake.options);
        events.advance(place.index, len as u64);
        let payload = buffer.get(..len).unwrap_or(&[]);
        check(compressed, payload, desk, intake.options)?;
        let made = lay(&mut desk.tools().scratch, item, facts, encryption, payload, batch)?;
        events.produce(place.index, made.facts.compressed_size);
        Ok(made)
    });
    intake.end(place, buffer);
    made
}

/// Whether all of a payload is what its facts say, as far as that is asked for.
fn check(
    compressed: Compressed,
    payload: &[u8],
    desk: &mut Desk<'_>,
    options: &Options<'_>,
) -> Result<()> {
    let facts = compressed.facts;
    check_len(facts.compressed_size, payload.len() as u64)?;
    if !compressed.verify {
        return Ok(());
    }
    let scratch = &mut desk.tools().scratch;
    if facts.size <= AT_ONCE_BYTES {
        let spec = DecodeSpec::from(facts);
        return verify_whole(scratch, &spec, &limits(), payload).map_err(Error::Payload);
    }
    let mut verifier = Verifier::new(scratch, &facts)?;
    verifier.see(payload, options)?;
    verifier.finish(scratch, options)
}

/// An input of which the first bytes are read.
struct Rest<'r> {
    reader: &'r mut dyn Read,
    buffer: &'r mut [u8],
    /// Bytes at the start of the buffer that were read last.
    len: usize,
    /// There are no more.
    ended: bool,
}

impl Rest<'_> {
    /// What was read last.
    fn piece(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or(&[])
    }

    /// Reads on, at most so many bytes.
    fn next(&mut self, most: u64, options: &Options<'_>) -> Result<()> {
        let room = most.min(self.buffer.len() as u64) as usize;
        let room = self.buffer.get_mut(..room).unwrap_or(&mut []);
        self.len = read_some(self.reader, room, options)?;
        self.ended = self.len == 0;
        Ok(())
    }
}

/// A payload that is too large to be read in one piece.
fn spooled(
    place: Place,
    item: &Item<'_>,
    compressed: Compressed,
    mut rest: Rest<'_>,
    options: &Options<'_>,
    desk: &mut Desk<'_>,
    batch: &mut Batch<'_>,
) -> Result<Made<'static>> {
    let facts = compressed.facts;
    let scratch = &mut desk.tools().scratch;
    let mut verifier = compressed.verify.then(|| Verifier::new(scratch, &facts)).transpose()?;
    // Decoders with large windows are no more than there are desks.
    let small = [Method::STORED, Method::DEFLATE, Method::DEFLATE64, Method::BZIP2];
    let leaves = verifier.is_none() || small.contains(&facts.method);
    let mut seal = desk.begin_seal(item, options)?;
    let mut spool = Spool::new(SPOOL_BYTES);
    let mut keep = |bytes: &[u8]| spool.write_all(bytes).map_err(Error::Spool);
    let events = Events::new(options);
    let mut found = 0_u64;
    while !rest.ended {
        let piece = rest.piece();
        found = found.saturating_add(piece.len() as u64);
        if found > facts.compressed_size {
            return Err(Error::PayloadLength { expected: facts.compressed_size, found });
        }
        desk.tools();
        if let Some(verifier) = &mut verifier {
            verifier.see(piece, options)?;
        }
        match &mut seal {
            None => keep(piece)?,
            Some(seal) => seal.pass(piece, &mut keep)?,
        }
        events.advance(place.index, piece.len() as u64);
        events.produce(place.index, piece.len() as u64);
        if leaves {
            desk.leave();
        }
        // One byte too many is enough to refuse it.
        rest.next(facts.compressed_size - found + 1, options)?;
    }
    check_len(facts.compressed_size, found)?;
    if let Some(verifier) = verifier {
        verifier.finish(&mut desk.tools().scratch, options)?;
    }
    if seal.is_some() {
        return close(item, facts, spool, seal, batch);
    }
    build::write_local(&meta_of(item), &payload_of(&facts), &mut batch.bytes)?;
    let (header_end, body) = (batch.bytes.len(), Body::Spooled(spool));
    Ok(Made { facts, scheme: Scheme::None, header_end, body })
}

/// The deflate stream of a gzip file.
pub(crate) fn gzip<'i, S: Sink>(
    place: Place,
    item: &mut Item<'i>,
    mut input: Box<dyn Input + 'i>,
    intake: &mut Intake<'_, '_, 'i, S>,
    desk: &mut Desk<'_>,
    batch: &mut Batch<'_>,
) -> Result<Made<'static>> {
    let hint = input.len_hint();
    let mut buffer = intake.begin(place, hint, desk);
    let made = input.open().map_err(Error::Input).and_then(|mut reader| {
        let known = (WHOLE_BYTES, hint);
        let (len, ended) = intake.fill(place, &mut *reader, &mut buffer, known)?;
        let rest = Rest { reader: &mut *reader, buffer: &mut buffer, len, ended };
        gunzip(place, item, rest, intake.options, desk, batch)
    });
    intake.end(place, buffer);
    made
}

fn gunzip(
    place: Place,
    item: &mut Item<'_>,
    mut rest: Rest<'_>,
    options: &Options<'_>,
    desk: &mut Desk<'_>,
    batch: &mut Batch<'_>,
) -> Result<Made<'static>> {
    let (index, events) = (place.index, Events::new(options));
    let mut seal = desk.begin_seal(item, options)?;
    let mut spool = Spool::new(SPOOL_BYTES);
    let mut take = |bytes: &[u8]| -> Result<()> {
        events.produce(index, bytes.len() as u64);
        let mut keep = |bytes: &[u8]| spool.write_all(bytes).map_err(Error::Spool);
        match &mut seal {
            None => keep(bytes),
            Some(seal) => seal.pass(bytes, &mut keep),
        }
    };
    // Held while it decodes, and not while it reads.
    desk.tools();
    let first = rest.piece();
    events.advance(index, first.len() as u64);
    let (mut gunzip, head) = Gunzip::new(first)?;
    if item.modified.is_none() && gunzip.modified() != 0 {
        item.modified = Some(gunzip.modified().into());
    }
    gunzip.push(first.get(head..).unwrap_or(&[]), &mut take)?;
    while !rest.ended {
        desk.leave();
        rest.next(u64::MAX, options)?;
        desk.tools();
        events.advance(index, rest.piece().len() as u64);
        gunzip.push(rest.piece(), &mut take)?;
    }
    let facts = gunzip.finish()?;
    close(item, facts, spool, seal, batch)
}
