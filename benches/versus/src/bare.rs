//! The limit of extracting: a bare loop over libdeflate, `openat`, `write` and `close` on two
//! threads. It checks nothing, sets no mode and no time, and leaves half files when it is killed.
//!
//! `pzip-versus bare ARCHIVE DIRECTORY` is that, as a process of its own; `bare-renamed`
//! and `bare-linked` also set the time and give the name last, as a careful tool must.
//! `pzip-versus bare-collect TREE` reads a tree and keeps nothing, `pzip-versus collect TREE` does
//! it with the library.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pzip::reader::{Archive, Options};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, Timespec, Timestamps, openat};

/// The limit of collecting: a walk with one `stat` a file, `open` and `read`, on two threads that
/// take directory after directory.
pub fn collect(tree: &Path) -> Result<(), Box<dyn Error>> {
    let mut directories = vec![tree.to_path_buf()];
    let mut walked = 0;
    while let Some(directory) = directories.get(walked).cloned() {
        walked += 1;
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                directories.push(entry.path());
            }
        }
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut buffer = vec![0; 1 << 20];
        let mut total = 0;
        while let Some(directory) = directories.get(next.fetch_add(1, Ordering::Relaxed)) {
            for entry in fs::read_dir(directory).expect("a directory") {
                let entry = entry.expect("an entry");
                if entry.metadata().expect("it is there").is_file() {
                    let mut file = fs::File::open(entry.path()).expect("readable");
                    while let read @ 1.. = file.read(&mut buffer).expect("readable") {
                        total += read;
                    }
                }
            }
        }
        total
    };
    println!("{} bytes", on_two_threads(work));
    Ok(())
}

/// What two threads have done together.
fn on_two_threads(work: impl Fn() -> usize + Copy + Send) -> usize {
    std::thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().map(|worker| worker.join().expect("does its share")).sum()
    })
}

/// What of that is ours: the tree is collected as `pzip create` does it, each file is opened, read
/// and watched, and nothing is made of it.
pub fn collect_and_read(tree: &Path) -> Result<(), Box<dyn Error>> {
    let mut collected = pzip::fs::collect(&[tree], &pzip::fs::CollectOptions::default());
    if let Some((_, error)) = collected.failures.pop() {
        return Err(error.into());
    }
    let batches = Mutex::new(collected.items.chunks_mut(64));
    let work = || {
        let mut buffer = vec![0; 1 << 20];
        let mut total = 0;
        let next = || batches.lock().expect("nobody panics").next();
        while let Some(batch) = next() {
            for input in batch.iter_mut().filter_map(|item| item.contents.as_mut()) {
                // As the writer does it: one byte more than there should be, so that the end shows.
                let len = input.len_hint().map_or(buffer.len(), |len| len as usize + 1);
                let mut reader = input.open().expect("readable");
                while let read @ 1.. = reader.read(&mut buffer[..len]).expect("readable") {
                    total += read;
                }
            }
        }
        total
    };
    println!("{} bytes", on_two_threads(work));
    Ok(())
}

/// The limit of creating: files are read and compressed by libdeflate at level 6 on two threads,
/// pieces of a MiB at a time, and nothing is written.
pub fn create(tree: &Path) -> Result<(), Box<dyn Error>> {
    let (mut directories, mut pieces, mut at) = (vec![tree.to_path_buf()], Vec::new(), 0);
    while let Some(directory) = directories.get(at).cloned() {
        at += 1;
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                directories.push(entry.path());
            } else {
                let starts = (0..metadata.len().max(1)).step_by(PIECE);
                pieces.extend(starts.map(|start| (entry.path(), start)));
            }
        }
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let level = libdeflater::CompressionLvl::new(6).expect("a level");
        let mut compressor = libdeflater::Compressor::new(level);
        let (mut input, mut total) = (vec![0; PIECE], 0);
        let mut output = vec![0; compressor.deflate_compress_bound(PIECE)];
        while let Some((path, start)) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = fs::File::open(path).expect("readable");
            let mut len = 0;
            while let read @ 1.. =
                file.read_at(&mut input[len..], start + len as u64).expect("readable")
            {
                len += read;
            }
            total += compressor.deflate_compress(&input[..len], &mut output).expect("it fits");
        }
        total
    };
    println!("{} bytes", on_two_threads(work));
    Ok(())
}

