//! Archives to be streamed, and every way to stream them.

use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use zip_format::method::Method;
use zip_format::position::Span;
use zip_io::Source;
use zip_stream_encoder::ahead::{Chunk, Jobs, Joiner};
use zip_stream_encoder::content::{OpenWith, Opened};
use zip_stream_encoder::{Content, Contents, Encoder, Entry, Machine, Plan, Wrap};
use zip_testkit::data;

/// What is said of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    All,
    Size,
    SizeStored,
    Raw,
}

/// A file, and whether its source is a reader rather than bytes in memory.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) told: Told,
    pub(crate) bytes: Bytes,
    pub(crate) reader: bool,
    /// It can be read at several places at a time.
    pub(crate) shared: bool,
    pub(crate) key: bool,
}

impl File {
    pub(crate) fn new(told: Told, bytes: impl Into<Bytes>) -> Self {
        Self { told, bytes: bytes.into(), reader: false, shared: false, key: false }
    }

    /// What is opened for it.
    fn source(&self) -> Bytes {
        match self.told {
            Told::Raw => deflated(&self.bytes),
            _ => self.bytes.clone(),
        }
    }

    pub(crate) fn contents(&self) -> Contents {
        let size = self.bytes.len() as u64;
        match self.told {
            Told::All => Contents::of(&self.bytes),
            Told::Size => Contents::sized(size),
            Told::SizeStored => Contents::Sized { size, wrap: Wrap::Stored },
            Told::Raw => Contents::Raw {
                method: Method::DEFLATE,
                compressed_size: self.source().len() as u64,
                size,
                crc32: zip_format::crc32::crc32(&self.bytes),
            },
        }
    }
}

/// The contents as deflate, compressed.
fn deflated(bytes: &Bytes) -> Bytes {
    use zip_codec::coder::Encode;
    let mut out = vec![0; zip_codec::deflate_stored::exact_len(bytes.len() as u64) as usize];
    let mut encoder = zip_codec::deflate_stored::Encoder::default();
    let len = encoder.encode_all(bytes, &mut out).expect("room").expect("room");
    out.truncate(len);
    out.into()
}

impl Content for File {
    fn open(&self, span: Span) -> std::io::Result<Opened> {
        let bytes = self.source();
        if !self.reader {
            return bytes.open(span);
        }
        // A reader that gives little at a time.
        OpenWith(move |span: Span| {
            let rest = bytes.slice(span.start as usize..);
            Ok(zip_testkit::faults::Short::new(std::io::Cursor::new(rest), 3_000, span.start))
        })
        .open(span)
    }

    fn share(&self) -> Option<std::io::Result<Arc<dyn Source>>> {
        self.shared.then(|| Ok(Arc::new(self.source().to_vec()) as _))
    }
}

/// The plan of these files, between a directory and a link.
pub(crate) fn plan_of(files: &[File]) -> (Arc<Plan>, Vec<File>) {
    let mut plan = Plan::builder();
    let link = File::new(Told::All, &b"d/0"[..]);
    plan.push(&Entry::directory(b"d/").with_modified(1_700_000_000)).unwrap();
    let mut sources = vec![File::new(Told::All, "")];
    for (index, file) in files.iter().enumerate() {
        let name = format!("d/{index}");
        let key = if file.key { format!("key {index}") } else { String::new() };
        let entry = Entry::file(name.as_bytes(), file.contents())
            .with_modified(1_600_000_000 + index as i64)
            .with_mode(0o600)
            .with_comment(if index % 2 == 0 { b"even" } else { b"" })
            .with_key(key.as_bytes());
        plan.push(&entry).unwrap();
        sources.push(file.clone());
    }
    plan.push(&Entry::symlink("löschen".as_bytes(), link.contents())).unwrap();
    sources.push(link);
    plan.set_comment(b"streamed").unwrap();
    (Arc::new(plan.finish()), sources)
}

/// The whole archive by the iterator.
pub(crate) fn whole(plan: &Arc<Plan>, sources: &[File]) -> Vec<u8> {
    let pieces: Vec<Bytes> =
        Encoder::new(Arc::clone(plan), sources).map(|piece| piece.expect("bytes")).collect();
    pieces.concat()
}

/// The whole archive from chunks, `ahead` of which are read before the first is joined, the last
/// of them first.
pub(crate) fn joined(plan: &Arc<Plan>, sources: &[File], ahead: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut joiner = Joiner::new(Machine::new(Arc::clone(plan)), &mut out);
    let mut jobs = Jobs::new(plan, sources);
    loop {
        let mut taken = Vec::new();
        for _ in 0..ahead {
            let mut chunk = Chunk::default();
            taken.extend(jobs.next(&mut chunk).map(|job| (job, chunk)));
        }
        if taken.is_empty() {
            break;
        }
        let mut read = Vec::new();
        for (job, mut chunk) in taken.into_iter().rev() {
            job.read(&mut chunk);
            read.push(chunk);
        }
        for mut chunk in read.into_iter().rev() {
            joiner.push(&mut chunk).expect("bytes");
        }
    }
    assert_eq!(joiner.finish().expect("whole"), plan.len());
    out
}

/// Some bytes of it by the reader.
pub(crate) fn range(plan: &Arc<Plan>, sources: &[File], start: u64, end: u64) -> Vec<u8> {
    let encoder = Encoder::over(Arc::clone(plan), Span { start, end }, sources).expect("a range");
    assert_eq!(encoder.remaining(), end - start);
    let mut out = Vec::new();
    encoder.into_reader().read_to_end(&mut out).expect("bytes");
    out
}

pub(crate) fn files() -> impl Strategy<Value = Vec<File>> {
    let told = prop::sample::select(vec![Told::All, Told::Size, Told::SizeStored, Told::Raw]);
    let len = prop_oneof![
        4 => 0_usize..3_000,
        1 => prop::sample::select(vec![65_534, 65_535, 65_536, 131_070, 131_071, 140_000]),
    ];
    let file = (told, len, any::<[bool; 3]>(), any::<u64>()).prop_map(
        |(told, len, [reader, shared, key], seed)| File {
            told,
            bytes: data::noise(len, seed).into(),
            reader,
            shared,
            key,
        },
    );
    prop::collection::vec(file, 0..6)
}
