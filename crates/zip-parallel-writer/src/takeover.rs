//! Payloads that are compressed already: taken over as they are, and proven right where that is
//! asked for.

use std::io::Read;

use zip_codec::member::decode::verify_whole;
use zip_codec::member::{DecodeSpec, Facts};
use zip_format::directory::build;
use zip_format::directory::carry::Carried;
use zip_format::encryption::Scheme;
use zip_format::limits::Limits;
use zip_format::method::Method;
use zip_io::spool::Spool;
use zip_io::{Input, Sink};

use crate::cipher::Seal;
use crate::copy::{Verifier, check_len};
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::events::Events;
use crate::form::Compressed;
use crate::gzip::Gunzip;
use crate::intake::{Intake, Place};
use crate::item::Item;
use crate::member::{Batch, Body, Late, Made, meta_of, payload_of};
use crate::options::Options;
use crate::outlet::{SPOOL_BYTES, close};
use crate::read::{PIECE_BYTES, WHOLE_BYTES, read_some};

/// Payloads up to this size are copied into the batch, larger ones when they are written.
const CARRIED_BYTES: u64 = 64 << 10;

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
        check(compressed, bytes, desk)?;
        build::write_local(&meta_of(item), &payload_of(&facts), &mut batch.bytes)?;
        let (header_end, body) = (batch.bytes.len(), Body::Lent(input));
        return Ok(Made { facts, scheme: Scheme::None, header_end, body });
    }
    let hint = Some(facts.compressed_size);
    let mut buffer = intake.begin(place, hint, desk);
    let made = input.open().map_err(Error::Input).and_then(|mut reader| {
        if large {
            buffer.resize(PIECE_BYTES, 0);
            return spooled(
                place,
                item,
                compressed,
                &mut *reader,
                &mut buffer,
                intake,
                desk,
                batch,
            );
        }
        let (len, _) = intake.fill(place, &mut *reader, &mut buffer, hint)?;
        let payload = buffer.get(..len).unwrap_or(&[]);
        check(compressed, payload, desk)?;
        let events = Events::new(intake.options);
        events.advance(place.index, len as u64);
        events.produce(place.index, len as u64);
        desk.tools().append_payload(item, facts, encryption, payload, batch)
    });
    intake.end(place, buffer);
    made
}

/// Whether all of a payload is what its facts say, as far as that is asked for.
fn check(compressed: Compressed, payload: &[u8], desk: &mut Desk<'_>) -> Result<()> {
    let facts = compressed.facts;
    check_len(facts.compressed_size, payload.len() as u64)?;
    if !compressed.verify {
        return Ok(());
    }
    let scratch = &mut desk.tools().scratch;
    verify_whole(scratch, &DecodeSpec::from(facts), &Limits::none(), payload)
        .map_err(Error::Payload)
}

/// A payload that is too large to be read in one piece.
#[expect(clippy::too_many_arguments, reason = "one call, all of it needed")]
fn spooled<S: Sink>(
    place: Place,
    item: &Item<'_>,
    compressed: Compressed,
    reader: &mut dyn Read,
    buffer: &mut [u8],
    intake: &Intake<'_, '_, '_, S>,
    desk: &mut Desk<'_>,
    batch: &mut Batch<'_>,
) -> Result<Made<'static>> {
    let (facts, options) = (compressed.facts, intake.options);
    let scratch = &mut desk.tools().scratch;
    let mut verifier = compressed.verify.then(|| Verifier::new(scratch, &facts)).transpose()?;
    let mut seal = begin_seal(item, options, desk)?;
    let mut spool = Spool::new(SPOOL_BYTES);
    let mut keep = |bytes: &[u8]| spool.write_all(bytes).map_err(Error::Spool);
    let events = Events::new(options);
    let mut found = 0_u64;
    loop {
        options.check_cancel()?;
        desk.leave();
        let len = read_some(reader, buffer)?;
        let piece = buffer.get(..len).unwrap_or(&[]);
        if piece.is_empty() {
            break;
        }
        found = found.saturating_add(len as u64);
        if found > facts.compressed_size {
            return Err(Error::PayloadLength { expected: facts.compressed_size, found });
        }
        desk.tools();
        if let Some(verifier) = &mut verifier {
            verifier.see(piece)?;
        }
        match &mut seal {
            None => keep(piece)?,
            Some(seal) => seal.pass(piece, &mut keep)?,
        }
        events.advance(place.index, len as u64);
        events.produce(place.index, len as u64);
    }
    check_len(facts.compressed_size, found)?;
    if let Some(verifier) = verifier {
        verifier.finish(&mut desk.tools().scratch)?;
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
        let (len, ended) = intake.fill(place, &mut *reader, &mut buffer, hint)?;
        let file = Gzip { reader: &mut *reader, len, ended };
        gunzip(place, item, file, &mut buffer, intake.options, desk, batch)
    });
    intake.end(place, buffer);
    made
}

/// A gzip file of which the first `len` bytes are read.
struct Gzip<'r> {
    reader: &'r mut dyn Read,
    len: usize,
    /// They are all of it.
    ended: bool,
}

fn gunzip(
    place: Place,
    item: &mut Item<'_>,
    mut file: Gzip<'_>,
    buffer: &mut [u8],
    options: &Options<'_>,
    desk: &mut Desk<'_>,
    batch: &mut Batch<'_>,
) -> Result<Made<'static>> {
    let (index, events) = (place.index, Events::new(options));
    let mut seal = begin_seal(item, options, desk)?;
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
    let first = buffer.get(..file.len).unwrap_or(&[]);
    events.advance(index, first.len() as u64);
    let (mut gunzip, head) = Gunzip::new(first)?;
    if item.modified.is_none() && gunzip.modified() != 0 {
        item.modified = Some(gunzip.modified().into());
    }
    gunzip.push(first.get(head..).unwrap_or(&[]), &mut take)?;
    while !file.ended {
        options.check_cancel()?;
        desk.leave();
        let len = read_some(&mut *file.reader, buffer)?;
        desk.tools();
        events.advance(index, len as u64);
        gunzip.push(buffer.get(..len).unwrap_or(&[]), &mut take)?;
        file.ended = len == 0;
    }
    let facts = gunzip.finish()?;
    close(item, facts, spool, seal, batch)
}

fn begin_seal(item: &Item<'_>, options: &Options<'_>, desk: &mut Desk<'_>) -> Result<Option<Seal>> {
    let encryption = item.encryption(options);
    encryption.map(|encryption| Seal::begin(encryption, &mut desk.tools().scratch)).transpose()
}
