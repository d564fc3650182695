//! Encrypted plans: exact lengths, any range, the same bytes after the plan was kept as bytes, and
//! ends that are errors.

use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use zip_codec::level::Level;
use zip_codec::member::{Password, Scratch, encode::encode_all};
use zip_format::encryption::Scheme;
use zip_format::error::Category;
use zip_format::extra::aes::Strength;
use zip_format::flags::Flags;
use zip_format::method::Method;
use zip_format::position::Span;
use zip_mmap_reader::{Archive, Options, Passwords};
use zip_stream_encoder::ahead::{Chunk, Jobs, Joiner};
use zip_stream_encoder::content::Opened;
use zip_stream_encoder::{Contents, Encoder, Entry, Error, Machine, Plan, Wrap};
use zip_testkit::data;
use zip_testkit::oracle::{aes_readers, with_file};

const STRENGTHS: [Strength; 3] = [Strength::Aes128, Strength::Aes192, Strength::Aes256];
const PASSWORD: &str = "correct horse";

/// Name, contents, what is opened for it, and what the plan is told.
type Told = (&'static str, Vec<u8>, Bytes, Contents);

fn told(large: usize) -> Vec<Told> {
    let large = data::text(large, 1);
    let mut packed = Vec::new();
    let (method, level) = (Method::DEFLATE, Level::FAST);
    let facts = encode_all(&mut Scratch::new(), method, level, &large, &mut packed);
    let facts = facts.expect("encodes");
    if facts.method == Method::STORED {
        packed = large.clone();
    }
    let raw = Contents::Raw {
        method: facts.method,
        compressed_size: facts.compressed_size,
        size: facts.size,
        crc32: facts.crc32,
    };
    let size = large.len() as u64;
    let sized = |wrap| Contents::Sized { size, wrap };
    let whole = Bytes::from(large.clone());
    vec![
        ("d/", Vec::new(), Bytes::new(), Contents::None),
        ("d/known", b"hello".to_vec(), Bytes::from_static(b"hello"), Contents::of(b"hello")),
        ("empty", Vec::new(), Bytes::new(), Contents::of(b"")),
        ("empty too", Vec::new(), Bytes::new(), Contents::sized(0)),
        ("sized", large.clone(), whole.clone(), sized(Wrap::DeflateStored)),
        ("stored", large.clone(), whole, sized(Wrap::Stored)),
        ("raw", large, Bytes::from(packed), raw),
    ]
}

fn plan(strength: Strength, told: &[Told]) -> Arc<Plan> {
    let mut plan = Plan::encrypted(strength, Password::new(PASSWORD));
    for (name, _, _, contents) in told {
        let mut entry = Entry::file(name.as_bytes(), *contents).with_modified(1_700_000_000);
        if *contents == Contents::None {
            entry.meta.attributes = Entry::directory(b"d/").meta.attributes;
        }
        plan.push(&entry).expect("a good entry");
    }
    Arc::new(plan.finish())
}

/// A range, out of sources in memory, or behind readers that give a few bytes at a time.
fn stream(plan: &Arc<Plan>, told: &[Told], range: Span, readers: bool) -> Vec<u8> {
    let open = |entry: usize, span: Span| -> io::Result<Opened> {
        let bytes = told[entry].2.slice(span.start as usize..);
        Ok(if readers { Opened::Read(Box::new(Slow(bytes))) } else { Opened::Bytes(bytes) })
    };
    let mut out = Vec::new();
    let encoder = Encoder::over(Arc::clone(plan), range, open).expect("a range of it");
    if readers {
        encoder.into_reader().read_to_end(&mut out).expect("nothing fails");
    } else {
        encoder.for_each(|piece| out.extend_from_slice(&piece.expect("nothing fails")));
    }
    out
}

struct Slow(Bytes);

impl Read for Slow {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.0.len().min(buf.len()).min(1_001);
        buf[..len].copy_from_slice(&self.0.split_to(len));
        Ok(len)
    }
}

fn all(plan: &Plan) -> Span {
    Span { start: 0, end: plan.len() }
}

fn options(password: &str) -> Options {
    Options { passwords: Passwords::one(Password::new(password)), ..Options::default() }
}

