//! Trees to items.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use zip_format::attributes::Kind;
use zip_fs::collect::FileId;
use zip_fs::{CollectOptions, Collected, Error, Patterns, collect};
use zip_mmap_reader::{Archive, Options};
use zip_parallel_writer::{Item, ParallelWriter};

fn plant(files: &[&str]) -> TempDir {
    let root = TempDir::new().unwrap();
    for name in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    root
}

/// The names of the items, without what leads to the root.
fn names(collected: &Collected, root: &Path) -> Vec<String> {
    let prefix = root.to_str().unwrap().trim_start_matches('/');
    let name = |item: &Item<'_>| {
        let name = String::from_utf8_lossy(&item.name).into_owned();
        name.strip_prefix(prefix)
            .map(|name| name.trim_start_matches('/').to_owned())
            .unwrap_or(name)
    };
    collected.items.iter().map(name).collect()
}

#[test]
fn directories_before_contents_and_siblings_by_bytes() {
    let root = plant(&["b", "a/z", "a/B", "a/c/d", "a.x", "é"]);
    fs::create_dir(root.path().join("empty")).unwrap();
    let collected = collect(&[root.path()], &CollectOptions::default());
    assert!(collected.failures.is_empty(), "{:?}", collected.failures);
    let expected = ["", "a/", "a/B", "a/c/", "a/c/d", "a/z", "a.x", "b", "empty/", "é"];
    assert_eq!(names(&collected, root.path()), expected);
    let paths = [root.path().join("b"), root.path().join("a/z")];
    let collected = collect(&paths, &CollectOptions::default());
    assert_eq!(names(&collected, root.path()), ["b", "a/z"], "arguments in their own order");
}

#[test]
fn metadata_and_contents() {
    let root = plant(&["f"]);
    let path = root.path().join("f");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("f", root.path().join("l")).unwrap();
    let stat = fs::metadata(&path).unwrap();
    let mut collected = collect(&[&path, &root.path().join("l")], &CollectOptions::default());
    let [file, link] = &mut collected.items[..] else { panic!("two items") };
    assert_eq!(file.attributes.unix_mode(), Some(0o100_640));
    assert_eq!((file.modified, file.owner), (Some(stat.mtime()), None));
    let contents = file.contents.as_mut().unwrap();
    assert_eq!(contents.len_hint(), Some(1));
    let mut read = String::new();
    contents.open().unwrap().read_to_string(&mut read).unwrap();
    assert_eq!(read, "f");
    assert_eq!(link.attributes.kind(), Some(Kind::Symlink));
    assert_eq!(link.contents.as_ref().unwrap().as_slice(), Some(&b"f"[..]));
    assert!(link.modified.is_some());
    let options = CollectOptions { owners: true, ..CollectOptions::default() };
    let owner = collect(&[&path], &options).items[0].owner.unwrap();
    assert_eq!((owner.uid, owner.gid), (stat.uid(), stat.gid()));
}

