//! Volumes as files: names, completeness, and being found.

use std::fs;
use std::io;
use std::path::Path;

use zip_io::{Sink, Source};
use zip_mmap_reader::{Archive, Options};
use zip_segment::files::{ArchiveFile, FileVolumes, open};
use zip_segment::{Error, Kind, Policy, SegmentedSink};

use crate::common::{K64, items, members, raw, read, split, writer};

fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn write(path: &Path, policy: Policy, sizes: &[usize]) {
    let volumes = FileVolumes::create(path, policy.kind()).unwrap();
    let sink = SegmentedSink::new(volumes, policy).unwrap();
    drop(writer(b"").write(sink, items(&members(sizes))).unwrap());
}

#[test]
fn volumes_get_their_names_and_are_found_from_any() {
    let directory = tempfile::tempdir().unwrap();
    let sizes = [10, 150_000, 3, 70_000];
    let expected = members(&sizes);
    write(&directory.path().join("a.zip"), split(K64), &sizes);
    write(&directory.path().join("b.zip"), raw(100_000), &sizes);
    write(&directory.path().join("c.zip"), split(1 << 30), &sizes);
    let all = names(directory.path());
    let wanted =
        ["a.z01", "a.z02", "a.z03", "a.zip", "b.zip.001", "b.zip.002", "b.zip.003", "c.zip"];
    assert_eq!(all, wanted);
    for name in all {
        let source = open(directory.path().join(&name)).unwrap();
        assert_eq!(matches!(source, ArchiveFile::One(_)), name == "c.zip");
        assert_eq!(read(source).as_ref(), Ok(&expected), "{name}");
    }
    // Other spellings, and files that only look as if.
    fs::rename(directory.path().join("a.z02"), directory.path().join("A.Z02")).unwrap();
    fs::write(directory.path().join("a.z04"), b"of an older archive").unwrap();
    fs::write(directory.path().join("ab.z01"), b"of another").unwrap();
    for name in ["a.z01", "A.Z02", "a.zip"] {
        let source = open(directory.path().join(name)).unwrap();
        let ArchiveFile::Volumes(volumes) = &source else { panic!("{name}") };
        assert_eq!(volumes.surplus(), ["a.z04"]);
        assert_eq!(read(source).as_ref(), Ok(&expected), "{name}");
    }
    fs::copy(directory.path().join("a.z03"), directory.path().join("a.z003")).unwrap();
    let error = open(directory.path().join("a.zip")).map(drop).unwrap_err();
    assert!(matches!(error, Error::Duplicate { .. }), "{error}");
}

#[test]
fn what_is_missing_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let sizes = [10, 150_000, 3, 70_000, 5];
    write(&at("a.zip"), split(K64), &sizes);
    write(&at("b.zip"), raw(60_000), &sizes);
    let error = |name: &str| open(at(name)).map(drop).unwrap_err().to_string();

    fs::remove_file(at("a.z02")).unwrap();
    for name in ["a.z01", "a.z03", "a.zip"] {
        let archive = Archive::new(open(at(name)).unwrap(), Options::default()).unwrap();
        assert_eq!(archive.by_name("member 0").unwrap().read().unwrap().len(), 10);
        assert_eq!(archive.by_name("member 4").unwrap().read().unwrap().len(), 5);
        let error = archive.by_name("member 1").unwrap().read().unwrap_err().to_string();
        assert!(error.contains("a.z02 is missing; needed at offset 65536"), "{error}");
    }
    fs::remove_file(at("a.zip")).unwrap();
    assert!(error("a.z01").contains("a.zip is missing"), "{}", error("a.z01"));

    fs::rename(at("b.zip.002"), at("elsewhere")).unwrap();
    let archive = Archive::new(open(at("b.zip.001")).unwrap(), Options::default()).unwrap();
    let text = archive.by_name("member 1").unwrap().read().unwrap_err().to_string();
    assert!(text.contains("b.zip.002 is missing; needed at offset 60000"), "{text}");
    fs::rename(at("elsewhere"), at("b.zip.002")).unwrap();
    fs::remove_file(at("b.zip.004")).unwrap();
    let text = error("b.zip.001");
    assert!(text.contains("b.zip.003") && text.contains("b.zip.004"), "{text}");

    let error = open(at("none.z01")).map(drop).unwrap_err();
    assert!(matches!(error, Error::MissingLast { .. }), "{error}");
}

