//! Foreign tools read our volumes, and we read theirs.
//!
//! Who can: 7-Zip reads both kinds, Info-ZIP's `zip` joins and splits (volumes of 64 KiB it
//! damages, its own too, so these are larger), zip4j and commons-compress read and write split
//! archives. unzip, bsdtar, Python and libzip know no volumes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use zip_format::crc32::crc32;
use zip_mmap_reader::{Archive, Password, Passwords};
use zip_parallel_writer::{Encryption, ParallelWriter};
use zip_segment::files::{FileVolumes, open};
use zip_segment::rewrite::{Options, rewrite};
use zip_segment::volume::MemoryVolumes;
use zip_segment::{Policy, SegmentedSink, SegmentedSource};
use zip_stream_encoder::Encoder;
use zip_testkit::oracle::Tool;

use crate::common::{Members, items, members, plain, raw, read, split, writer};
use crate::planned::planned;

/// Larger than a volume, smaller, and ones over a border.
const SIZES: [usize; 6] = [150_000, 10, 400_000, 0, 70_000, 30_000];

fn write(path: &Path, policy: Policy, members: &Members) {
    let volumes = FileVolumes::create(path, policy.kind()).unwrap();
    let sink = SegmentedSink::new(volumes, policy).unwrap();
    drop(writer(b"comment").write(sink, items(members)).unwrap());
}

/// The members as files, in the directory.
fn write_files(directory: &Path, members: &Members) -> Vec<PathBuf> {
    let write = |(name, bytes): &(String, Vec<u8>)| {
        let path = directory.join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    members.iter().map(write).collect()
}

/// Runs a command that may not be installed; its output, if it did well.
fn run(command: &mut Command) -> Option<Result<String, String>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let Ok(output) = command.output() else {
        println!("skipped: {program} is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Some(Ok(text));
    }
    Some(Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr))))
}

/// Runs the Java program beside this file, if what it needs is installed.
fn java(args: &[&str]) -> Option<Result<String, String>> {
    let jars = ["/usr/share/java/zip4j.jar", "/usr/share/java/commons-compress.jar"];
    if let Some(absent) = jars.iter().find(|jar| !Path::new(jar).exists()) {
        println!("skipped: {absent} is not installed");
        return None;
    }
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/Volumes.java");
    let answer = run(Command::new("java").args(["-cp", &jars.join(":"), program]).args(args))?;
    if matches!(&answer, Err(text) if text.contains("jdk.compiler")) {
        println!("skipped: this java has no compiler");
        return None;
    }
    Some(answer)
}

/// What the Java program says of an archive it reads whole.
fn told(members: &Members) -> String {
    let line =
        |(name, bytes): &(String, Vec<u8>)| format!("{} {:x} {name}\n", bytes.len(), crc32(bytes));
    members.iter().map(line).collect()
}

#[test]
fn seven_zip_reads_both_kinds() {
    let directory = tempfile::tempdir().unwrap();
    let members = members(&SIZES);
    for (name, policy) in [
        ("a", split(65_536)),
        ("b", split(100_001)),
        ("c", raw(65_536)),
        ("d", raw(99)),
        ("e", split(1 << 30)),
    ] {
        let path = directory.path().join(format!("{name}.zip"));
        let members =
            if name == "d" { crate::common::members(&[10, 20_000]) } else { members.clone() };
        write(&path, policy, &members);
        let first = if path.exists() { path } else { path.with_extension("zip.001") };
        let Some(verdict) = Tool::SevenZip.test(&first, None) else { return };
        assert!(verdict.accepted, "{policy:?}: {}", verdict.errors);
        let into = tempfile::tempdir().unwrap();
        let verdict = Tool::SevenZip.extract(&first, into.path(), None).unwrap();
        assert!(verdict.accepted, "{policy:?}: {}", verdict.errors);
        for (name, contents) in &members {
            assert!(fs::read(into.path().join(name)).unwrap() == *contents, "{policy:?}: {name}");
        }
    }
}

