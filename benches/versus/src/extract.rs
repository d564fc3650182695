//! Files out of archives by tools: how fast, and creating and extracting in how much memory.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::corpus::Setup;
use crate::measure::{Contender, installed, interleave};
use crate::questions::archive_of;
use crate::table::Table;

/// How fast do tools extract an archive?
pub fn extract(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
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
pub fn memory(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
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
