//! Archives over volumes.

use pzip::reader::{Archive, Options as ReaderOptions};
use pzip::segment::rewrite::{Options, rewrite, volume_sizes};
use pzip::segment::volume::MemoryVolumes;
use pzip::segment::{Kind, Policy, SegmentedSink, SegmentedSource};

/// Names and contents; `None` where the archive, or one of them, is refused.
type Members = Option<Vec<(Vec<u8>, Vec<u8>)>>;

fn members(source: impl pzip::io::Source) -> Members {
    let archive = Archive::new(source, ReaderOptions::default()).ok()?;
    if archive.len() > 64 || archive.entries().any(|entry| entry.size() > 1 << 20) {
        return None;
    }
    let read = |entry: pzip::reader::EntryRef<'_, _>| {
        Some((entry.raw_name().to_vec(), entry.read().ok()?))
    };
    archive.entries().map(read).collect()
}

/// The first four bytes say where the rest is cut, and which volume is then changed and how. Three
/// promises:
///
/// Any volumes end in an answer, of the source, the check and the rewrite. Of an archive that
/// reads, what was split, and what was joined again, is read the same. And of its volumes, one
/// that is changed, cut off, doubled or exchanged gives an error or the same contents.
pub fn volumes(bytes: &[u8]) {
    let Some((&[size, number, at, how], rest)) = bytes.split_first_chunk::<4>() else { return };
    let cuts = rest.chunks(usize::from(size).max(1)).map(<[u8]>::to_vec).collect();
    any(cuts);

    let Some(original) = members(rest) else { return };
    let kinds = [(Kind::Split, 65_536), (Kind::Raw, u64::from(size).max(1) * 16)];
    for (kind, size) in kinds {
        let policy = Policy::new(kind, size).expect("a size that the kind has");
        let mut sink = SegmentedSink::new(MemoryVolumes::new(), policy).expect("memory");
        // A prefix, or a signature, for one.
        if rewrite(&rest, &mut sink, &Options::default()).is_err() {
            continue;
        }
        let set = sink.into_volumes().into_volumes().expect("it is finished");
        let sizes: Vec<u64> = set.iter().map(|volume| volume.len() as u64).collect();
        let told = volume_sizes(&rest, policy, &Options::default());
        assert_eq!(told.expect("it was written"), sizes);
        let source = SegmentedSource::new(set.clone()).expect("our own volumes");
        assert_eq!(members(&source).as_ref(), Some(&original), "split");
        let mut joined = Vec::new();
        rewrite(&source, &mut joined, &Options::default()).expect("our own volumes");
        assert_eq!(members(joined).as_ref(), Some(&original), "joined");

        let mut changed = set;
        let (one, other) = (usize::from(number) % changed.len(), usize::from(at) % changed.len());
        let place = usize::from(at) * changed[one].len() / 256;
        match how % 5 {
            0 => changed[one].iter_mut().skip(place).take(1).for_each(|byte| *byte ^= how | 1),
            1 => changed[one].truncate(place),
            2 => changed[one].extend([how; 9]),
            3 => changed.swap(one, other),
            _ => changed[one] = changed[other].clone(),
        }
        if let Some(found) = any(changed) {
            assert_eq!(found, original, "changed volumes were read as something else");
        }
    }
}

/// What is read of any volumes.
fn any(volumes: Vec<Vec<u8>>) -> Members {
    let source = SegmentedSource::new(volumes).ok()?;
    let _ = pzip::segment::check::faults(&source);
    let _ = rewrite(&source, &mut Vec::new(), &Options::default());
    members(source)
}
