//! Streams of planned archives: what they cost beside the bytes themselves, beside other encoders
//! of archives whose size is known beforehand, and how soon a plan and a range begin.

use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use pzip::format::position::Span;
use pzip::io::file::FileInput;
use pzip::io::write::WriteSink;
use pzip::stream::content::Opened;
use pzip::stream::{Contents, Encoder, Entry, Plan, Wrap};

use crate::corpus::Setup;
use crate::measure::{Contender, interleave};
use crate::table::Table;

/// Contents in memory come in pieces of so many bytes, for us and the rivals.
const PIECE: usize = 1_000_000;
/// What a reader asks for at a time.
const BUFFER: usize = 256 << 10;

/// Drives the encoders of Python, see there.
const ENCODERS: &str = include_str!("encoders.py");

pub fn stream(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let root = setup.work.join("stream");
    fs::create_dir_all(&root)?;
    let file = root.join("noise");
    let pieces = if setup.quick { 100 } else { 1_000 };
    let data: Vec<Bytes> =
        (0..pieces).map(|n| zip_testkit::data::noise(PIECE, n as u64).into()).collect();
    fs::write(&file, data.concat())?;
    let tables = vec![
        from_memory(setup, &data, &file)?,
        from_a_file(setup, &file, &root.join("out"))?,
        of_processes(setup, &file, "One file of noise, streamed to nowhere")?,
        of_processes(setup, &setup.small.directory, "Small files, streamed to nowhere")?,
        plans()?,
        first_bytes()?,
    ];
    fs::remove_dir_all(&root)?;
    Ok(tables)
}

fn plan_of(contents: impl IntoIterator<Item = Contents>) -> Arc<Plan> {
    let mut plan = Plan::builder();
    for (number, contents) in contents.into_iter().enumerate() {
        plan.push(&Entry::file(number.to_string().as_bytes(), contents)).expect("a good entry");
    }
    Arc::new(plan.finish())
}

/// Bytes in memory, taken by nobody.
fn from_memory(setup: &Setup, data: &[Bytes], file: &Path) -> Result<Table, Box<dyn Error>> {
    let total = (data.len() * PIECE) as u64;
    let sized =
        |wrap| plan_of(data.iter().map(|bytes| Contents::Sized { size: bytes.len() as u64, wrap }));
    let limit = || {
        let mut buffer = vec![0; BUFFER];
        for bytes in data {
            let mut crc = crc32fast::Hasher::new();
            for piece in bytes.chunks(BUFFER) {
                crc.update(piece);
                buffer[..piece.len()].copy_from_slice(piece);
                black_box(&mut buffer);
            }
            black_box(crc.finalize());
        }
        total
    };
    let reader = |plan: Arc<Plan>| {
        let mut buffer = vec![0; BUFFER];
        move || {
            let mut reader = Encoder::new(Arc::clone(&plan), data).into_reader();
            let mut sum = 0;
            loop {
                match reader.read_some(&mut buffer).expect("memory does not fail") {
                    0 => break,
                    read => sum += read as u64,
                }
            }
            assert_eq!(sum, plan.len(), "planned is streamed");
            total
        }
    };
    let pieces = sized(Wrap::Stored);
    let mut contenders = vec![
        Contender::call("limit: crc32fast and memcpy, 1 thread", limit),
        Contender::call(
            "pzip, size and CRC-32 known, as a reader",
            reader(plan_of(data.iter().map(|bytes| Contents::of(bytes)))),
        ),
        Contender::call("pzip, stored, as a reader", reader(sized(Wrap::Stored))),
        Contender::call("pzip, stored blocks, as a reader", reader(sized(Wrap::DeflateStored))),
        Contender::call("pzip, stored, as pieces (no copy)", || {
            let pieces = Encoder::new(Arc::clone(&pieces), data);
            let piece = |piece: pzip::stream::Result<Bytes>| piece.expect("no fault").len();
            black_box(pieces.map(piece).sum::<usize>());
            total
        }),
    ];
    rivals(&mut contenders, "memory", file);
    let figures = interleave(&mut contenders, setup.runs)?;
    let title = "Streaming from memory, pieces of 1 MB";
    Ok(Table::new(title, total, &contenders, &figures))
}

/// One file to another, both in memory as files.
fn from_a_file(setup: &Setup, path: &Path, to: &Path) -> Result<Table, Box<dyn Error>> {
    let size = path.metadata()?.len();
    let out = File::create(to)?;
    let start = || (&out).seek(SeekFrom::Start(0)).expect("a file");
    let limit = || {
        start();
        let mut file = File::open(path).expect("there");
        let mut buffer = vec![0; BUFFER];
        let mut crc = crc32fast::Hasher::new();
        loop {
            let read = file.read(&mut buffer).expect("cached");
            if read == 0 {
                black_box(crc.finalize());
                return size;
            }
            crc.update(&buffer[..read]);
            std::io::Write::write_all(&mut &out, &buffer[..read]).expect("room");
        }
    };
    let run = |wrap| {
        let plan = plan_of([Contents::Sized { size, wrap }]);
        let (out, start) = (&out, &start);
        move || {
            start();
            let contents = vec![FileInput::new(path)];
            let encoder = Encoder::new(Arc::clone(&plan), contents);
            let written = encoder.write_to(&mut WriteSink::new(out)).expect("cached");
            assert_eq!(written, plan.len(), "planned is streamed");
            size
        }
    };
    let mut contenders = vec![
        Contender::call("limit: read, crc32fast and write, 1 thread", limit),
        Contender::call("pzip, stored, 1 threads", run(Wrap::Stored)),
        Contender::call("pzip, stored blocks, 1 threads", run(Wrap::DeflateStored)),
    ];
    let figures = interleave(&mut contenders, setup.runs)?;
    let title = "Streaming one file into another, in the page cache";
    Ok(Table::new(title, size, &contenders, &figures))
}

