//! The questions, one function each.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pzip::io::Source;
use pzip::reader::{Archive, Options, Parallel};
use pzip::writer::{Item, ParallelWriter};

use crate::corpus::{Corpus, Setup};
use crate::measure::{Contender, installed, interleave};
use crate::table::{Shape, Table};

type Question = fn(&Setup) -> Result<Vec<Table>, Box<dyn Error>>;

/// Every question, by name.
pub const ALL: [(&str, Question); 19] = [
    ("list", list),
    ("decode", crate::decode::decode),
    ("hostile", crate::hostile::hostile),
    ("sizes", sizes),
    ("create", create),
    ("create-mid", create_mid),
    ("create-big", create_big),
    ("levels", levels),
    ("write", crate::writers::write),
    ("extract", extract),
    ("memory", memory),
    ("kinds", kinds),
    ("encrypted", crate::encrypted::encrypted),
    ("sealed", crate::sealed::sealed),
    ("volumes", crate::volumes::volumes),
    ("stream", crate::stream::stream),
    ("serve", crate::serve::serve),
    ("limits", crate::limits::limits),
    ("parts", crate::parts::parts),
];

/// How long does it take to list very many entries of a map?
fn list(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
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
fn sizes(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
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

/// How fast, how small and in how much memory do tools create an archive of a tree of small files,
/// or of what is compressed already?
fn create(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    create_of(setup, &[&setup.small, &setup.ten, &setup.media], 3)
}

/// The same of files of 1 MB, where 7zz takes its time.
fn create_mid(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    create_of(setup, &[&setup.mid], 1)
}

/// The same of one large file.
fn create_big(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    create_of(setup, &[&setup.big], 1)
}

/// The same of JSON, logs and programs.
fn kinds(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    create_of(setup, &[&setup.json, &setup.logs, &setup.binaries], 1)
}

/// What does each level cost, and what does it give?
fn levels(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut tables = Vec::new();
    for corpus in [&setup.small, &setup.mid] {
        let out = &setup.work.join("level.zip");
        let (pzip, directory) = (&setup.pzip, &corpus.directory);
        let of_level = |level: u8| {
            Contender::process(
                format!("pzip, level {level}"),
                || drop(fs::remove_file(out)),
                move || {
                    let mut command = Command::new(pzip);
                    command.args(["create", "--quiet", "--threads", "2", "--level"]);
                    command.arg(level.to_string()).arg(out).arg(directory);
                    command
                },
                || fs::metadata(out).map_or(0, |metadata| metadata.len()),
            )
        };
        let mut contenders: Vec<_> = (0..=9).map(of_level).collect();
        let rivals: [(&str, &[&str]); 5] = [
            ("zip", &["-r", "-q", "-1"]),
            ("zip", &["-r", "-q", "-6"]),
            ("zip", &["-r", "-q", "-9"]),
            ("7zz", &["a", "-tzip", "-mx=1", "-mmt=2"]),
            ("7zz", &["a", "-tzip", "-mx=5", "-mmt=2"]),
        ];
        for (program, args) in rivals.into_iter().filter(|rival| installed(rival.0)) {
            contenders.push(Contender::process(
                format!("{program} {}", args[2..].join(" ")),
                || drop(fs::remove_file(out)),
                move || {
                    let mut command = Command::new(program);
                    command.args(args).arg(out).arg(directory);
                    command
                },
                || fs::metadata(out).map_or(0, |metadata| metadata.len()),
            ));
        }
        if installed("igzip") {
            // It makes no archives: one stream of all files, with one thread.
            let script = "find \"$1\" -type f -exec cat {} + | igzip -1 -c > \"$0\"";
            contenders.push(Contender::process(
                "igzip -1, one stream, 1 thread",
                || drop(fs::remove_file(out)),
                move || {
                    let mut command = Command::new("sh");
                    command.args(["-c", script]).arg(out).arg(directory);
                    command
                },
                || fs::metadata(out).map_or(0, |metadata| metadata.len()),
            ));
        }
        let figures = interleave(&mut contenders, 1)?;
        let title = format!("Levels, {} with 2 threads", corpus.name);
        let table = Table::new(title, corpus.bytes, &contenders, &figures).of_processes();
        tables.push(table.drawn(Shape::Dots));
    }
    Ok(tables)
}

fn create_of(
    setup: &Setup,
    corpora: &[&Corpus],
    runs: usize,
) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut tables = Vec::new();
    for corpus in corpora {
        let parent = corpus.directory.parent().ok_or("no parent")?;
        let out = setup.work.join("created.zip");
        let prepare = || {
            let _ = fs::remove_file(&out);
        };
        // Whatever was written is opened and compared, beside the time that counts.
        let size = || checked_len(&out, corpus.bytes);
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
        for (threads, level) in [("2", "6"), ("1", "6"), ("2", "1"), ("2", "9")] {
            let args = ["create", "--quiet", "--threads", threads, "--level", level];
            let name = format!("pzip create, {threads} threads, level {level}");
            if corpus.files.len() == 1 && level == "9" {
                continue;
            }
            contenders.push(Contender::process(name, prepare, tool(&setup.pzip, &args), size));
        }
        let me = std::env::current_exe()?;
        let name = "limit: read and libdeflate 6, 2 threads";
        contenders.push(Contender::process(name, prepare, tool(&me, &["bare-create"]), || 0));
        let rivals: [(&str, &[&str]); 7] = [
            ("7zz", &["a", "-tzip", "-mx=5", "-mmt=2"]),
            ("7zz", &["a", "-tzip", "-mx=1", "-mmt=2"]),
            ("zip", &["-r", "-q", "-6"]),
            ("zip", &["-r", "-q", "-1"]),
            ("bsdtar", &["-a", "-cf"]),
            ("jar", &["-c", "-M", "-f"]),
            ("python3", &["-m", "zipfile", "-c"]),
        ];
        for (program, args) in rivals {
            if installed(program) {
                let name = format!("{program} {}", args.join(" "));
                let command = tool(Path::new(program), args);
                contenders.push(Contender::process(name, prepare, command, size));
            }
        }
        if let [file] = &corpus.files[..]
            && installed("pigz")
        {
            // It takes one file, and writes beside it.
            let (file, written) = (file.clone(), file.with_extension("rs.zip"));
            let command = move || {
                let mut command = Command::new("pigz");
                command.args(["-K", "-k", "-f", "-6", "-p", "2"]).arg(&file);
                command
            };
            let size = move || {
                let len = checked_len(&written, corpus.bytes);
                drop(fs::remove_file(&written));
                len
            };
            contenders.push(Contender::process("pigz -K -6 -p 2", || (), command, size));
        }
        let figures = interleave(&mut contenders, setup.runs.min(runs))?;

        let title = format!("Creating an archive of {}", corpus.name);
        tables.push(Table::new(title, corpus.bytes, &contenders, &figures).of_processes());
    }
    Ok(tables)
}

/// How fast do tools extract an archive?
fn extract(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut tables = Vec::new();
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
        let me = std::env::current_exe()?;
        for (name, mode) in [
            ("limit: bare loop, 2 threads", "bare"),
            ("limit: the same, renamed when complete", "bare-renamed"),
            ("limit: the same, linked when complete", "bare-linked"),
        ] {
            let args = [mode, "{archive}", "{into}"];
            contenders.push(Contender::process(name, prepare, tool(&me, &args), size));
        }
        let rivals: [(&str, &[&str]); 6] = [
            ("7zz", &["x", "-y", "{archive}"]),
            ("unzip", &["-q", "{archive}"]),
            ("bsdtar", &["-xf", "{archive}"]),
            ("python3", &["-m", "zipfile", "-e", "{archive}", "{into}"]),
            ("ripunzip", &["unzip-file", "-q", "{archive}"]),
            ("jar", &["-x", "-f", "{archive}"]),
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
        tables.push(Table::new(title, corpus.bytes, &contenders, &figures).of_processes());
        fs::remove_dir_all(&into)?;
    }
    Ok(tables)
}

/// How much memory do create and extract take, whatever the input's size?
fn memory(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let out = &setup.work.join("memory.zip");
    let into = &setup.work.join("memory");
    let mut contenders = Vec::new();
    for corpus in [&setup.small, &setup.mid, &setup.big] {
        let (pzip, directory) = (&setup.pzip, &corpus.directory);
        for level in ["6", "0"] {
            contenders.push(Contender::process(
                format!("pzip create {} at level {level}", corpus.name),
                || (),
                move || {
                    let mut command = Command::new(pzip);
                    command.args(["create", "--quiet", "--level", level]).arg(out).arg(directory);
                    command
                },
                || fs::metadata(out).map_or(0, |metadata| metadata.len()),
            ));
            contenders.push(Contender::process(
                format!("pzip extract {} of level {level}", corpus.name),
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
    Ok(vec![Table::new("Peak memory", 0, &contenders, &figures).of_processes()])
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

/// The length of an archive in which everything is right and adds up to so many bytes.
fn checked_len(path: &Path, total: u64) -> u64 {
    let archive = Archive::open_with(path, Options::lenient()).expect("an archive was written");
    let all: Vec<usize> = (0..archive.len()).collect();
    let results = archive.test(&all, Parallel::threads(2));
    assert!(results.iter().all(Result::is_ok), "what was written is right");
    assert_eq!(archive.entries().map(|entry| entry.size()).sum::<u64>(), total, "all of it");
    archive.source().len()
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
