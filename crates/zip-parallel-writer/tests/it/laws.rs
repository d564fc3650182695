//! Laws: whatever the items, threads, memory and sink, the same archive; and what is read back is
//! what was put in.

use std::collections::BTreeMap;
use std::io::Cursor;

use proptest::prelude::*;
use zip_codec::level::Level;
use zip_format::method::Method;
use zip_parallel_writer::{Item, Options, Order, ParallelWriter};
use zip_testkit::data::{Kind, payload};

use crate::common::{Fake, Tricky, ours};

/// Where the contents of an item come from.
#[derive(Clone, Copy, Debug)]
enum Origin {
    Memory,
    Reader,
    /// Opened again, of the length it says.
    File,
    /// The same, of another length: a file that changed after it was listed.
    Changed,
    Nowhere,
}

#[derive(Clone, Copy, Debug)]
struct Spec {
    from: Origin,
    kind: Kind,
    size: usize,
    level: u8,
    stored: bool,
}

fn spec() -> impl Strategy<Value = Spec> {
    use Origin::{Changed, File, Memory, Nowhere, Reader};
    let from = prop::sample::select(vec![Memory, Reader, File, Changed, Nowhere]);
    let kind = prop::sample::select(vec![Kind::Text, Kind::Noise, Kind::Zeros, Kind::Mixed]);
    let size = prop_oneof![
        10 => 0_usize..3_000,
        4 => 0_usize..200_000,
        // Around the size from which members are divided.
        1 => (2_usize << 20) - 2..(2 << 20) + 3,
        1 => (2_usize << 20)..(4 << 20),
    ];
    let level = prop::sample::select(vec![0_u8, 1, 6]);
    (from, kind, size, level, any::<bool>()).prop_map(|(from, kind, size, level, stored)| Spec {
        from,
        kind,
        size,
        level,
        stored,
    })
}

fn name(number: usize) -> String {
    format!("{number}")
}

fn contents(number: usize, spec: &Spec) -> Vec<u8> {
    match spec.from {
        Origin::Nowhere => Vec::new(),
        _ => payload(spec.kind, spec.size, number as u64),
    }
}

fn item(number: usize, spec: &Spec) -> Item<'static> {
    let (name, contents) = (name(number), contents(number, spec));
    let item = match spec.from {
        Origin::Memory => Item::bytes(name, contents),
        Origin::Reader => Item::read(name, Cursor::new(contents)),
        Origin::File => Item::input(name, Fake::new(contents)),
        Origin::Changed => {
            let said = Some(spec.size as u64 * 2 / 3);
            Item::input(name, Fake { said, ..Fake::new(contents) })
        }
        Origin::Nowhere => return Item::directory(name),
    };
    let item = item.with_level(Level::try_from(spec.level).unwrap());
    if spec.stored { item.with_method(Method::STORED) } else { item }
}

fn write(specs: &[Spec], rewinds: bool, options: Options<'_>) -> Vec<u8> {
    let items = specs.iter().enumerate().map(|(number, spec)| item(number, spec));
    let (sink, report) =
        ParallelWriter::new(options).write(Tricky::new(rewinds), items).expect("it writes");
    assert!(report.is_complete(), "{:?}", report.failed);
    assert_eq!(report.bytes_out, sink.bytes.len() as u64);
    for written in &report.written {
        assert!(written.compressed_size <= written.size, "{written:?} is larger than stored");
    }
    sink.bytes
}

fn read(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    ours(bytes).into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn one_archive_however_it_is_made(
        specs in prop::collection::vec(spec(), 0..60),
        threads in 2_usize..9,
        prefetch in 1_usize..9,
        memory in prop::sample::select(vec![0_usize, 1, 1 << 30]),
        rewinds in any::<bool>(),
    ) {
        let one = Options { threads: 1, ..Options::default() };
        let expected = write(&specs, true, one);
        let many = Options { threads, prefetch, memory, ..Options::default() };
        prop_assert!(write(&specs, rewinds, many.clone()) == expected, "other bytes");

        let directory = |spec: &Spec| if matches!(spec.from, Origin::Nowhere) { "/" } else { "" };
        let put_in: BTreeMap<String, Vec<u8>> = specs
            .iter()
            .enumerate()
            .map(|(number, spec)| (name(number) + directory(spec), contents(number, spec)))
            .collect();
        prop_assert!(read(&expected) == put_in, "other contents");
        let finished = Options { order: Order::Completion, ..many };
        prop_assert!(read(&write(&specs, rewinds, finished)) == put_in, "in order of completion");
    }
}
