//! Listing very many entries, and reading many small ones, beside what Python takes.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use pzip::reader::{Archive, Options, Parallel};
use pzip::writer::{Item, ParallelWriter};

use crate::corpus::Setup;
use crate::measure::{Contender, installed, interleave};
use crate::table::{Shape, Table};

/// How long does it take to list very many entries of a map?
pub fn list(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let counts = [100_000, 1_000_000];
    counts
        .iter()
        .take(if setup.quick { 1 } else { 2 })
        .map(|&count| list_of(setup, count))
        .collect()
}

fn list_of(setup: &Setup, count: usize) -> Result<Table, Box<dyn Error>> {
    let items = (0..count).map(|n| {
        Item::bytes(format!("some/directory/{:03}/file-{n:06}.txt", n / 500), "x")
            .with_modified(1_700_000_000)
    });
    let (bytes, _) = ParallelWriter::default().write(Vec::new(), items.collect::<Vec<_>>())?;
    let (bytes, count) = (&bytes[..], count as u64);
    let check = move |found: u64| {
        assert_eq!(found, count, "every entry is walked");
        found
    };
    let mut contenders = vec![
        Contender::call("rawzip 0.5, from_slice and walk", move || {
            let archive = rawzip::ZipArchive::from_slice(bytes).expect("opens");
            let mut entries = archive.entries();
            let (mut found, mut sum) = (0, 0);
            while let Some(entry) = entries.next_entry().expect("walks") {
                found += 1;
                sum += entry.uncompressed_size_hint();
            }
            std::hint::black_box(sum);
            check(found)
        }),
        Contender::call("pzip, Archive::new (layout checked) and walk", move || {
            let archive = Archive::new(bytes, Options::default()).expect("opens");
            let mut found = 0;
            let sum: u64 = archive.entries().inspect(|_| found += 1).map(|e| e.size()).sum();
            std::hint::black_box(sum);
            check(found)
        }),
        Contender::call("pzip, directory walk alone", move || {
            let mut locator = pzip::format::locate::Locator::new(
                bytes.len() as u64,
                pzip::format::profile::Relax::STRICT,
            );
            let located = loop {
                let want = locator.want();
                let span = want.start as usize..want.end as usize;
                if let Some(located) = locator.feed(&bytes[span]).expect("locates") {
                    break located;
                }
            };
            let span = located.directory;
            let directory = &bytes[span.start as usize..span.end as usize];
            let (mut found, mut sum) = (0, 0);
            for entry in pzip::format::directory::read::entries(directory, span.start) {
                found += 1;
                sum += entry.expect("walks").size();
            }
            std::hint::black_box(sum);
            check(found)
        }),
        Contender::call("zip 9.4, ZipArchive::new", move || {
            let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("opens");
            check(archive.len() as u64)
        }),
        // The first question for a name makes the index of names.
        Contender::call("pzip, Archive::new and the index of names", move || {
            let archive = Archive::new(bytes, Options::default()).expect("opens");
            let last = format!("some/directory/{:03}/file-{:06}.txt", (count - 1) / 500, count - 1);
            check(archive.by_name(last).expect("is there").index() as u64 + 1)
        }),
    ];
    if installed("python3") {
        let path = setup.work.join(format!("list-{count}.zip"));
        fs::write(&path, bytes)?;
        let open = "zipfile.ZipFile(sys.argv[1]).close()";
        contenders.push(Contender::timed("Python, ZipFile", move || python(&path, open)));
    }
    let figures = interleave(&mut contenders, setup.runs * 500_000 / count as usize)?;
    Ok(Table::new(format!("Listing {count} entries from memory"), 0, &contenders, &figures))
}

/// Eleven file sizes, about 10 MB each; opening, starting threads, reading, checking and closing
/// all timed: are two threads ever slower than one, and how far is Python's `zipfile`?
pub fn sizes(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut table =
        Table::new("Reading all of 10 MB in files of one size", 0, &[], &[]).drawn(Shape::Lines);
    let source = fs::read(setup.big.files.first().ok_or("no big file")?)?;
    for step in 0..=10 {
        let size = 10_f64.powf(2.0 + 0.3 * f64::from(step)).round() as usize;
        let count = 10_000_000 / size;
        let items = (0..count).map(|number| {
            let start = number * 7_919 % (source.len() - size);
            Item::bytes(format!("file-{number}"), &source[start..start + size])
        });
        let path = setup.work.join(format!("size-{size}.zip"));
        let sink = pzip::io::file::FileSink::create(&path)?;
        ParallelWriter::default().write(sink, items)?;
        let total = (count * size) as u64;
        let mut contenders: Vec<_> = [1, 2]
            .map(|threads| {
                let path = &path;
                Contender::call(format!("pzip {threads} threads, {size}"), move || {
                    let archive = Archive::open(path).expect("opens");
                    let all: Vec<usize> = (0..archive.len()).collect();
                    let lens = archive.visit(&all, Parallel::threads(threads), |visit| {
                        Ok(visit.contents()?.len() as u64)
                    });
                    let sum = lens.into_iter().map(|len| len.expect("decodes")).sum();
                    assert_eq!(sum, total);
                    sum
                })
            })
            .into();
        if installed("python3") {
            contenders
                .push(Contender::timed(format!("zipfile, {size}"), || python(&path, READ_ALL)));
        }
        let figures = interleave(&mut contenders, setup.runs * 2)?;
        table.rows.extend(Table::new("", 0, &contenders, &figures).rows);
    }
    Ok(vec![table])
}

/// Opens, reads all and closes.
const READ_ALL: &str = "with zipfile.ZipFile(sys.argv[1]) as z:\n    \
    n=sum(len(z.read(i)) for i in z.infolist())";

/// Seconds Python takes to run `work` on an archive, without the interpreter's start.
fn python(path: &Path, work: &str) -> Result<f64, Box<dyn Error>> {
    let script = format!(
        "import sys,time,zipfile\nt=time.perf_counter()\n{work}\nprint(time.perf_counter()-t)"
    );
    let output = Command::new("python3").args(["-c", &script]).arg(path).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
