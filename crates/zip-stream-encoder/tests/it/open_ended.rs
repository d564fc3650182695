//! Contents of unknown length, and the policies for sources that cannot be had.

use std::io::{self, Read};

use zip_codec::level::Level;
use zip_mmap_reader::{Archive, Options};
use zip_stream_encoder::Error;
use zip_stream_encoder::open_ended::{Item, OnFailure, OpenEnded};
use zip_testkit::oracle::{Tool, bsdtar_pipe, with_file};
use zip_testkit::{data, faults::Short};

fn refused() -> io::Result<io::Empty> {
    Err(io::ErrorKind::PermissionDenied.into())
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

fn items<'i>(contents: &'i [(String, Vec<u8>)]) -> impl Iterator<Item = Item<'i>> {
    contents.iter().map(|(name, bytes)| {
        if name.ends_with('/') {
            return Item::directory(name.as_str());
        }
        let seed = bytes.len() as u64;
        let item = Item::file(name.as_str(), move || Ok(Short::new(&bytes[..], 9_000, seed)));
        if name.contains("narrow") { item.with_at_most(1 << 30) } else { item }
    })
}

#[test]
fn every_length_is_read_back_by_everyone() {
    let mut contents = vec![(String::from("d/"), Vec::new())];
    for (n, len) in [0, 1, 65_535, 65_536, 65_537, 300_000].into_iter().enumerate() {
        contents.push((format!("d/text {n}"), data::text(len, 1)));
        contents.push((format!("narrow noise {n}"), data::noise(len, 2)));
    }
    for level in [Level::NONE, Level::FAST, Level::DEFAULT] {
        let mut bytes = Vec::new();
        let archive = OpenEnded::new(items(&contents)).with_level(level);
        assert!(archive.write_to(&mut bytes).unwrap().is_empty());
        let archive = Archive::new(&bytes[..], Options::default()).expect("strict");
        assert_eq!(archive.len(), contents.len());
        for (name, expected) in &contents {
            assert!(archive.by_name(name).unwrap().read().unwrap() == *expected, "{name}");
        }
        for tool in Tool::ALL {
            if let Some(verdict) = with_file(&bytes, |path| tool.test(path, None)) {
                assert!(verdict.accepted, "{tool:?}, {level:?}: {verdict:?}");
            }
        }
        if let Some((verdict, names)) = bsdtar_pipe(&bytes) {
            assert!(verdict.accepted, "{verdict:?}");
            assert_eq!(names.len(), contents.len());
        }
    }
}

fn with_a_bad_one(bad: Item<'static>, policy: OnFailure) -> Result<(Vec<u8>, Vec<String>), Error> {
    let good = |name: &str| Item::file(name, || Ok(&b"good"[..]));
    let items = vec![good("before"), bad, good("after")];
    let mut bytes = Vec::new();
    let missing = OpenEnded::new(items).on_failure(policy).write_to(&mut bytes)?;
    Ok((bytes, missing.into_iter().map(|missing| missing.name).collect()))
}

#[test]
fn policies() {
    let bad: [fn() -> Item<'static>; 2] =
        [|| Item::file("bad", refused), || Item::file("bad", || Ok(Broken))];
    for bad in bad {
        let error = with_a_bad_one(bad(), OnFailure::Stop).unwrap_err();
        assert!(error.to_string().starts_with("bad: "), "{error}");

        let (bytes, missing) = with_a_bad_one(bad(), OnFailure::Skip).unwrap();
        let archive = Archive::new(&bytes[..], Options::default()).unwrap();
        assert_eq!((archive.len(), missing), (2, vec![String::from("bad")]));

        let (bytes, missing) = with_a_bad_one(bad(), OnFailure::Placeholder).unwrap();
        let archive = Archive::new(&bytes[..], Options::default()).unwrap();
        assert_eq!((archive.len(), missing), (3, vec![String::from("bad")]));
        let text = archive.by_name("bad.error.txt").unwrap().read().unwrap();
        assert!(text.starts_with(b"bad is missing here"));
        assert!(archive.by_name("bad").is_err(), "nobody takes it for the file");
    }
}

/// A name that is taken, or would be too long, is no reason to end the archive.
#[test]
fn a_placeholder_that_cannot_be_is_left_out() {
    let bad = |name: &str| Item::file(name, || Err::<io::Empty, _>(io::Error::other("gone")));
    let good = |name: &str| Item::file(name, || Ok(&b"good"[..]));
    let long = "x".repeat(250);
    let items = vec![good("bad.error.txt"), bad("bad"), bad(&long), good("after")];
    let mut bytes = Vec::new();
    let archive = OpenEnded::new(items).on_failure(OnFailure::Placeholder);
    assert_eq!(archive.write_to(&mut bytes).unwrap().len(), 2);
    let archive = Archive::new(&bytes[..], Options::default()).unwrap();
    assert_eq!(archive.len(), 2);
    assert_eq!(archive.by_name("bad.error.txt").unwrap().read().unwrap(), b"good");
}

#[test]
fn a_failure_in_the_middle_is_one_under_every_policy() {
    for policy in [OnFailure::Stop, OnFailure::Skip, OnFailure::Placeholder] {
        let bad = Item::file("bad", || Ok(io::repeat(1).take(100_000).chain(Broken)));
        let error = with_a_bad_one(bad, policy).unwrap_err();
        assert!(matches!(error, Error::Read { .. }), "{error:?}");
        let long = Item::file("bad", || Ok(io::repeat(1))).with_at_most(100_000);
        let error = with_a_bad_one(long, policy).unwrap_err();
        assert!(matches!(error, Error::TooLong { promised: 100_000, .. }), "{error:?}");
        let twice = Item::file("before", || Ok(io::empty()));
        assert!(matches!(with_a_bad_one(twice, policy), Err(Error::DuplicateName { .. })));
        let unsafe_name = Item::file("../x", || Ok(io::empty()));
        assert!(matches!(with_a_bad_one(unsafe_name, policy), Err(Error::Name { .. })));
    }
}
