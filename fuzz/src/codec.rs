//! Payloads.

use pzip::codec::member::decode::{Decoder, decode_into};
use pzip::codec::member::{DecodeSpec, Scratch};
use pzip::codec::step::Want;
use pzip::format::crc32::crc32;
use pzip::format::limits::Limits;
use pzip::format::method::Method;

use crate::bound::within;

/// The first bytes choose method, size and cut; the rest is the payload.
pub fn member_decode(bytes: &[u8]) {
    // Two windows of a MiB, what coders keep beside them, and the output.
    within(8, bytes.len(), || decode(bytes));
}

fn decode(bytes: &[u8]) {
    let [method, low, high, cut, payload @ ..] = bytes else { return };
    let methods = [0, 8, 9, 12, 14, 20, 93, 95, 98, 4_711];
    let method = Method(methods[usize::from(*method) % methods.len()]);
    let size = u16::from_le_bytes([*low, *high]);
    let mut spec = DecodeSpec {
        method,
        size: size.into(),
        compressed_size: payload.len() as u64,
        crc32: None,
        flags_lzma_eos: *cut & 1 == 1,
    };
    let mut scratch = Scratch::new();
    let mut limits = Limits::default();
    limits.window_bytes = 1 << 20;
    let mut whole = vec![0; size.into()];
    let first = decode_into(&mut scratch, &spec, &limits, payload, &mut whole);
    let pushed = push(&mut scratch, &spec, &limits, payload, usize::from(*cut) + 1);
    assert_eq!(first.is_ok(), pushed.is_ok(), "{first:?} whole, {pushed:?} pushed");
    if first.is_ok() {
        assert_eq!(pushed.as_ref().ok(), Some(&whole));
        spec.crc32 = Some(crc32(&whole));
        decode_into(&mut scratch, &spec, &limits, payload, &mut whole).expect("the right CRC");
        spec.crc32 = Some(!crc32(&whole));
        assert!(decode_into(&mut scratch, &spec, &limits, payload, &mut whole).is_err());
    }
}

fn push(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    limits: &Limits,
    payload: &[u8],
    piece: usize,
) -> pzip::codec::error::Result<Vec<u8>> {
    let mut decoder = Decoder::new(scratch, spec, limits)?;
    let (mut out, mut buffer, mut at) = (Vec::new(), vec![0; piece], 0);
    loop {
        let end = payload.len().min(at + piece);
        let step = decoder.push(&payload[at..end], end == payload.len(), &mut buffer)?;
        at += step.consumed;
        out.extend_from_slice(&buffer[..step.produced]);
        assert!(out.len() as u64 <= spec.size, "never more than the size");
        if step.want == Want::Nothing {
            return Ok(out);
        }
    }
}
