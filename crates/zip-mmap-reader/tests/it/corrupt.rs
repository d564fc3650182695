//! Laws: every cut of a valid archive is an error, every flipped bit is an error or changes no
//! byte of any contents and no name.

use zip_format::profile::Relax;
use zip_io::Source;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::hostile::{bit_flips, prefixes};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay, Zip64End, extra};

use crate::common::Drops;

/// Names and contents, if nothing at all is wrong.
fn accepted(source: impl Source, options: &Options) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let archive = Archive::new(source, options.clone()).ok()?;
    let all: Vec<usize> = (0..archive.len()).collect();
    if archive.check_all(&all, Parallel::threads(1)).iter().any(Result::is_err) {
        return None;
    }
    let names = archive.entries().map(|entry| entry.raw_name().to_vec());
    let contents = archive.read_many(&all, Parallel::threads(1)).into_iter();
    names.zip(contents).map(|(name, contents)| Some((name, contents.ok()?))).collect()
}

fn text() -> Vec<u8> {
    b"some text, some text, some more text. ".repeat(3)
}

/// Small archives that between them have every record there is.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let plain = Lay::of([
        LaidEntry::stored("stored", "AAAABBBBCCCC"),
        LaidEntry::directory("d/"),
        LaidEntry::deflated("d/deflated", text()),
        LaidEntry::stored("d/empty", ""),
    ]);
    let streamed = Lay::of(
        DescriptorForm::ALL
            .map(|form| LaidEntry::deflated(format!("{form:?}"), text()).with_descriptor(form)),
    );
    let zip64 = Lay::of([LaidEntry::stored("a", "AAAA").zip64(), LaidEntry::deflated("b", text())])
        .with(|lay| lay.zip64 = Zip64End::Sentinels);
    let copies = Lay::of([LaidEntry::stored("a", "AAAA")]).with(|lay| {
        lay.zip64 = Zip64End::Copies;
        lay.comment = b"the archive's comment".to_vec();
    });
    let name = "\u{e9}.txt";
    let texts = Lay::of([
        LaidEntry::stored(name, "unflagged"),
        LaidEntry::stored(format!("2{name}"), "flagged").flags(1 << 11),
        LaidEntry::stored(b"\x82.txt", "by an extra record")
            .extra(&extra::unicode_path(1, b"\x82.txt", b"3\xc3\xa9.txt"))
            .extra(&extra::timestamp(1, &[1_700_000_000])),
        LaidEntry::stored("commented", "x").with(|e| e.central.comment = b"a comment".to_vec()),
    ]);
    let prefixed = plain.clone().with(|lay| {
        lay.prefix = b"#!/bin/sh\n".to_vec();
        lay.prefix_unadjusted = true;
    });
    let shuffled = plain.clone().with(|lay| lay.directory_order = Some(vec![2, 0, 3, 1]));
    [
        ("plain", plain),
        ("streamed", streamed),
        ("zip64", zip64),
        ("copies", copies),
        ("texts", texts),
        ("prefixed", prefixed),
        ("shuffled", shuffled),
        ("empty", Lay::new()),
    ]
    .map(|(name, lay)| (name, lay.build()))
    .to_vec()
}

#[test]
fn every_cut_is_an_error() {
    for (name, bytes) in samples() {
        let options = Options::default();
        assert!(accepted(bytes.clone(), &options).is_some(), "{name} is valid");
        for cut in prefixes(&bytes) {
            let what = format!("{name}, {} of {} bytes", cut.len(), bytes.len());
            assert_eq!(accepted(cut.to_vec(), &options), None, "{what}");
            assert!(Archive::new(cut.to_vec(), Options::lenient()).is_err(), "{what}, lenient");
            let drops = Drops { bytes: cut.to_vec(), most: 1 };
            assert_eq!(accepted(drops, &options), None, "{what}, drops");
        }
    }
}

#[test]
fn every_flipped_bit_is_an_error_or_changes_nothing() {
    for (name, bytes) in samples() {
        let original = accepted(bytes.clone(), &Options::default()).expect("valid");
        let mut harmless = 0;
        for (bit, flipped) in bit_flips(&bytes) {
            if let Some(found) = accepted(flipped, &Options::default()) {
                assert_eq!(found, original, "{name}, bit {} of byte {}", bit % 8, bit / 8);
                harmless += 1;
            }
        }
        println!("{name}: {harmless} of {} flips change nothing", bytes.len() * 8);
        assert!(harmless < bytes.len() * 4, "{name}: {harmless} flips pass unseen");
    }
}

/// Relaxed readers may see another archive, but never other bytes under a name that is there.
#[test]
fn a_flipped_bit_never_changes_contents_however_lenient_the_reader() {
    let options = Options { relax: Relax::LENIENT, ..Options::default() };
    for (name, bytes) in samples() {
        let original = accepted(bytes.clone(), &options).expect("valid");
        for (bit, flipped) in bit_flips(&bytes) {
            for (entry, contents) in accepted(flipped, &options).into_iter().flatten() {
                let known = original.iter().any(|(_, original)| *original == contents);
                assert!(known, "{name}, bit {bit}: new contents {contents:?} in {entry:?}");
            }
        }
    }
}
