//! Which files go in and come out, and where to.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use zip_testkit::lay::{LaidEntry, Lay};

use crate::run::{Run, command, names_in, pzip};

/// A directory with `p/` in it: sources, things built, rules.
fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join("p").join(name);
    for name in ["src/main.rs", "src/main.o", "target/x", "docs/a.md", "docs/target/y"] {
        fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        fs::write(at(name), name).unwrap();
    }
    fs::write(at(".gitignore"), "/target/\n*.o\n").unwrap();
    directory
}

/// Runs it with bytes on standard input.
fn fed(directory: &Path, args: &[&str], input: &[u8]) -> Run {
    let mut command = command(directory, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    Run { code: output.status.code(), out: output.stdout, err }
}

/// Names of the files in an archive.
fn files_in(directory: &Path, archive: &str) -> Vec<String> {
    let lines = pzip(directory, &["list", "--json", archive]).expect(0).text();
    let names = lines.lines().map(|line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["name"].as_str().unwrap().to_owned()
    });
    let mut names: Vec<_> = names.filter(|name| !name.ends_with('/')).collect();
    names.sort();
    names
}

#[test]
fn patterns_and_gitignore_leave_files_out() {
    let directory = project();
    let create = |args: &[&str]| {
        let _ = fs::remove_file(directory.path().join("a.zip"));
        let mut all = vec!["create", "a.zip", "p"];
        all.extend(args);
        pzip(directory.path(), &all).expect(0);
        files_in(directory.path(), "a.zip")
    };
    let left = create(&["-x", "target/", "-x", "*.o", "--exclude", "/p/docs"]);
    assert_eq!(left, ["p/.gitignore", "p/src/main.rs"]);
    let left = create(&["-x", "*.md", "-x", "!a.md", "-x", "target"]);
    assert_eq!(left, ["p/.gitignore", "p/docs/a.md", "p/src/main.o", "p/src/main.rs"]);
    let left = create(&["--gitignore"]);
    assert_eq!(left, ["p/.gitignore", "p/docs/a.md", "p/docs/target/y", "p/src/main.rs"]);
    let run = pzip(directory.path(), &["create", "b.zip", "p", "-x", "{a"]).expect(2);
    assert!(run.err.contains("{a"), "{}", run.err);
    assert!(!directory.path().join("b.zip").exists());
}

#[test]
fn lists_of_paths_and_standard_input_as_an_entry() {
    let directory = project();
    fs::write(directory.path().join("list"), "p/docs\np/src/main.rs\n\n").unwrap();
    pzip(directory.path(), &["create", "a.zip", "-T", "list"]).expect(0);
    assert_eq!(files_in(directory.path(), "a.zip"), ["p/src/main.rs"], "docs stands for itself");

    let list = b"p/src/main.o\0p/docs/a.md\0";
    fed(directory.path(), &["create", "b.zip", "-0", "-T", "-"], list).expect(0);
    assert_eq!(files_in(directory.path(), "b.zip"), ["p/docs/a.md", "p/src/main.o"]);

    let args = ["create", "c.zip", "p/docs/a.md", "-", "--stdin-name", "dump.sql"];
    fed(directory.path(), &args, b"insert").expect(0);
    assert_eq!(files_in(directory.path(), "c.zip"), ["dump.sql", "p/docs/a.md"]);
    let cat = pzip(directory.path(), &["cat", "c.zip", "dump.sql"]).expect(0);
    assert_eq!(cat.out, b"insert");

    pzip(directory.path(), &["create", "d.zip", "-", "-T", "-"]).expect(2);
    pzip(directory.path(), &["create", "d.zip", "-T", "missing"]).expect(9);
    pzip(directory.path(), &["create", "d.zip"]).expect(2);
    assert!(!directory.path().join("d.zip").exists());
}

#[test]
fn entries_are_left_out_stripped_flattened_and_unwrapped() {
    let directory = project();
    let root = directory.path();
    pzip(root, &["create", "a.zip", "p", "-x", ".gitignore"]).expect(0);
    pzip(root, &["extract", "a.zip", "-C", "x", "-x", "*target*", "-x", "p/docs"]).expect(0);
    assert_eq!(names_in(&root.join("x/p")), ["src"]);
    pzip(root, &["extract", "a.zip", "-C", "strip", "--strip-components", "2"]).expect(0);
    assert_eq!(names_in(&root.join("strip")), ["a.md", "main.o", "main.rs", "target", "x"]);
    pzip(root, &["extract", "a.zip", "-C", "flat", "--flatten"]).expect(0);
    assert_eq!(names_in(&root.join("flat")), ["a.md", "main.o", "main.rs", "x", "y"]);
    pzip(root, &["extract", "a.zip", "-C", "un", "--unwrap"]).expect(0);
    assert_eq!(names_in(&root.join("un")), ["docs", "src", "target"]);

    fs::write(root.join("p/docs/main.rs"), "another").unwrap();
    pzip(root, &["create", "b.zip", "p"]).expect(0);
    let run = pzip(root, &["extract", "b.zip", "-C", "none", "--flatten"]).expect(8);
    assert!(run.err.contains("main.rs"), "{}", run.err);
    assert!(!root.join("none").exists());
}

#[test]
fn contents_to_standard_output_and_archives_from_standard_input() {
    let directory = project();
    let root = directory.path();
    pzip(root, &["create", "a.zip", "p"]).expect(0);
    let run = pzip(root, &["extract", "-p", "a.zip", "*.md", "p/src/main.rs"]).expect(0);
    assert_eq!(run.text(), "docs/a.mdsrc/main.rs", "in the order of the archive");
    assert!(!root.join("docs").exists());

    let archive = fs::read(root.join("a.zip")).unwrap();
    let run = fed(root, &["extract", "-", "-C", "piped", "p/docs"], &archive).expect(0);
    assert!(run.err.contains("spooled"), "{}", run.err);
    assert_eq!(names_in(&root.join("piped/p/docs")), ["a.md", "target"]);
    fed(root, &["test", "-"], &archive[..archive.len() - 1]).expect(4);
}

