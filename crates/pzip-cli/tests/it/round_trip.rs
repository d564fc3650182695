//! A tree into an archive and back, through us and through every tool, both ways.

use std::fs;
use std::path::Path;
use std::process::Command;

use zip_testkit::data::{TreeSpec, tree};
use zip_testkit::oracle::{Tool, Tree, tree_digest};

use crate::run::{command, names_in, pzip};

/// A tree of every kind of thing, below `directory/tree`.
fn plant(directory: &Path, symlinks: usize) -> Tree {
    let spec = TreeSpec { files: 400, max_size: 40_000, symlinks, ..TreeSpec::default() };
    let root = directory.join("tree");
    tree(&root, &spec).unwrap();
    fs::write(root.join("größe-日本 und Leerzeichen.txt"), "UTF-8").unwrap();
    fs::write(root.join("large"), zip_testkit::data::mixed(6 << 20, 3)).unwrap();
    fs::create_dir(root.join("empty directory")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("large", root.join("link beside its target")).unwrap();
    digest(&root)
}

/// The digest without what archives do not keep: half seconds, link times, the root's own time.
fn digest(root: &Path) -> Tree {
    let mut digest = tree_digest(root).unwrap();
    for (path, node) in &mut digest {
        let link = matches!(node.kind, zip_testkit::oracle::Kind::Symlink { .. });
        if link || path.is_empty() {
            node.mtime_seconds = 0;
            node.mode = 0;
        }
    }
    digest
}

#[test]
fn a_tree_comes_back_with_links_modes_and_times() {
    let directory = tempfile::tempdir().unwrap();
    let before = plant(directory.path(), 12);
    for threads in ["1", "2", "5"] {
        let (archive, into) = (format!("{threads}.zip"), format!("out-{threads}"));
        pzip(directory.path(), &["create", "-j", threads, &archive, "tree"]).expect(0);
        pzip(directory.path(), &["test", "-j", threads, &archive]).expect(0);
        pzip(directory.path(), &["extract", "-j", threads, &archive, "-C", &into]).expect(0);
        let after = digest(&directory.path().join(&into).join("tree"));
        assert!(before == after, "{threads} threads: the tree changed");
    }
    let first = fs::read(directory.path().join("1.zip")).unwrap();
    assert!(first == fs::read(directory.path().join("5.zip")).unwrap(), "same bytes, any threads");
    pzip(directory.path(), &["create", "1.zip", "tree"]).expect(0);
    assert!(first == fs::read(directory.path().join("1.zip")).unwrap(), "same bytes, any run");
}

#[test]
fn every_tool_extracts_ours() {
    let directory = tempfile::tempdir().unwrap();
    // 7-Zip refuses to make links that go up, even those that stay inside.
    let before = plant(directory.path(), 0);
    pzip(directory.path(), &["create", "a.zip", "tree"]).expect(0);
    let archive = directory.path().join("a.zip");
    for tool in Tool::ALL {
        let Some(tool) = tool.or_skip() else { continue };
        let verdict = tool.test(&archive, None).expect("installed");
        assert!(verdict.accepted, "{tool:?}: {}", verdict.errors);
        let into = directory.path().join(format!("{tool:?}"));
        fs::create_dir(&into).unwrap();
        let verdict = tool.extract(&archive, &into, None).expect("installed");
        assert!(verdict.accepted, "{tool:?}: {}", verdict.errors);
        let after = digest(&into.join("tree"));
        assert_eq!(before.len(), after.len(), "{tool:?}: another number of files");
        for (path, node) in &before {
            let name = String::from_utf8_lossy(path);
            let other = after.get(path).unwrap_or_else(|| panic!("{tool:?} lost {name}"));
            match tool {
                // Python's module knows neither links nor modes nor times.
                Tool::Python => {
                    if let zip_testkit::oracle::Kind::File { .. } = node.kind {
                        assert_eq!(node.kind, other.kind, "{tool:?}: {name}");
                    }
                }
                _ => assert_eq!(
                    (&node.kind, node.mode),
                    (&other.kind, other.mode),
                    "{tool:?}: {name}"
                ),
            }
        }
    }
}

#[test]
fn we_extract_what_every_tool_makes() {
    let directory = tempfile::tempdir().unwrap();
    let before = plant(directory.path(), 12);
    let tools: [(&str, &[&str]); 6] = [
        ("zip", &["-q", "-r", "-y", "{}", "tree"]),
        ("zip", &["-q", "-r", "-y", "-fz", "{}", "tree"]),
        ("7zz", &["a", "-tzip", "-snl", "-bd", "{}", "tree"]),
        ("bsdtar", &["-a", "-cf", "{}", "tree"]),
        ("bsdtar", &["-a", "-cf", "{}", "-C", "tree", "."]),
        ("python3", &["-m", "zipfile", "-c", "{}", "tree"]),
    ];
    for (number, (program, args)) in tools.into_iter().enumerate() {
        let archive = format!("{number}-{program}.zip");
        let args = args.iter().map(|arg| arg.replace("{}", &archive));
        let made = Command::new(program).current_dir(directory.path()).args(args).output();
        let Ok(made) = made else {
            println!("skipped: {program} is not installed");
            continue;
        };
        assert!(made.status.success(), "{program}: {}", String::from_utf8_lossy(&made.stderr));
        pzip(directory.path(), &["test", &archive]).expect(0);
        let into = format!("out-{number}");
        pzip(directory.path(), &["extract", &archive, "-C", &into]).expect(0);
        let root = directory.path().join(&into);
        let root = if root.join("tree").is_dir() { root.join("tree") } else { root };
        let after = digest(&root);
        for (path, node) in &before {
            if program == "python3" && !matches!(node.kind, zip_testkit::oracle::Kind::File { .. })
            {
                continue;
            }
            let name = String::from_utf8_lossy(path);
            let other = after.get(path).unwrap_or_else(|| panic!("{archive}: lost {name}"));
            assert_eq!(node.kind, other.kind, "{archive}: {name}");
        }
    }
}

#[test]
fn selections_and_cat() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("t");
    fs::create_dir_all(root.join("sub")).unwrap();
    fs::write(root.join("a.txt"), "alpha").unwrap();
    fs::write(root.join("b.md"), "beta").unwrap();
    fs::write(root.join("sub/c.txt"), "gamma").unwrap();
    pzip(directory.path(), &["create", "a.zip", "t"]).expect(0);
    assert_eq!(pzip(directory.path(), &["cat", "a.zip", "t/a.txt"]).expect(0).out, b"alpha");

    pzip(directory.path(), &["extract", "a.zip", "-C", "glob", "*.txt"]).expect(0);
    assert_eq!(names_in(&directory.path().join("glob/t")), ["a.txt", "sub"]);
    pzip(directory.path(), &["extract", "a.zip", "-C", "one", "t/sub"]).expect(0);
    assert_eq!(names_in(&directory.path().join("one/t")), ["sub"]);

    let run = pzip(directory.path(), &["extract", "a.zip", "-C", "none", "nothing*"]).expect(2);
    assert!(run.err.contains("nothing*"), "{}", run.err);
    assert!(!directory.path().join("none").exists());
    pzip(directory.path(), &["cat", "a.zip", "missing"]).expect(2);
}

