//! Payloads that go from their input to the archive without a stop: stored files, payloads that
//! were compressed elsewhere, entries of other archives.

use std::io;

use zip_codec::member::{DecodeSpec, Facts, Scratch, decode::Decoder};
use zip_codec::step::Want;
use zip_format::crc32::Crc32;
use zip_format::directory::build::{self, Payload};
use zip_format::encryption::Scheme;
use zip_format::limits::Limits;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_format::size::needs_zip64;
use zip_io::spool::Spool;
use zip_io::{Input, Sink};

use crate::error::{Error, Result};
use crate::events::Events;
use crate::item::Item;
use crate::member::{Late, meta_of, payload_of};
use crate::options::Options;
use crate::read::{PIECE_BYTES, read_some};

/// Bytes the system copies in one call.
const SYSTEM_BYTES: u64 = 64 << 20;

/// The sink, and what writing to it takes.
pub(crate) struct Out<S> {
    pub(crate) sink: S,
    /// For payloads that do not lie in memory.
    pub(crate) buffer: Vec<u8>,
    pub(crate) scratch: Scratch,
    pub(crate) header: Vec<u8>,
}

impl<S: Sink> Out<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self { sink, buffer: Vec::new(), scratch: Scratch::new(), header: Vec::new() }
    }

    /// Writes the local header of a member whose payload follows in pieces; returns its place.
    pub(crate) fn begin(
        &mut self,
        item: &Item<'_>,
        payload: &Payload,
        scheme: Scheme,
        wide: bool,
    ) -> Result<Position> {
        self.header.clear();
        build::write_local_for(&meta_of(item), payload, scheme, wide, &mut self.header)?;
        let at = self.sink.reserve(self.header.len() as u64).map_err(Error::Sink)?;
        self.sink.write_all(&self.header).map_err(Error::Sink)?;
        Ok(at)
    }

    /// Writes the local header again, now that the payload is known.
    pub(crate) fn amend(
        &mut self,
        item: &Item<'_>,
        payload: &Payload,
        scheme: Scheme,
        wide: bool,
        at: Position,
    ) -> Result<()> {
        self.header.clear();
        build::write_local_for(&meta_of(item), payload, scheme, wide, &mut self.header)?;
        self.sink.patch(at, &self.header).map_err(Error::Sink)
    }
}

/// Copies the `expected` bytes of an input behind a header that is written already.
pub(crate) fn copy_input<S: Sink>(
    out: &mut Out<S>,
    index: usize,
    input: &mut dyn Input,
    expected: u64,
    options: &Options<'_>,
) -> Result<()> {
    let events = Events::new(options);
    let told = |bytes: u64| {
        events.advance(index, bytes);
        events.produce(index, bytes);
    };
    if let Some(bytes) = input.as_slice() {
        check_len(expected, bytes.len() as u64)?;
        for piece in bytes.chunks(PIECE_BYTES) {
            options.check_cancel()?;
            out.sink.write_all(piece).map_err(Error::Sink)?;
            told(piece.len() as u64);
        }
        return Ok(());
    }
    if let Some((source, span)) = input.as_span() {
        check_len(expected, span.len())?;
        let mut at = span.start;
        // In bounded pieces, so that a signal and a cancel come through in between.
        while at < span.end {
            options.check_cancel()?;
            let len = (span.end - at).min(SYSTEM_BYTES);
            let taken = out.sink.copy_from(source, at, len).map_err(Error::Sink)?;
            if taken == 0 {
                break;
            }
            at = at.saturating_add(taken);
            told(taken);
        }
        out.buffer.resize(PIECE_BYTES, 0);
        while at < span.end {
            options.check_cancel()?;
            let room = (span.end - at).min(PIECE_BYTES as u64) as usize;
            let piece = out.buffer.get_mut(..room).unwrap_or(&mut []);
            source.read_exact_at(piece, at).map_err(Error::Input)?;
            out.sink.write_all(piece).map_err(Error::Sink)?;
            told(room as u64);
            at += room as u64;
        }
        return Ok(());
    }
    copy_compressed(out, index, input, expected, None, options)
}

/// Reads an input and writes it as a member, header included; returns its payload and its place.
pub(crate) fn copy_late<S: Sink>(
    out: &mut Out<S>,
    index: usize,
    item: &Item<'_>,
    input: &mut dyn Input,
    late: Late,
    options: &Options<'_>,
) -> Result<(Payload, Position)> {
    match late {
        Late::Stored => copy_stored(out, index, item, input, options),
        Late::Compressed(compressed) => {
            let facts = compressed.facts;
            let payload = payload_of(&facts);
            let at = out.begin(item, &payload, Scheme::None, false)?;
            let verify = compressed.verify.then_some(&facts);
            let expected = facts.compressed_size;
            copy_compressed(out, index, input, expected, verify, options)?;
            Ok((payload, at))
        }
    }
}

