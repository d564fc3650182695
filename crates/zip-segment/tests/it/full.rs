//! Disks that are full at any volume, and takers of volumes that fail at any of them.

use std::fs;
use std::io;

use zip_segment::files::FileVolumes;
use zip_segment::volume::HandOver;
use zip_segment::{Error, Kind, SegmentedSink, Volumes};
use zip_testkit::mounted::mounted;

use crate::common::{K64, items, members, raw, split, volumes, writer};

/// Eleven volumes of 64 KiB.
const SIZES: [usize; 3] = [10, 600_000, 70_000];

/// The number of the volume on which the archive failed.
fn failure(volumes: impl Volumes, policy: zip_segment::Policy) -> Option<(u32, String)> {
    let sink = SegmentedSink::new(volumes, policy).map_err(zip_parallel_writer::Error::Sink);
    let error = sink.and_then(|sink| writer(b"").write(sink, items(&members(&SIZES)))).err()?;
    let zip_parallel_writer::Error::Sink(error) = &error else { panic!("{error}") };
    let Some(Error::Write { number, .. }) = Error::of(error) else { panic!("{error}") };
    Some((*number, error.to_string()))
}

#[test]
fn a_full_disk_at_every_volume() {
    let sizes: Vec<String> = (0..=12).map(|volume| format!("size={}k", 32 + volume * 64)).collect();
    let options: Vec<&str> = sizes.iter().map(String::as_str).collect();
    let Some(place) = mounted("full::a_full_disk_at_every_volume", &options) else { return };
    let path = place.join("a.zip");
    for policy in [split(K64), raw(K64)] {
        let failed = failure(FileVolumes::create(&path, policy.kind()).unwrap(), policy);
        let names = fs::read_dir(&place).unwrap().count();
        match failed {
            None => assert_eq!(names, 11, "all volumes are there"),
            Some((_, text)) => {
                assert_eq!(names, 0, "nothing is left");
                assert!(text.starts_with("volume ") && text.contains("at offset"), "{text}");
                assert!(text.contains("No space left"), "{text}");
            }
        }
        for file in fs::read_dir(&place).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn a_taker_that_fails_at_volume_k_has_what_came_before() {
    for policy in [split(K64), raw(K64)] {
        let whole = volumes_without_comment(policy);
        for k in 0..whole.len() as u32 {
            let mut taken = Vec::new();
            let failed = failure(
                HandOver::new(|volume| {
                    if volume.number == k {
                        return Err(io::Error::other("the line broke"));
                    }
                    assert!(!volume.last);
                    taken.push(volume.bytes);
                    Ok(())
                }),
                policy,
            );
            let (number, text) = failed.expect("it fails");
            assert_eq!(number, k, "{text}");
            assert!(text.contains("the line broke"), "{text}");
            assert!(taken == whole[..k as usize], "what was taken is as in the whole archive");
        }
    }
}

fn volumes_without_comment(policy: zip_segment::Policy) -> Vec<Vec<u8>> {
    let sink = SegmentedSink::new(zip_segment::volume::MemoryVolumes::new(), policy).unwrap();
    let (sink, _) = writer(b"").write(sink, items(&members(&SIZES))).unwrap();
    sink.into_volumes().into_volumes().unwrap()
}

#[test]
fn published_volumes_stay_when_a_later_one_fails() {
    for (kind, policy) in [(Kind::Split, split(K64)), (Kind::Raw, raw(K64))] {
        let whole = volumes_without_comment(policy);
        for k in 1..=whole.len() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("a.zip");
            let mut published = 0;
            let volumes = FileVolumes::create(&path, kind).unwrap().publish_each(|_| {
                published += 1;
                if published == k { Err(io::Error::other("not taken")) } else { Ok(()) }
            });
            let (number, _) = failure(volumes, policy).expect("it fails");
            assert_eq!(number as usize, k - 1);
            // What was published stays, and is what it is in a whole archive.
            let mut names: Vec<_> = fs::read_dir(directory.path())
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            assert_eq!(names.len(), k);
            for (name, bytes) in names.iter().zip(&whole) {
                assert!(fs::read(directory.path().join(name)).unwrap() == *bytes, "{name}");
            }
            assert_eq!(path.exists(), kind == Kind::Split && k == whole.len());
        }
    }
    // The members of the archive that was made above are the ones of every other test.
    assert_eq!(volumes(split(K64), &members(&SIZES)).len(), 11);
}