#[test]
fn an_archive_to_standard_output_and_inside_its_own_tree() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("x"), "contents").unwrap();
    let piped = pzip(directory.path(), &["create", "-q", "-", "x"]).expect(0).out;
    fs::write(directory.path().join("piped.zip"), piped).unwrap();
    assert_eq!(pzip(directory.path(), &["cat", "piped.zip", "x"]).expect(0).out, b"contents");

    for _ in 0..2 {
        // The second time the archive is there already; it must not swallow itself.
        pzip(directory.path(), &["create", "self.zip", "."]).expect(0);
        let list = pzip(directory.path(), &["list", "self.zip"]).expect(0).text();
        assert!(!list.contains("self.zip"), "{list}");
        assert!(!list.contains(".tmp"), "{list}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupt_leaves_no_half_archive() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.zip"), "the old one").unwrap();
    let big = directory.path().join("in");
    fs::create_dir(&big).unwrap();
    for number in 0..40 {
        fs::write(big.join(number.to_string()), zip_testkit::data::mixed(8 << 20, number)).unwrap();
    }
    let mut child =
        command(directory.path(), &["create", "-l", "9", "a.zip", "in"]).spawn().unwrap();
    // The temporary file shows that the work has begun.
    while names_in(directory.path()).len() < 3 {
        assert!(child.try_wait().unwrap().is_none(), "ended before it could be interrupted");
        std::thread::yield_now();
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(names_in(directory.path()), ["a.zip", "in"], "no temporary file is left");
    assert_eq!(fs::read(directory.path().join("a.zip")).unwrap(), b"the old one");
}
