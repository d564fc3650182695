//! Encrypted entries, AE-2 with 256 bits: pzip, the `zip` crate and 7-Zip, side by side in one run.
//!
//! Small entries show the key derivation, large ones cipher and code; the bare HMAC-SHA1 of the
//! same bytes is the limit of what one core can do.

use std::error::Error;
use std::io::{Cursor, Read};
use std::process::Command;

use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use hmac::{Hmac, KeyInit, Mac};
use pzip::codec::level::Level;
use pzip::codec::member::{Encryption, Password, Scratch, seal};
use pzip::crypto::{Keyring, Sealer};
use pzip::format::attributes::{Attributes, Kind};
use pzip::format::directory::build::{Builder, Meta, Payload, write_local_sealed};
use pzip::format::method::Method;
use pzip::format::position::Position;
use pzip::io::file::FileSink;
use pzip::reader::{Archive, Options, Parallel, Passwords};
use pzip::writer::{Item, Options as Writing, ParallelWriter};

use crate::corpus::Setup;
use crate::measure::{Contender, installed, interleave};
use crate::table::Table;

type Aes256Ctr = ctr::Ctr64LE<aes::Aes256Enc>;

const PASSWORD: &str = "correct horse";

pub fn encrypted(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let path = setup.work.join("encrypted.zip");
    let mut tables = Vec::new();
    let (small, large) = if setup.quick { (2_000, 64) } else { (10_000, 64) };
    for (title, count, size) in [
        (format!("Decrypting {small} entries of 1 KB"), small, 1_000),
        (format!("Decrypting {large} entries of 1 MB"), large, 1 << 20),
    ] {
        let contents = contents(size, 0);
        let bytes = &archive(count, &contents);
        std::fs::write(&path, bytes)?;
        let total = (count * size) as u64;
        let mut contenders: Vec<Contender<'_>> = Vec::new();
        for threads in [1, 2] {
            contenders.push(Contender::call(format!("pzip, {threads} threads"), move || {
                let passwords = Passwords::one(Password::new(PASSWORD));
                let options = Options { passwords, ..Options::default() };
                let archive = Archive::new(&bytes[..], options).expect("opens");
                let all: Vec<usize> = (0..archive.len()).collect();
                let read = archive.visit(&all, Parallel::threads(threads), |visit| {
                    Ok(visit.contents()?.len() as u64)
                });
                read.into_iter().map(|read| read.expect("opens")).sum()
            }));
            contenders.push(Contender::call(format!("zip 9.4, {threads} threads"), move || {
                let archive = zip::ZipArchive::new(Cursor::new(&bytes[..])).expect("opens");
                std::thread::scope(|scope| {
                    let run = |first: usize| {
                        let mut archive = archive.clone();
                        move || {
                            let (mut sum, mut out) = (0, Vec::new());
                            for index in (first..archive.len()).step_by(threads) {
                                out.clear();
                                let entry = archive.by_index_decrypt(index, PASSWORD.as_bytes());
                                sum += entry.expect("opens").read_to_end(&mut out).expect("reads")
                                    as u64;
                            }
                            sum
                        }
                    };
                    let helpers: Vec<_> =
                        (0..threads).map(|first| scope.spawn(run(first))).collect();
                    helpers.into_iter().map(|helper| helper.join().expect("no panic")).sum()
                })
            }));
        }
        if installed("7zz") {
            let path = path.clone();
            let command = move || {
                let mut command = Command::new("7zz");
                command.args(["t", &format!("-p{PASSWORD}")]).arg(&path);
                command
            };
            contenders.push(Contender::process(
                "7zz t (one thread is all it uses)",
                || (),
                command,
                move || total,
            ));
        }
        if size > 100_000 {
            contenders.push(Contender::call(
                "limit: HMAC-SHA1 of the same bytes, 1 thread",
                || {
                    for _ in 0..count {
                        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&[1; 32]).expect("a key");
                        mac.update(&contents);
                        std::hint::black_box(mac.finalize());
                    }
                    total
                },
            ));
            contenders.push(Contender::call(
                "limit: AES-256-CTR and HMAC-SHA1, 16 KiB in turn, 1 thread",
                || {
                    let mut piece = vec![0; 16 << 10];
                    for _ in 0..count {
                        let mut stream = Aes256Ctr::new(&[1; 32].into(), &[0; 16].into());
                        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&[1; 32]).expect("a key");
                        for part in contents.chunks(piece.len()) {
                            let piece = &mut piece[..part.len()];
                            piece.copy_from_slice(part);
                            stream.apply_keystream(piece);
                            mac.update(piece);
                        }
                        std::hint::black_box(mac.finalize());
                    }
                    total
                },
            ));
            let encryption = Encryption::aes256(Password::new(PASSWORD));
            let (in_place, mut ring) = (encryption.clone(), Keyring::new());
            let mut buffer = contents.clone();
            contenders.push(Contender::call("pzip, sealing them in place, 1 thread", move || {
                for _ in 0..count {
                    let mut sealer = Sealer::new(&in_place, 0, &mut ring).expect("a salt");
                    sealer.seal(&mut buffer);
                    std::hint::black_box(sealer.finish());
                }
                total
            }));
            let (mut scratch, mut out) = (Scratch::new(), Vec::new());
            let contents = &contents;
            contenders.push(Contender::call("pzip, sealing them, 1 thread", move || {
                for _ in 0..count {
                    seal::encode_all(
                        &mut scratch,
                        Method::STORED,
                        Level::NONE,
                        &encryption,
                        contents,
                        &mut out,
                    )
                    .expect("seals");
                }
                total
            }));
        } else {
            let encryption = Encryption::aes256(Password::new(PASSWORD));
            let (mut scratch, mut out) = (Scratch::new(), Vec::new());
            let contents = &contents;
            contenders.push(Contender::call(
                "pzip, compressing and sealing them, 1 thread",
                move || {
                    for _ in 0..count {
                        seal::encode_all(
                            &mut scratch,
                            Method::DEFLATE,
                            Level::DEFAULT,
                            &encryption,
                            contents,
                            &mut out,
                        )
                        .expect("seals");
                    }
                    total
                },
            ));
        }
        let figures = interleave(&mut contenders, 3)?;
        for (contender, figure) in contenders.iter().zip(&figures) {
            assert_eq!(figure.outcome.bytes, total, "{} read all", contender.name);
        }
        tables.push(Table::new(title.as_str(), total, &contenders, &figures));
        drop(contenders);
        std::fs::remove_file(&path)?;
    }
    let title = format!("Encrypting {small} files of 1 KB, deflated (level 1)");
    tables.push(encrypting(&title, small, 1_000, Level::FAST)?);
    let title = format!("Encrypting {large} files of 1 MB, stored");
    tables.push(encrypting(&title, large, 1 << 20, Level::NONE)?);
    Ok(tables)
}

