//! Split, joined and split anew.

use zip_format::profile::Relax;
use zip_segment::rewrite::{Options, rewrite};
use zip_segment::volume::MemoryVolumes;
use zip_segment::{Error, Kind, Policy, SegmentedSink, SegmentedSource};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay, Zip64End};

use crate::common::{K64, members, plain, raw, read, read_volumes, split};

fn split_into(policy: Policy, source: &dyn zip_io::Source) -> Result<Vec<Vec<u8>>, Error> {
    let mut sink = SegmentedSink::new(MemoryVolumes::new(), policy)?;
    rewrite(source, &mut sink, &Options::default())?;
    Ok(sink.into_volumes().into_volumes().expect("finished"))
}

fn join(source: &dyn zip_io::Source) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let summary = rewrite(source, &mut out, &Options::default())?;
    assert_eq!(summary.bytes, out.len() as u64);
    Ok(out)
}

#[test]
fn there_and_back_is_the_same_archive() {
    let members = members(&[0, 10, 70_000, 1, 2_500_000, 65_536, 3]);
    let archive = plain(&members);
    for policy in [split(K64), split(100_001), split(1 << 30), raw(1000), raw(99_999)] {
        let volumes = split_into(policy, &archive).unwrap();
        assert_eq!(volumes, crate::common::volumes(policy, &members), "as if written so");
        let source = SegmentedSource::new(volumes.clone()).unwrap();
        if policy.kind() == Kind::Raw || volumes.len() > 1 {
            assert_eq!(join(&source).unwrap(), archive, "{policy:?}");
        }
        for other in [split(K64), split(200_000), raw(5_000)] {
            let again = split_into(other, &source).unwrap();
            assert_eq!(read_volumes(again).as_ref(), Ok(&members), "{policy:?} to {other:?}");
        }
    }
}

/// Every form of member and trailer that is valid keeps its bytes and its descriptors.
#[test]
fn members_of_all_forms() {
    let lay = Lay::of([
        LaidEntry::stored("stored", vec![7; 90_000]),
        LaidEntry::deflated("deflated", b"text".repeat(1000)),
        LaidEntry::deflated("streamed", b"text".repeat(1000))
            .with_descriptor(DescriptorForm::Signed32),
        LaidEntry::deflated("wide", b"text".repeat(1000)).zip64(),
        LaidEntry::directory("d/"),
        LaidEntry::stored("empty", ""),
    ]);
    for zip64 in [Zip64End::Absent, Zip64End::Sentinels, Zip64End::Copies] {
        for order in [vec![0, 1, 2, 3, 4, 5], vec![5, 0, 4, 2, 1, 3]] {
            let bytes = lay
                .clone()
                .with(|lay| {
                    lay.zip64 = zip64;
                    lay.directory_order = Some(order.clone());
                    lay.comment = b"comment".to_vec();
                })
                .build();
            let expected = read(bytes.clone()).unwrap();
            let volumes = split_into(split(K64), &bytes).unwrap();
            assert_eq!(volumes.len(), 2);
            let source = SegmentedSource::new(volumes.clone()).unwrap();
            let joined = join(&source).unwrap();
            assert_eq!(read_volumes(volumes).as_ref(), Ok(&expected), "{zip64:?}, {order:?}");
            assert_eq!(read(joined.clone()).as_ref(), Ok(&expected), "{zip64:?}, {order:?}");
            let first = |bytes: &[u8]| bytes[..90_000].to_vec();
            assert_eq!(first(&joined), first(&bytes), "members are laid as they were");
        }
    }
}

#[test]
fn a_program_before_the_archive() {
    let lay = Lay::of([LaidEntry::stored("a", vec![7; 90_000]), LaidEntry::stored("b", "BBBB")]);
    for unadjusted in [false, true] {
        let bytes = lay
            .clone()
            .with(|lay| {
                lay.prefix = vec![b'#'; 3000];
                lay.prefix_unadjusted = unadjusted;
            })
            .build();
        let error = split_into(split(K64), &bytes).unwrap_err();
        assert!(matches!(error, Error::Prefix { bytes: 3000 }), "{error}");
        let mut sink = SegmentedSink::new(MemoryVolumes::new(), split(K64)).unwrap();
        let options = Options { drop_prefix: true, ..Options::default() };
        rewrite(&bytes, &mut sink, &options).unwrap();
        let volumes = sink.into_volumes().into_volumes().unwrap();
        assert_eq!(volumes.len(), 2);
        assert_eq!(read_volumes(volumes).unwrap().len(), 2);
        let cuts = split_into(raw(K64), &bytes).unwrap();
        assert_eq!(cuts.concat(), bytes, "cuts keep it");
    }
}

