//! Archives of other tools, where they are installed: each opens strictly and reads right.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use zip_format::attributes::Kind;
use zip_format::profile::Relax;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::data;

/// Path to contents; directories end in a slash and have none.
type Tree = BTreeMap<String, Vec<u8>>;

fn plant(root: &Path) -> Tree {
    let mut tree = Tree::new();
    for name in ["dir/", "dir/empty-dir/", "dir/deep/", "dir/deep/er/"] {
        fs::create_dir_all(root.join(name)).expect("a directory");
        tree.insert(name.into(), Vec::new());
    }
    let files = [
        ("empty", Vec::new()),
        ("one", b"1".to_vec()),
        ("text.txt", data::text(20_000, 1)),
        ("dir/noise", data::noise(70_000, 2)),
        ("dir/zeros", data::zeros(300_000)),
        ("dir/deep/\u{fc}n\u{ef}c\u{f6}de \u{65e5}\u{672c}.txt", data::json(3_000, 3)),
        ("dir/deep/er/large", data::mixed(6 << 20, 4)),
        // A whole archive, stored or deflated, with records that a search must not take for ours.
        (
            "dir/inner.zip",
            zip_testkit::lay::Lay::of([zip_testkit::lay::LaidEntry::stored("x", "y")]).build(),
        ),
    ];
    for (name, contents) in files {
        fs::write(root.join(name), &contents).expect("room for a file");
        tree.insert(name.into(), contents);
    }
    tree
}

/// What the archive holds, read in every way that matters; extra entries are the tool's matter.
fn check(path: &Path, expected: &Tree, what: &str, relax: Relax) {
    let options = Options { relax, ..Options::default() };
    let archive = Archive::open_with(path, options.clone());
    let archive = archive.unwrap_or_else(|error| panic!("{what}: {error}"));
    let audit = archive.audit(Parallel::threads(2)).expect("not cancelled");
    let needs = relax - Relax::STRICT;
    assert!(audit.refused(needs).count() == 0, "{what}: {:?}", audit.findings);
    assert_eq!(audit.needs(), needs, "{what}");
    let all: Vec<usize> = (0..archive.len()).collect();
    for result in archive.test(&all, Parallel::threads(2)) {
        result.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    let mut found = Tree::new();
    for entry in archive.entries() {
        let name = entry.name().to_string();
        let mut name = name.strip_prefix("./").unwrap_or(&name).to_owned();
        if entry.kind() == Kind::Directory && !name.ends_with('/') {
            name.push('/');
        }
        if entry.kind() == Kind::Symlink {
            assert_eq!(entry.read().expect(what), b"text.txt", "{what}: target of {name}");
            continue;
        }
        found.insert(name, entry.read().unwrap_or_else(|error| panic!("{what}: {error}")));
    }
    for (name, contents) in expected {
        // Not every tool keeps directories.
        match found.get(name) {
            Some(read) => assert!(read == contents, "{what}: contents of {name}"),
            None => {
                assert!(name.ends_with('/'), "{what}: {name} is missing from {:?}", found.keys());
            }
        }
    }
    // And out of memory, without the file.
    let bytes = fs::read(path).expect("just written");
    let archive = Archive::new(bytes, options).expect(what);
    assert!(archive.test(&all, Parallel::threads(1)).iter().all(Result::is_ok), "{what}");
}

fn is_installed(tool: &str) -> bool {
    let status = Command::new("sh")
        .args(["-c", &format!("command -v {tool}")])
        .stdout(Stdio::null())
        .status();
    let found = status.is_ok_and(|status| status.success());
    if !found {
        println!("skipped: {tool} is not installed");
    }
    found
}

/// Runs each script in the tree with `OUT` as the archive to write, and checks what it wrote.
fn tool(tool: &str, scripts: &[&str], with_link: bool) {
    if !is_installed(tool) {
        return;
    }
    let root = tempfile::tempdir().expect("a directory");
    let tree = plant(root.path());
    #[cfg(unix)]
    if with_link {
        std::os::unix::fs::symlink("text.txt", root.path().join("dir/link")).expect("a link");
    }
    let out = tempfile::tempdir().expect("a directory");
    for (number, script) in scripts.iter().enumerate() {
        let path = out.path().join(format!("{number}.zip"));
        run(script, root.path(), &path);
        check(&path, &tree, script, Relax::STRICT);
    }
}

/// Runs a script in the tree, with `OUT` as the archive to write; it must succeed.
fn run(script: &str, root: &Path, out: &Path) {
    // A pipe to cat makes the output unseekable; the verdict that counts is the tool's.
    let script = match script.strip_suffix(PIPE) {
        Some(tool) => format!("{{ {tool}; echo $? > $OUT.code; }}{PIPE}; exit $(cat $OUT.code)"),
        None => script.to_owned(),
    };
    let mut command = Command::new("sh");
    let output = command.args(["-c", &script]).env("OUT", out).current_dir(root).output();
    let output = output.expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && out.is_file(), "{script}: {errors}");
}

/// How a script ends whose output cannot be sought in.
const PIPE: &str = " | cat > $OUT";

