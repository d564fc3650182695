//! Very many small things: entries without contents, and files of a few hundred bytes.

use std::error::Error;
use std::fs;
use std::process::Command;

use pzip::io::write::WriteSink;
use pzip::writer::{Item, Options, ParallelWriter};

use crate::corpus::Setup;
use crate::measure::{Contender, interleave};
use crate::table::Table;

/// Does the time to write entries grow with their number, and with nothing else?
pub fn many(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let counts = [100_000, 1_000_000];
    let of = |count: u64| {
        Contender::call(format!("pzip, {count} entries, 2 threads"), move || {
            let items = (0..count).map(|n| Item::bytes(format!("{n:07}"), ""));
            let options = Options { threads: 2, ..Options::default() };
            let sink = WriteSink::new(std::io::sink());
            let (_, report) = ParallelWriter::new(options).write(sink, items).expect("writes");
            assert!(report.is_complete());
            report.bytes_out
        })
    };
    let mut contenders: Vec<_> =
        counts.into_iter().take(if setup.quick { 1 } else { 2 }).map(of).collect();
    let figures = interleave(&mut contenders, setup.runs)?;
    Ok(vec![Table::new("Writing entries without contents", 0, &contenders, &figures)])
}

/// How far is an archive of very many files from looking at each, opening it and reading it?
pub fn collect(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let root = setup.work.join("collected");
    let source = fs::read(setup.big.files.first().ok_or("no big file")?)?;
    let count = if setup.quick { 5_000 } else { 100_000_usize };
    let mut total = 0;
    for number in 0..count {
        let directory = root.join(format!("{:03}", number / 200));
        fs::create_dir_all(&directory)?;
        let (len, start) = (300 + number * 7_919 % 700, number * 4_241 % (source.len() - 1_000));
        fs::write(directory.join(format!("{number}.rs")), &source[start..start + len])?;
        total += len as u64;
    }
    let me = std::env::current_exe()?;
    let mine = |name: &str, mode: &'static str| {
        let (me, root) = (&me, &root);
        let command = move || {
            let mut command = Command::new(me);
            command.arg(mode).arg(root);
            command
        };
        Contender::process(name.to_owned(), || (), command, || 0)
    };
    let mut contenders = vec![
        mine("limit: walk, stat, open and read, 2 threads", "bare-collect"),
        mine("pzip, collected and read only, 2 threads", "collect"),
    ];
    for threads in ["2", "1"] {
        let (pzip, root) = (&setup.pzip, &root);
        contenders.push(Contender::process(
            format!("pzip create --store, {threads} threads, to a pipe"),
            || (),
            move || {
                let mut command = Command::new(pzip);
                command.args(["create", "--quiet", "--store", "--threads", threads, "-"]).arg(root);
                command
            },
            || 0,
        ));
    }
    let figures = interleave(&mut contenders, setup.runs)?;
    fs::remove_dir_all(&root)?;
    let title = format!("Collecting {count} files of 0.3 to 1 KB");
    Ok(vec![Table::new(title, total, &contenders, &figures).of_processes()])
}
