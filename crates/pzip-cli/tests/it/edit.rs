//! `update`, `delete`, `rename`, `merge`: archives changed in place, and `SOURCE_DATE_EPOCH`.

use std::fs;
use std::path::Path;

use crate::run::{command, names_in, pzip};

fn listed(directory: &Path, archive: &str) -> Vec<String> {
    let text = pzip(directory, &["list", archive]).expect(0).text();
    text.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect()
}

fn cat(directory: &Path, archive: &str, name: &str) -> String {
    pzip(directory, &["cat", archive, name]).expect(0).text()
}

#[test]
fn an_archive_is_changed_in_place() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    for name in ["a", "b", "c"] {
        fs::write(at.join(name), format!("{name} of old")).unwrap();
    }
    pzip(at, &["create", "-q", "x.zip", "a", "b", "c"]).expect(0);

    fs::write(at.join("b"), "b of new").unwrap();
    fs::write(at.join("d"), "d of new").unwrap();
    pzip(at, &["update", "-q", "x.zip", "b", "d"]).expect(0);
    assert_eq!(cat(at, "x.zip", "b"), "b of new");
    assert_eq!(cat(at, "x.zip", "d"), "d of new");
    assert_eq!(cat(at, "x.zip", "a"), "a of old");

    pzip(at, &["delete", "-q", "x.zip", "a"]).expect(0);
    pzip(at, &["rename", "-q", "x.zip", "c", "dir/e"]).expect(0);
    assert_eq!(cat(at, "x.zip", "dir/e"), "c of old");
    let names = listed(at, "x.zip");
    for (name, there) in [("a", false), ("b", true), ("c", false), ("d", true), ("dir/e", true)] {
        assert_eq!(names.iter().any(|listed| listed == name), there, "{name} in {names:?}");
    }
    pzip(at, &["test", "-q", "x.zip"]).expect(0);

    // What fails leaves the old archive, and nothing beside it.
    let before = fs::read(at.join("x.zip")).unwrap();
    pzip(at, &["delete", "-q", "x.zip", "not there"]).expect(2);
    pzip(at, &["rename", "-q", "x.zip", "b", "../up"]).expect(8);
    pzip(at, &["rename", "-q", "x.zip", "b", "d"]).expect(2);
    assert!(fs::read(at.join("x.zip")).unwrap() == before);
    assert_eq!(names_in(at), ["a", "b", "c", "d", "x.zip"]);
}

#[test]
fn archives_are_merged() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    for (archive, names) in [("1.zip", ["a", "both"]), ("2.zip", ["b", "both"])] {
        for name in names {
            fs::write(at.join(name), format!("{name} of {archive}")).unwrap();
        }
        pzip(at, &["create", "-q", archive, names[0], names[1]]).expect(0);
    }
    pzip(at, &["merge", "-q", "m.zip", "1.zip", "2.zip"]).expect(2);
    assert!(!at.join("m.zip").exists());
    for (keep, from) in [("first", "1.zip"), ("last", "2.zip")] {
        pzip(at, &["merge", "-q", "--keep", keep, "m.zip", "1.zip", "2.zip"]).expect(0);
        assert_eq!(cat(at, "m.zip", "both"), format!("both of {from}"));
        assert_eq!(cat(at, "m.zip", "a"), "a of 1.zip");
        assert_eq!(cat(at, "m.zip", "b"), "b of 2.zip");
    }
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("a"), "contents").unwrap();
    let create = |archive: &str, epoch: &str, arguments: &[&str]| {
        let mut all = vec!["create", "-q", archive, "a"];
        all.extend_from_slice(arguments);
        command(at, &all).env("SOURCE_DATE_EPOCH", epoch).status().unwrap().code()
    };
    for arguments in [&[][..], &["--reproducible"]] {
        assert_eq!(create("1.zip", "1000000000", arguments), Some(0));
        // Written again: the file has another time now.
        fs::write(at.join("a"), "contents").unwrap();
        assert_eq!(create("2.zip", "1000000000", arguments), Some(0));
        assert!(fs::read(at.join("1.zip")).unwrap() == fs::read(at.join("2.zip")).unwrap());
    }
    assert_eq!(create("3.zip", "yesterday", &[]), Some(2));
}
