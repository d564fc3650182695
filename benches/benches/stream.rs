//! What does streaming cost beside the bytes themselves, and how soon does a range begin?
//!
//! Each row is the median of interleaved runs; the first row of a table is the limit.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use pzip::format::position::Span;
use pzip::io::file::FileInput;
use pzip::io::write::WriteSink;
use pzip::stream::content::Opened;
use pzip::stream::{Contents, Encoder, Entry, Plan, Wrap};

const MIB: usize = 1 << 20;
/// Bytes of the contents in the first two tables: larger than the caches.
const TOTAL: usize = 256 * MIB;

type Run<'r> = (&'static str, Box<dyn FnMut() -> u64 + 'r>);

/// Medians of interleaved runs, and their ratio to the first.
fn table(title: &str, mut runs: Vec<Run<'_>>) {
    let mut times = vec![Vec::new(); runs.len()];
    for round in 0..12 {
        for ((_, run), times) in runs.iter_mut().zip(&mut times) {
            let begun = Instant::now();
            let bytes = black_box(run());
            if round > 0 {
                times.push((begun.elapsed().as_secs_f64(), bytes));
            }
        }
    }
    println!("\n## {title}\n\n| contender | ms | GB/s | times the first |\n|---|---|---|---|");
    let mut first = None;
    for ((name, _), mut times) in runs.iter().zip(times) {
        times.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (median, bytes) = times.get(times.len() / 2).copied().expect("eleven runs");
        let first = *first.get_or_insert(median);
        let speed = bytes as f64 / median / 1e9;
        println!("| {name} | {:.4} | {speed:.2} | {:.3} |", median * 1e3, median / first);
    }
}

fn plan(contents: Contents, entries: usize) -> Arc<Plan> {
    let mut plan = Plan::builder();
    for n in 0..entries {
        plan.push(&Entry::file(format!("{n}").as_bytes(), contents)).expect("a good entry");
    }
    Arc::new(plan.finish())
}

fn from_memory() {
    let data: Vec<Bytes> =
        (0..TOTAL / MIB).map(|n| zip_testkit::data::noise(MIB, n as u64).into()).collect();
    let known: Arc<Plan> = {
        let mut plan = Plan::builder();
        for (n, bytes) in data.iter().enumerate() {
            let entry = format!("{n}");
            plan.push(&Entry::file(entry.as_bytes(), Contents::of(bytes))).expect("a good entry");
        }
        Arc::new(plan.finish())
    };
    let stored = plan(Contents::Sized { size: MIB as u64, wrap: Wrap::Stored }, data.len());
    let blocks = plan(Contents::sized(MIB as u64), data.len());
    let data = &data;
    let reader = move |plan: Arc<Plan>| {
        let mut buffer = vec![0; 256 << 10];
        move || {
            let mut reader = Encoder::new(Arc::clone(&plan), &data[..]).into_reader();
            let mut sum = 0;
            loop {
                match reader.read_some(&mut buffer).expect("memory does not fail") {
                    0 => return sum,
                    read => sum += read as u64,
                }
            }
        }
    };
    let pieces = Arc::clone(&stored);
    let limit = || {
        let mut buffer = vec![0; 256 << 10];
        let mut sum = 0;
        for bytes in data {
            let mut crc = crc32fast::Hasher::new();
            for piece in bytes.chunks(buffer.len()) {
                crc.update(piece);
                buffer[..piece.len()].copy_from_slice(piece);
                black_box(&mut buffer);
                sum += piece.len() as u64;
            }
            black_box(crc.finalize());
        }
        sum
    };
    table(
        "Stored from memory, 256 files of 1 MiB",
        vec![
            ("limit: crc32fast and memcpy", Box::new(limit)),
            ("size and CRC-32 known, as a reader", Box::new(reader(known))),
            ("size known, stored, as a reader", Box::new(reader(Arc::clone(&stored)))),
            ("size known, deflate of stored blocks, as a reader", Box::new(reader(blocks))),
            (
                "size known, stored, as pieces (no copy)",
                Box::new(move || {
                    let pieces = Encoder::new(Arc::clone(&pieces), &data[..]);
                    pieces.map(|piece| piece.expect("memory does not fail").len() as u64).sum()
                }),
            ),
        ],
    );
}