#[test]
fn info_zip() {
    let scripts = [
        "zip -q -r -y $OUT .",
        "zip -q -r -y -0 $OUT .",
        "zip -q -r -y -D -X $OUT .",
        "zip -q -r -y -fz $OUT .",
        "zip -q -r -y -fz- $OUT .",
        "zip -q -r -y -UN=UTF8 $OUT .",
        "zip -q -r -y $OUT . && echo comment | zip -q -z $OUT",
        // Entries deleted and replaced in place.
        "zip -q -r -y $OUT . && zip -q -d $OUT one && zip -q $OUT one",
    ];
    tool("zip", &scripts, true);
    // It refuses to store through a pipe, and it always stores links. With `-fz` as well it puts
    // a sentinel for the directory's offset and no zip64 record; it cannot read that itself.
    let scripts =
        ["zip -q -r -fd $OUT .", "zip -q -r - . | cat > $OUT", "zip -q -r -fz- - . | cat > $OUT"];
    tool("zip", &scripts, false);
}

#[test]
fn info_zip_behind_a_stub() {
    let scripts = [
        "zip -q -r -y $OUT.in . && { echo '#!/bin/sh'; cat $OUT.in; } > $OUT && zip -q -A $OUT",
        "zip -q -r -y $OUT.in . && { echo '#!/bin/sh'; cat $OUT.in; } > $OUT",
    ];
    if !is_installed("zip") {
        return;
    }
    let root = tempfile::tempdir().expect("a directory");
    plant(root.path());
    let out = tempfile::tempdir().expect("a directory");
    for script in scripts {
        let path = out.path().join("stub.zip");
        run(script, root.path(), &path);
        let archive = Archive::open(&path).expect(script);
        assert_eq!(archive.prefix_len(), 10, "{script}");
        let all: Vec<usize> = (0..archive.len()).collect();
        assert!(archive.test(&all, Parallel::default()).iter().all(Result::is_ok), "{script}");
    }
}

#[test]
fn seven_zip() {
    let command = if is_installed("7zz") { "7zz" } else { "7z" };
    let scripts = [
        "7zz a -bd -snl -tzip $OUT .",
        "7zz a -bd -snl -tzip -mx=0 $OUT .",
        "7zz a -bd -snl -tzip -mcu=on $OUT .",
        "7zz a -bd -snl -tzip -mx=9 -mmt=2 $OUT . && 7zz d -bd -tzip $OUT one && 7zz a -bd -tzip $OUT one",
    ]
    .map(|script| script.replace("7zz", command));
    tool(command, &scripts.each_ref().map(String::as_str), true);
}

#[test]
fn libarchive() {
    let scripts = [
        "bsdtar -a -cf $OUT .",
        "bsdtar --format zip --options zip:compression=store -cf $OUT .",
        "bsdtar --format zip --options zip:zip64 -cf $OUT .",
        "bsdtar --format zip --options 'zip:!zip64' -cf $OUT .",
    ];
    tool("bsdtar", &scripts, true);
}

/// To a pipe, bsdtar pads its output with zeros to a block of tapes, 10,240 bytes.
#[test]
fn libarchive_pads_what_it_pipes() {
    if !is_installed("bsdtar") {
        return;
    }
    let root = tempfile::tempdir().expect("a directory");
    let tree = plant(root.path());
    let out = tempfile::tempdir().expect("a directory");
    for script in [
        "bsdtar --format zip -cf - . | cat > $OUT",
        "bsdtar --format zip --options zip:zip64 -cf - . | cat > $OUT",
    ] {
        let path = out.path().join("piped.zip");
        run(script, root.path(), &path);
        let refused = Archive::open(&path).expect_err(script).to_string();
        assert!(refused.contains("bytes after the end record"), "{script}: {refused}");
        check(&path, &tree, script, Relax::STRICT | Relax::TRAILING);
    }
}

#[test]
fn java() {
    let scripts = [
        "jar cf $OUT .",
        "jar c0f $OUT .",
        "jar cfM $OUT .",
        "jar c . | cat > $OUT",
        "jar cf $OUT . && jar uf $OUT text.txt",
    ];
    tool("jar", &scripts, false);
}

const PYTHON: &str = r#"
import os, sys, zipfile
out, seekable, method, zip64 = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open(out, 'wb') as file, zipfile.ZipFile(file if seekable else Pipe(file), 'w', method) as z:
    for root, dirs, files in os.walk('.'):
        for name in dirs:
            z.write(os.path.join(root, name))
        for name in files:
            path = os.path.join(root, name)
            with z.open(os.path.relpath(path), 'w', force_zip64=bool(zip64)) as to, open(path, 'rb') as f:
                to.write(f.read())
"#;

#[test]
fn python() {
    let script = |seekable: u8, method: u8, zip64: u8| {
        let code = PYTHON.replace('\'', "\"");
        format!("python3 -c '{code}' $OUT {seekable} {method} {zip64}")
    };
    let mut scripts = Vec::new();
    let mut methods = vec![0, 8];
    methods.extend(cfg!(feature = "bzip2").then_some(12));
    methods.extend(cfg!(feature = "lzma").then_some(14));
    for method in methods {
        for (seekable, zip64) in [(1, 0), (0, 0), (1, 1), (0, 1)] {
            scripts.push(script(seekable, method, zip64));
        }
    }
    scripts.push(
        "python3 -m zipapp dir/deep -m er:large -o $OUT && python3 -m zipfile -c $OUT .".into(),
    );
    let scripts: Vec<&str> = scripts.iter().map(String::as_str).collect();
    tool("python3", &scripts, false);
}
