//! Laws of members: every field of the directory is held against what comes out.

use zip_codec::error::Error;
use zip_codec::member::{DecodeSpec, Facts, Scratch, decode, encode};
use zip_codec::{Level, Want};
use zip_format::error::Category;
use zip_format::limits::Limits;
use zip_format::method::Method;

use crate::common::{families, noise, pieces, text};

/// A method this build can write, with levels and contents' size worth a test.
struct Writable {
    method: Method,
    levels: Vec<Level>,
    most: usize,
}

fn methods() -> Vec<Writable> {
    let stored =
        Writable { method: Method::STORED, levels: vec![Level::DEFAULT], most: usize::MAX };
    let mut methods = vec![stored];
    methods.extend(families().iter().map(|family| Writable {
        method: family.method,
        levels: family.levels().collect(),
        most: family.most,
    }));
    let mut scratch = Scratch::new();
    methods.retain(|w| encode::Encoder::new(&mut scratch, w.method, Level::FAST).is_ok());
    methods
}

fn packed(scratch: &mut Scratch, method: Method, contents: &[u8]) -> (Facts, Vec<u8>) {
    let mut output = Vec::new();
    let facts = encode::encode_all(scratch, method, Level::DEFAULT, contents, &mut output)
        .expect("a method of this build");
    if facts.method == Method::STORED {
        assert!(output.is_empty(), "a stored payload is the input itself");
        output.extend_from_slice(contents);
    }
    assert_eq!(output.len() as u64, facts.compressed_size);
    (facts, output)
}

/// The three ways to decode give the same verdict.
fn verdict(
    scratch: &mut Scratch,
    spec: &DecodeSpec,
    limits: &Limits,
    payload: &[u8],
    contents: &[u8],
) -> Result<(), Error> {
    let mut output = vec![0; usize::try_from(spec.size).expect("small")];
    let whole = decode::decode_into(scratch, spec, limits, payload, &mut output);
    if whole.is_ok() {
        assert!(output == contents, "verified, but other bytes");
    }
    let tested = decode::verify_whole(scratch, spec, limits, payload);
    assert_eq!(tested, whole, "verify_whole and decode_into disagree");
    let pushed = decode::Decoder::new(scratch, spec, limits).and_then(|mut decoder| {
        let result = pieces(payload, &[999, 64, 5000], |i, l, o| decoder.push(i, l, o));
        decoder.recycle(scratch);
        result
    });
    match pushed {
        Ok(output) => {
            assert_eq!(whole, Ok(()), "only the push machine is content");
            assert!(output == contents, "verified, but other bytes");
        }
        Err(error) => assert_eq!(whole, Err(error), "push machine and decode_into disagree"),
    }
    whole
}

#[test]
fn every_field_is_verified() {
    let mut scratch = Scratch::new();
    let limits = Limits::default();
    for Writable { method, most, .. } in methods() {
        for mut contents in [text(10), text(3000), text(300_000), noise(1000), noise(100_000)] {
            contents.truncate(most);
            let (facts, payload) = packed(&mut scratch, method, &contents);
            let spec = DecodeSpec::from(facts);
            let mut check = |spec: &DecodeSpec, payload: &[u8]| {
                verdict(&mut scratch, spec, &limits, payload, &contents)
            };
            assert_eq!(check(&spec, &payload), Ok(()), "{method}");
            let unsummed = DecodeSpec { crc32: None, ..spec };
            assert_eq!(check(&unsummed, &payload), Ok(()), "{method} without CRC-32");

            let wrong = DecodeSpec { crc32: Some(!facts.crc32), ..spec };
            let expected = Error::CrcMismatch { expected: !facts.crc32, found: facts.crc32 };
            assert_eq!(check(&wrong, &payload), Err(expected), "{method}");
            for change in [-1_i64, 1] {
                let size = spec.size.checked_add_signed(change).expect("small");
                let found = check(&DecodeSpec { size, ..spec }, &payload);
                let category = found.expect_err("a wrong size").category();
                assert_eq!(category, Category::Damaged, "{method}, size {change:+}");
            }
            if facts.method != Method::STORED {
                let shorter = DecodeSpec { compressed_size: spec.compressed_size - 1, ..spec };
                let found = check(&shorter, &payload[..payload.len() - 1]);
                assert!(found.is_err(), "{method}: cut short");
                let longer = DecodeSpec { compressed_size: spec.compressed_size + 1, ..spec };
                let trailing = [&payload[..], &[0]].concat();
                let found = check(&longer, &trailing);
                assert_eq!(found, Err(Error::TrailingBytes { unused: 1 }), "{method}");
            }
        }
    }
}

#[test]
fn what_does_not_shrink_is_stored() {
    let mut scratch = Scratch::new();
    for Writable { method, most, .. } in methods() {
        for mut contents in [vec![], vec![7], noise(100), noise(70_000), noise(2_000_000)] {
            contents.truncate(most);
            let (facts, _) = packed(&mut scratch, method, &contents);
            assert_eq!(facts.method, Method::STORED, "{method}, {} bytes", contents.len());
            assert_eq!(facts.compressed_size, facts.size);
        }
    }
    if methods().iter().any(|built_in| built_in.method == Method::DEFLATE) {
        let mut mixed = noise(2_000_000);
        mixed[900_000..1_200_000].fill(b'x');
        let (facts, _) = packed(&mut scratch, Method::DEFLATE, &mixed);
        assert_eq!(facts.method, Method::DEFLATE, "one probe of eight is enough");
    }
}

