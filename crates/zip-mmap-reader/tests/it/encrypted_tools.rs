//! Encrypted archives between tools, where they are installed: theirs read here, ours read there.
//!
//! 7-Zip, bsdtar, Info-ZIP and zip4j are Debian packages (`7zip`, `libarchive-tools`, `zip`,
//! `unzip`, `libzip4j-java` and a JDK); `pyzipper` comes from PyPI: `cargo xtask peers`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use zip_codec::member::{Encryption, Password};
use zip_format::encryption::Scheme;
use zip_format::error::Category;
use zip_format::extra::aes::Strength;
use zip_format::method::Method;
use zip_format::profile::Relax;
use zip_mmap_reader::{Archive, Options, Parallel, Passwords};
use zip_testkit::data;
use zip_testkit::oracle::{python_with, zip4j};

use crate::sealing::{File, archive};

const PASSWORD: &str = "correct horse";
const WRONG: &str = "battery staple";

type Tree = BTreeMap<String, Vec<u8>>;

fn tree() -> Tree {
    [
        ("empty", Vec::new()),
        ("one", b"1".to_vec()),
        ("text.txt", data::text(50_000, 1)),
        ("dir/noise", data::noise(70_000, 2)),
        ("dir/large", data::mixed(6 << 20, 3)),
    ]
    .map(|(name, contents)| (name.to_owned(), contents))
    .into()
}

fn plant(root: &Path, tree: &Tree) {
    fs::create_dir_all(root.join("dir")).expect("a directory");
    for (name, contents) in tree {
        fs::write(root.join(name), contents).expect("room for a file");
    }
}

fn has(command: &str) -> bool {
    let status = Command::new("sh")
        .args(["-c", command])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let found = status.is_ok_and(|status| status.success());
    if !found {
        println!("skipped: no {command}");
    }
    found
}

fn succeed(what: &str, output: &Output) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {errors}");
}

/// An archive of another tool: the tree under the password, and errors under others.
fn check(path: &Path, tree: &Tree, what: &str, scheme: &str) {
    let open = |text: &str| {
        let passwords = Passwords::one(Password::new(text));
        // bsdtar pads what it writes to standard output.
        let relax = Relax::STRICT | Relax::TRAILING;
        let options = Options { passwords, relax, ..Options::default() };
        Archive::open_with(path, options).unwrap_or_else(|error| panic!("{what}: {error}"))
    };
    let opened = open(PASSWORD);
    let all: Vec<usize> = (0..opened.len()).collect();
    let mut found = Tree::new();
    let contents = opened.read_many(&all, Parallel::threads(2));
    let tested = opened.test(&all, Parallel::threads(1));
    let mut schemes = 0;
    for ((entry, contents), tested) in opened.entries().zip(contents).zip(tested) {
        let name = entry.name().to_string();
        tested.unwrap_or_else(|error| panic!("{what}: {error}"));
        let contents = contents.unwrap_or_else(|error| panic!("{what}: {error}"));
        let (read, _) = entry.scheme().expect("known");
        let strong = match read {
            Scheme::Aes(aes) => 8 * aes.strength.key_len(),
            _ => 0,
        };
        if read != Scheme::None {
            let said = format!("{} {strong}", read.name());
            assert!(said.ends_with(scheme) || said.starts_with(scheme), "{what}: {name} is {said}");
            schemes += 1;
        }
        if !name.ends_with('/') {
            found.insert(name.trim_start_matches("./").to_owned(), contents);
        }
    }
    assert!(found == *tree, "{what}: {:?}", found.keys());
    assert!(schemes >= 4, "{what}: only {schemes} entries are encrypted");

    for (entry, result) in open(WRONG).entries().zip(open(WRONG).test(&all, Parallel::threads(2))) {
        match result {
            // One in 128 fits the traditional check byte, and no contents prove nothing.
            Ok(()) if scheme == "traditional" && entry.size() == 0 => {}
            Ok(()) => assert!(!entry.is_encrypted(), "{what}: {} under {WRONG}", entry.name()),
            Err(error) => {
                let luck = scheme == "traditional" && error.category() == Category::Damaged;
                assert!(luck || error.category() == Category::Password, "{what}: {error}");
            }
        }
    }
}

