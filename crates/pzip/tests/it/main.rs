//! The laws across crates.

mod sealed;

use std::collections::HashSet;
use std::io::Cursor;

use proptest::prelude::*;
use pzip::codec::level::Level;
use pzip::format::method::Method;
use pzip::reader::{Archive, Options, Parallel};
use pzip::writer::{Item, ParallelWriter};

/// Anything an item can be: name, contents, way in, method, level.
fn items() -> impl Strategy<Value = Vec<(String, Vec<u8>, u8, u16, u8)>> {
    // The writer refuses names that lead up or nowhere, which is tested with it.
    let name = "[a-zA-Z0-9äß日 ._-]{1,12}(/[a-z]{1,6}){0,3}"
        .prop_filter("no `.` or `..`", |name| {
            !name.split('/').any(|part| matches!(part, "." | ".."))
        });
    let contents = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2_000),
        (any::<u8>(), 0..200_000_usize).prop_map(|(byte, len)| vec![byte; len]),
    ];
    let method = prop::sample::select(vec![0_u16, 8, 12, 14, 93, 95, 98]);
    prop::collection::vec((name, contents, 0..3_u8, method, 0..=9_u8), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// write -> read = what was given, strictly, through every kind of source; and the bytes do
    /// not depend on the number of threads.
    #[test]
    fn what_is_written_is_read(plan in items(), threads in 1..5_usize) {
        let make = || plan.iter().map(|(name, contents, way, method, level)| {
            let item = match way {
                0 => Item::bytes(name.clone(), contents.clone()),
                1 => Item::read(name.clone(), Cursor::new(contents.clone())),
                _ => Item::symlink(name.clone(), contents.clone()),
            };
            item.with_method(Method(*method)).with_level(Level::try_from(*level).unwrap())
        }).collect::<Vec<_>>();
        let write = |threads| {
            let options = pzip::writer::Options { threads, ..Default::default() };
            ParallelWriter::new(options).write(Vec::new(), make()).unwrap()
        };
        let (bytes, report) = write(threads);
        prop_assert_eq!(&bytes, &write(1).0);
        let mut seen = HashSet::new();
        let expected: Vec<_> =
            plan.iter().filter(|item| seen.insert(item.0.clone())).collect();
        prop_assert_eq!(report.written.len(), expected.len());

        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let positioned = Archive::open(file.path()).unwrap();
        let shared = Archive::new(bytes, Options::default()).unwrap();
        let all: Vec<usize> = (0..expected.len()).collect();
        let read = positioned.read_many(&all, Parallel::threads(threads));
        prop_assert_eq!(read.len(), shared.len());
        for ((entry, contents), item) in shared.entries().zip(read).zip(&expected) {
            prop_assert_eq!(entry.name().to_string(), item.0.as_str());
            prop_assert_eq!(&contents.unwrap(), &item.1);
            prop_assert_eq!(&entry.read().unwrap(), &item.1);
        }
    }
}