fn copy_stored<S: Sink>(
    out: &mut Out<S>,
    index: usize,
    item: &Item<'_>,
    input: &mut dyn Input,
    options: &Options<'_>,
) -> Result<(Payload, Position)> {
    let events = Events::new(options);
    let expected = input.len_hint().unwrap_or(0);
    let wide = needs_zip64(expected);
    let mut reader = input.open().map_err(Error::Input)?;
    let method = Method::STORED;
    let begun = Payload { method, crc32: 0, compressed_size: expected, size: expected };
    let at = out.begin(item, &begun, Scheme::None, wide)?;
    let (mut crc, mut size) = (Crc32::new(), 0_u64);
    out.buffer.resize(PIECE_BYTES, 0);
    loop {
        let len = read_some(&mut *reader, &mut out.buffer, options)?;
        let piece = out.buffer.get(..len).unwrap_or(&[]);
        if piece.is_empty() {
            break;
        }
        size = size.saturating_add(len as u64);
        if needs_zip64(size) && !wide {
            return Err(Error::Grew);
        }
        crc.update(piece);
        out.sink.write_all(piece).map_err(Error::Sink)?;
        events.advance(index, len as u64);
        events.produce(index, len as u64);
    }
    let payload = Payload { method, crc32: crc.value(), compressed_size: size, size };
    out.amend(item, &payload, Scheme::None, wide, at)?;
    Ok((payload, at))
}

/// Copies a payload of a known length, and decodes it on the way if that is asked for.
fn copy_compressed<S: Sink>(
    out: &mut Out<S>,
    index: usize,
    input: &mut dyn Input,
    expected: u64,
    verify: Option<&Facts>,
    options: &Options<'_>,
) -> Result<()> {
    let events = Events::new(options);
    let mut verifier = verify.map(|facts| Verifier::new(&mut out.scratch, facts)).transpose()?;
    let mut reader = input.open().map_err(Error::Input)?;
    let mut found = 0_u64;
    out.buffer.resize(PIECE_BYTES, 0);
    loop {
        let len = read_some(&mut *reader, &mut out.buffer, options)?;
        let piece = out.buffer.get(..len).unwrap_or(&[]);
        if piece.is_empty() {
            break;
        }
        found = found.saturating_add(len as u64);
        if found > expected {
            return Err(Error::PayloadLength { expected, found });
        }
        if let Some(verifier) = &mut verifier {
            verifier.see(piece, options)?;
        }
        out.sink.write_all(piece).map_err(Error::Sink)?;
        events.advance(index, len as u64);
        events.produce(index, len as u64);
    }
    check_len(expected, found)?;
    match verifier {
        Some(verifier) => verifier.finish(&mut out.scratch, options),
        None => Ok(()),
    }
}

pub(crate) const fn check_len(expected: u64, found: u64) -> Result<()> {
    if expected == found { Ok(()) } else { Err(Error::PayloadLength { expected, found }) }
}

/// Decodes a payload that passes by, and throws the contents away.
pub(crate) struct Verifier {
    decoder: Decoder,
    window: Vec<u8>,
    ended: bool,
}

impl Verifier {
    pub(crate) fn new(scratch: &mut Scratch, facts: &Facts) -> Result<Self> {
        let decoder =
            Decoder::new(scratch, &DecodeSpec::from(*facts), &limits()).map_err(Error::Payload)?;
        Ok(Self { decoder, window: vec![0; PIECE_BYTES], ended: false })
    }

    /// Takes the next bytes in; looks at whether the run is cancelled on the way.
    pub(crate) fn see(&mut self, piece: &[u8], options: &Options<'_>) -> Result<()> {
        self.push(piece, false, options)
    }

    fn push(&mut self, mut piece: &[u8], last: bool, options: &Options<'_>) -> Result<()> {
        while !self.ended {
            options.check_cancel()?;
            let step = self.decoder.push(piece, last, &mut self.window).map_err(Error::Payload)?;
            piece = piece.get(step.consumed..).unwrap_or(&[]);
            match step.want {
                Want::Nothing => self.ended = true,
                Want::Input if !last => break,
                Want::Input | Want::Output => {}
            }
        }
        Ok(())
    }

    /// Says whether everything was right.
    pub(crate) fn finish(mut self, scratch: &mut Scratch, options: &Options<'_>) -> Result<()> {
        let result = self.push(&[], true, options);
        self.decoder.recycle(scratch);
        result
    }
}

/// The payload is the caller's own, and its contents are not kept: no size or ratio is too much,
/// but memory is.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::none();
    limits.window_bytes = Limits::default().window_bytes;
    limits
}

/// Writes the contents of a payload that did not get smaller, behind a header that says so.
pub(crate) fn unpack<S: Sink>(
    out: &mut Out<S>,
    mut spool: Spool,
    method: Method,
    payload: &mut Payload,
) -> Result<()> {
    let facts =
        Facts { method, crc32: payload.crc32, size: payload.size, compressed_size: spool.len() };
    let decoder = Decoder::new(&mut out.scratch, &DecodeSpec::from(facts), &limits())?;
    let mut unpacker = Unpacker { decoder, window: vec![0; PIECE_BYTES], sink: &mut out.sink };
    out.buffer.resize(PIECE_BYTES, 0);
    let drained = spool.drain(&mut unpacker, &mut out.buffer);
    unpacker.decoder.recycle(&mut out.scratch);
    drained.map_err(Error::Sink)
}

/// A sink that decodes what it is given into another.
struct Unpacker<'s, S> {
    decoder: Decoder,
    window: Vec<u8>,
    sink: &'s mut S,
}

impl<S: Sink> Sink for Unpacker<'_, S> {
    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        loop {
            let step = self.decoder.push(bytes, false, &mut self.window);
            let step = step.map_err(io::Error::other)?;
            bytes = bytes.get(step.consumed..).unwrap_or(&[]);
            self.sink.write_all(self.window.get(..step.produced).unwrap_or(&[]))?;
            if step.want != Want::Output {
                return Ok(());
            }
        }
    }

    fn position(&self) -> Position {
        self.sink.position()
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
