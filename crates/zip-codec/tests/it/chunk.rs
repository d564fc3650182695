//! Pieces that join: one stream for every decoder, whatever the contents are.

use zip_codec::chunk::{Joined, PIECE_BYTES, encode_piece, piece_bound};
use zip_codec::level::Level;
use zip_codec::member::{DecodeSpec, Facts, Scratch, decode};
use zip_format::crc32::crc32;
use zip_format::limits::Limits;

use crate::common::{noise, text};

fn join(contents: &[u8], piece: usize, level: u8) -> (Vec<u8>, Facts) {
    let level = Level::try_from(level).unwrap();
    let (mut scratch, mut output, mut payload) = (Scratch::new(), Vec::new(), Vec::new());
    let mut joined = Joined::default();
    let mut rest = contents;
    loop {
        let (part, later) = rest.split_at(rest.len().min(piece));
        let last = part.len() < piece;
        let crc = encode_piece(&mut scratch, level, part, last, &mut output).unwrap();
        assert!(output.len() as u64 <= piece_bound(part.len()));
        joined.add(&crc, part.len() as u64, output.len() as u64);
        payload.extend_from_slice(&output);
        rest = later;
        if last {
            return (payload, joined.facts());
        }
    }
}

fn check(contents: &[u8], piece: usize, level: u8) -> Vec<u8> {
    let (payload, facts) = join(contents, piece, level);
    assert_eq!(facts.size, contents.len() as u64);
    assert_eq!(facts.compressed_size, payload.len() as u64);
    assert_eq!(facts.crc32, crc32(contents));
    let mut back = vec![0; contents.len()];
    let spec = DecodeSpec::from(facts);
    decode::decode_into(&mut Scratch::new(), &spec, &Limits::default(), &payload, &mut back)
        .unwrap();
    assert!(back == contents);
    payload
}

#[test]
fn pieces_of_any_size_join() {
    let mut contents = text(300_000);
    contents.extend(noise(100_000));
    contents.extend(std::iter::repeat_n(0, 100_000));
    contents.extend(text(50_000));
    for level in 1..=9 {
        for piece in [997, 65_535, 65_536, 100_000, 549_999, 550_000, 550_001] {
            check(&contents, piece, level);
        }
    }
}

#[test]
fn pieces_of_a_few_bytes_join() {
    let contents = text(3_000);
    for piece in 1..40 {
        check(&contents, piece, 6);
    }
    check(&[], 1, 6);
}

#[test]
fn pieces_that_do_not_shrink_are_stored_blocks() {
    let contents = noise(3 * PIECE_BYTES);
    let payload = check(&contents, PIECE_BYTES, 6);
    let bound = 3 * piece_bound(PIECE_BYTES) + piece_bound(0);
    assert!(payload.len() as u64 <= bound, "{} of {bound}", payload.len());
}