#[test]
fn links_are_followed_on_request_but_not_in_circles() {
    let root = plant(&["d/x"]);
    let at = |name: &str| root.path().join(name);
    symlink("d", at("to-d")).unwrap();
    symlink("..", at("d/up")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    let kept = collect(&[root.path()], &CollectOptions::default());
    assert_eq!(names(&kept, root.path()), ["", "d/", "d/up", "d/x", "dangling", "to-d"]);
    let options = CollectOptions { follow: true, ..CollectOptions::default() };
    let followed = collect(&[root.path()], &options);
    assert_eq!(names(&followed, root.path()), ["", "d/", "d/x", "to-d/", "to-d/x"]);
    let failed: Vec<_> = followed.failures.iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(failed, [at("d/up"), at("dangling"), at("to-d/up")]);
    assert!(matches!(followed.failures[0].1, Error::Loop { .. }));
    assert!(matches!(followed.failures[1].1, Error::Io { .. }));
}

#[test]
fn failures_do_not_stop_the_rest() {
    let root = plant(&["a", "z"]);
    let fifo = root.path().join("fifo");
    if !Command::new("mkfifo").arg(&fifo).status().is_ok_and(|status| status.success()) {
        println!("no mkfifo: skipped");
        return;
    }
    let missing = root.path().join("missing");
    let up = root.path().join("a/../z");
    let paths: [&Path; 3] = [&missing, &up, root.path()];
    let collected = collect(&paths, &CollectOptions::default());
    assert_eq!(names(&collected, root.path()), ["", "a", "z"]);
    let failed: Vec<&PathBuf> = collected.failures.iter().map(|(path, _)| path).collect();
    assert_eq!(failed, [&missing, &up, &fifo]);
    assert!(matches!(collected.failures[1].1, Error::Parent { .. }));
    assert!(matches!(collected.failures[2].1, Error::SpecialFile { .. }));
}

#[test]
fn the_archive_itself_is_left_out_by_any_name() {
    let root = plant(&["a", "out.zip", "d/x"]);
    fs::hard_link(root.path().join("out.zip"), root.path().join("d/same.zip")).unwrap();
    let options = CollectOptions {
        exclude_file: Some(FileId::of(&root.path().join("./d/../out.zip")).unwrap()),
        ..CollectOptions::default()
    };
    let collected = collect(&[root.path()], &options);
    assert_eq!(names(&collected, root.path()), ["", "a", "d/", "d/x"]);
}

#[test]
fn names_of_any_bytes() {
    let root = TempDir::new().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"x\xff");
    fs::write(root.path().join(name), "").unwrap();
    let collected = collect(&[root.path()], &CollectOptions::default());
    assert!(collected.items[1].name.ends_with(b"/x\xff"));
}

#[test]
fn the_contents_of_the_working_directory_have_no_prefix() {
    // Another process, so that no other test loses its own working directory: this binary, in the
    // directory of the crate.
    let collected = collect(&["."], &CollectOptions::default());
    let names: Vec<_> = collected.items.iter().map(|item| item.name.as_slice()).collect();
    assert!(names.contains(&&b"Cargo.toml"[..]) && names.contains(&&b"src/"[..]), "{names:?}");
    assert_eq!(names, {
        let collected = collect(&["./"], &CollectOptions::default());
        collected.items.iter().map(|item| item.name.clone()).collect::<Vec<_>>()
    });
}

#[test]
fn what_is_left_out_by_patterns_is_not_even_looked_at() {
    let root = plant(&["keep/a", "keep/b.o", "cache/x", "deep/cache/y", "c.o"]);
    let shut = root.path().join("cache/shut");
    assert!(Command::new("mkfifo").arg(&shut).status().is_ok_and(|made| made.success()));
    let options = CollectOptions {
        exclude: Patterns::new(["*.o", "cache/", "!c.o"]).unwrap(),
        ..CollectOptions::default()
    };
    let collected = collect(&[root.path()], &options);
    assert_eq!(names(&collected, root.path()), ["", "c.o", "deep/", "keep/", "keep/a"]);
    assert!(collected.failures.is_empty(), "the pipe lies in what is left out");
    assert!(matches!(Patterns::new(["{a"]), Err(Error::Pattern { .. })));
}

#[test]
fn rules_of_git_hold_from_the_root_of_the_work_tree_down() {
    let root =
        plant(&["a.log", "b.txt", "sub/a.log", "sub/keep.log", "sub/out/z", "out/z", ".git/x"]);
    fs::write(root.path().join(".gitignore"), "*.log\n/out/\n").unwrap();
    fs::write(root.path().join("sub/.gitignore"), "!keep.log\n").unwrap();
    let options = CollectOptions { gitignore: true, ..CollectOptions::default() };
    let collected = collect(&[root.path()], &options);
    let expected = [
        "",
        ".gitignore",
        "b.txt",
        "sub/",
        "sub/.gitignore",
        "sub/keep.log",
        "sub/out/",
        "sub/out/z",
    ];
    assert_eq!(names(&collected, root.path()), expected);
    let sub = collect(&[root.path().join("sub")], &options);
    assert_eq!(
        names(&sub, &root.path().join("sub")),
        ["", ".gitignore", "keep.log", "out/", "out/z"]
    );
    let given = collect(&[root.path().join("a.log")], &options);
    assert_eq!(given.items.len(), 1, "what is given itself is taken");
}

