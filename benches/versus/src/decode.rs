//! How fast is everything decoded to memory, against a bare loop over libdeflate and against other
//! crates with as many threads?

use std::error::Error;
use std::fs;
use std::io::{Cursor, Read};

use futures::executor::block_on;
use pzip::format::method::Method;
use pzip::io::Source;
use pzip::reader::{Archive, Options, Parallel};
use rayon::prelude::*;
use rc_zip_sync::ReadZip;

use crate::commons::Commons;
use crate::corpus::Setup;
use crate::measure::{Contender, interleave};
use crate::questions::archive_of;
use crate::table::Table;

/// Payload, size, and whether it is deflated.
type Member<'b> = (&'b [u8], usize, bool);

pub fn decode(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut tables = Vec::new();
    let commons = Commons::find(setup);
    for corpus in [&setup.small, &setup.mid, &setup.big, &setup.media] {
        let path = archive_of(setup, corpus)?;
        let bytes = fs::read(&path)?;
        let bytes = &bytes[..];
        let memory = Archive::new(bytes, Options::default())?;
        let file = Archive::open(&path)?;
        let members = members(&memory)?;
        let total = corpus.bytes;
        let mut contenders = vec![
            Contender::call("limit: bare libdeflate loop, 1 thread", || {
                checked(bare(&members, false), total)
            }),
            Contender::call("limit: the same with CRC-32", || checked(bare(&members, true), total)),
            Contender::call("limit: bare libdeflate loop, 2 threads", || {
                let (one, other) = halves(&members);
                let sum = std::thread::scope(|scope| {
                    let other = scope.spawn(move || bare(other, false));
                    let one = scope.spawn(move || bare(one, false));
                    one.join().expect("decodes") + other.join().expect("decodes")
                });
                checked(sum, total)
            }),
        ];
        for threads in [1, 2] {
            let what = |source| format!("pzip from {source}, {threads} threads");
            contenders.push(ours(what("memory"), &memory, threads, total));
            contenders.push(ours(what("file"), &file, threads, total));
        }
        for threads in [1, 2] {
            // Not the global pool: one of so many threads, made beforehand.
            let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let (zip_pool, rc_pool, piz_pool) = (pool()?, pool()?, pool()?);
            contenders
                .push(Contender::call(format!("zip 9.4 in rayon, {threads} threads"), move || {
                    checked(zip_pool.install(|| zip_all(bytes)), total)
                }));
            contenders
                .push(Contender::call(format!("rc-zip in rayon, {threads} threads"), move || {
                    checked(rc_pool.install(|| rc_zip_all(bytes)), total)
                }));
            contenders
                .push(Contender::call(format!("piz in rayon, {threads} threads"), move || {
                    checked(piz_pool.install(|| piz_all(bytes)), total)
                }));
        }
        contenders.extend(commons.as_ref().map(|commons| commons.read(&path, total)));
        contenders.push(async_zip(bytes.to_vec(), total)?);
        // One large entry takes each of them a second.
        let runs = if corpus.files.len() == 1 { 3 } else { setup.runs * 3 };
        let figures = interleave(&mut contenders, runs)?;
        let title = format!("Decoding all of {} to memory", corpus.name);
        tables.push(Table::new(title, total, &contenders, &figures));
    }
    Ok(tables)
}

fn checked(found: u64, total: u64) -> u64 {
    assert_eq!(found, total, "everything is decoded");
    found
}

fn bare(members: &[Member<'_>], with_crc: bool) -> u64 {
    let mut decoder = libdeflater::Decompressor::new();
    let largest = members.iter().map(|member| member.1).max().unwrap_or(0);
    let mut buffer = vec![0; largest];
    let mut sum = 0;
    for (payload, size, deflated) in members {
        let out = &mut buffer[..*size];
        if *deflated {
            decoder.deflate_decompress(payload, out).expect("decodes");
        } else {
            out.copy_from_slice(payload);
        }
        if with_crc {
            std::hint::black_box(libdeflater::crc32(out));
        }
        sum += *size as u64;
    }
    sum
}

/// Two parts of the same payload bytes, or nearly.
fn halves<'m, 'b>(members: &'m [Member<'b>]) -> (&'m [Member<'b>], &'m [Member<'b>]) {
    let total: usize = members.iter().map(|member| member.0.len()).sum();
    let mut sum = 0;
    let at = members.iter().position(|member| {
        sum += member.0.len();
        2 * sum >= total
    });
    members.split_at(at.unwrap_or(members.len()))
}

fn ours<'c, S: Source>(
    name: String,
    archive: &'c Archive<S>,
    threads: usize,
    total: u64,
) -> Contender<'c> {
    let all: Vec<usize> = (0..archive.len()).collect();
    Contender::call(name, move || {
        let results = archive
            .visit(&all, Parallel::threads(threads), |visit| Ok(visit.contents()?.len() as u64));
        checked(results.into_iter().map(|result| result.expect("decodes")).sum(), total)
    })
}

fn zip_all(bytes: &[u8]) -> u64 {
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("opens");
    (0..archive.len())
        .into_par_iter()
        .map_init(
            || (archive.clone(), Vec::new()),
            |(archive, buffer), number| {
                let mut entry = archive.by_index(number).expect("entry");
                drain(&mut entry, buffer)
            },
        )
        .sum()
}

fn rc_zip_all(bytes: &[u8]) -> u64 {
    let archive = bytes.read_zip().expect("opens");
    let entries: Vec<_> = archive.entries().collect();
    let read = |buffer: &mut Vec<u8>, entry: &rc_zip_sync::EntryHandle<'_, &[u8]>| {
        drain(&mut entry.reader(), buffer)
    };
    entries.par_iter().map_init(Vec::new, read).sum()
}

fn piz_all(bytes: &[u8]) -> u64 {
    let archive = piz::ZipArchive::new(bytes).expect("opens");
    archive
        .entries()
        .par_iter()
        .map_init(Vec::new, |buffer, entry| drain(&mut archive.read(entry).expect("entry"), buffer))
        .sum()
}

/// It reads from memory of its own; nothing ever waits, so no executor is needed.
fn async_zip<'c>(bytes: Vec<u8>, total: u64) -> Result<Contender<'c>, Box<dyn Error>> {
    use async_zip::base::read::mem::ZipFileReader;

    let archive = block_on(ZipFileReader::new(bytes))?;
    let mut buffer = Vec::new();
    Ok(Contender::call("async_zip 0.0.18, 1 thread", move || {
        let mut sum = 0;
        for number in 0..archive.file().entries().len() {
            buffer.clear();
            let read = async {
                let mut entry = archive.reader_with_entry(number).await?;
                entry.read_to_end_checked(&mut buffer).await
            };
            sum += block_on(read).expect("decodes") as u64;
        }
        checked(sum, total)
    }))
}

fn drain(reader: &mut impl Read, buffer: &mut Vec<u8>) -> u64 {
    buffer.clear();
    reader.read_to_end(buffer).expect("decodes") as u64
}

fn members<'b>(archive: &Archive<&'b [u8]>) -> Result<Vec<Member<'b>>, Box<dyn Error>> {
    let bytes: &'b [u8] = archive.source();
    let mut members = Vec::new();
    for entry in archive.entries() {
        let payload = entry.check()?.payload;
        let span = payload.start as usize..payload.end as usize;
        let deflated = entry.method() == Method::DEFLATE;
        members.push((&bytes[span], entry.size() as usize, deflated));
    }
    Ok(members)
}