#[test]
fn theirs_read_here() {
    let tree = tree();
    let root = tempfile::tempdir().expect("a directory");
    plant(root.path(), &tree);
    let out = tempfile::tempdir().expect("a directory");
    let scripts: [(&str, &str, &str); 11] = [
        ("7zz", "7zz a -tzip -mem=AES128 -p'{}' $OUT . >&2", "128"),
        ("7zz", "7zz a -tzip -mem=AES192 -p'{}' $OUT . >&2", "192"),
        ("7zz", "7zz a -tzip -mem=AES256 -p'{}' $OUT . >&2", "256"),
        ("7zz", "7zz a -tzip -mx0 -mem=AES256 -p'{}' $OUT . >&2", "256"),
        ("7zz", "7zz a -tzip -mem=ZipCrypto -p'{}' $OUT . >&2", "traditional"),
        ("zip", "zip -q -r -P '{}' $OUT .", "traditional"),
        ("zip", "zip -q -r -fz -P '{}' $OUT .", "traditional"),
        ("zip", "zip -q -r -0 -P '{}' - . | cat > $OUT", "traditional"),
        (
            "bsdtar",
            "bsdtar --format zip --options zip:encryption=aes256 --passphrase '{}' -cf $OUT *",
            "256",
        ),
        (
            "bsdtar",
            "bsdtar --format zip --options zip:encryption=aes128 --passphrase '{}' -cf - * > $OUT",
            "128",
        ),
        (
            "bsdtar",
            "bsdtar --format zip --options zip:encryption=zipcrypt --passphrase '{}' -cf $OUT *",
            "traditional",
        ),
    ];
    for (number, (tool, script, scheme)) in scripts.into_iter().enumerate() {
        if !has(&format!("command -v {tool}")) {
            continue;
        }
        let path = out.path().join(format!("{number}.zip"));
        let script = script.replace("{}", PASSWORD);
        let mut shell = Command::new("sh");
        let output =
            shell.args(["-c", &script]).env("OUT", &path).current_dir(root.path()).output();
        succeed(&script, &output.expect("a shell"));
        check(&path, &tree, &script, scheme);
    }
    if let Some(python) = python_with(&["pyzipper"]) {
        for (bits, compression) in
            [(128, "ZIP_STORED"), (192, "ZIP_DEFLATED"), (256, "ZIP_DEFLATED")]
        {
            let path = out.path().join(format!("pyzipper-{bits}.zip"));
            let script = "import pyzipper, sys, os\n\
                z = pyzipper.AESZipFile(sys.argv[1], 'w', compression=getattr(pyzipper, sys.argv[4]))\n\
                z.setpassword(sys.argv[2].encode())\n\
                z.setencryption(pyzipper.WZ_AES, nbits=int(sys.argv[3]))\n\
                for root, _, files in os.walk('.'):\n    \
                    for f in files: z.write(os.path.join(root, f))\n\
                z.close()";
            let mut command = Command::new(&python);
            command.args(["-c", script]).arg(&path).args([
                PASSWORD,
                &bits.to_string(),
                compression,
            ]);
            let output = command.current_dir(root.path()).output().expect("python");
            succeed("pyzipper", &output);
            check(&path, &tree, &format!("pyzipper {bits}"), &bits.to_string());
        }
    }
    for scheme in ["128 1", "256 2", "256 1", "traditional"] {
        let Some(mut java) = zip4j() else { break };
        let path = out.path().join(format!("zip4j {scheme}.zip"));
        let output = java.arg(scheme).arg(&path).arg(PASSWORD).arg(root.path()).output();
        succeed("zip4j", &output.expect("java"));
        let bits = scheme.split(' ').next().unwrap_or(scheme);
        check(&path, &tree, &format!("zip4j {scheme}"), bits);
    }
}