#[test]
fn nothing_has_its_name_before_all_is_complete() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    fs::write(&path, b"old").unwrap();
    let is_temporary = |name: &String| name == "a.zip" || name.starts_with(".pzip-");

    let volumes = FileVolumes::create(&path, Kind::Split).unwrap();
    let mut sink = SegmentedSink::new(volumes, split(K64)).unwrap();
    sink.write_all(&[0; 300_000]).unwrap();
    assert!(names(directory.path()).iter().all(is_temporary));
    drop(sink);
    assert_eq!(names(directory.path()), ["a.zip"], "nothing is left of it");
    assert_eq!(fs::read(&path).unwrap(), b"old");

    // The name of a volume is taken while it is written.
    let volumes = FileVolumes::create(&path, Kind::Split).unwrap();
    let mut sink = SegmentedSink::new(volumes, split(K64)).unwrap();
    sink.write_all(&[0; 300_000]).unwrap();
    fs::create_dir(directory.path().join("a.z03")).unwrap();
    sink.finish().unwrap_err();
    drop(sink);
    assert_eq!(names(directory.path()), ["a.z03", "a.zip"]);
    assert_eq!(fs::read(&path).unwrap(), b"old");
    fs::remove_dir(directory.path().join("a.z03")).unwrap();

    write(&path, split(K64), &[300_000]);
    let error = FileVolumes::create(&path, Kind::Split).unwrap_err();
    assert!(matches!(&error, Error::Exists { name } if name.ends_with("a.z01")), "{error}");
    assert!(FileVolumes::create(directory.path().join("a"), Kind::Split).is_err());
    assert!(FileVolumes::create(directory.path().join("a"), Kind::Raw).is_ok());
}

#[test]
fn volumes_can_leave_while_others_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    let members = members(&[200_000, 1]);
    let mut most = 0;
    let volumes = FileVolumes::create(&path, Kind::Split).unwrap().publish_each(|path| {
        most = most.max(fs::read_dir(directory.path())?.count());
        fs::rename(path, elsewhere.path().join(path.file_name().ok_or(io::ErrorKind::Other)?))
    });
    let sink = SegmentedSink::new(volumes, split(K64)).unwrap();
    drop(writer(b"").write(sink, items(&members)).unwrap());
    assert_eq!(most, 1, "never more than one is here");
    assert_eq!(names(directory.path()), [""; 0]);
    assert_eq!(read(open(elsewhere.path().join("a.z02")).unwrap()), Ok(members));
}

/// More than have two or three digits, and more than files are kept open.
#[test]
fn a_thousand_volumes() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let sizes = [200_000; 10];
    let expected = members(&sizes);
    write(&at("raw.zip"), raw(1_900), &sizes);
    assert!(at("raw.zip.1000").exists() && at("raw.zip.099").exists());
    for name in ["raw.zip.001", "raw.zip.999", "raw.zip.1000"] {
        assert_eq!(read(open(at(name)).unwrap()).as_ref(), Ok(&expected), "{name}");
    }
    let sizes = [K64 as usize * 1_001];
    write(&at("split.zip"), split(K64), &sizes);
    for name in ["split.z01", "split.z99", "split.z100", "split.z999", "split.z1000", "split.zip"] {
        assert!(at(name).exists(), "{name}");
        assert_eq!(read(open(at(name)).unwrap()).as_ref(), Ok(&members(&sizes)), "{name}");
    }
    fs::remove_file(at("split.z1000")).unwrap();
    let archive = Archive::new(open(at("split.z100")).unwrap(), Options::default()).unwrap();
    let error = archive.by_name("member 0").unwrap().read().unwrap_err().to_string();
    assert!(error.contains("split.z1000 is missing"), "{error}");
}

#[test]
fn a_volume_that_changes_while_it_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    write(&at("a.zip"), split(K64), &[200_000, 5]);
    let archive = Archive::new(open(at("a.zip")).unwrap(), Options::default()).unwrap();
    let file = fs::OpenOptions::new().write(true).open(at("a.z02")).unwrap();
    file.set_len(10).unwrap();
    let error = archive.by_name("member 0").unwrap().read().unwrap_err().to_string();
    assert!(error.contains("a.z02 had 65536 bytes") && error.contains("now has 10"), "{error}");
    assert_eq!(archive.by_name("member 1").unwrap().read().unwrap().len(), 5);
}

#[test]
fn files_that_are_no_volumes() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    for (name, one) in [("a.zip", true), ("a", true), ("a.txt", true), ("a.001", false)] {
        fs::write(at(name), b"no archive at all").unwrap();
        match open(at(name)) {
            Ok(source) => assert!(one && source.len() == 17, "{name}"),
            Err(error) => assert!(!one, "{name}: {error}"),
        }
    }
    assert!(open(at("not there.zip")).is_err() && open(at("not there")).is_err());
}