/// Whole commands, and the encoders of Python.
fn of_processes(setup: &Setup, path: &Path, title: &str) -> Result<Table, Box<dyn Error>> {
    let total = match path.is_dir() {
        true => setup.small.bytes,
        false => path.metadata()?.len(),
    };
    let mut contenders = Vec::new();
    for (name, args) in [
        ("pzip stream --store, 1 threads", &["--store", "-j1"][..]),
        ("pzip stream --store, 2 threads", &["--store", "-j2"]),
        ("pzip stream, stored blocks, 2 threads", &["-j2"]),
    ] {
        let command = move || {
            let mut command = Command::new(&setup.pzip);
            command.args(["stream", "-q"]).args(args).arg("-").arg(path);
            command
        };
        contenders.push(Contender::process(name, || (), command, move || total));
    }
    rivals(&mut contenders, "files", path);
    let figures = interleave(&mut contenders, setup.runs)?;
    let mut table = Table::new(title, total, &contenders, &figures);
    table.note =
        "Ours are whole processes; of the others the start of Python does not count.".into();
    Ok(table)
}

fn rivals<'c>(contenders: &mut Vec<Contender<'c>>, source: &'static str, path: &'c Path) {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let can = |module: &str| {
        let mut command = Command::new(&python);
        let status = command.args(["-c", &format!("import {module}")]).stderr(Stdio::null());
        let there = status.status().is_ok_and(|status| status.success());
        if !there {
            eprintln!("skipped: {module} (cargo xtask peers)");
        }
        there
    };
    for (name, encoder, module) in [
        ("livezip 1.0, Store", "livezip-store", "livezip"),
        ("livezip 1.0, DeflateStore", "livezip-deflate", "livezip"),
        ("zipstream-ng 1.9, sized", "zipstream-ng", "zipstream"),
    ] {
        if can(module) {
            let python = python.clone();
            contenders.push(Contender::timed(name, move || {
                let mut command = Command::new(&python);
                let output = command.args(["-c", ENCODERS, encoder, source]).arg(path).output()?;
                let text = String::from_utf8_lossy(&output.stdout);
                text.trim()
                    .parse()
                    .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned().into())
            }));
        }
    }
}

/// A plan, and the tag that is made of all of it.
fn plans() -> Result<Table, Box<dyn Error>> {
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
    let bytes = build().to_bytes();
    let mut contenders = vec![
        Contender::call("pzip, made of names, sizes and times", || build().len()),
        Contender::call("pzip, read back from its bytes, and its tag", || {
            Plan::from_bytes(&bytes).expect("ours").tag().len() as u64
        }),
    ];
    let figures = interleave(&mut contenders, 21)?;
    let mut table = Table::new("A plan of 100,000 entries", 0, &contenders, &figures);
    let texts: usize = names.iter().map(String::len).sum();
    table.note = format!(
        "As bytes it has {:.0} an entry beside the names.",
        (bytes.len() - texts) as f64 / ENTRIES as f64
    );
    Ok(table)
}

/// A hundred files of 1 GB, of which nothing but the size is known.
fn first_bytes() -> Result<Table, Box<dyn Error>> {
    const TIMES: usize = 1_000;
    let plan = plan_of([Contents::sized(1_000_000_000); 100]);
    let open = |_, span: Span| {
        Ok(Opened::Read(Box::new(std::io::repeat(0).take(1_000_000_000 - span.start))))
    };
    let first = |start| {
        for _ in 0..TIMES {
            let span = Span { start, end: plan.len() };
            let encoder = Encoder::over(Arc::clone(&plan), span, open).expect("a range");
            let read = encoder.into_reader().read_some(&mut [0]).expect("a byte");
            assert_eq!(black_box(read), 1);
        }
        0
    };
    let near_the_end = plan.payload_span(99).expect("there").end - 1_000;
    let mut contenders = vec![
        Contender::call("pzip, from the start", || first(0)),
        Contender::call("pzip, from 1,000 bytes before the last payload's end", || {
            first(near_the_end)
        }),
        Contender::call("pzip, from the end record", || first(plan.len() - 22)),
    ];
    let figures = interleave(&mut contenders, 11)?;
    let title = "First bytes of 1,000 ranges of a planned archive of 100 GB";
    Ok(Table::new(title, 0, &contenders, &figures))
}