/// Files on disk into an archive on disk, by each.
fn encrypting(
    title: &str,
    count: usize,
    size: usize,
    level: Level,
) -> Result<Table, Box<dyn Error>> {
    let root = std::env::temp_dir().join(format!("pzip-encrypting-{}", std::process::id()));
    let (files, out) = (root.join("files"), root.join("out.zip"));
    std::fs::create_dir_all(&files)?;
    for number in 0..count {
        let contents: Vec<u8> = contents(size, number as u64);
        std::fs::write(files.join(format!("{number:05}")), contents)?;
    }
    let total = (count * size) as u64;
    let stored = level == Level::NONE;
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for threads in [1, 2] {
        let (files, out) = (&files, &out);
        contenders.push(Contender::call(format!("pzip, {threads} threads"), move || {
            let encryption = Some(Encryption::aes256(Password::new(PASSWORD)));
            let options = Writing { threads, level, encryption, ..Writing::default() };
            let items = (0..count).map(|number| {
                let name = format!("{number:05}");
                let path = files.join(&name);
                Item::file(name, path)
            });
            let sink = FileSink::create(out).expect("a file");
            let (_, report) = ParallelWriter::new(options).write(sink, items).expect("written");
            report.bytes_in
        }));
        // It writes with one thread: two write half an archive each, which is the most it could do.
        contenders.push(Contender::call(format!("zip 9.4, {threads} threads"), move || {
            std::thread::scope(|scope| {
                let run = |first: usize| {
                    move || {
                        let sink = std::fs::File::create(out.with_extension(format!("{first}")));
                        let sink =
                            std::io::BufWriter::with_capacity(1 << 20, sink.expect("a file"));
                        let mut archive = zip::ZipWriter::new(sink);
                        let options = zip::write::SimpleFileOptions::default()
                            .with_aes_encryption(zip::AesMode::Aes256, PASSWORD);
                        let options = if stored {
                            options.compression_method(zip::CompressionMethod::Stored)
                        } else {
                            options.compression_level(Some(1))
                        };
                        let mut sum = 0;
                        for number in (first..count).step_by(threads) {
                            let name = format!("{number:05}");
                            let contents = std::fs::read(files.join(&name)).expect("a file");
                            archive.start_file(name, options).expect("starts");
                            std::io::Write::write_all(&mut archive, &contents).expect("writes");
                            sum += contents.len() as u64;
                        }
                        archive.finish().expect("ends");
                        sum
                    }
                };
                let helpers: Vec<_> = (0..threads).map(|first| scope.spawn(run(first))).collect();
                helpers.into_iter().map(|helper| helper.join().expect("no panic")).sum()
            })
        }));
        if installed("7zz") {
            let before = move || drop(std::fs::remove_file(out));
            let command = move || {
                let mut command = Command::new("7zz");
                let level = if stored { "-mx0" } else { "-mx1" };
                command.args(["a", "-tzip", "-mem=AES256", level, &format!("-mmt{threads}")]);
                command.arg(format!("-p{PASSWORD}")).arg(out).arg(files);
                command
            };
            let name = format!("7zz a, {threads} threads");
            contenders.push(Contender::process(name, before, command, move || total));
        }
    }
    let figures = interleave(&mut contenders, 3)?;
    let table = Table::new(title, total, &contenders, &figures);
    drop(contenders);
    std::fs::remove_dir_all(&root)?;
    Ok(table)
}