#[test]
fn completions_and_the_manual_page_name_every_command() {
    let directory = tempfile::tempdir().unwrap();
    let commands = ["create", "extract", "list", "test", "lint", "cat", "completions", "man"];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = pzip(directory.path(), &["completions", shell]).expect(0).text();
        for command in commands {
            assert!(text.contains(command), "{shell} lacks {command}");
        }
    }
    let page = pzip(directory.path(), &["man"]).expect(0).text();
    for command in commands {
        let section = format!(".SH \"PZIP {}\"", command.to_uppercase());
        assert!(page.contains(&section), "no section of {command}");
    }
    assert!(page.contains("strip\\-components") && page.contains("Exit codes"));
    pzip(directory.path(), &["completions", "tcsh"]).expect(2);
}

/// Entries laid by hand, in a file of this name.
fn laid(directory: &Path, name: &str, entries: impl IntoIterator<Item = LaidEntry>) {
    fs::write(directory.join(name), Lay::of(entries).build()).unwrap();
}

#[test]
fn what_came_from_a_pipe_is_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let entries = [LaidEntry::stored("-", "from a pipe").mode(0o010_600)];
    laid(directory.path(), "a.zip", entries);
    pzip(directory.path(), &["extract", "a.zip", "-C", "out"]).expect(0);
    let stat = fs::symlink_metadata(directory.path().join("out/-")).unwrap();
    assert!(stat.is_file(), "{stat:?}");
    assert_eq!(fs::read(directory.path().join("out/-")).unwrap(), b"from a pipe");
    assert_eq!(pzip(directory.path(), &["extract", "-p", "a.zip"]).expect(0).out, b"from a pipe");
}

#[test]
fn a_refusal_names_the_option_that_accepts_it() {
    let file = |name: &str| LaidEntry::stored(name, name);
    for (entries, option) in [
        (vec![file("a:b")], Some("--names unix")),
        (vec![file("aux.txt")], Some("--names unix")),
        (vec![file("a"), file("a")], Some("--allow-duplicates")),
        (vec![file("a"), file("A")], Some("--allow-case-collisions")),
        (vec![LaidEntry::symlink("l", "/etc")], Some("--symlinks none or all")),
        (vec![LaidEntry::symlink("l", "")], Some("--symlinks none")),
        // What no option accepts.
        (vec![file("../a")], None),
        (vec![file("/a")], None),
        (vec![file("a"), file("a/b")], None),
        (vec![file("a").mode(0o020_666)], None),
    ] {
        let directory = tempfile::tempdir().unwrap();
        laid(directory.path(), "a.zip", entries.clone());
        let refused = pzip(directory.path(), &["extract", "a.zip", "-C", "out"]);
        assert!(!matches!(refused.code, Some(0)), "{entries:?}");
        assert!(!directory.path().join("out").exists(), "{entries:?}: something was written");
        let Some(option) = option else {
            assert!(!refused.err.contains("accepts this"), "{}", refused.err);
            continue;
        };
        assert!(refused.err.contains(&format!("({option} accepts this)")), "{}", refused.err);
        let mut args = vec!["extract", "a.zip", "-C", "out"];
        args.extend(option.split(' ').filter(|word| !matches!(*word, "or" | "all")));
        pzip(directory.path(), &args).expect(0);
    }
}

/// Standard output is a place that is always full.
#[cfg(target_os = "linux")]
#[test]
fn contents_that_cannot_be_written_are_a_failure() {
    let directory = tempfile::tempdir().unwrap();
    let big = vec![b'x'; 5 << 20];
    for (contents, args) in [
        (&b"short"[..], &["extract", "-p", "a.zip"][..]),
        (&big, &["extract", "-p", "a.zip"]),
        (&b"short"[..], &["cat", "a.zip", "f"]),
        (&b"short"[..], &["create", "-", "a.zip"]),
    ] {
        laid(directory.path(), "a.zip", [LaidEntry::stored("f", contents)]);
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command(directory.path(), args).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && !said.is_empty(), "{args:?}: {said}");
    }
}

#[test]
fn destinations_of_all_kinds() {
    use std::os::unix::fs::symlink;
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    laid(directory.path(), "a.zip", [LaidEntry::stored("f", "new")]);
    fs::write(at("file"), "old").unwrap();
    fs::create_dir(at("real")).unwrap();
    symlink("real", at("link")).unwrap();
    symlink("file", at("link-to-file")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(at("pipe")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
    for (destination, place) in [
        ("new/with/parents", Some("new/with/parents/f")),
        // The destination is the caller's wish.
        ("link", Some("real/f")),
        ("file", None),
        ("file/below", None),
        ("link-to-file", None),
        ("dangling", None),
        ("pipe", None),
        ("/dev/null", None),
        ("", None),
    ] {
        let run = pzip(directory.path(), &["extract", "a.zip", "-C", destination]);
        match place {
            Some(place) => {
                run.expect(0);
                assert_eq!(fs::read(at(place)).unwrap(), b"new", "{destination}");
            }
            None => {
                assert!(run.code.is_some_and(|code| code > 0), "{destination}: {}", run.err);
                assert!(!run.err.is_empty(), "{destination}");
            }
        }
    }
    assert_eq!(fs::read(at("file")).unwrap(), b"old");
    assert!(!at("nowhere").exists() && !at("f").exists());
}
