//! Members of several GiB over volumes, held as what of them is not zero.

use std::collections::BTreeMap;
use std::io;

use zip_io::Source;
use zip_mmap_reader::{Archive, Options as ReaderOptions, Parallel};
use zip_segment::rewrite::{Options, rewrite, volume_sizes};
use zip_segment::{Policy, SegmentedSink, SegmentedSource, Volumes};
use zip_testkit::sparse::{self, BORDER_SIZES, Sparse, SparseEntry};

use crate::common::{raw, split};

/// A sparse archive, or a volume of one, as a source.
struct Spans(Sparse);

impl Source for Spans {
    fn len(&self) -> u64 {
        self.0.len
    }
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        Ok(self.0.read_at(buf, at))
    }
}

/// Volumes that keep what is written, and take long runs of zeros from the source as such.
#[derive(Default)]
struct SparseVolumes(Vec<Sparse>);

impl Volumes for SparseVolumes {
    fn start(&mut self, _: u32) -> io::Result<()> {
        self.0.push(Sparse { len: 0, spans: BTreeMap::new() });
        Ok(())
    }
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let current = self.0.last_mut().unwrap();
        if bytes.iter().any(|&byte| byte != 0) {
            current.spans.insert(current.len, bytes.to_vec());
        }
        current.len += bytes.len() as u64;
        Ok(())
    }
    fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
        // Payloads are zeros; where something else begins or ends, it comes as bytes. Should this
        // be wrong in the middle, records are missing that are looked for below.
        let mut ends = [0; 128];
        let half = ends.len().min(len as usize) / 2;
        source.read_exact_at(&mut ends[..half], at)?;
        source.read_exact_at(&mut ends[half..2 * half], at + len - half as u64)?;
        if ends != [0; 128] {
            return Ok(0);
        }
        self.0.last_mut().unwrap().len += len;
        Ok(len)
    }
    fn replace_head(&mut self, head: &[u8]) -> io::Result<()> {
        self.0[0].spans.get_mut(&0).unwrap()[..head.len()].copy_from_slice(head);
        Ok(())
    }
    fn complete(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }
}

/// Opens strictly; every record is right, and the last entry reads right.
fn check<S: Source>(source: S, laid: &[SparseEntry], what: &str) {
    let archive = Archive::new(source, ReaderOptions::default()).expect(what);
    assert_eq!(archive.len(), laid.len(), "{what}");
    for (entry, laid) in archive.entries().zip(laid) {
        entry.check().expect(what);
        let found = (entry.raw_name(), entry.size(), entry.compressed_size(), entry.crc32());
        let expected = (&laid.name[..], laid.uncompressed_size, laid.compressed_size, laid.crc32);
        assert_eq!(found, expected, "{what}");
    }
    let audit = archive.audit(Parallel::threads(2)).expect("not cancelled");
    assert!(audit.findings.is_empty(), "{what}: {:?}", audit.findings);
    assert_eq!(archive.by_name("after").expect(what).read().expect(what), b"behind the border\n");
}

fn cut(source: &dyn Source, policy: Policy) -> Vec<Spans> {
    let mut sink = SegmentedSink::new(SparseVolumes::default(), policy).unwrap();
    rewrite(source, &mut sink, &Options::default()).unwrap();
    sink.into_volumes().0.into_iter().map(Spans).collect()
}

/// Sizes at the border of 32 bits, in volumes of which the last is beyond it or is not, and each
/// volume at its own.
#[test]
fn zip64_members_over_volumes() {
    for size in BORDER_SIZES {
        for (form, (archive, laid)) in [
            ("stored", sparse::stored_zeros_then_small(size)),
            ("streamed", sparse::streamed_zeros_then_small(size)),
        ] {
            let source = Spans(archive);
            for policy in [split(1 << 30), split(u64::from(u32::MAX)), raw(3 << 30)] {
                let what = format!("{form} {size}, {policy:?}");
                let volumes = cut(&source, policy);
                let sizes: Vec<u64> = volumes.iter().map(Source::len).collect();
                assert!(sizes.len() > 1 || size < (1 << 32) - 2, "{what}");
                assert_eq!(
                    volume_sizes(&source, policy, &Options::default()).unwrap(),
                    sizes,
                    "{what}"
                );
                let whole = SegmentedSource::new(volumes).unwrap();
                check(&whole, &laid, &what);
                // Joined again, as one volume that holds all of it.
                let mut joined = cut(&whole, raw(u64::MAX));
                assert_eq!(joined.len(), 1);
                let joined = joined.remove(0);
                check(&joined, &laid, &what);
                assert_eq!(joined.len(), source.len(), "{what}");
            }
        }
    }
}
