//! The questions, one function each.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pzip::reader::{Archive, Options, Parallel};
use pzip::writer::{Item, ParallelWriter};

use crate::corpus::{Corpus, Setup};
use crate::measure::{Contender, installed, interleave};
use crate::table::table;

type Question = fn(&Setup) -> Result<String, Box<dyn Error>>;

/// Every question, by name.
pub const ALL: [(&str, Question); 7] = [
    ("list", list),
    ("decode", crate::decode::decode),
    ("hostile", crate::hostile::hostile),
    ("sizes", sizes),
    ("create", create),
    ("extract", extract),
    ("memory", memory),
];

/// How long does it take to list 100,000 entries of a map?
fn list(setup: &Setup) -> Result<String, Box<dyn Error>> {
    let count = 100_000;
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
    ];
    let figures = interleave(&mut contenders, setup.runs * 5)?;
    Ok(table("Listing 100,000 entries from memory", &contenders, &figures, false))
}

/// Eleven file sizes, about 10 MB each; opening, starting threads, reading, checking and closing
/// all timed: are two threads ever slower than one, and how far is Python's `zipfile`?
fn sizes(setup: &Setup) -> Result<String, Box<dyn Error>> {
    let mut text = String::from(
        "## Reading all of 10 MB in files of one size\n\n\
         | bytes a file | pzip 1 thread ms | 2 threads ms | zipfile ms | zipfile / 2 threads |\n\
         |---|---|---|---|---|\n",
    );
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
                Contender::call(format!("{threads}"), move || {
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
            contenders.push(Contender::timed("zipfile", || python(&path)));
        }
        let figures = interleave(&mut contenders, setup.runs * 2)?;
        let ms: Vec<f64> = figures.iter().map(|figure| figure.seconds * 1e3).collect();
        let zipfile = ms.get(2).copied().unwrap_or(f64::NAN);
        text.push_str(&format!(
            "| {size} | {:.2} | {:.2} | {zipfile:.1} | {:.1} |\n",
            ms[0],
            ms[1],
            zipfile / ms[1]
        ));
    }
    text.push('\n');
    Ok(text)
}

/// Seconds Python's `zipfile` takes to open, read all and close, without the interpreter's start.
fn python(path: &Path) -> Result<f64, Box<dyn Error>> {
    const SCRIPT: &str = "import sys,time,zipfile\n\
        t=time.perf_counter()\n\
        with zipfile.ZipFile(sys.argv[1]) as z:\n    n=sum(len(z.read(i)) for i in z.infolist())\n\
        print(time.perf_counter()-t)";
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(path).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// How fast, how small and in how much memory do tools create an archive of a tree?
fn create(setup: &Setup) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for corpus in [&setup.small, &setup.mid, &setup.big] {
        let parent = corpus.directory.parent().ok_or("no parent")?;
        let out = setup.work.join("created.zip");
        let prepare = || {
            let _ = fs::remove_file(&out);
        };
        let size = || fs::metadata(&out).map_or(0, |metadata| metadata.len());
        let tool = |program: &Path, args: &[&str]| {
            let (program, args) =
                (program.to_path_buf(), args.iter().map(ToString::to_string).collect::<Vec<_>>());
            let (out, name) = (out.clone(), corpus.name);
            move || {
                let mut command = Command::new(&program);
                command.current_dir(parent);
                command.args(&args).arg(&out).arg(name);
                command
            }
        };
        let mut contenders = Vec::new();
        for threads in ["2", "1"] {
            let args = ["create", "--quiet", "--threads", threads];
            let name = format!("pzip create, {threads} threads");
            contenders.push(Contender::process(name, prepare, tool(&setup.pzip, &args), size));
        }
        let rivals: [(&str, &[&str]); 5] = [
            ("7zz", &["a", "-tzip", "-mx=5", "-mmt=2"]),
            ("7zz", &["a", "-tzip", "-mx=1", "-mmt=2"]),
            ("zip", &["-r", "-q", "-6"]),
            ("zip", &["-r", "-q", "-1"]),
            ("bsdtar", &["-a", "-cf"]),
        ];
        for (program, args) in rivals {
            if installed(program) {
                let name = format!("{program} {}", args.join(" "));
                let command = tool(Path::new(program), args);
                contenders.push(Contender::process(name, prepare, command, size));
            }
        }
        // 7zz takes half a minute for the big one.
        let runs = if corpus.files.len() == 1 { 1 } else { setup.runs.min(3) };
        let figures = interleave(&mut contenders, runs)?;
        let title = format!("Creating an archive of {}", corpus.name);
        text.push_str(&table(&title, &contenders, &figures, true));
    }
    Ok(text)
}

