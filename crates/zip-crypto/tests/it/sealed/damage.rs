//! Whatever is changed in a sealed archive ends in an error, and no plain byte of it comes out.

use zip_crypto::sealed::{Error, HEADER_LEN, SealedSource, Secret, TAG_LEN};
use zip_format::error::Category;
use zip_io::Source;

use crate::sealed::support::{Positioned, inner, key, open, plain_of, read_all, seal};

const FRAME: usize = 64;
const SEALED_FRAME: usize = FRAME + TAG_LEN;

/// Reads frame by frame: each is what was sealed, or an error and a buffer without plain bytes.
/// Returns how many were errors.
fn refused_frames<S: Source>(source: &S, plain: &[u8]) -> usize {
    let mut refused = 0;
    for (number, expected) in plain.chunks(FRAME).enumerate() {
        // Once as a whole, and once as a part, which goes through the cache.
        for skip in [0, 1] {
            let mut buffer = vec![0; expected.len() - skip];
            match source.read_exact_at(&mut buffer, (number * FRAME + skip) as u64) {
                Ok(()) => assert_eq!(buffer, expected[skip..]),
                Err(error) => {
                    assert!(matches!(inner(&error), Error::Frame { .. }), "{error}");
                    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
                    assert!(buffer.iter().all(|&byte| byte == 0), "plain bytes with an error");
                    refused += 1;
                }
            }
        }
    }
    refused
}

fn check_flipped(sealed: &[u8], plain: &[u8]) {
    for source in [Positioned(sealed, usize::MAX), Positioned(sealed, 7)] {
        if let Ok(source) = open(source) {
            assert!(refused_frames(&source, plain) > 0, "a changed archive was read");
        }
    }
    if let Ok(source) = open(sealed) {
        assert!(refused_frames(&source, plain) > 0, "a changed archive was read");
    }
}