#[test]
fn hard_links_are_entries_of_their_own() {
    let root = plant(&["a"]);
    fs::write(root.path().join("a"), "contents").unwrap();
    fs::hard_link(root.path().join("a"), root.path().join("b")).unwrap();
    let collected = collect(&[root.path()], &CollectOptions::default());
    assert_eq!(names(&collected, root.path()), ["", "a", "b"]);
    let (bytes, _) = ParallelWriter::default().write(Vec::new(), collected.items).unwrap();
    let archive = Archive::new(bytes, Options::default()).unwrap();
    for entry in archive.entries().skip(1) {
        assert_eq!(entry.read().unwrap(), b"contents");
    }
}

#[test]
fn lists_take_directories_without_what_they_hold() {
    let root = plant(&["d/x", "e"]);
    let options = CollectOptions { shallow: true, ..CollectOptions::default() };
    let collected = collect(&[root.path().join("d"), root.path().join("e")], &options);
    assert_eq!(names(&collected, root.path()), ["d/", "e"]);
}

#[test]
fn files_that_change_after_the_walk_are_told() {
    let root = plant(&["grows", "same", "touched", "sparse"]);
    let sparse = fs::File::create(root.path().join("sparse")).unwrap();
    sparse.set_len(9 << 20).unwrap();
    // Noise, so that the ratio is none of a bomb.
    let noise = zip_testkit::data::payload(zip_testkit::data::Kind::Noise, 100 << 10, 4);
    std::os::unix::fs::FileExt::write_all_at(&sparse, &noise, (9 << 20) - noise.len() as u64)
        .unwrap();
    let mut collected = collect(&[root.path()], &CollectOptions::default());
    collected.append(collect(&[root.path().join("grows")], &CollectOptions::default()));
    collected.items.pop();
    fs::write(root.path().join("grows"), "much more").unwrap();
    let touched = fs::File::options().write(true).open(root.path().join("touched")).unwrap();
    touched.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let changes = collected.changes.clone();
    assert!(changes.take().is_empty(), "nothing was read yet");
    let (bytes, report) = ParallelWriter::default().write(Vec::new(), collected.items).unwrap();
    assert!(report.is_complete());
    assert_eq!(changes.take(), [root.path().join("grows"), root.path().join("touched")]);
    let archive = Archive::new(bytes, Options::default()).unwrap();
    let read = |name: &str| {
        let found = archive.entries().find(|entry| entry.raw_name().ends_with(name.as_bytes()));
        found.unwrap().read().unwrap()
    };
    assert_eq!(read("grows"), b"much more", "as it was when it was read");
    let contents = read("sparse");
    assert!(contents.len() == 9 << 20 && contents.ends_with(&noise));
}

#[test]
fn many_directories_come_in_the_order_of_their_names_whoever_reads_them() {
    let root = tempfile::tempdir().unwrap();
    let mut expected = vec!["t/".to_owned()];
    for one in 0..40 {
        expected.push(format!("t/{one:02}/"));
        for two in ["a", "b", "skip"] {
            let directory = format!("t/{one:02}/{two}/");
            fs::create_dir_all(root.path().join(&directory)).unwrap();
            let files: Vec<_> = (0..one % 7).map(|file| format!("{directory}{file}")).collect();
            for file in &files {
                fs::write(root.path().join(file), file).unwrap();
            }
            if two != "skip" {
                expected.push(directory);
                expected.extend(files);
            }
        }
    }
    let options =
        CollectOptions { exclude: Patterns::new(["skip/"]).unwrap(), ..CollectOptions::default() };
    for _ in 0..20 {
        let collected = collect(&[root.path().join("t")], &options);
        assert!(collected.failures.is_empty(), "{:?}", collected.failures);
        let prefix = collected.items[0].name.len() - 2;
        let names = collected.items.iter().map(|item| &item.name[prefix..]);
        let names: Vec<_> = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        assert_eq!(names, expected);
    }
}
