//! What stands before the first member that the directory names: nothing, a marker, the program of
//! a self-extractor; or a member that only readers that go forward see.

use crate::error::{Error, ErrorKind, Result};
use crate::extra::zip64::SATURATED_32;
use crate::flags::Flags;
use crate::local::{FIXED_LEN, LocalHeader};
use crate::method::Method;
use crate::profile::Relax;
use crate::signature;

/// Bytes of a prefix that are looked at. Readers that scan for members look for the first one in
/// less than this.
pub(super) const HEAD_BYTES: u64 = 64 << 10;
/// Bytes of the marker of a split archive, APPNOTE 8.5.3 and 8.5.4.
const MARKER_BYTES: usize = 4;
/// The longest name of a hidden member. What is longer is no member, but code or data.
const MOST_NAME_BYTES: usize = 1_024;

/// Judges a prefix of so many bytes, of which `head` are the first [`HEAD_BYTES`].
pub(super) fn check(bytes: u64, head: &[u8], relax: Relax, needs: &mut Relax) -> Result<()> {
    let marker = [signature::SPANNING_MARKER, signature::SINGLE_VOLUME_MARKER]
        .iter()
        .any(|marker| head.starts_with(&marker.to_le_bytes()));
    let start = if marker { MARKER_BYTES } else { 0 };
    if bytes == start as u64 {
        return Ok(());
    }
    let hidden = hidden_member(head, start, bytes);
    if let Some(at) = hidden {
        let error = Error::new(ErrorKind::HiddenMember { bytes }, at as u64);
        relax.allow(needs, Relax::GAPS, error)?;
    }
    if hidden == Some(start) {
        return Ok(());
    }
    relax.allow(needs, Relax::PREFIX, Error::new(ErrorKind::Prefix { bytes }, 0))
}

/// Where a member starts in the prefix: right at its start, whatever its header says, or anywhere
/// with a header that can be one. The signature alone proves nothing there: programs that read
/// archives have it in their code.
fn hidden_member(head: &[u8], start: usize, bytes: u64) -> Option<usize> {
    let is_signature = |window: &[u8]| window == signature::LOCAL_HEADER.to_le_bytes();
    let found = head.windows(4).enumerate().skip(start).filter(|(_, four)| is_signature(four));
    found.map(|(at, _)| at).find(|&at| {
        let rest = head.get(at..).unwrap_or(&[]);
        at == start || is_plausible(rest, bytes.saturating_sub(at as u64))
    })
}

/// The local header at the start of `rest` could be one of a member within `room` bytes.
fn is_plausible(rest: &[u8], room: u64) -> bool {
    let Ok(len) = LocalHeader::peek_len(rest) else { return false };
    // The name may go on behind what is looked at: fields first, then as much of it as there is.
    let (Some(fixed), Some(room)) = (rest.first_chunk::<FIXED_LEN>(), room.checked_sub(len as u64))
    else {
        return false;
    };
    // The same header with neither name nor extra field can be parsed whole.
    let mut alone = *fixed;
    alone[26..].fill(0);
    let Ok((header, _)) = LocalHeader::parse(&alone) else { return false };
    let [.., low, high, _, _] = *fixed;
    let name_len = usize::from(u16::from_le_bytes([low, high]));
    let name = rest.get(FIXED_LEN..).unwrap_or(&[]);
    let name = name.get(..name_len).unwrap_or(name);
    let is_text = |byte: &u8| !matches!(*byte, 0..=31 | 127);
    let is_known = Method(header.method.0).name().is_some();
    let fits = header.flags.contains(Flags::DESCRIPTOR)
        || header.compressed_size == SATURATED_32
        || u64::from(header.compressed_size) <= room;
    is_known && fits && (1..=MOST_NAME_BYTES).contains(&name_len) && name.iter().all(is_text)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn header(name: &[u8], method: u16, size: u32) -> Vec<u8> {
        let mut bytes = Vec::from(*b"PK\x03\x04\x14\0\0\0");
        bytes.extend(method.to_le_bytes());
        bytes.extend([0; 8]);
        bytes.extend(size.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(name);
        bytes
    }

    fn judged(head: &[u8], bytes: u64) -> (Option<ErrorKind>, Relax) {
        let mut needs = Relax::empty();
        let result = check(bytes, head, Relax::STRICT, &mut needs);
        (result.err().map(|error| error.kind), needs)
    }

    #[test]
    fn a_member_behind_a_marker_or_a_program_is_seen() {
        let member = [&header(b"evil", 0, 4)[..], b"EVIL"].concat();
        for before in [&b""[..], b"PK00", b"PK\x07\x08", b"x", b"#!/bin/sh\n", &[0x90; 5_000]] {
            let head = [before, &member].concat();
            let (error, needs) = judged(&head, head.len() as u64);
            assert!(matches!(error, Some(ErrorKind::HiddenMember { .. })), "{before:?}");
            assert_eq!(needs, Relax::GAPS);
            let mut needs = Relax::empty();
            check(head.len() as u64, &head, Relax::LENIENT, &mut needs).expect("all is accepted");
            let prefixed = !matches!(before, b"" | b"PK00" | b"PK\x07\x08");
            assert_eq!(needs.contains(Relax::PREFIX), prefixed, "{before:?}");
        }
        assert_eq!(judged(b"PK00", 4), (None, Relax::empty()));
        assert_eq!(judged(b"PK00stub", 8), (None, Relax::PREFIX));
    }

    #[test]
    fn a_signature_in_a_program_is_no_member() {
        let long = [b'n'; 2_000];
        for code in [
            &b"PK\x03\x04"[..],
            // A comparison with the signature, and the code that follows.
            b"\x81\x3ePK\x03\x04\x0f\x85\x9c\x01\0\0\x8b\x46\x08\x89\x45\xf8\x0f\xb7\x4e\x1a\x0f\xb7\x56\x1c\x01\xd1\x8d\x74\x31\x1e\xeb\xc3",
            // A table of all signatures.
            b"PK\x03\x04PK\x01\x02PK\x05\x06PK\x06\x06PK\x06\x07PK\x07\x08 archive is damaged",
            &header(b"no\nname", 0, 4),
            &header(b"", 0, 4),
            &header(&long, 0, 4),
            &header(b"method", 7, 4),
            &header(b"size", 0, 60_000),
        ] {
            let head = [&[0x90; 100][..], code, &[0x90; 3_000]].concat();
            assert_eq!(judged(&head, head.len() as u64), (None, Relax::PREFIX), "{code:?}");
        }
    }
}