/// More entries than the classic end record counts, and a directory over many volumes.
#[test]
fn seven_zip_reads_zip64_directories_over_volumes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    let members: Members = (0..66_000).map(|n| (format!("{n}"), vec![])).collect();
    write(&path, split(65_536), &members);
    assert!(path.with_extension("z80").exists());
    assert_eq!(read(open(path.with_extension("z42")).unwrap()).as_ref(), Ok(&members));
    let Some(verdict) = Tool::SevenZip.test(&path, None) else { return };
    assert!(verdict.accepted, "{}", verdict.errors);
    assert!(String::from_utf8_lossy(&verdict.output).contains("Files: 66000"));
}

/// An encrypted archive of its own, which we split without knowing the password.
#[test]
fn seven_zip_reads_encrypted_members_that_we_split() {
    let directory = tempfile::tempdir().unwrap();
    let files = write_files(directory.path(), &members(&SIZES));
    let path = directory.path().join("aes.zip");
    let mut command = Command::new(Tool::SevenZip.command());
    command.args(["a", "-tzip", "-mem=AES256", "-psecret", "-bd"]).arg(&path).args(files);
    let Some(done) = run(&mut command) else { return };
    done.unwrap();
    for (name, policy) in [("split", split(100_000)), ("cut", raw(100_000))] {
        let target = directory.path().join(format!("{name}.zip"));
        let volumes = FileVolumes::create(&target, policy.kind()).unwrap();
        let mut sink = SegmentedSink::new(volumes, policy).unwrap();
        rewrite(&open(&path).unwrap(), &mut sink, &Options::default()).unwrap();
        let first = if target.exists() { target } else { target.with_extension("zip.001") };
        let verdict = Tool::SevenZip.test(&first, Some("secret")).unwrap();
        assert!(verdict.accepted, "{policy:?}: {}", verdict.errors);
        assert!(!Tool::SevenZip.test(&first, Some("wrong")).unwrap().accepted);
    }
}

/// Members that are encrypted as they are written, into volumes of both kinds.
#[test]
fn seven_zip_reads_encrypted_volumes_that_we_wrote() {
    let directory = tempfile::tempdir().unwrap();
    let members = members(&SIZES);
    let password = || Password::new("secret");
    let ciphers = [Encryption::aes256(password()), Encryption::insecure_traditional(password())];
    for (number, cipher) in ciphers.into_iter().enumerate() {
        for (kind, policy) in [("split", split(65_536)), ("cut", raw(100_000))] {
            let path = directory.path().join(format!("{kind}{number}.zip"));
            let volumes = FileVolumes::create(&path, policy.kind()).unwrap();
            let sink = SegmentedSink::new(volumes, policy).unwrap();
            let options = zip_parallel_writer::Options {
                encryption: Some(cipher.clone()),
                ..Default::default()
            };
            drop(ParallelWriter::new(options).write(sink, items(&members)).unwrap());
            let first = if path.exists() { path } else { path.with_extension("zip.001") };
            check_encrypted(&open(&first).unwrap(), &members);
            let Some(verdict) = Tool::SevenZip.test(&first, Some("secret")) else { continue };
            assert!(verdict.accepted, "{kind}, {number}: {}", verdict.errors);
            assert!(!Tool::SevenZip.test(&first, Some("wrong")).unwrap().accepted);
            let into = tempfile::tempdir().unwrap();
            let verdict = Tool::SevenZip.extract(&first, into.path(), Some("secret")).unwrap();
            assert!(verdict.accepted, "{kind}, {number}: {}", verdict.errors);
            for (name, contents) in &members {
                assert!(fs::read(into.path().join(name)).unwrap() == *contents, "{kind}: {name}");
            }
        }
    }
}