#[test]
fn it_opens_here_and_elsewhere() {
    let told = told(200_000);
    for strength in STRENGTHS {
        let plan = plan(strength, &told);
        let bytes = stream(&plan, &told, all(&plan), false);
        assert_eq!(bytes.len() as u64, plan.len());
        assert!(bytes == stream(&plan, &told, all(&plan), true));
        let mut sink = Vec::new();
        let open = |entry: usize, _: Span| Ok(Opened::Bytes(told[entry].2.clone()));
        Encoder::new(Arc::clone(&plan), open).write_to(&mut sink).expect("room");
        assert!(sink == bytes, "three faces, one archive");

        let archive = Archive::new(&bytes[..], options(PASSWORD)).expect("it opens");
        let mut salts = HashSet::new();
        for (entry, (name, contents, _, said)) in archive.entries().zip(&told) {
            let payload = entry.check().expect("sound records").payload;
            assert!(entry.read().expect("it decodes") == *contents, "{name}");
            assert!(!entry.flags().contains(Flags::DESCRIPTOR), "{name}");
            if *said == Contents::None {
                assert!(!entry.is_encrypted());
                continue;
            }
            let (scheme, _) = entry.scheme().expect("known");
            assert!(matches!(scheme, Scheme::Aes(aes) if aes.strength == strength && aes.ae2));
            let start = payload.start as usize;
            assert!(salts.insert(&bytes[start..start + strength.salt_len()]), "{name}");
        }
        let wrong = Archive::new(&bytes[..], options("battery staple")).expect("it opens");
        for entry in wrong.entries().filter(|entry| entry.is_encrypted()) {
            let error = entry.read().expect_err("another password");
            assert_eq!(error.category(), Category::Password);
        }
        with_file(&bytes, |path| {
            for (password, right) in [(PASSWORD, true), ("battery staple", false)] {
                for (tool, verdict) in aes_readers(path, password) {
                    assert_eq!(verdict.accepted, right, "{tool}: {}", verdict.errors);
                }
            }
        });
    }
}

/// Every pair of cuts of a small archive, and cuts around every border of a larger one.
#[test]
fn any_range_is_that_of_the_whole() {
    let small = told(100);
    let plan_of_small = plan(Strength::Aes256, &small);
    let whole = stream(&plan_of_small, &small, all(&plan_of_small), false);
    let cuts = (0..=whole.len()).step_by(13).chain([whole.len()]);
    for start in cuts.clone() {
        for end in cuts.clone().filter(|&end| end >= start) {
            let range = Span { start: start as u64, end: end as u64 };
            let part = stream(&plan_of_small, &small, range, end % 2 == 0);
            assert!(part == whole[start..end], "{start}..{end}");
        }
    }
    let large = told(200_000);
    let plan = plan(Strength::Aes128, &large);
    let whole = stream(&plan, &large, all(&plan), false);
    let mut cuts = vec![0, plan.len()];
    for index in 0..plan.entries() {
        let span = plan.payload_span(index).expect("an entry");
        let at = [span.start, span.start + 10, span.end.saturating_sub(10), span.end];
        cuts.extend(at.into_iter().flat_map(|at| [at.saturating_sub(1), at, at + 1]));
        cuts.push(span.start + span.len() / 2);
    }
    for &start in &cuts {
        for &end in cuts.iter().filter(|&&end| start < end) {
            let part = stream(&plan, &large, Span { start, end }, false);
            assert!(part == whole[start as usize..end as usize], "{start}..{end}");
        }
    }
}

#[test]
fn a_plan_is_kept_without_its_password() {
    let told = told(1_000);
    let plan = plan(Strength::Aes192, &told);
    let kept = plan.to_bytes();
    let password = PASSWORD.as_bytes();
    assert!(!kept.windows(password.len()).any(|window| window == password));
    let category = |kept: &[u8], password: &str| {
        let read = Plan::from_bytes_with(kept, &Password::new(password));
        read.err().map(|error| error.category())
    };
    assert_eq!(category(&kept, "battery staple"), Some(Category::Password));
    let missing = Plan::from_bytes(&kept).expect_err("no password");
    assert_eq!(missing.category(), Category::Password);
    let again = Plan::from_bytes_with(&kept, &Password::new(PASSWORD)).expect("its password");
    assert_eq!((again.to_bytes(), again.tag()), (kept.clone(), plan.tag()));
    let again = Arc::new(again);
    let bytes = stream(&again, &told, all(&again), false);
    assert!(bytes == stream(&plan, &told, all(&plan), false));

    for bit in 0..kept.len() * 8 {
        let mut flipped = kept.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(category(&flipped, PASSWORD).is_some(), "bit {bit}");
    }
}

#[test]
fn a_plan_in_which_two_entries_have_one_salt_is_refused() {
    let told = told(10);
    let kept = plan(Strength::Aes128, &told).to_bytes();
    let salt_of = |name: &str| {
        let at = kept.windows(name.len()).position(|window| window == name.as_bytes());
        let at = at.expect("its name") + name.len();
        at..at + 8
    };
    let mut forged = kept[..kept.len() - 4].to_vec();
    forged.copy_within(salt_of("d/known"), salt_of("stored").start);
    forged.extend(zip_format::crc32::crc32(&forged).to_le_bytes());
    let error = Plan::from_bytes_with(&forged, &Password::new(PASSWORD)).expect_err("one salt");
    assert!(matches!(error, Error::BadPlan("two entries have one salt")), "{error}");
}

