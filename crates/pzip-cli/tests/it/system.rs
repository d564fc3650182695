//! What the system sets bounds to, and what it lets happen meanwhile: open files, interrupts,
//! owners, names of any bytes, files that others write to.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use zip_testkit::lay::{LaidEntry, Lay};

use crate::run::{command, names_in, pzip};

/// Runs it where so few files may be open that directories cannot all stay so.
fn with_few_files(directory: &Path, args: &str) {
    let script = format!("ulimit -n 64 && exec '{}' {args}", env!("CARGO_BIN_EXE_pzip"));
    let run = Command::new("sh").args(["-c", &script]).current_dir(directory).output().unwrap();
    assert!(run.status.success(), "{args}: {}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn sixty_four_open_files_are_enough_for_any_tree() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let name = |number: usize| format!("{}{}/{number}", "d/".repeat(number % 90), number % 200);
    for number in 0..600 {
        let path = root.join("tree").join(name(number));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, number.to_string()).unwrap();
    }
    for threads in [1, 2, 16] {
        let (archive, out) = (format!("{threads}.zip"), format!("out-{threads}"));
        with_few_files(root, &format!("create -q -j {threads} {archive} tree"));
        with_few_files(root, &format!("extract -q -j {threads} {archive} -C {out}"));
        for number in 0..600 {
            let found = fs::read(root.join(&out).join("tree").join(name(number))).unwrap();
            assert_eq!(found, number.to_string().as_bytes());
        }
    }
}

#[test]
fn an_interrupted_extraction_keeps_what_is_complete_and_nothing_else() {
    const SIZE: usize = 40 << 20;
    let directory = tempfile::tempdir().unwrap();
    let large = LaidEntry::deflated("large-xx", vec![0; SIZE]);
    let mut entries = vec![LaidEntry::stored("small", "small")];
    entries.extend((0..32).map(|number| {
        // Compressed once.
        let mut entry = large.clone();
        entry.local.name = format!("large-{number:02}").into_bytes();
        entry.central.name = entry.local.name.clone();
        entry
    }));
    fs::write(directory.path().join("a.zip"), Lay::of(entries).build()).unwrap();
    let out = directory.path().join("out");
    let mut child =
        command(directory.path(), &["extract", "-q", "a.zip", "-C", "out"]).spawn().unwrap();
    // A gigabyte is left to be written once the first file is being written.
    while !out.exists() || names_in(&out).is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "ended before it could be interrupted");
        std::thread::yield_now();
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let left = names_in(&out);
    assert!(left.len() < 33, "it went on to the end");
    for name in left {
        let len = if name == "small" { 5 } else { SIZE as u64 };
        assert_eq!(fs::metadata(out.join(&name)).unwrap().len(), len, "{name}");
    }
}

#[test]
fn names_of_any_bytes_go_in_by_a_list_and_come_out() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let names: [&[u8]; 4] = [b"latin-\xe4", b"back\\slash", b"-x", b"line\nbreak"];
    let mut list = Vec::new();
    for name in names {
        fs::write(root.join(OsStr::from_bytes(name)), name).unwrap();
        list.extend_from_slice(b"./");
        list.extend_from_slice(name);
        list.push(0);
    }
    let mut child = command(root, &["create", "-q", "a.zip", "-0", "-T", "-"]);
    let mut child = child.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&list).unwrap();
    assert!(child.wait().unwrap().success());
    // Control characters go in, since they are names; no option lets them out as files.
    pzip(root, &["extract", "a.zip", "-C", "out", "--names", "unix", "--partial"]).expect(8);
    for name in names {
        let found = fs::read(root.join("out").join(OsStr::from_bytes(name)));
        if name.contains(&b'\n') {
            assert!(found.is_err(), "it was refused");
        } else {
            assert_eq!(found.unwrap(), name);
        }
    }
    let listed = pzip(root, &["list", "--json", "a.zip"]).expect(0).text();
    assert_eq!(listed.lines().count(), names.len());
}

#[test]
fn owners_are_kept_and_set_when_asked() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let me = fs::metadata(root).unwrap().uid();
    if me != 0 {
        println!("skipped: only root has owners to give");
        return;
    }
    fs::write(root.join("f"), "f").unwrap();
    chown(root.join("f"), Some(1234), Some(4321)).unwrap();
    pzip(root, &["create", "with.zip", "f", "--owners"]).expect(0);
    pzip(root, &["create", "without.zip", "f"]).expect(0);
    for (archive, args, ids) in [
        ("with.zip", &["--owners"][..], (1234, 4321)),
        ("with.zip", &[], (0, 0)),
        ("without.zip", &["--owners"], (0, 0)),
    ] {
        let mut all = vec!["extract", "--overwrite", "always", "-C", "out", archive];
        all.extend(args);
        pzip(root, &all).expect(0);
        let stat = fs::metadata(root.join("out/f")).unwrap();
        assert_eq!((stat.uid(), stat.gid()), ids, "{archive} {args:?}");
    }
}

#[test]
fn a_file_that_grows_while_it_is_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    fs::write(&log, vec![b'x'; 4 << 20]).unwrap();
    let stop = AtomicBool::new(false);
    let told = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::File::options().append(true).open(&log).unwrap();
            while !stop.load(Ordering::Relaxed) {
                file.write_all(b"more").unwrap();
                std::thread::yield_now();
            }
        });
        // Whether something is written just then is the system's to say; soon, it is.
        let told = (0..50).find_map(|_| {
            let run = pzip(directory.path(), &["create", "a.zip", "log"]);
            (run.code == Some(1)).then_some(run.err)
        });
        stop.store(true, Ordering::Relaxed);
        told
    });
    let told = told.expect("the change was seen");
    assert!(told.contains("log: changed while it was read"), "{told}");
    pzip(directory.path(), &["test", "a.zip"]).expect(0);
}
