//! Sealed archives.

use pzip::crypto::Password;
use pzip::crypto::sealed::{
    Error, HEADER_LEN, OpenOptions, RawKey, SealOptions, SealedSink, SealedSource, Sealer, Secret,
};
use pzip::io::{Sink, Source};

const KEY: [u8; 32] = [9; 32];

/// Limits that keep a target fast; what a header asks for above them is refused.
fn options() -> OpenOptions {
    let mut options = OpenOptions { cache_bytes: 1 << 12, ..OpenOptions::default() };
    options.limits.frame_bytes = 1 << 16;
    options.limits.memory_kib = 64;
    options.limits.passes = 1;
    options.limits.lanes = 1;
    options
}

/// Two promises. Any bytes end in an answer, and open with no secret that did not seal them. And
/// what was sealed, changed in the way the bytes say, is an error or the same bytes.
pub fn open_sealed(bytes: &[u8]) {
    for secret in [Secret::Key(&RawKey::new(&KEY)), Secret::Password(&Password::new("password"))] {
        let opened = SealedSource::open(bytes, secret, &options());
        assert!(opened.is_err(), "opened with a secret that did not seal it");
    }
    let Some((&[frame, kind, at, value], plain)) = bytes.split_first_chunk::<4>() else { return };
    let key = RawKey::new(&KEY);
    let seal = SealOptions { frame_bytes: 64 + u32::from(frame), ..SealOptions::default() };
    let sealer = Sealer::new(Secret::Key(&key), &seal).expect("random bytes");
    let mut sink = SealedSink::new(Vec::new(), sealer);
    sink.write_all(plain).and_then(|()| sink.finish()).expect("memory does not fail");
    let good = sink.into_inner();
    check(&good, plain, &key).expect("nothing was changed");

    let mut changed = good.clone();
    let place = usize::from(at) * good.len() / 256;
    let frame_len = seal.frame_bytes as usize + 16;
    match kind % 5 {
        0 => changed[place] ^= value,
        1 => changed.truncate(place),
        2 => changed.extend(std::iter::repeat_n(at, usize::from(value))),
        3 => {
            // A frame, or what would be one, in place of another.
            let from = HEADER_LEN + usize::from(value) % 8 * frame_len;
            let to = HEADER_LEN + usize::from(at) % 8 * frame_len;
            if from.max(to) + frame_len <= good.len() {
                changed[to..to + frame_len].copy_from_slice(&good[from..from + frame_len]);
            }
        }
        _ => drop(changed.drain(place..good.len().min(place + usize::from(value)))),
    }
    let outcome = check(&changed, plain, &key);
    assert_eq!(outcome.is_ok(), changed == good, "{outcome:?}");
}

/// Reads all of it, in pieces; what is read is right.
fn check(sealed: &[u8], plain: &[u8], key: &RawKey) -> Result<(), Error> {
    let source = SealedSource::open(sealed, Secret::Key(key), &options())?;
    assert_eq!(source.len(), plain.len() as u64, "a length was believed");
    let mut result = Ok(());
    for (number, piece) in plain.chunks(50).enumerate() {
        let mut buffer = [0; 50];
        let buffer = &mut buffer[..piece.len()];
        match source.read_exact_at(buffer, number as u64 * 50) {
            Ok(()) => assert_eq!(buffer, piece),
            Err(error) => {
                // A piece may begin in a frame that is right.
                let same = buffer.iter().zip(piece).take_while(|(a, b)| a == b).count();
                assert!(buffer[same..].iter().all(|&byte| byte == 0), "plain bytes with an error");
                let inner = error.into_inner().and_then(|inner| inner.downcast::<Error>().ok());
                result = Err(*inner.expect("an error of ours"));
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    /// Each kind of change, at many places, of archives of some lengths.
    #[test]
    fn every_kind_of_change() {
        for len in [0, 1, 63, 64, 65, 300] {
            for kind in 0..5 {
                for place in (0..=255).step_by(5) {
                    for value in [0, 1, 17, 80, 255] {
                        let mut bytes = vec![0, kind, place, value];
                        bytes.extend((0..len).map(|at| at as u8));
                        super::open_sealed(&bytes);
                    }
                }
            }
        }
    }
}
