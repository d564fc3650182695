//! Contents of unknown length, and the policies for sources that cannot be had.

use std::io::{self, Read};

use zip_codec::level::Level;
use zip_mmap_reader::{Archive, Options, Parallel};
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

fn names_of(bytes: &[u8]) -> Vec<String> {
    let archive = Archive::new(bytes, Options::default()).expect("strict");
    assert!(
        archive
            .test(&(0..archive.len()).collect::<Vec<_>>(), Parallel::threads(1))
            .iter()
            .all(Result::is_ok)
    );
    archive.entries().map(|entry| entry.name().to_string()).collect()
}

/// Entries have the names they ask for, before the failure and behind it; placeholders take what is
/// left. A name that would be too long is no reason to end the archive.
#[test]
fn a_placeholder_takes_no_name_from_an_entry() {
    let bad = |name: &str| Item::file(name, || Err::<io::Empty, _>(io::Error::other("gone")));
    let good = |name: &str| Item::file(name, || Ok(&b"good"[..]));
    let long = "x".repeat(250);
    let items =
        || vec![good("a.error.txt"), bad("a"), bad("b"), bad(&long), bad("b"), good("b.error.txt")];
    let mut bytes = Vec::new();
    let archive = OpenEnded::new(items()).on_failure(OnFailure::Placeholder);
    let missing = archive.write_to(&mut bytes).unwrap();
    let missing: Vec<_> = missing.into_iter().map(|missing| missing.name).collect();
    assert_eq!(missing, ["a", "b", &long, "b"]);
    let texts = ["a.error-2.txt", "b.error-2.txt", "b.error-3.txt"];
    assert_eq!(names_of(&bytes), [&["a.error.txt", "b.error.txt"], &texts[..]].concat());
    let archive = Archive::new(&bytes[..], Options::default()).unwrap();
    for name in ["a.error.txt", "b.error.txt"] {
        assert_eq!(archive.by_name(name).unwrap().read().unwrap(), b"good");
    }
    for name in texts {
        let text = archive.by_name(name).unwrap().read().unwrap();
        assert!(text.ends_with(b"is missing here, it could not be read:\ngone\n"), "{name}");
    }
    for tool in Tool::ALL {
        if let Some(verdict) = with_file(&bytes, |path| tool.test(path, None)) {
            assert!(verdict.accepted, "{tool:?}: {verdict:?}");
        }
    }

    let mut bytes = Vec::new();
    let archive = OpenEnded::new(items()).on_failure(OnFailure::Skip);
    assert_eq!(archive.write_to(&mut bytes).unwrap().len(), 4);
    assert_eq!(names_of(&bytes), ["a.error.txt", "b.error.txt"]);
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