fn from_page_cache() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("in");
    let mut file = File::create(&path).expect("a file");
    for n in 0..TOTAL / MIB {
        file.write_all(&zip_testkit::data::noise(MIB, n as u64)).expect("room");
    }
    let mut out = tempfile::tempfile().expect("a file");
    let mut other = tempfile::tempfile().expect("a file");
    let size = TOTAL as u64;
    let limit = || {
        out.seek(SeekFrom::Start(0)).expect("a file");
        let mut file = File::open(&path).expect("there");
        let mut buffer = vec![0; 256 << 10];
        let mut crc = crc32fast::Hasher::new();
        let mut sum = 0;
        loop {
            let read = file.read(&mut buffer).expect("cached");
            if read == 0 {
                black_box(crc.finalize());
                return sum;
            }
            crc.update(&buffer[..read]);
            out.write_all(&buffer[..read]).expect("room");
            sum += read as u64;
        }
    };
    let run = |wrap| {
        let plan = plan(Contents::Sized { size, wrap }, 1);
        let mut out = other.try_clone().expect("a handle");
        let path = path.clone();
        move || {
            out.seek(SeekFrom::Start(0)).expect("a file");
            let contents = vec![FileInput::new(&path)];
            let encoder = Encoder::new(Arc::clone(&plan), contents);
            encoder.write_to(&mut WriteSink::new(&mut out)).expect("cached")
        }
    };
    let (stored, blocks) = (run(Wrap::Stored), run(Wrap::DeflateStored));
    table(
        "One file of 256 MiB, page cache to page cache",
        vec![
            ("limit: read, crc32fast, write", Box::new(limit)),
            ("size known, stored", Box::new(stored)),
            ("size known, deflate of stored blocks", Box::new(blocks)),
        ],
    );
    other.flush().expect("a file");
}

fn plans() {
    const ENTRIES: usize = 100_000;
    let names: Vec<String> =
        (0..ENTRIES).map(|n| format!("directory/{:03}/file-{n:06}", n / 500)).collect();
    let build = || {
        let mut plan = Plan::builder();
        plan.reserve(ENTRIES);
        for (n, name) in names.iter().enumerate() {
            let entry = Entry::file(name.as_bytes(), Contents::sized(n as u64));
            plan.push(&entry.with_modified(1_700_000_000)).expect("a good entry");
        }
        plan.finish()
    };
    let built = build();
    let bytes = built.to_bytes();
    table(
        "A plan of 100,000 entries",
        vec![
            ("made", Box::new(|| build().len())),
            ("tag of it", Box::new(|| Plan::from_bytes(&bytes).expect("ours").tag().len() as u64)),
        ],
    );
}

fn first_byte() {
    // A hundred files of 1 GB, of which nothing but the size is known.
    let plan = plan(Contents::sized(1_000_000_000), 100);
    let open = |_, span: Span| {
        Ok(Opened::Read(Box::new(std::io::repeat(0).take(1_000_000_000 - span.start))))
    };
    let range = |start| {
        let span = Span { start, end: plan.len() };
        let mut reader =
            Encoder::over(Arc::clone(&plan), span, open).expect("a range").into_reader();
        let mut byte = [0];
        reader.read_some(&mut byte).expect("a byte") as u64
    };
    let near_the_end = plan.payload_span(99).expect("there").end - 1_000;
    table(
        "First byte of a range of 100 GB",
        vec![
            ("at the start", Box::new(|| range(0))),
            ("1,000 bytes before the end of the last payload", Box::new(|| range(near_the_end))),
            ("in the trailer", Box::new(|| range(plan.len() - 22))),
        ],
    );
}

/// All tables, or those that are named.
fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let tables: [(&str, fn()); 4] = [
        ("memory", from_memory),
        ("cache", from_page_cache),
        ("plans", plans),
        ("first", first_byte),
    ];
    for (name, table) in tables {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            table();
        }
    }
}