/// How fast do tools extract an archive?
fn extract(setup: &Setup) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for corpus in [&setup.small, &setup.mid, &setup.big] {
        let archive = archive_of(setup, corpus)?;
        let into = setup.work.join("extracted");
        let prepare = || {
            let _ = fs::remove_dir_all(&into);
            fs::create_dir_all(&into).expect("a directory to extract into");
        };
        let size = || tree_bytes(&into);
        let archive_text = archive.to_string_lossy().into_owned();
        let into_text = into.to_string_lossy().into_owned();
        let tool = |program: &Path, args: &[&str]| {
            let (program, into) = (program.to_path_buf(), into.clone());
            let args: Vec<String> = args
                .iter()
                .map(|arg| arg.replace("{archive}", &archive_text).replace("{into}", &into_text))
                .collect();
            move || {
                let mut command = Command::new(&program);
                command.current_dir(&into).args(&args);
                command
            }
        };
        let mut contenders = Vec::new();
        for threads in ["2", "1"] {
            let args = ["extract", "--quiet", "--threads", threads, "{archive}"];
            let name = format!("pzip extract, {threads} threads");
            contenders.push(Contender::process(name, prepare, tool(&setup.pzip, &args), size));
        }
        let rivals: [(&str, &[&str]); 5] = [
            ("7zz", &["x", "-y", "{archive}"]),
            ("unzip", &["-q", "{archive}"]),
            ("bsdtar", &["-xf", "{archive}"]),
            ("python3", &["-m", "zipfile", "-e", "{archive}", "{into}"]),
            ("ripunzip", &["unzip-file", "-q", "{archive}"]),
        ];
        for (program, args) in rivals {
            if installed(program) {
                let name = format!("{program} {}", args[0]);
                contenders.push(Contender::process(
                    name,
                    prepare,
                    tool(Path::new(program), args),
                    size,
                ));
            }
        }
        let figures = interleave(&mut contenders, setup.runs.min(5))?;
        for (contender, figure) in contenders.iter().zip(&figures) {
            assert_eq!(figure.outcome.bytes, corpus.bytes, "{} extracted all", contender.name);
        }
        let title = format!("Extracting {}", corpus.name);
        text.push_str(&table(&title, &contenders, &figures, true));
        fs::remove_dir_all(&into)?;
    }
    Ok(text)
}

/// How much memory do create and extract take, whatever the input's size?
fn memory(setup: &Setup) -> Result<String, Box<dyn Error>> {
    let out = &setup.work.join("memory.zip");
    let into = &setup.work.join("memory");
    let mut contenders = Vec::new();
    for corpus in [&setup.small, &setup.mid, &setup.big] {
        let (pzip, directory) = (&setup.pzip, &corpus.directory);
        for level in ["6", "0"] {
            contenders.push(Contender::process(
                format!("create {} at level {level}", corpus.name),
                || (),
                move || {
                    let mut command = Command::new(pzip);
                    command.args(["create", "--quiet", "--level", level]).arg(out).arg(directory);
                    command
                },
                || fs::metadata(out).map_or(0, |metadata| metadata.len()),
            ));
            contenders.push(Contender::process(
                format!("extract {} of level {level}", corpus.name),
                || {
                    let _ = fs::remove_dir_all(into);
                },
                move || {
                    let mut command = Command::new(pzip);
                    command.args(["extract", "--quiet", "-C"]).arg(into).arg(out);
                    command
                },
                || tree_bytes(into),
            ));
        }
    }
    let figures = interleave(&mut contenders, 1)?;
    Ok(table("Peak memory", &contenders, &figures, true))
}

/// An archive of the corpus, made by Info-ZIP where it is installed so that nobody reads its own.
pub fn archive_of(setup: &Setup, corpus: &Corpus) -> Result<PathBuf, Box<dyn Error>> {
    let path = setup.work.join(format!("{}.zip", corpus.name));
    if path.is_file() {
        return Ok(path);
    }
    let parent = corpus.directory.parent().ok_or("no parent")?;
    let mut command = if installed("zip") {
        let mut command = Command::new("zip");
        command.args(["-r", "-q", "-6"]);
        command
    } else {
        let mut command = Command::new(&setup.pzip);
        command.args(["create", "--quiet"]);
        command
    };
    let status = command.current_dir(parent).arg(&path).arg(corpus.name).status()?;
    if status.success() { Ok(path) } else { Err(format!("{command:?} failed").into()) }
}

fn tree_bytes(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => tree_bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