/// Streams whose volumes were known beforehand.
#[test]
fn foreign_tools_read_planned_volumes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    let members = members(&SIZES);
    let (plan, contents) = planned(&members, 100_001);
    let volumes = FileVolumes::create(&path, split(100_001).kind()).unwrap();
    let mut sink = SegmentedSink::new(volumes, split(100_001)).unwrap();
    Encoder::new(plan, contents).write_to(&mut sink).unwrap();
    assert_eq!(read(open(path.with_extension("z03")).unwrap()).as_ref(), Ok(&members));
    if let Some(verdict) = Tool::SevenZip.test(&path, None) {
        assert!(verdict.accepted, "{}", verdict.errors);
    }
    let text = path.display().to_string();
    for reader in ["zip4j-read", "commons-read"] {
        let Some(answer) = java(&[reader, &text]) else { return };
        assert_eq!(answer, Ok(told(&members)), "{reader}");
    }
}

/// More volumes than have two digits, and than have three.
#[test]
fn seven_zip_reads_a_hundred_volumes_and_a_thousand() {
    for count in [101, 1_001] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.zip");
        write(&path, split(65_536), &members(&[count * 65_536, 10]));
        assert!(path.with_extension(format!("z{count}")).exists());
        let Some(verdict) = Tool::SevenZip.test(&path, None) else { return };
        assert!(verdict.accepted, "{}", verdict.errors);
    }
}

/// Cuts that were encrypted when they were made, and again when they were joined or split.
#[test]
fn we_read_encrypted_cuts_of_seven_zip_and_what_becomes_of_them() {
    let directory = tempfile::tempdir().unwrap();
    let members = members(&SIZES);
    let files = write_files(directory.path(), &members);
    for cipher in ["AES256", "ZipCrypto"] {
        let path = directory.path().join(format!("{cipher}.zip"));
        let mut command = Command::new(Tool::SevenZip.command());
        command.args(["a", "-tzip", "-psecret", "-v100000b", "-bd", &format!("-mem={cipher}")]);
        let Some(done) = run(command.arg(&path).args(&files)) else { return };
        done.unwrap();
        let cuts = open(path.with_extension("zip.004")).unwrap();
        check_encrypted(&cuts, &members);
        for policy in [split(65_536), split(200_000), raw(70_001)] {
            let mut sink = SegmentedSink::new(MemoryVolumes::new(), policy).unwrap();
            rewrite(&cuts, &mut sink, &Options::default()).unwrap();
            let volumes = sink.into_volumes().into_volumes().unwrap();
            let volumes = SegmentedSource::new(volumes).unwrap();
            check_encrypted(&volumes, &members);
            let mut joined = Vec::new();
            rewrite(&volumes, &mut joined, &Options::default()).unwrap();
            check_encrypted(&joined, &members);
        }
    }
}

/// All members are read with the password, and none with another.
fn check_encrypted(source: &dyn zip_io::Source, members: &Members) {
    let given = |password: &str| Passwords::one(Password::new(password));
    let options = || zip_mmap_reader::Options::default();
    let archive = Archive::new(source, options()).unwrap().with_passwords(given("secret"));
    for (name, contents) in members {
        assert!(archive.by_name(name).unwrap().read().unwrap() == *contents, "{name}");
    }
    let archive = Archive::new(source, options()).unwrap().with_passwords(given("wrong"));
    let (name, _) = members.iter().find(|(_, contents)| contents.len() > 1000).unwrap();
    assert!(archive.by_name(name).unwrap().read().is_err());
}

#[test]
fn we_read_the_cuts_of_seven_zip() {
    let directory = tempfile::tempdir().unwrap();
    let members = members(&SIZES);
    let files = write_files(directory.path(), &members);
    let path = directory.path().join("a.zip");
    let mut command = Command::new(Tool::SevenZip.command());
    command.args(["a", "-tzip", "-mx0", "-v100000b", "-bd"]).arg(&path).args(files);
    let Some(done) = run(&mut command) else { return };
    done.unwrap();
    let mut found = read(open(directory.path().join("a.zip.003")).unwrap()).unwrap();
    found.sort();
    let mut members = members;
    members.sort();
    assert!(found == members);
}

