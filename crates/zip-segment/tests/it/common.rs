//! Archives in volumes, made and read.

use zip_mmap_reader::{Archive, Options as ReaderOptions, Parallel};
use zip_parallel_writer::{Item, Options, ParallelWriter};
use zip_segment::volume::MemoryVolumes;
use zip_segment::{Kind, Policy, SegmentedSink, SegmentedSource};

/// Names and contents.
pub(crate) type Members = Vec<(String, Vec<u8>)>;

/// Smallest volumes of a split archive.
pub(crate) const K64: u64 = 64 << 10;

pub(crate) fn split(size: u64) -> Policy {
    Policy::new(Kind::Split, size).unwrap()
}

pub(crate) fn raw(size: u64) -> Policy {
    Policy::new(Kind::Raw, size).unwrap()
}

/// Bytes that no coder makes shorter, the same for the same seed.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend(state.to_le_bytes());
    }
    out.truncate(len);
    out
}

/// Members of these sizes.
pub(crate) fn members(sizes: &[usize]) -> Members {
    let member = |(n, &len): (usize, &usize)| (format!("member {n}"), noise(n as u64 + 1, len));
    sizes.iter().enumerate().map(member).collect()
}

/// The items of a writer.
pub(crate) fn items(members: &Members) -> Vec<Item<'static>> {
    members.iter().map(|(name, bytes)| Item::bytes(name.clone(), bytes.clone())).collect()
}

/// A writer that stores.
pub(crate) fn writer(comment: &[u8]) -> ParallelWriter<'static> {
    let level = 0.try_into().unwrap();
    ParallelWriter::new(Options {
        level,
        threads: 2,
        comment: comment.to_vec(),
        ..Options::default()
    })
}

/// One plain archive.
pub(crate) fn plain(members: &Members) -> Vec<u8> {
    writer(b"a comment").write(Vec::new(), items(members)).unwrap().0
}

/// The same in volumes.
pub(crate) fn volumes(policy: Policy, members: &Members) -> Vec<Vec<u8>> {
    let sink = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
    let (sink, report) = writer(b"a comment").write(sink, items(members)).unwrap();
    let volumes = sink.into_volumes().into_volumes().expect("finished");
    assert_eq!(report.bytes_out, volumes.iter().map(|volume| volume.len() as u64).sum::<u64>());
    volumes
}

/// Opens strictly, checks every record and reads everything.
pub(crate) fn read<S: zip_io::Source>(source: S) -> Result<Members, String> {
    let archive = Archive::new(source, ReaderOptions::default()).map_err(|e| e.to_string())?;
    let audit = archive.audit(Parallel::threads(2)).map_err(|e| e.to_string())?;
    if let Some(finding) = audit.findings.first() {
        return Err(format!("offset {}: {}", finding.at, finding.error));
    }
    let contents = archive.entries().map(|entry| {
        let contents = entry.read().map_err(|error| error.to_string())?;
        Ok((entry.name().to_string(), contents))
    });
    contents.collect()
}

/// The same over volumes.
pub(crate) fn read_volumes(volumes: Vec<Vec<u8>>) -> Result<Members, String> {
    read(SegmentedSource::new(volumes).map_err(|error| error.to_string())?)
}