const PIECE: usize = 1 << 20;

/// Members taken at once by one thread.
const BATCH: usize = 32;

/// How a file gets its name.
#[derive(Clone, Copy, PartialEq)]
pub enum How {
    Bare,
    Renamed,
    Linked,
}

impl How {
    /// The way of this name on the command line.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "bare" => Some(Self::Bare),
            "bare-renamed" => Some(Self::Renamed),
            "bare-linked" => Some(Self::Linked),
            _ => None,
        }
    }
}

struct Member<'b> {
    payload: &'b [u8],
    size: usize,
    deflated: bool,
    directory: usize,
    name: &'b [u8],
}

/// Extracts everything on two threads.
pub fn extract(archive: &Path, into: &Path, how: How) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(archive)?;
    let archive = Archive::new(&bytes[..], Options::default())?;
    let (mut directories, mut numbers): (Vec<OwnedFd>, HashMap<&[u8], usize>) = Default::default();
    let mut members = Vec::new();
    for entry in archive.entries() {
        let path = entry.raw_name();
        let Some(slash) = path.iter().rposition(|&byte| byte == b'/') else { continue };
        let (parent, name) = (&path[..slash], &path[slash + 1..]);
        let directory = match numbers.get(parent) {
            Some(&number) => number,
            None => {
                let path = into.join(std::str::from_utf8(parent)?);
                fs::create_dir_all(&path)?;
                let flags = OFlags::RDONLY | OFlags::DIRECTORY;
                directories.push(openat(CWD, &path, flags, Mode::empty())?);
                numbers.insert(parent, directories.len() - 1);
                directories.len() - 1
            }
        };
        if name.is_empty() {
            continue;
        }
        let header = &bytes[entry.offset() as usize..];
        let len = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let start = 30 + len(26) + len(28);
        let payload = &header[start..start + entry.compressed_size() as usize];
        let deflated = entry.method() == pzip::format::method::Method::DEFLATE;
        members.push(Member { payload, size: entry.size() as usize, deflated, directory, name });
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut decoder = libdeflater::Decompressor::new();
        let mut buffer = Vec::new();
        while let Some(batch) = members.chunks(BATCH).nth(next.fetch_add(1, Ordering::Relaxed)) {
            for member in batch {
                let directory = &directories[member.directory];
                write(&mut decoder, &mut buffer, member, directory, how);
            }
        }
    };
    std::thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().for_each(|worker| worker.join().expect("extracts"));
    });
    Ok(())
}

fn write(
    decoder: &mut libdeflater::Decompressor,
    buffer: &mut Vec<u8>,
    member: &Member<'_>,
    directory: &OwnedFd,
    how: How,
) {
    if buffer.len() < member.size {
        buffer.resize(member.size, 0);
    }
    let contents = if member.deflated {
        let out = &mut buffer[..member.size];
        decoder.deflate_decompress(member.payload, out).expect("decodes");
        out
    } else {
        member.payload
    };
    let base = OFlags::WRONLY | OFlags::CLOEXEC;
    let create = base | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
    let temporary = [b".bare-", member.name].concat();
    let mode = Mode::from_raw_mode(0o644);
    let file = match how {
        How::Bare => openat(directory, member.name, create, mode),
        How::Renamed => openat(directory, &temporary[..], create, mode),
        How::Linked => openat(directory, ".", base | OFlags::TMPFILE, mode),
    };
    let file = file.expect("creates");
    assert_eq!(rustix::io::write(&file, contents).expect("writes"), contents.len());
    if how == How::Bare {
        return;
    }
    let time = Timespec { tv_sec: 1_700_000_000, tv_nsec: 0 };
    let times = Timestamps { last_access: time, last_modification: time };
    rustix::fs::futimens(&file, &times).expect("sets the time");
    if how == How::Renamed {
        let flags = RenameFlags::NOREPLACE;
        let from = &temporary[..];
        rustix::fs::renameat_with(directory, from, directory, member.name, flags).expect("renames");
    } else {
        let flags = AtFlags::EMPTY_PATH;
        rustix::fs::linkat(&file, "", directory, member.name, flags).expect("links");
    }
}