#[test]
fn info_zip_joins_ours_and_we_join_its() {
    let directory = tempfile::tempdir().unwrap();
    let members = members(&SIZES);
    let path = directory.path().join("a.zip");
    write(&path, split(100_001), &members);
    let joined = directory.path().join("joined.zip");
    let mut command = Command::new("zip");
    command.args(["-q", "-s", "0"]).arg(&path).arg("--out").arg(&joined);
    let Some(done) = run(&mut command) else { return };
    done.unwrap();
    assert_eq!(read(open(&joined).unwrap()).as_ref(), Ok(&members));
    if let Some(verdict) = Tool::Unzip.test(&joined, None) {
        assert!(verdict.accepted, "{}", verdict.errors);
    }

    let files = write_files(directory.path(), &members);
    for level in ["-0", "-6"] {
        let path = directory.path().join(format!("its{level}.zip"));
        let mut command = Command::new("zip");
        command.args(["-q", "-X", "-j", level, "-s", "100k"]).arg(&path).args(&files);
        run(&mut command).unwrap().unwrap();
        assert!(path.with_extension("z01").exists());
        assert_eq!(read(open(&path).unwrap()).as_ref(), Ok(&members));
        let mut joined = Vec::new();
        rewrite(&open(&path).unwrap(), &mut joined, &Options::default()).unwrap();
        assert_eq!(read(joined.clone()).as_ref(), Ok(&members));
        let ours = directory.path().join(format!("ours{level}.zip"));
        fs::write(&ours, joined).unwrap();
        for tool in [Tool::Unzip, Tool::Python, Tool::SevenZip, Tool::Bsdtar] {
            if let Some(verdict) = tool.test(&ours, None) {
                assert!(verdict.accepted, "{tool:?}: {}", verdict.errors);
            }
        }
    }
}

#[test]
fn zip4j_and_commons_compress_read_ours_and_we_read_theirs() {
    let directory = tempfile::tempdir().unwrap();
    let members = members(&SIZES);
    let path = directory.path().join("a.zip");
    write(&path, split(100_001), &members);
    let text = path.display().to_string();
    for reader in ["zip4j-read", "commons-read"] {
        let Some(answer) = java(&[reader, &text]) else { return };
        assert_eq!(answer, Ok(told(&members)), "{reader}");
    }
    // What we split of one that another tool could have written.
    let split_path = directory.path().join("split.zip");
    let volumes = FileVolumes::create(&split_path, split(65_536).kind()).unwrap();
    let mut sink = SegmentedSink::new(volumes, split(65_536)).unwrap();
    rewrite(&plain(&members), &mut sink, &Options::default()).unwrap();
    let text = split_path.display().to_string();
    for reader in ["zip4j-read", "commons-read"] {
        assert_eq!(java(&[reader, &text]), Some(Ok(told(&members))), "{reader}");
    }

    let files = write_files(directory.path(), &members);
    for writer in ["zip4j-write", "commons-write"] {
        let path = directory.path().join(format!("{writer}.zip"));
        let text = path.display().to_string();
        let mut args = vec![writer, &text, "100000"];
        args.extend(files.iter().map(|file| file.to_str().unwrap()));
        java(&args).unwrap().unwrap();
        assert!(path.with_extension("z01").exists());
        let source = open(path.with_extension("z02")).unwrap();
        assert_eq!(read(source).as_ref(), Ok(&members), "{writer}");
        let mut joined = Vec::new();
        rewrite(&open(&path).unwrap(), &mut joined, &Options::default()).unwrap();
        assert_eq!(read(joined).as_ref(), Ok(&members), "{writer}");
    }
}