#[test]
fn a_warm_scratch_gives_what_a_fresh_one_gives() {
    let mut warm = Scratch::new();
    for Writable { method, levels, most } in methods() {
        for level in levels {
            for mut contents in [text(5000), text(100), noise(50), text(90_000)] {
                contents.truncate(most);
                let (mut first, mut second) = (Vec::new(), vec![1; 10]);
                let fresh = &mut Scratch::new();
                let a = encode::encode_all(fresh, method, level, &contents, &mut first);
                let b = encode::encode_all(&mut warm, method, level, &contents, &mut second);
                assert_eq!((a, first), (b, second), "{method} {}", level.get());
            }
        }
    }
}

#[test]
fn pushed_members_carry_their_facts() {
    let mut scratch = Scratch::new();
    for Writable { method, levels, most } in methods() {
        let contents = text(most.min(200_000));
        for level in levels.into_iter().step_by(3) {
            let mut encoder = encode::Encoder::new(&mut scratch, method, level).expect("built in");
            let exact = encoder.exact_len(contents.len() as u64);
            let payload =
                pieces(&contents, &[70_000, 300], |i, l, o| encoder.push(i, l, o)).expect("lawful");
            let facts = encoder.facts();
            encoder.recycle(&mut scratch);
            assert_eq!(facts.compressed_size, payload.len() as u64);
            assert!(exact.is_none_or(|exact| exact == facts.compressed_size), "{exact:?}");
            let spec = DecodeSpec::from(facts);
            let found = verdict(&mut scratch, &spec, &Limits::default(), &payload, &contents);
            assert_eq!(found, Ok(()), "{method} {}", level.get());
        }
    }
}

#[test]
fn bombs_are_refused_before_they_are_decoded() {
    let mut scratch = Scratch::new();
    let contents = vec![0; 3 << 20];
    for Writable { method, .. } in methods().into_iter().filter(|w| w.most >= 3 << 20) {
        let (facts, payload) = packed(&mut scratch, method, &contents);
        let spec = DecodeSpec::from(facts);
        let mut limits = Limits::default();
        limits.entry_bytes = (3 << 20) - 1;
        let found = verdict(&mut scratch, &spec, &limits, &payload, &contents);
        assert_eq!(found.expect_err("too large").category(), Category::Limit, "{method}");
        limits = Limits::default();
        (limits.ratio, limits.ratio_free_bytes) = (100, 1 << 20);
        let found = verdict(&mut scratch, &spec, &limits, &payload, &contents);
        assert_eq!(found.is_err(), method != Method::STORED, "{method}: {found:?}");
    }
}

#[test]
fn a_decoder_takes_and_gives_no_more_than_the_directory_says() {
    let mut scratch = Scratch::new();
    for Writable { method, .. } in methods() {
        let contents = text(1000);
        let (facts, mut payload) = packed(&mut scratch, method, &contents);
        payload.extend_from_slice(b"the next header");
        let spec = DecodeSpec::from(facts);
        let mut decoder =
            decode::Decoder::new(&mut scratch, &spec, &Limits::default()).expect("built in");
        let mut output = [0; 2000];
        let step = decoder.push(&payload, false, &mut output).expect("sound");
        assert_eq!(step.want, Want::Nothing, "{method}");
        assert_eq!(step.consumed as u64, facts.compressed_size, "{method}");
        assert_eq!(&output[..step.produced], contents, "{method}");
    }
}

#[test]
fn empty_members_of_any_method_decode() {
    let mut scratch = Scratch::new();
    for (method, payload) in [(Method::STORED, &[][..]), (Method::DEFLATE, &[3, 0])] {
        if methods().iter().all(|built_in| built_in.method != method) {
            continue;
        }
        let compressed_size = payload.len() as u64;
        let spec =
            DecodeSpec { method, size: 0, compressed_size, crc32: Some(0), flags_lzma_eos: false };
        let found = verdict(&mut scratch, &spec, &Limits::default(), payload, &[]);
        assert_eq!(found, Ok(()), "{method}");
    }
}

#[test]
fn unknown_is_not_the_same_as_not_built_in() {
    let mut scratch = Scratch::new();
    let mut ask = |method| {
        encode::Encoder::new(&mut scratch, method, Level::DEFAULT).err().map(|e| e.category())
    };
    assert_eq!(ask(Method(0x7fff)), Some(Category::Unsupported));
    assert_eq!(ask(Method::IMPLODED), Some(Category::Unsupported));
    let expected =
        (!cfg!(any(feature = "zlib-rs", feature = "miniz_oxide"))).then_some(Category::NotBuiltIn);
    assert_eq!(ask(Method::DEFLATE), expected);
}