#[test]
fn every_flipped_bit_is_an_error() {
    for len in [0, 1, 64, 200] {
        let plain = plain_of(len);
        let mut sealed = seal(&plain, FRAME as u32);
        assert_eq!(read_all(&open(&sealed[..]).unwrap()).unwrap(), plain);
        for at in 0..sealed.len() {
            for bit in 0..8 {
                sealed[at] ^= 1 << bit;
                check_flipped(&sealed, &plain);
                sealed[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn every_truncation_is_an_error_at_opening() {
    for len in [0, 1, 64, 65, 128, 200] {
        let sealed = seal(&plain_of(len), FRAME as u32);
        for end in 0..sealed.len() {
            let error = open(&sealed[..end]).unwrap_err();
            let expected = if end < 8 { Category::NotZip } else { Category::Damaged };
            assert_eq!(error.category(), expected, "{end} of {}: {error}", sealed.len());
            // Cut between frames: nothing is wrong with what is there.
            let between = end >= HEADER_LEN && (end - HEADER_LEN).is_multiple_of(SEALED_FRAME);
            if between || (8..HEADER_LEN).contains(&end) {
                assert!(matches!(error, Error::Truncated { len } if len == end as u64), "{error}");
            }
        }
    }
}

#[test]
fn bytes_after_the_end_are_an_error() {
    for len in [0, 1, 64, 65, 128, 200] {
        let good = seal(&plain_of(len), FRAME as u32);
        for extra in 1..200 {
            let mut sealed = good.clone();
            sealed.extend(plain_of(extra));
            let error = open(&sealed[..]).unwrap_err();
            assert_eq!(error.category(), Category::Damaged, "{error}");
            // Where frames are whole, the end is seen.
            if len > 0 && len.is_multiple_of(FRAME) {
                let (end, more) = (good.len() as u64, extra as u64);
                let exact =
                    matches!(error, Error::Trailing { at, bytes } if (at, bytes) == (end, more));
                assert!(exact, "{error}");
            } else {
                let last = len / FRAME;
                let exact = matches!(error, Error::End { frame, .. } if frame == last as u64);
                assert!(exact, "{error}");
            }
        }
    }
}

fn frame(number: usize) -> std::ops::Range<usize> {
    let start = HEADER_LEN + number * SEALED_FRAME;
    start..start + SEALED_FRAME
}

#[test]
fn frames_stay_in_their_archive_and_place() {
    let plain = plain_of(5 * FRAME + 3);
    let (one, other) = (seal(&plain, FRAME as u32), seal(&plain, FRAME as u32));

    let mut swapped = one.clone();
    swapped[frame(1)].copy_from_slice(&one[frame(2)]);
    swapped[frame(2)].copy_from_slice(&one[frame(1)]);
    assert_eq!(refused_frames(&open(&swapped[..]).unwrap(), &plain), 4);

    let mut doubled = one.clone();
    doubled[frame(2)].copy_from_slice(&one[frame(1)]);
    assert_eq!(refused_frames(&open(&doubled[..]).unwrap(), &plain), 2);

    let mut spliced = one.clone();
    spliced[frame(3)].copy_from_slice(&other[frame(3)]);
    assert_eq!(refused_frames(&open(&spliced[..]).unwrap(), &plain), 2);

    // Inserted, taken out, another head, another tail, one after the other.
    let mut inserted = one.clone();
    inserted.splice(frame(2).start..frame(2).start, one[frame(1)].to_vec());
    let mut removed = one.clone();
    removed.drain(frame(2));
    let mixed = [&one[..HEADER_LEN], &other[HEADER_LEN..]].concat();
    let tail = [&one[..frame(5).start], &other[frame(5).start..]].concat();
    let both = [&one[..], &other[..]].concat();
    for changed in [inserted, removed, mixed, tail, both] {
        assert_eq!(open(&changed[..]).unwrap_err().category(), Category::Damaged);
    }

    // The last frame, full, in the middle of a longer archive.
    let (short, long) = (seal(&plain[..128], FRAME as u32), seal(&plain, FRAME as u32));
    let grown = [&short[..], &long[short.len()..]].concat();
    assert!(matches!(open(&grown[..]), Err(Error::Trailing { .. })));
}

#[test]
fn the_frame_and_its_offset_are_named() {
    let plain = plain_of(1_000);
    let mut sealed = seal(&plain, FRAME as u32);
    sealed[frame(7).start] ^= 1;
    let source = open(&sealed[..]).unwrap();
    let mut buffer = vec![0xee; 1_000];
    // What stands before the frame is read, and no more.
    assert_eq!(source.read_at(&mut buffer, 10).unwrap(), 7 * FRAME - 10);
    assert_eq!(buffer[..7 * FRAME - 10], plain[10..7 * FRAME]);
    let error = source.read_at(&mut buffer, 7 * FRAME as u64 + 5).unwrap_err();
    assert!(matches!(inner(&error), Error::Frame { frame: 7, at } if *at == 80 + 7 * 80));
    assert_eq!(source.read_at(&mut buffer[..9], 8 * FRAME as u64).unwrap(), 9);
    assert_eq!(buffer[..9], plain[8 * FRAME..][..9]);
}

#[test]
fn a_file_that_changes_while_it_is_read_gives_errors() {
    let plain = plain_of(1_000);
    let sealed = seal(&plain, FRAME as u32);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &sealed).unwrap();
    let below = zip_io::file::FileSource::open(file.path()).unwrap();
    let source = SealedSource::open(below, Secret::Key(&key()), &Default::default()).unwrap();
    std::fs::write(file.path(), vec![0; sealed.len()]).unwrap();
    assert!(matches!(inner(&read_all(&source).unwrap_err()), Error::Frame { frame: 0, .. }));
    std::fs::write(file.path(), b"").unwrap();
    let error = read_all(&source).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert!(matches!(inner(&error), Error::Read { at: 80, .. }));
}
