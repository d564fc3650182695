//! Payloads that are compressed already: taken over as they are, and proven right where that is
//! asked for.

use std::io::Read;

use zip_codec::member::decode::verify_whole;
use zip_codec::member::{DecodeSpec, Facts, Scratch};
use zip_format::directory::build;
use zip_format::directory::carry::Carried;
use zip_format::encryption::Scheme;
use zip_format::limits::Limits;
use zip_format::method::Method;
use zip_io::spool::Spool;
use zip_io::{Input, Sink};

use crate::cipher::Seal;
use crate::copy::{Verifier, check_len};
use crate::error::{Error, Result};
use crate::events::Events;
use crate::form::Compressed;
use crate::gzip::Gunzip;
use crate::hall::Hall;
use crate::item::Item;
use crate::member::{Batch, Body, Late, Made, meta_of, payload_of};
use crate::options::Options;
use crate::outlet::{SPOOL_BYTES, close};
use crate::read::{PIECE_BYTES, WHOLE_BYTES, fill, read_some};

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
#[expect(clippy::too_many_arguments, reason = "one call, all of it needed")]
pub(crate) fn compressed<'i, S: Sink>(
    index: usize,
    item: &Item<'i>,
    compressed: Compressed,
    mut input: Box<dyn Input + 'i>,
    scratch: &mut Scratch,
    hall: &Hall<'i, S>,
    batch: &mut Batch<'_>,
    options: &Options<'_>,
) -> Result<Made<'i>> {
    let facts = compressed.facts;
    if facts.method == Method::AES {
        // Its headers have a record that facts do not.
        return Err(zip_codec::error::Error::UnknownMethod(facts.method).into());
    }
    let large = facts.compressed_size > WHOLE_BYTES as u64;
    let encryption = item.encryption(options);
    if encryption.is_none()
        && large
        && input.as_slice().is_none()
        && !input.may_wait()
        && hall.rewinds
    {
        let (header_end, body) =
            (batch.bytes.len(), Body::Late(input, Late::Compressed(compressed)));
        return Ok(Made { facts, scheme: Scheme::None, header_end, body });
    }
    if let (Some(bytes), None) = (input.as_slice(), encryption) {
        check_len(facts.compressed_size, bytes.len() as u64)?;
        if compressed.verify {
            verify_whole(scratch, &DecodeSpec::from(facts), &Limits::none(), bytes)
                .map_err(Error::Payload)?;
        }
        build::write_local(&meta_of(item), &payload_of(&facts), &mut batch.bytes)?;
        let (header_end, body) = (batch.bytes.len(), Body::Lent(input));
        return Ok(Made { facts, scheme: Scheme::None, header_end, body });
    }
    let mut verifier = compressed.verify.then(|| Verifier::new(scratch, &facts)).transpose()?;
    let mut seal = encryption.map(|encryption| Seal::begin(encryption, scratch)).transpose()?;
    let mut spool = Spool::new(SPOOL_BYTES);
    let mut keep = |bytes: &[u8]| spool.write_all(bytes).map_err(Error::Spool);
    let events = Events::new(options);
    let mut reader = input.open().map_err(Error::Input)?;
    let mut buffer = vec![0; PIECE_BYTES];
    let mut found = 0_u64;
    loop {
        options.check_cancel()?;
        let len = read_some(&mut *reader, &mut buffer)?;
        let piece = buffer.get(..len).unwrap_or(&[]);
        if piece.is_empty() {
            break;
        }
        found = found.saturating_add(len as u64);
        if found > facts.compressed_size {
            return Err(Error::PayloadLength { expected: facts.compressed_size, found });
        }
        if let Some(verifier) = &mut verifier {
            verifier.see(piece)?;
        }
        match &mut seal {
            None => keep(piece)?,
            Some(seal) => seal.pass(piece, &mut keep)?,
        }
        events.advance(index, len as u64);
        events.produce(index, len as u64);
    }
    check_len(facts.compressed_size, found)?;
    if let Some(verifier) = verifier {
        verifier.finish(scratch)?;
    }
    if seal.is_some() {
        return close(item, facts, spool, seal, batch);
    }
    build::write_local(&meta_of(item), &payload_of(&facts), &mut batch.bytes)?;
    let (header_end, body) = (batch.bytes.len(), Body::Spooled(spool));
    Ok(Made { facts, scheme: Scheme::None, header_end, body })
}

/// The deflate stream of a gzip file.
pub(crate) fn gzip(
    index: usize,
    item: &mut Item<'_>,
    reader: &mut dyn Read,
    scratch: &mut Scratch,
    buffer: &mut Vec<u8>,
    batch: &mut Batch<'_>,
    options: &Options<'_>,
) -> Result<Made<'static>> {
    let events = Events::new(options);
    let encryption = item.encryption(options);
    let mut seal = encryption.map(|encryption| Seal::begin(encryption, scratch)).transpose()?;
    let mut spool = Spool::new(SPOOL_BYTES);
    let mut take = |bytes: &[u8]| -> Result<()> {
        events.produce(index, bytes.len() as u64);
        let mut keep = |bytes: &[u8]| spool.write_all(bytes).map_err(Error::Spool);
        match &mut seal {
            None => keep(bytes),
            Some(seal) => seal.pass(bytes, &mut keep),
        }
    };
    let (len, mut ended) = fill(reader, buffer, 0, WHOLE_BYTES, None)?;
    let first = buffer.get(..len).unwrap_or(&[]);
    events.advance(index, len as u64);
    let (mut gunzip, head) = Gunzip::new(first)?;
    if item.modified.is_none() && gunzip.modified() != 0 {
        item.modified = Some(gunzip.modified().into());
    }
    gunzip.push(first.get(head..).unwrap_or(&[]), &mut take)?;
    while !ended {
        options.check_cancel()?;
        let len = read_some(reader, buffer)?;
        events.advance(index, len as u64);
        gunzip.push(buffer.get(..len).unwrap_or(&[]), &mut take)?;
        ended = len == 0;
    }
    let facts = gunzip.finish()?;
    close(item, facts, spool, seal, batch)
}