fn contents(size: usize, seed: u64) -> Vec<u8> {
    let byte = |n: u64| (n.wrapping_mul(n ^ 0x9e37_79b9 ^ seed) >> 13) as u8;
    (0..size as u64).map(byte).collect()
}

/// An archive of so many entries with the same contents.
fn archive(count: usize, contents: &[u8]) -> Vec<u8> {
    let encryption = Encryption::aes256(Password::new(PASSWORD));
    let (mut scratch, mut builder) = (Scratch::new(), Builder::new());
    let (mut out, mut body) = (Vec::new(), Vec::new());
    for number in 0..count {
        let method = if contents.len() > 100_000 { Method::STORED } else { Method::DEFLATE };
        let level = Level::DEFAULT;
        let facts = seal::encode_all(&mut scratch, method, level, &encryption, contents, &mut body)
            .expect("seals");
        let name = format!("{number:05}");
        let attributes = Attributes::unix(Kind::File, 0o644);
        let meta =
            Meta { name: name.as_bytes(), comment: b"", modified: None, attributes, owner: None };
        let (method, crc32, size) = (facts.method, facts.crc32, facts.size);
        let payload = Payload { method, crc32, compressed_size: facts.compressed_size, size };
        let (scheme, local) = (encryption.scheme(method), Position::on_first(out.len() as u64));
        write_local_sealed(&meta, &payload, scheme, &mut out).expect("a header");
        builder.push_sealed(&meta, &payload, scheme, local).expect("a header");
        out.extend_from_slice(&body);
    }
    let trailer = builder.trailer(out.len() as u64, b"").expect("a trailer");
    out.extend_from_slice(builder.directory());
    out.extend_from_slice(&trailer);
    out
}
