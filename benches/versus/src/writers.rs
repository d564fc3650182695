//! The libraries that write archives in parallel, and the limit, in one process.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Read};

use libdeflater::{CompressionLvl, Compressor};
use pzip::codec::level::Level;
use pzip::io::write::WriteSink;
use pzip::writer::{Item, Options, ParallelWriter};
use zip::write::SimpleFileOptions;

use crate::commons::Commons;
use crate::corpus::{Corpus, Setup};
use crate::measure::{Contender, interleave};
use crate::table::Table;

/// How do libraries write the files of a corpus, and how far is that from reading and compressing?
pub fn write(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut tables = Vec::new();
    let commons = Commons::find(setup);
    for corpus in [&setup.small, &setup.ten, &setup.mid, &setup.media] {
        let out = setup.work.join("written.zip");
        let names = corpus.names();
        let mut contenders =
            vec![Contender::call("limit: read and libdeflate 6, 1 thread", || {
                limit(corpus).expect("reads")
            })];
        for (threads, level) in [(1, 6), (2, 6), (2, 1)] {
            let (out, names) = (&out, &names);
            contenders.push(Contender::call(
                format!("pzip, level {level}, {threads} threads"),
                move || pzip_to(corpus, names, out, threads, level),
            ));
        }
        for level in [6, 1] {
            let (out, names) = (&out, &names);
            contenders.push(Contender::call(
                format!("zip 9.4, rayon, level {level}, 2 threads"),
                move || zip_to(corpus, names, out, level).expect("zip writes"),
            ));
        }
        let (out, names) = (&out, &names);
        contenders.push(Contender::call("mtzip 4.0, level 6, 2 threads", move || {
            mtzip_to(corpus, names, out).expect("mtzip writes")
        }));
        if let Some(commons) = &commons {
            contenders.push(commons.write(out, &corpus.directory, 2));
        }
        let figures = interleave(&mut contenders, setup.runs.min(3))?;
        let title = format!("Writing {} from one process", corpus.name);
        tables.push(Table::new(title, corpus.bytes, &contenders, &figures).with_sizes());
    }
    Ok(tables)
}

fn limit(corpus: &Corpus) -> std::io::Result<u64> {
    let mut compressor = Compressor::new(CompressionLvl::new(6).expect("a level"));
    let (mut input, mut output) = (Vec::new(), Vec::new());
    let mut sum = 0;
    for path in &corpus.files {
        input.clear();
        File::open(path)?.read_to_end(&mut input)?;
        output.resize(compressor.deflate_compress_bound(input.len()), 0);
        sum += compressor.deflate_compress(&input, &mut output).expect("it fits") as u64;
    }
    Ok(sum)
}

fn pzip_to(
    corpus: &Corpus,
    names: &[String],
    out: &std::path::Path,
    threads: usize,
    level: u8,
) -> u64 {
    let level = Level::try_from(level).expect("a level");
    let items =
        corpus.files.iter().zip(names).map(|(path, name)| Item::file(name.as_bytes(), path));
    let sink = WriteSink::new(BufWriter::new(File::create(out).expect("creates")));
    let options = Options { threads, level, ..Options::default() };
    let (_, report) = ParallelWriter::new(options).write(sink, items).expect("writes");
    assert!(report.is_complete());
    report.bytes_out
}

fn zip_to(
    corpus: &Corpus,
    names: &[String],
    out: &std::path::Path,
    level: i64,
) -> zip::result::ZipResult<u64> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
    let options = SimpleFileOptions::default().compression_level(Some(level));
    let mut writer = zip::ZipWriter::new(BufWriter::new(File::create(out)?));
    let entries: Vec<_> =
        names.iter().zip(&corpus.files).map(|(name, path)| (name, path, options)).collect();
    pool.install(|| writer.par_append_from_paths(entries))?;
    writer.finish()?;
    Ok(fs::metadata(out)?.len())
}

fn mtzip_to(corpus: &Corpus, names: &[String], out: &std::path::Path) -> std::io::Result<u64> {
    let mut archive = mtzip::ZipArchive::new();
    for (name, path) in names.iter().zip(&corpus.files) {
        archive.add_file_from_fs(path, name.clone()).done();
    }
    archive.write_with_threads(&mut BufWriter::new(File::create(out)?), 2)?;
    Ok(fs::metadata(out)?.len())
}
