//! Entries larger than a chunk, very many small ones, and what goes wrong ahead of its turn.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use zip_format::position::Span;
use zip_io::Source;
use zip_stream_encoder::ahead::{Chunk, Jobs, Joiner};
use zip_stream_encoder::content::Opened;
use zip_stream_encoder::{
    Content, Contents, CrcCache, Entry, Error, Machine, MemoryCache, Plan, Result, Wrap,
};
use zip_testkit::data;

use crate::archive::{File, Told, joined, plan_of, whole};

#[test]
fn chunks_of_large_entries_and_of_many_small_ones() {
    let mut files = Vec::new();
    for (n, len) in [16 * 65_535, 16 * 65_535 + 1, 2_500_000].into_iter().enumerate() {
        for told in [Told::Size, Told::SizeStored, Told::All, Told::Raw] {
            for (reader, shared) in [(true, false), (false, true), (false, false)] {
                let file = File::new(told, data::noise(len, n as u64));
                files.push(File { reader, shared, ..file });
            }
        }
        files.extend((0..150).map(|n| File::new(Told::Size, data::noise(n * 37, 7))));
    }
    let (plan, sources) = plan_of(&files);
    let bytes = whole(&plan, &sources);
    for ahead in [1, 4, 100] {
        assert!(joined(&plan, &sources, ahead) == bytes, "{ahead} ahead");
    }
}

/// What is promised, and what is there: bytes, or a failure after them.
#[derive(Clone)]
struct Promise {
    there: Bytes,
    fails: bool,
    refuses: bool,
    shared: bool,
    opened: Arc<AtomicUsize>,
}

impl Promise {
    fn of(there: usize) -> Self {
        let there = Bytes::from(vec![7; there]);
        Self { there, fails: false, refuses: false, shared: false, opened: Arc::default() }
    }
}

struct Failing(io::Cursor<Bytes>, bool);

impl io::Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf)? {
            0 if self.1 && !buf.is_empty() => Err(io::ErrorKind::ConnectionReset.into()),
            read => Ok(read),
        }
    }
}

impl Content for Promise {
    fn open(&self, _: Span) -> io::Result<Opened> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        if self.refuses {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let reader = Failing(io::Cursor::new(self.there.clone()), self.fails);
        Ok(Opened::Read(Box::new(reader)))
    }

    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        if !self.shared {
            return None;
        }
        self.opened.fetch_add(1, Ordering::SeqCst);
        Some(match self.refuses {
            true => Err(io::ErrorKind::PermissionDenied.into()),
            false => Ok(Arc::new(self.there.to_vec())),
        })
    }
}

fn run(promised: u64, contents: Contents, promise: &Promise) -> Result<Vec<u8>> {
    let mut plan = Plan::builder();
    for name in [&b"before"[..], b"x", b"after"] {
        let contents = if name == b"x" { contents } else { Contents::sized(promised) };
        plan.push(&Entry::file(name, contents)).unwrap();
    }
    let plan = Arc::new(plan.finish());
    let good = Promise { shared: true, ..Promise::of(promised as usize) };
    let contents = [good.clone(), promise.clone(), good];
    let mut out = Vec::new();
    let mut joiner = Joiner::new(Machine::new(Arc::clone(&plan)), &mut out);
    let mut jobs = Jobs::new(&plan, &contents);
    let mut chunk = Chunk::default();
    while let Some(job) = jobs.next(&mut chunk) {
        job.read(&mut chunk);
        joiner.push(&mut chunk)?;
    }
    joiner.finish()?;
    Ok(out)
}

#[test]
fn broken_promises_end_it_with_the_entry_named() {
    for promised in [1_000_u64, 3_000_000] {
        let contents = Contents::sized(promised);
        let there = promised as usize;
        let crc32 = Contents::Known { size: promised, crc32: 1 };
        for shared in [false, true] {
            let case = |there| Promise { shared, ..Promise::of(there) };
            let refuses = Promise { refuses: true, ..case(there) };
            for (contents, promise, expected) in [
                (contents, case(there - 1), "x: the contents end after"),
                (contents, case(there + 1), "x: the contents have at least"),
                (contents, refuses, "x: opening the contents"),
                (crc32, case(there), "x: CRC-32 of the contents"),
            ] {
                let error = run(promised, contents, &promise).unwrap_err();
                assert!(error.to_string().starts_with(expected), "{promised}: {error}");
                assert_eq!(promise.opened.load(Ordering::SeqCst), 1, "opened once");
            }
            assert!(run(promised, contents, &case(there)).is_ok());
        }
        let fails = Promise { fails: true, ..Promise::of(there / 2) };
        let error = run(promised, contents, &fails).unwrap_err();
        assert!(matches!(&error, Error::Read { at, .. } if *at == promised / 2), "{error:?}");
    }
}

#[test]
fn chunks_out_of_turn_are_refused_and_missing_ones_noticed() {
    let contents = [Promise::of(3_000_000)];
    let mut plan = Plan::builder();
    plan.push(&Entry::file(b"x", Contents::sized(3_000_000))).unwrap();
    let plan = Arc::new(plan.finish());
    let mut jobs = Jobs::new(&plan, &contents);
    let mut chunks = Vec::new();
    for _ in 0..2 {
        let mut chunk = Chunk::default();
        jobs.next(&mut chunk).unwrap().read(&mut chunk);
        chunks.push(chunk);
    }
    let mut out = Vec::new();
    let mut joiner = Joiner::new(Machine::new(Arc::clone(&plan)), &mut out);
    assert!(matches!(joiner.push(&mut chunks[1]), Err(Error::Ended)));
    let mut joiner = Joiner::new(Machine::new(plan), &mut out);
    joiner.push(&mut chunks[0]).unwrap();
    assert!(matches!(joiner.finish(), Err(Error::Ended)));
}

#[test]
fn checksums_are_left_in_the_cache() {
    for wrap in [Wrap::Stored, Wrap::DeflateStored] {
        let bytes = data::noise(2_000_000, 1);
        let contents = Contents::Sized { size: bytes.len() as u64, wrap };
        let mut plan = Plan::builder();
        plan.push(&Entry::file(b"x", contents).with_key(b"k")).unwrap();
        let plan = Arc::new(plan.finish());
        let cache = Arc::new(MemoryCache::default());
        let shared: Arc<dyn CrcCache> = Arc::clone(&cache) as _;
        let sources = [Bytes::from(bytes.clone())];
        let mut out = Vec::new();
        let machine = Machine::new(Arc::clone(&plan)).with_cache(shared);
        let mut joiner = Joiner::new(machine, &mut out);
        let (mut jobs, mut chunk) = (Jobs::new(&plan, &sources), Chunk::default());
        while let Some(job) = jobs.next(&mut chunk) {
            job.read(&mut chunk);
            joiner.push(&mut chunk).unwrap();
        }
        joiner.finish().unwrap();
        let crc32 = zip_format::crc32::crc32(&bytes);
        assert_eq!(cache.load(b"k").complete(bytes.len() as u64), Some(crc32));
    }
}