/// What vouches for one file goes with its cuts, and never silently out of anything else.
#[test]
fn a_signed_package() {
    let pair = [&14_u64.to_le_bytes()[..], &[0x77; 4], b"0123456789"].concat();
    let size = (pair.len() as u64 + 24).to_le_bytes();
    let block = [&size[..], &pair, &size, b"APK Sig Block 42"].concat();
    let lay = || Lay::of([LaidEntry::stored("a", vec![7; 90_000]), LaidEntry::stored("b", "BBBB")]);
    let unsigned = lay().build();
    let directory = unsigned.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    let members_end = directory - (46 + 1);
    // Directly behind the members, and where the next page begins.
    for zeros in [0, 4096 - members_end % 4096] {
        let gap = [vec![0; zeros], block.clone()].concat();
        let bytes = lay().with(|lay| lay.gap_before_directory = gap).build();
        let expected = read(bytes.clone()).unwrap();
        for relax in [Relax::STRICT, Relax::LENIENT] {
            let mut sink = SegmentedSink::new(MemoryVolumes::new(), split(K64)).unwrap();
            let error = rewrite(&bytes, &mut sink, &Options { relax, ..Options::default() });
            let found = block.len() as u64;
            assert!(
                matches!(error, Err(Error::Signature { bytes, .. }) if bytes == found),
                "{error:?}"
            );
            let mut sink = SegmentedSink::new(MemoryVolumes::new(), split(K64)).unwrap();
            let options = Options { drop_signature: true, relax, ..Options::default() };
            rewrite(&bytes, &mut sink, &options).unwrap();
            let volumes = sink.into_volumes().into_volumes().unwrap();
            assert_eq!(read_volumes(volumes.clone()).as_ref(), Ok(&expected));
            let joined = join(&SegmentedSource::new(volumes).unwrap()).unwrap();
            assert!(joined == unsigned, "the same without the block and its padding");
        }
        assert_eq!(split_into(raw(K64), &bytes).unwrap().concat(), bytes, "cuts keep it");
    }
}

#[test]
fn what_is_wrong_is_not_carried_on() {
    let lay = || Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::stored("b", "BBBB")]);
    let gap = lay().with(|lay| lay.entries[0].gap_after = vec![0; 9]).build();
    assert!(split_into(split(K64), &gap).is_err());
    let mut out = SegmentedSink::new(MemoryVolumes::new(), split(K64)).unwrap();
    let options = Options { relax: Relax::STRICT | Relax::GAPS, ..Options::default() };
    rewrite(&gap, &mut out, &options).unwrap();
    let volumes = out.into_volumes().into_volumes().unwrap();
    assert_eq!(read_volumes(volumes).unwrap().len(), 2, "without the gap");

    let mut renamed = lay().build();
    renamed[30] = b'x';
    assert!(split_into(split(K64), &renamed).is_err(), "the local name is another");
    assert!(matches!(split_into(raw(10), &b"no archive".to_vec()), Err(Error::Format(_))));

    // A volume is missing: told before anything is written.
    let set = crate::common::volumes(split(K64), &members(&[200_000]));
    let volume = |(number, bytes): (usize, Vec<u8>)| zip_segment::source::Volume {
        name: format!("v{number}"),
        source: (number != 1).then_some(bytes),
    };
    let source = SegmentedSource::assemble(set.into_iter().enumerate().map(volume).collect());
    let mut out = Vec::new();
    let error = rewrite(&source.unwrap(), &mut out, &Options::default()).unwrap_err();
    assert!(matches!(&error, Error::Missing { name, .. } if name == "v1"), "{error}");
    assert!(out.is_empty());
}

#[test]
fn cancelling_stops_it() {
    let cancel = zip_io::CancelToken::new();
    cancel.cancel();
    let options = Options { cancel: Some(&cancel), ..Options::default() };
    let archive = plain(&members(&[10, 20]));
    for policy in [split(K64), raw(K64)] {
        let mut sink = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
        let error = rewrite(&archive, &mut sink, &options).unwrap_err();
        assert!(matches!(error, Error::Cancelled), "{error}");
        assert_eq!(sink.into_volumes().into_volumes(), None);
    }
}
