//! Laws: the planned size is the streamed one, every face and every cut gives the same bytes, and
//! the strict reader finds in them what went in.

use std::io::Read;
use std::sync::Arc;

use proptest::prelude::*;
use zip_format::error::Category;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_stream_encoder::entry::Wrap;
use zip_stream_encoder::plan::Part;
use zip_stream_encoder::{Contents, Encoder, Entry, Plan};

use crate::archive::{File, Told, files, joined, plan_of, range, whole};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_streamed_is_what_was_planned(files in files()) {
        let (plan, sources) = plan_of(&files);
        let bytes = whole(&plan, &sources);
        prop_assert_eq!(bytes.len() as u64, plan.len());
        prop_assert!(bytes == whole(&plan, &sources), "the same bytes again");
        prop_assert!(bytes == range(&plan, &sources, 0, plan.len()), "as a reader");
        let mut sink = Vec::new();
        let encoder = Encoder::new(Arc::clone(&plan), &sources[..]);
        prop_assert_eq!(encoder.write_to(&mut sink).unwrap(), plan.len());
        prop_assert!(bytes == sink, "into a sink");
        prop_assert!(bytes == joined(&plan, &sources, 3), "from chunks");
        let again = Arc::new(Plan::from_bytes(&plan.to_bytes()).unwrap());
        prop_assert!(bytes == whole(&again, &sources), "from the plan's bytes");
        prop_assert_eq!(again.tag(), plan.tag());
        check_archive(&bytes, &files);
        check_places(&plan, &bytes);
    }

    #[test]
    fn any_cut_into_ranges_joins_to_the_same_bytes(
        files in files(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let (plan, sources) = plan_of(&files);
        let bytes = whole(&plan, &sources);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let mut joined = Vec::new();
        for pair in cuts.windows(2) {
            joined.extend(range(&plan, &sources, pair[0] as u64, pair[1] as u64));
        }
        prop_assert!(joined == bytes);
    }
}

/// What stands before the end record is a zip64 locator to every reader that finds one there.
#[test]
fn a_comment_like_a_locator_is_none() {
    let mut plan = Plan::builder();
    let entry = Entry::directory(b"d/").with_comment(b"so: PK\x06\x070123456789abcdef");
    plan.push(&entry).unwrap();
    let plan = Arc::new(plan.finish());
    let bytes = whole(&plan, &[File::new(Told::All, "")]);
    assert_eq!(bytes.len() as u64, plan.len());
    let archive = Archive::new(&bytes[..], Options::default()).expect("strict");
    assert_eq!(archive.len(), 1);
}

/// Comments that hold an end record are refused before a size is promised.
#[test]
fn comments_that_readers_would_take_for_the_end() {
    for comment in [&b"PK\x05\x06"[..], b"so: PK\x05\x06, and more"] {
        let refused = Plan::builder().push(&Entry::directory(b"d/").with_comment(comment));
        let error = refused.expect_err("of an entry");
        assert_eq!(error.category(), Category::Usage, "{error}");
        let error = Plan::builder().set_comment(comment).expect_err("of the archive");
        assert_eq!(error.category(), Category::Usage, "{error}");
    }
    let long = Plan::builder().set_comment(&[b'c'; 65_536]).expect_err("too long");
    assert_eq!(long.category(), Category::Usage, "{long}");
}

/// A directory at an offset that reads like a signature, before a comment that makes a record of
/// it: the number then stands in the zip64 record alone.
#[test]
fn an_offset_like_a_signature_is_none() {
    const LIKE: u64 = 0x0605_4b50;
    let len_of = |size: u64| {
        let mut plan = Plan::builder();
        plan.push(&Entry::file(b"a", Contents::Sized { size, wrap: Wrap::Stored })).unwrap();
        plan.set_comment(&[b'c'; 40]).unwrap();
        plan.finish()
    };
    let size = LIKE + 1 - len_of(1).directory_span().start;
    let plan = Arc::new(len_of(size));
    assert_eq!(plan.directory_span().start, LIKE);
    let trailer = plan.span(Part::Trailer);
    assert_eq!(trailer.len(), 76 + 22 + 40);
    let mut bytes = Vec::new();
    let contents = [bytes::Bytes::from(vec![0; size as usize])];
    let mut encoder =
        Encoder::over(Arc::clone(&plan), trailer, &contents[..]).unwrap().into_reader();
    encoder.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, trailer.len());
    assert_eq!(bytes[76..].windows(4).filter(|four| *four == b"PK\x05\x06").count(), 1);
}

/// The strict reader reads every entry, and each is what it was.
fn check_archive(bytes: &[u8], files: &[File]) {
    let archive = Archive::new(bytes, Options::default()).expect("strict");
    assert_eq!(archive.len(), files.len() + 2);
    let audit = archive.audit(Parallel::threads(1)).expect("not cancelled");
    assert!(audit.findings.is_empty(), "no deviation whatsoever");
    for (index, file) in files.iter().enumerate() {
        let read = archive.by_name(format!("d/{index}")).expect("there").read().expect("whole");
        assert!(read == file.bytes, "entry {index}: {:?}", file.told);
    }
    assert_eq!(archive.by_name("löschen").expect("there").read().expect("whole"), b"d/0");
}

/// Every record begins with its signature where the plan says, and parts are found by offset.
fn check_places(plan: &Plan, bytes: &[u8]) {
    let mut at = 0;
    let mut check = |part: Part, signature: &[u8]| {
        let span = plan.span(part);
        assert_eq!(span.start, at, "{part:?} begins where the last part ended");
        at = span.end;
        if span.is_empty() {
            return;
        }
        assert!(bytes[span.start as usize..].starts_with(signature), "{part:?}");
        assert_eq!(plan.part_at(span.start), Some(part));
        assert_eq!(plan.part_at(span.end - 1), Some(part));
    };
    for index in 0..plan.entries() {
        check(Part::Local(index), b"PK\x03\x04");
        check(Part::Payload(index), b"");
        check(Part::Descriptor(index), b"PK\x07\x08");
    }
    for index in 0..plan.entries() {
        check(Part::Central(index), b"PK\x01\x02");
    }
    check(Part::Trailer, b"PK\x05\x06");
    assert_eq!((at, plan.part_at(at)), (plan.len(), None));
}

/// Every single cut of a small archive, from both sides.
#[test]
fn every_byte_can_be_the_first_and_the_last() {
    use crate::archive::Told;
    let files: Vec<File> = [Told::All, Told::Size, Told::SizeStored, Told::Raw]
        .into_iter()
        .map(|told| File::new(told, &b"contents"[..]))
        .chain([File::new(Told::Size, "")])
        .collect();
    let (plan, sources) = plan_of(&files);
    let bytes = whole(&plan, &sources);
    for at in 0..=plan.len() {
        let (left, right) = bytes.split_at(at as usize);
        assert!(left == range(&plan, &sources, 0, at), "before {at}");
        assert!(right == range(&plan, &sources, at, plan.len()), "from {at}");
        if at < plan.len() {
            assert!(bytes[at as usize..][..1] == range(&plan, &sources, at, at + 1), "only {at}");
        }
    }
    assert!(Encoder::over(Arc::clone(&plan), span(0, plan.len() + 1), &sources[..]).is_err());
    assert!(Encoder::over(plan, span(2, 1), &sources[..]).is_err());
}

fn span(start: u64, end: u64) -> zip_format::position::Span {
    zip_format::position::Span { start, end }
}
