//! `pzip stream`: the size first, then exactly that many bytes.

use std::fs;

use crate::run::{names_in, pzip};

fn world() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("in/sub")).unwrap();
    fs::write(directory.path().join("in/a.txt"), "a".repeat(100_000)).unwrap();
    fs::write(directory.path().join("in/sub/empty"), "").unwrap();
    directory
}

#[test]
fn the_size_comes_first_and_is_exact() {
    let world = world();
    for store in [&[][..], &["--store"]] {
        let args = [&["stream", "--size", "--comment", "c", "-", "in"][..], store].concat();
        let run = pzip(world.path(), &args).expect(0);
        assert_eq!(run.err, format!("{}\n", run.out.len()));
        fs::write(world.path().join("piped.zip"), &run.out).unwrap();
        let listed = pzip(world.path(), &["list", "piped.zip"]).expect(0).text();
        assert!(listed.contains("in/sub/empty"), "{listed}");
        pzip(world.path(), &["test", "piped.zip"]).expect(0);
        let again = pzip(world.path(), &args).expect(0);
        assert!(again.out == run.out, "the same bytes again");
    }
}

#[test]
fn an_archive_that_is_there_stays_unless_forced() {
    let world = world();
    fs::write(world.path().join("out.zip"), "precious").unwrap();
    let run = pzip(world.path(), &["stream", "out.zip", "in"]).expect(9);
    assert!(run.err.contains("--force"), "{}", run.err);
    assert_eq!(fs::read(world.path().join("out.zip")).unwrap(), b"precious");
    let run = pzip(world.path(), &["stream", "--size", "--force", "out.zip", "in"]).expect(0);
    let len = fs::metadata(world.path().join("out.zip")).unwrap().len();
    assert_eq!(run.text(), format!("{len}\n"));
    pzip(world.path(), &["test", "out.zip"]).expect(0);
}

#[test]
fn ranges_join_to_the_whole() {
    let world = world();
    let whole = pzip(world.path(), &["stream", "-", "in"]).expect(0).out;
    let mut joined = Vec::new();
    for range in ["0-9", "10-69999", "70000-"] {
        let args = ["stream", "--range", range, "-", "in"];
        joined.extend(pzip(world.path(), &args).expect(0).out);
    }
    assert!(joined == whole);
    let tail = pzip(world.path(), &["stream", "--range", "-22", "-", "in"]).expect(0).out;
    assert!(whole.ends_with(&tail) && tail.starts_with(b"PK\x05\x06"));
    for range in ["99999999-", "5-2", "x", "0-1,5-6"] {
        pzip(world.path(), &["stream", "--range", range, "-", "in"]).expect(2);
    }
}

