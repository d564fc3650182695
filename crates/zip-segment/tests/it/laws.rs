//! Any archive, volumes of any size: split and read, and joined and read, are the original.

use proptest::collection::vec;
use proptest::prelude::*;
use zip_segment::rewrite::{Options, rewrite, volume_sizes};
use zip_segment::volume::MemoryVolumes;
use zip_segment::{Kind, Policy, SegmentedSink, SegmentedSource};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay, Zip64End};

use crate::common::{noise, read, read_volumes};

/// A valid archive: members of several forms, sizes around the borders of volumes.
fn archive() -> impl Strategy<Value = Vec<u8>> {
    let size = prop_oneof![3 => 0..300_usize, 2 => 0..70_000_usize, 1 => 65_300..65_700_usize];
    let member = (size, 0..4_u8, any::<bool>());
    let zip64 = prop::sample::select(&[Zip64End::Absent, Zip64End::Sentinels][..]);
    (vec(member, 0..12), zip64, 0..200_usize).prop_map(|(members, zip64, comment)| {
        let entries = members.into_iter().enumerate().map(|(number, (size, form, long))| {
            let name = format!("{number}{}", if long { "/long".repeat(30) } else { String::new() });
            let contents = noise(number as u64 + 7, size);
            match form {
                0 => LaidEntry::stored(name, contents),
                1 => LaidEntry::deflated(name, contents),
                2 => LaidEntry::deflated(name, contents).with_descriptor(DescriptorForm::Signed32),
                _ => LaidEntry::deflated(name, contents).zip64(),
            }
        });
        let lay = Lay::of(entries).with(|lay| {
            lay.zip64 = zip64;
            lay.comment = vec![b'c'; comment];
        });
        lay.build()
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        (65_536..200_000_u64).prop_map(|size| Policy::new(Kind::Split, size).unwrap()),
        (500..200_000_u64).prop_map(|size| Policy::new(Kind::Raw, size).unwrap()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn split_then_read_is_join_then_read_is_the_original(
        archive in archive(), policy in policy(), again in policy(),
    ) {
        let original = read(archive.clone());
        prop_assert!(original.is_ok(), "{original:?}");
        let mut sink = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
        rewrite(&archive, &mut sink, &Options::default()).unwrap();
        let volumes = sink.into_volumes().into_volumes().unwrap();
        prop_assert!(volumes.iter().all(|volume| volume.len() as u64 <= policy.size()));
        let told = volume_sizes(&archive, policy, &Options::default()).unwrap();
        prop_assert!(told.iter().copied().eq(volumes.iter().map(|volume| volume.len() as u64)));
        let source = SegmentedSource::new(volumes.clone()).unwrap();
        let faults = zip_segment::check::faults(&source).unwrap();
        let telling = faults.iter().find(|fault| {
            // Members of the same bytes may fill volumes of the same bytes.
            !matches!(fault, zip_segment::check::Fault::Same { .. } | zip_segment::check::Fault::Longer { .. })
        });
        prop_assert!(telling.is_none() || volumes.len() == 1, "{telling:?}");
        prop_assert_eq!(&read_volumes(volumes), &original);

        let mut joined = Vec::new();
        rewrite(&source, &mut joined, &Options::default()).unwrap();
        prop_assert_eq!(&read(joined), &original);
        let mut sink = SegmentedSink::new(MemoryVolumes::new(), again).unwrap();
        rewrite(&source, &mut sink, &Options::default()).unwrap();
        prop_assert_eq!(&read_volumes(sink.into_volumes().into_volumes().unwrap()), &original);
    }

    /// Volumes that were changed, cut, exchanged, doubled or lost: an error, or the original.
    #[test]
    fn damaged_sets_are_never_read_as_something_else(
        archive in archive(), policy in policy(),
        edits in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0..6_u8), 1..4),
    ) {
        let original = read(archive.clone());
        let mut sink = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
        rewrite(&archive, &mut sink, &Options::default()).unwrap();
        let mut volumes = sink.into_volumes().into_volumes().unwrap();
        for (volume, at, value, how) in edits {
            let (volume, other) = (volume.index(volumes.len()), at.index(volumes.len()));
            let len = volumes[volume].len();
            match how {
                _ if len == 0 => {}
                0 | 1 => volumes[volume][at.index(len)] = value,
                2 => volumes[volume].truncate(at.index(len)),
                3 => volumes.swap(volume, other),
                4 => volumes[volume] = volumes[other].clone(),
                _ => volumes[volume].extend(vec![value; at.index(300)]),
            }
        }
        let Ok(source) = SegmentedSource::new(volumes) else { return Ok(()) };
        let _ = zip_segment::check::faults(&source);
        let mut joined = Vec::new();
        if rewrite(&source, &mut joined, &Options::default()).is_ok() && policy.kind() == Kind::Split {
            // Payloads are not looked at there; everything else was.
            let joined = read(joined);
            prop_assert!(joined == original || joined.is_err());
        }
        let found = read(source);
        prop_assert!(found == original || found.is_err());
    }
}