/// What a tool found in `into`, if it said that all was well.
fn extracted(output: std::io::Result<Output>, into: &Path, tree: &Tree) -> Option<bool> {
    let output = output.expect("it was started before");
    let same = tree
        .iter()
        .all(|(name, contents)| fs::read(into.join(name)).is_ok_and(|found| found == *contents));
    output.status.success().then_some(same)
}

#[test]
fn ours_read_there() {
    let mut tree = tree();
    tree.remove("dir/large");
    let password = Password::new(PASSWORD);
    let kinds = [
        (true, Encryption::aes(Strength::Aes128, password.clone())),
        (true, Encryption::aes(Strength::Aes192, password.clone())),
        (true, Encryption::aes256(password.clone())),
        (false, Encryption::insecure_traditional(password)),
    ];
    let out = tempfile::tempdir().expect("a directory");
    for (number, (is_aes, encryption)) in kinds.iter().enumerate() {
        for (method, pushed) in
            [(Method::DEFLATE, false), (Method::DEFLATE, true), (Method::STORED, true)]
        {
            let files: Vec<File<'_>> = tree
                .iter()
                .map(|(name, contents)| File {
                    name,
                    contents,
                    method,
                    encryption: Some(encryption.clone()),
                    pushed,
                })
                .collect();
            let path = out.path().join(format!("{number}-{method}-{pushed}.zip"));
            fs::write(&path, archive(&files)).expect("room for the archive");
            let what = format!("{encryption:?}, {method}, {pushed}");
            for (right, text) in [(true, PASSWORD), (false, WRONG)] {
                for (tool, output, into) in ask(&path, text, *is_aes, out.path()) {
                    let found = extracted(output, &into, &tree);
                    if right {
                        assert_eq!(found, Some(true), "{tool}: {what}");
                    } else {
                        assert_eq!(found, None, "{tool} opened {what} under {text}");
                    }
                    fs::remove_dir_all(&into).expect("made for this tool");
                }
            }
        }
    }
}

type Asked = Vec<(&'static str, std::io::Result<Output>, PathBuf)>;

/// Extracts with every tool that knows the scheme.
fn ask(path: &Path, password: &str, is_aes: bool, out: &Path) -> Asked {
    let mut asked = Asked::new();
    let mut run = |tool: &'static str, arrange: &dyn Fn(&Path) -> Command| {
        let into = out.join(format!("by {tool}"));
        fs::create_dir_all(&into).expect("a directory");
        let mut command = arrange(&into);
        asked.push((tool, command.stdin(Stdio::null()).output(), into));
    };
    if has("command -v 7zz") {
        run("7zz", &|into| {
            let mut command = Command::new("7zz");
            command.args(["x", "-y", &format!("-p{password}"), &format!("-o{}", into.display())]);
            command.arg(path);
            command
        });
    }
    if has("command -v bsdtar") {
        run("bsdtar", &|into| {
            let mut command = Command::new("bsdtar");
            command.args(["--passphrase", password, "-xf"]).arg(path).arg("-C").arg(into);
            command
        });
    }
    if !is_aes && has("command -v unzip") {
        run("unzip", &|into| {
            let mut command = Command::new("unzip");
            command.args(["-q", "-P", password]).arg(path).arg("-d").arg(into);
            command
        });
    }
    let script = "import sys\n\
        Z = __import__(sys.argv[1])\n\
        z = (Z.AESZipFile if sys.argv[1] == 'pyzipper' else Z.ZipFile)(sys.argv[2])\n\
        z.extractall(sys.argv[4], pwd=sys.argv[3].encode())";
    let python = |python: PathBuf, module: &'static str| {
        move |into: &Path| {
            let mut command = Command::new(&python);
            command.args(["-c", script, module]).arg(path).arg(password).arg(into);
            command
        }
    };
    if !is_aes && has("command -v python3") {
        run("python", &python("python3".into(), "zipfile"));
    }
    if let Some(found) = python_with(&["pyzipper"]).filter(|_| is_aes) {
        run("pyzipper", &python(found, "pyzipper"));
    }
    if zip4j().is_some() {
        run("zip4j", &|into| {
            let mut command = zip4j().expect("found before");
            command.arg("x").arg(path).arg(password).arg(into);
            command
        });
    }
    asked
}