/// A planned archive knows its volumes too; the size said first is that of all of them.
#[test]
fn volumes_of_a_planned_archive() {
    let world = world();
    let noise = zip_testkit::data::noise(300_000, 1);
    fs::write(world.path().join("in/large"), &noise).unwrap();
    fs::write(world.path().join("password"), "secret").unwrap();
    let plain = pzip(world.path(), &["stream", "-", "in"]).expect(0).out;
    let locked = ["--encrypt", "--password-file", "password"];
    for (name, more) in [
        ("split", &[][..]),
        ("store", &["--store"]),
        ("one", &["-j1"]),
        ("locked", &locked),
        ("raw", &["--raw-volumes"]),
        ("missing", &["--raw-volumes", "--on-failure=skip"]),
    ] {
        let archive = format!("{name}.zip");
        let promised: &[_] = if name == "missing" { &[] } else { &["--size"] };
        let args = [&["stream", "--segment-size", "100K", &archive, "in"], promised, more].concat();
        let said = pzip(world.path(), &args).expect(0).text();
        let volumes: Vec<_> = names_in(world.path())
            .into_iter()
            .filter(|file| file.starts_with(&format!("{name}.")))
            .map(|file| fs::read(world.path().join(file)).unwrap())
            .collect();
        assert_eq!(volumes.len(), 4, "{name}");
        assert!(volumes.iter().all(|volume| volume.len() <= 100 << 10), "{name}");
        let whole = volumes.concat();
        let expected = if name == "missing" { String::new() } else { format!("{}\n", whole.len()) };
        assert_eq!(said, expected, "{name}");
        assert!(name != "raw" || whole == plain, "raw cuts of the same archive");
        let is_raw = more.contains(&"--raw-volumes");
        let given = if is_raw { format!("{archive}.003") } else { format!("{name}.z02") };
        let key: &[_] = if name == "locked" { &locked[1..] } else { &[] };
        pzip(world.path(), &[&["test", &given], key].concat()).expect(0);
        let large = pzip(world.path(), &[&["cat", &given, "in/large"], key].concat()).expect(0);
        assert!(large.out == noise, "{name}");
        let again = pzip(world.path(), &args);
        assert_ne!(again.code, Some(0), "{name} is there");
        assert!(again.err.contains("is there already"), "{}", again.err);
    }
    // One archive that is no volume of another, where the last volume would go.
    fs::write(world.path().join("whole.zip"), &plain).unwrap();
    let here = names_in(world.path());
    let args = ["stream", "--segment-size", "100K", "whole.zip", "in"];
    assert!(pzip(world.path(), &args).expect(9).err.contains("is there already; remove it"));
    assert!(fs::read(world.path().join("whole.zip")).unwrap() == plain);
    for args in [
        &["--segment-size", "10K", "a.zip"][..],
        &["--segment-size", "100K", "-"],
        &["--segment-size", "100K", "--range=0-9", "a.zip"],
        &["--segment-size", "100K", "--force", "a.zip"],
        &["--segment-size", "100K", "--on-failure=skip", "a.zip"],
        &["--raw-volumes", "a.zip"],
    ] {
        pzip(world.path(), &[&["stream"], args, &["in"]].concat()).expect(2);
    }
    assert_eq!(names_in(world.path()), here, "nothing is left of what was refused");
}

#[test]
fn what_is_missing_is_not_promised() {
    let world = world();
    let run = pzip(world.path(), &["stream", "out.zip", "in", "none"]).expect(1);
    assert!(run.err.contains("none"), "{}", run.err);
    assert_eq!(names_in(world.path()), ["in"]);
}

/// The memory of a process at address 0 is a file that can be opened and not be read, by nobody.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_read_is_left_out_or_explained_where_no_size_is_promised() {
    let world = world();
    let noise = zip_testkit::data::noise(300_000, 1);
    fs::write(world.path().join("in/large"), &noise).unwrap();
    for policy in ["skip", "placeholder"] {
        let args = ["stream", "--on-failure", policy, "--comment", "c", "-", "in"];
        let whole = pzip(world.path(), &args).expect(0);
        assert!(whole.out.ends_with(b"\x01\0c"), "the comment");
        let run = pzip(world.path(), &[&args[..], &["none", "/proc/self/mem"]].concat()).expect(1);
        assert!(run.err.contains("none") && run.err.contains("proc/self/mem"), "{}", run.err);
        fs::write(world.path().join("out.zip"), &run.out).unwrap();
        pzip(world.path(), &["test", "out.zip"]).expect(0);
        let large = pzip(world.path(), &["cat", "out.zip", "in/large"]).expect(0).out;
        assert!(large == noise);
        let text = pzip(world.path(), &["cat", "out.zip", "proc/self/mem.error.txt"]);
        if policy == "skip" {
            assert_ne!(text.code, Some(0), "nothing in its place");
            assert_eq!(run.out.len(), whole.out.len());
        } else {
            assert!(text.expect(0).text().starts_with("proc/self/mem is missing here"));
        }
    }
    pzip(world.path(), &["stream", "out2.zip", "in", "/proc/self/mem"]).expect(9);
    assert!(!world.path().join("out2.zip").exists(), "nothing, where all was promised");
    for promised in ["--size", "--store", "--range=0-9"] {
        pzip(world.path(), &["stream", promised, "--on-failure=skip", "-", "in"]).expect(2);
    }
    fs::write(world.path().join("password"), "secret").unwrap();
    for on_failure in ["--on-failure=stop", "--on-failure=skip"] {
        let args = ["stream", on_failure, "--password-file", "password", "out3.zip", "in"];
        let run = pzip(world.path(), &args).expect(2);
        assert!(run.err.contains("--encrypt"), "{}", run.err);
        assert!(!world.path().join("out3.zip").exists(), "nothing is written plain");
    }
}
