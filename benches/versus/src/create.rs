//! Archives made by tools from trees of files: how fast, how small, in how much memory.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use pzip::io::Source;
use pzip::reader::{Archive, Options, Parallel};

use crate::corpus::{Corpus, Setup};
use crate::measure::{Contender, installed, interleave};
use crate::table::{Shape, Table};

/// How fast, how small and in how much memory do tools create an archive of a tree of small files,
/// or of what is compressed already?
pub fn create(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    create_of(setup, &[&setup.small, &setup.ten, &setup.media], 3)
}

/// The same of files of 1 MB, where 7zz takes its time.
pub fn create_mid(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    create_of(setup, &[&setup.mid], 1)
}

/// The same of one large file.
pub fn create_big(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    create_of(setup, &[&setup.big], 1)
}

/// The same of JSON, logs and programs.
pub fn kinds(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    create_of(setup, &[&setup.json, &setup.logs, &setup.binaries], 1)
}

/// What does each level cost, and what does it give?
pub fn levels(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
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
        // It is told each file by name, and a command line is only so long.
        if corpus.files.len() <= 2_000 && installed("ziptool") {
            let (out, corpus) = (&out, *corpus);
            let command = move || {
                let mut command = Command::new("ziptool");
                // A length of -1, which is all, would be an option otherwise.
                command.args(["-n", "--"]).arg(out);
                for (name, path) in corpus.names().iter().zip(&corpus.files) {
                    command.arg("add_file").arg(name).arg(path).args(["0", "-1"]);
                }
                command
            };
            contenders.push(Contender::process("ziptool add_file", prepare, command, size));
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

/// The length of an archive in which everything is right and adds up to so many bytes.
fn checked_len(path: &Path, total: u64) -> u64 {
    let archive = Archive::open_with(path, Options::lenient()).expect("an archive was written");
    let all: Vec<usize> = (0..archive.len()).collect();
    let results = archive.test(&all, Parallel::threads(2));
    assert!(results.iter().all(Result::is_ok), "what was written is right");
    assert_eq!(archive.entries().map(|entry| entry.size()).sum::<u64>(), total, "all of it");
    archive.source().len()
}