/// Chunks are sealed by whoever reads them, in any order; entries larger than one in their turn.
#[test]
fn sealed_ahead_is_the_same() {
    let mut told = told(70_000);
    let large = data::text(1_500_000, 2);
    let size = large.len() as u64;
    told.push(("large", large.clone(), large.into(), Contents::sized(size)));
    let names: Vec<String> = (0..200).map(|n| format!("small/{n}")).collect();
    let plan = {
        let mut plan = Plan::encrypted(Strength::Aes256, Password::new(PASSWORD));
        for (name, contents) in told
            .iter()
            .map(|(name, _, _, said)| (*name, *said))
            .chain(names.iter().map(|name| (name.as_str(), Contents::of(name.as_bytes()))))
        {
            let mut entry = Entry::file(name.as_bytes(), contents);
            if contents == Contents::None {
                entry.meta.attributes = Entry::directory(b"d/").meta.attributes;
            }
            plan.push(&entry).expect("a good entry");
        }
        Arc::new(plan.finish())
    };
    let small = names.iter().map(|name| Bytes::copy_from_slice(name.as_bytes()));
    let sources: Vec<Bytes> = told.iter().map(|told| told.2.clone()).chain(small).collect();
    let expected: Vec<Bytes> = Encoder::new(Arc::clone(&plan), sources.clone())
        .map(|piece| piece.expect("bytes"))
        .collect();
    let expected = expected.concat();
    for ahead in [1, 3, 100] {
        assert!(joined(&plan, &sources, ahead).expect("bytes") == expected, "{ahead} ahead");
    }
    let archive = Archive::new(&expected[..], options(PASSWORD)).expect("it opens");
    let contents = told.iter().map(|told| &told.1[..]).chain(names.iter().map(String::as_bytes));
    for (entry, contents) in archive.entries().zip(contents) {
        assert!(entry.read().expect("it decodes") == contents);
    }

    // Broken promises are told in their turn, and the code is not given out.
    let at = sources.len() - 100;
    let mut changed = sources[at].to_vec();
    changed[0] ^= 1;
    let faults =
        [Bytes::from(changed), Bytes::new(), sources[at].slice(1..), Bytes::from("x".repeat(99))];
    for (number, fault) in faults.into_iter().enumerate() {
        let mut sources = sources.clone();
        sources[at] = fault;
        let (given, error) = joined(&plan, &sources, 2).expect_err("a broken promise");
        assert_eq!(error.category(), Category::Io, "{number}: {error}");
        let payload = plan.payload_span(at).expect("an entry");
        assert!(given <= payload.end - 10, "{number}: {given} of {payload:?}");
    }
}

/// The archive from chunks, so many of which are read before the first is joined, the last of them
/// first; or how many bytes came before an error.
pub(crate) fn joined(
    plan: &Arc<Plan>,
    sources: &[Bytes],
    ahead: usize,
) -> Result<Vec<u8>, (u64, Error)> {
    let mut out = Vec::new();
    let mut joiner = Joiner::new(Machine::new(Arc::clone(plan)), &mut out);
    let mut jobs = Jobs::new(plan, sources);
    let mut chunks: Vec<Chunk> = (0..ahead).map(|_| Chunk::default()).collect();
    let result = loop {
        let mut taken = Vec::new();
        for chunk in &mut chunks {
            taken.extend(jobs.next(chunk).map(|job| (job, chunk)));
        }
        if taken.is_empty() {
            break joiner.finish().map(drop);
        }
        let mut read: Vec<&mut Chunk> = Vec::new();
        for (job, chunk) in taken.into_iter().rev() {
            job.read(chunk);
            read.push(chunk);
        }
        let joined = read.into_iter().rev().try_for_each(|chunk| joiner.push(chunk));
        if joined.is_err() {
            drop(joiner);
            break joined;
        }
    };
    match result {
        Ok(()) => Ok(out),
        Err(error) => Err((out.len() as u64, error)),
    }
}

/// The code at the end is given out only for contents that kept the promise.
#[test]
fn broken_promises_end_before_the_code() {
    let contents = data::text(100_000, 3);
    let size = contents.len();
    let known = Contents::of(&contents);
    let sized = Contents::sized(size as u64);
    let mut changed = contents.clone();
    changed[5] ^= 1;
    let faults: [(Contents, Vec<u8>); 4] = [
        (sized, contents[..size - 1].to_vec()),
        (sized, [&contents[..], b"x"].concat()),
        (known, changed),
        (Contents::of(b""), b"x".to_vec()),
    ];
    for (number, (said, found)) in faults.into_iter().enumerate() {
        let mut plan = Plan::encrypted(Strength::Aes256, Password::new(PASSWORD));
        plan.push(&Entry::file(b"a", said)).expect("a good entry");
        let plan = Arc::new(plan.finish());
        let mut encoder = Encoder::new(Arc::clone(&plan), vec![Bytes::from(found)]);
        let mut given = 0;
        let error = loop {
            match encoder.next().expect("an error, before the end") {
                Ok(piece) => given += piece.len() as u64,
                Err(error) => break error,
            }
        };
        assert_eq!(error.category(), Category::Io, "{number}");
        let payload = plan.payload_span(0).expect("an entry");
        assert!(given <= payload.end - 10, "{number}: {given} of {payload:?}");
    }
}
