//! Laws of all coders: identity, any cut, no silent damage, back ends agree.

use proptest::prelude::*;
use zip_codec::error::Error;
use zip_format::crc32::crc32;

use crate::common::{contents, decode_pieces, encode_pieces, encode_whole, families, noise, text};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() }
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        Just(vec![1]),
        prop::collection::vec(1..300_usize, 1..6),
        prop::collection::vec(0..5000_usize, 1..4).prop_map(|mut sizes| {
            sizes.push(7);
            sizes
        }),
    ]
}

fn check_identity(contents: &[u8], sizes: &[usize]) {
    for family in families() {
        for (writer, make_encoder) in &family.encoders {
            for level in family.levels() {
                let mut encoder = make_encoder(level);
                let whole = encode_whole(&mut *encoder, contents);
                encoder.reset();
                let pushed = encode_pieces(&mut *encoder, contents, sizes).expect("lawful");
                for (reader, make_decoder) in &family.decoders {
                    let who = format!("{writer} {} -> {reader}", level.get());
                    let mut decoder = make_decoder();
                    for payload in [&whole, &pushed] {
                        let mut output = vec![0; contents.len()];
                        let n = decoder.decode_all(payload, &mut output);
                        assert_eq!(n, Ok(contents.len()), "{who}, whole");
                        assert!(output == contents, "{who}, whole");
                        decoder.reset();
                        output.fill(0);
                        let found = decoder.decode_verified(payload, &mut output, crc32(contents));
                        assert_eq!(found, Ok(()), "{who}, verified");
                        assert!(output == contents, "{who}, verified");
                        decoder.reset();
                        let output = decode_pieces(&mut *decoder, payload, sizes);
                        assert!(output.as_deref() == Ok(contents), "{who}, pushed");
                        decoder.reset();
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn decoding_what_was_encoded_is_the_identity(bytes in contents(3000), sizes in sizes()) {
        check_identity(&bytes, &sizes);
    }

    #[test]
    fn a_payload_cut_short_is_an_error(bytes in contents(600), sizes in sizes()) {
        for_each_payload(&bytes, |who, payload, decoder| {
            for cut in 0..payload.len() {
                decoder.reset();
                let mut output = vec![0; bytes.len()];
                let found = decoder.decode_verified(&payload[..cut], &mut output, crc32(&bytes));
                assert!(found.is_err(), "{who}: {cut} of {} bytes pass", payload.len());
                if cut % 16 == 0 {
                    decoder.reset();
                    let found = decode_pieces(decoder, &payload[..cut], &sizes);
                    assert!(found.is_err(), "{who}: {cut} of {} bytes pass", payload.len());
                }
            }
        });
    }

    #[test]
    fn bytes_after_the_stream_are_an_error(
        bytes in contents(600), behind in prop::collection::vec(any::<u8>(), 1..20), sizes in sizes()
    ) {
        for_each_payload(&bytes, |who, payload, decoder| {
            let mut longer = payload.to_vec();
            longer.extend_from_slice(&behind);
            let expected = Error::TrailingBytes { unused: behind.len() as u64 };
            let mut output = vec![0; bytes.len()];
            decoder.reset();
            let found = decoder.decode_all(&longer, &mut output);
            assert_eq!(found, Err(expected.clone()), "{who}, whole");
            decoder.reset();
            let found = decoder.decode_verified(&longer, &mut output, crc32(&bytes));
            assert_eq!(found, Err(expected.clone()), "{who}, verified");
            decoder.reset();
            let found = decode_pieces(decoder, &longer, &sizes);
            assert_eq!(found, Err(expected), "{who}, pushed");
        });
    }

    #[test]
    fn a_flipped_bit_never_gives_other_bytes(bytes in contents(300)) {
        for_each_payload(&bytes, |who, payload, decoder| {
            let mut damaged = payload.to_vec();
            for bit in (0..payload.len() * 8).step_by(3) {
                damaged[bit / 8] ^= 1 << (bit % 8);
                decoder.reset();
                let mut output = vec![0; bytes.len()];
                let found = decoder.decode_verified(&damaged, &mut output, crc32(&bytes));
                assert!(found.is_err() || output == bytes, "{who}: bit {bit} gives other bytes");
                damaged[bit / 8] ^= 1 << (bit % 8);
            }
        });
    }

    #[test]
    fn any_bytes_decode_to_something_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for family in families() {
            let mut seen = Vec::new();
            for (reader, make_decoder) in &family.decoders {
                let mut decoder = make_decoder();
                let mut output = vec![0; 2000];
                let whole = decoder.decode_all(&bytes, &mut output);
                decoder.reset();
                let pushed = decode_pieces(&mut *decoder, &bytes, &[1, 100, 7]);
                if let Ok(n) = whole {
                    assert!(pushed.as_deref() == Ok(&output[..n]), "{reader}: pushed differs");
                }
                seen.push((reader, whole.ok()));
            }
            assert!(seen.windows(2).all(|two| two[0].1 == two[1].1), "back ends disagree: {seen:?}");
        }
    }
}

/// Payloads of a fast and a thorough level from every encoder, with every decoder.
fn for_each_payload(
    contents: &[u8],
    mut check: impl FnMut(&str, &[u8], &mut dyn zip_codec::coder::Decode),
) {
    for family in families() {
        for (writer, make_encoder) in &family.encoders {
            for level in family.levels().skip(1).step_by(5) {
                let payload = encode_whole(&mut *make_encoder(level), contents);
                for (reader, make_decoder) in &family.decoders {
                    let who = format!("{writer} {} -> {reader}", level.get());
                    check(&who, &payload, &mut *make_decoder());
                }
            }
        }
    }
}

#[test]
fn large_contents_pass_every_window() {
    for bytes in [text(700_000), noise(300_000), vec![0; 1_200_000]] {
        for family in families() {
            let bytes = &bytes[..bytes.len().min(family.most)];
            for (writer, make_encoder) in &family.encoders {
                let mut encoder = make_encoder(zip_codec::Level::FAST);
                let payload = encode_pieces(&mut *encoder, bytes, &[65_536]).expect("lawful");
                for (reader, make_decoder) in &family.decoders {
                    let mut decoder = make_decoder();
                    let mut output = vec![0; bytes.len()];
                    let found = decoder.decode_verified(&payload, &mut output, crc32(bytes));
                    assert_eq!(found, Ok(()), "{writer} -> {reader}");
                    assert!(output == bytes, "{writer} -> {reader}");
                    decoder.reset();
                    let output = decode_pieces(&mut *decoder, &payload, &[4096, 100_000]);
                    assert!(output.as_deref() == Ok(bytes), "{writer} -> {reader}, pushed");
                }
            }
        }
    }
}

#[test]
fn output_of_the_wrong_length_is_an_error() {
    let bytes = text(5000);
    for_each_payload(&bytes, |who, payload, decoder| {
        let mut output = vec![0; 5001];
        decoder.reset();
        let found = decoder.decode_verified(payload, &mut output[..4999], crc32(&bytes[..4999]));
        assert_eq!(found, Err(Error::TooLong { expected: 4999 }), "{who}");
        decoder.reset();
        let found = decoder.decode_verified(payload, &mut output, crc32(&bytes));
        assert_eq!(found, Err(Error::SizeMismatch { expected: 5001, found: 5000 }), "{who}");
        decoder.reset();
        let found = decoder.decode_verified(payload, &mut output[..5000], 7);
        let crc = crc32(&bytes);
        assert_eq!(found, Err(Error::CrcMismatch { expected: 7, found: crc }), "{who}");
    });
}

#[test]
fn abandoned_streams_leave_no_trace() {
    let (noise, text) = (noise(100_000), text(50_000));
    for family in families() {
        let noise = &noise[..family.most.min(100_000)];
        let text = &text[..family.most.min(50_000)];
        for (writer, make_encoder) in &family.encoders {
            for level in family.levels() {
                let (mut used, mut fresh) = (make_encoder(level), make_encoder(level));
                for room in [0, 1, 5000, noise.len() * 4 / 5] {
                    let found = used.encode_all(noise, &mut vec![0; room]);
                    assert_eq!(found, Ok(None), "{writer} {}", level.get());
                    used.reset();
                    let _ = used.push(noise, false, &mut vec![0; room]).expect("lawful");
                    used.reset();
                }
                for bytes in [noise, text] {
                    let expected = encode_whole(&mut *fresh, bytes);
                    let found = encode_whole(&mut *used, bytes);
                    assert!(found == expected, "{writer} {}: other bytes", level.get());
                    used.reset();
                    fresh.reset();
                }
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_not_written() {
    let bytes = noise(5000);
    for family in families() {
        for (writer, make_encoder) in &family.encoders {
            let mut encoder = make_encoder(zip_codec::Level::DEFAULT);
            let found = encoder.encode_all(&bytes, &mut [0; 4999]);
            assert_eq!(found, Ok(None), "{writer}: noise does not shrink");
            encoder.reset();
            let payload = encode_whole(&mut *encoder, &bytes);
            for (reader, make_decoder) in &family.decoders {
                let output = decode_pieces(&mut *make_decoder(), &payload, &[512]);
                assert!(output.as_deref() == Ok(&bytes), "{writer} -> {reader} after a failure");
            }
        }
    }
}
