//! Links where an earlier extraction, or somebody else, has left links: where they lead is decided
//! by what is there, and no order of archives makes one that leads out.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use zip_fs::error::LinkRefusal;
use zip_fs::policy::{OnRefusal, Overwrite, Symlinks};
use zip_fs::{Error, Outcome, Policy, Report};
use zip_testkit::lay::LaidEntry;

use crate::common::{Place, all, failure, lay, walk};

fn partial(overwrite: Overwrite) -> Policy {
    Policy { on_refusal: OnRefusal::Partial, overwrite, ..Policy::default() }
}

/// An archive of links, given as name and target; files and directories have no target.
fn archive(entries: &[(&'static str, &str)]) -> zip_mmap_reader::Archive<Vec<u8>> {
    lay(entries.iter().map(|&(name, target)| match target {
        "" if name.ends_with('/') => LaidEntry::directory(name),
        "" => LaidEntry::stored(name, "evil"),
        _ => LaidEntry::symlink(name, target),
    }))
}

fn refusal(report: &Report, slot: usize) -> LinkRefusal {
    match failure(report, slot) {
        Error::Link { refusal, .. } => *refusal,
        other => panic!("{other}"),
    }
}

/// Panics if a link below the destination resolves to a place outside of it.
fn assert_inside(place: &Place, why: &str) {
    let root = fs::canonicalize(place.destination()).unwrap();
    for (path, stat) in walk(&root) {
        if !stat.is_symlink() {
            continue;
        }
        // Of one that leads nowhere, the longest way that leads somewhere.
        let mut way = root.join(path.parent().unwrap_or(Path::new("")));
        for component in fs::read_link(root.join(&path)).unwrap().components() {
            way = match fs::canonicalize(way.join(component)) {
                Ok(real) => real,
                Err(_) => break,
            };
            assert!(way.starts_with(&root), "{why}: {} leads to {}", path.display(), way.display());
        }
    }
}

#[test]
fn links_of_others_that_lead_out_are_no_way_for_ours() {
    for (name, target, refused) in [
        ("x", "out/canary", true),
        ("x", "out", true),
        ("x", "deep/er/../../out/canary", true),
        ("deep/x", "../out", true),
        ("x", "chain/canary", true),
        ("x", "up", true),
        ("x", "up/outside/canary", true),
        ("x", "circle", true),
        ("x", "in/f", false),
        ("x", "deep/er/../../in", false),
        ("x", "in/../y", true),
        ("x", "nowhere/y", false),
        ("x", "nowhere/../y", true),
        ("deep/x", "er/../f", false),
        ("x", "a-file/../y", true),
    ] {
        let place = Place::new();
        fs::create_dir_all(place.at("deep/er")).unwrap();
        fs::write(place.at("a-file"), "mine").unwrap();
        symlink(place.outside(), place.at("out")).unwrap();
        symlink("out", place.at("chain")).unwrap();
        symlink("../..", place.at("up")).unwrap();
        symlink("circle", place.at("circle")).unwrap();
        symlink("deep", place.at("in")).unwrap();
        symlink("not/yet", place.at("nowhere")).unwrap();
        let report = all(&archive(&[(name, target)]), &place, &partial(Overwrite::Never)).unwrap();
        assert_eq!(report.failed == 1, refused, "{name} -> {target}: {report:?}");
        place.assert_untouched(target);
        assert_eq!(place.at(name).is_symlink(), !refused, "{name} -> {target}");

        let every = Policy { symlinks: Symlinks::All, ..Policy::default() };
        let report = all(&archive(&[(name, target)]), &place, &every).unwrap();
        assert_eq!(report.written, usize::from(refused), "all are allowed: {name} -> {target}");
    }
}

#[test]
fn one_that_leads_out_refuses_the_whole_archive_before_anything_is_written() {
    let place = Place::new();
    fs::create_dir(place.destination()).unwrap();
    symlink(place.outside(), place.at("out")).unwrap();
    let refused = all(&archive(&[("f", ""), ("x", "out/canary")]), &place, &Policy::default());
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    assert!(!place.at("f").exists() && !place.at("x").is_symlink());
}

/// Archives that are harmless one by one. `Never`, or `Always` from the second on.
#[test]
fn no_sequence_of_archives_makes_a_link_that_leads_out() {
    type Entries = &'static [(&'static str, &'static str)];
    let sequences: &[&[Entries]] = &[
        // A link that climbs, and another through it.
        &[&[("a/b/", ""), ("a/b/up", "../..")], &[("x", "a/b/up/..")], &[("x/canary", "")]],
        // The other way round: first the one that goes through what is not there.
        &[&[("x", "a/up/..")], &[("a/up", "..")], &[("x/outside/canary", "")]],
        &[&[("x", "d/../y")], &[("d", ".")], &[("y", "")]],
        // A dangling link whose target becomes a link later.
        &[&[("x", "later")], &[("a/b/", ""), ("later", "a/b")], &[("y", "x/../../..")]],
        &[&[("p", "q/r/..")], &[("q/r", "..")], &[("p/outside/canary", "")]],
        // A link in place of a link, where links may be replaced.
        &[
            &[("a/b/c/", ""), ("h", "a"), ("x", "h/b/c/../../..")],
            &[("b/c/", ""), ("h", ".")],
            &[("x/outside/canary", "")],
        ],
        &[&[("h", "a"), ("x", "h/z/../..")], &[("h", ".")], &[("a/z", ".."), ("z", ".")]],
        // Chains through old and new ones.
        &[
            &[("a/b/", ""), ("l0", "a/b")],
            &[("l1", "l0"), ("a/b/up", "../..")],
            &[("l2", "l1/up"), ("l3", "l2/..")],
            &[("l3/outside/canary", ""), ("l2/y", "")],
        ],
        // Another spelling of what is there, for file systems that fold.
        &[&[("A/Up", "..")], &[("x", "a/up/..")], &[("X", "A/UP/../..")]],
        &[&[("\u{e9}/up", "..")], &[("x", "e\u{301}/up/..")], &[("y", "\u{e9}/up/..")]],
        // A file, and then a link in its place.
        &[&[("f", ""), ("x", "f/../y")], &[("f", ".")], &[("y", "")]],
        // A link in place of a directory is refused, empty or not.
        &[&[("d/", ""), ("x", "d/../y")], &[("d", ".")], &[("y", "")]],
    ];
    for sequence in sequences {
        for overwrite in [Overwrite::Never, Overwrite::Newer, Overwrite::Always] {
            let place = Place::new();
            for entries in *sequence {
                // Entries may fail; what is made must not lead out, and nothing is written there.
                all(&archive(entries), &place, &partial(overwrite)).unwrap();
                let why = format!("{sequence:?}, {overwrite:?}");
                place.assert_untouched(&why);
                assert_inside(&place, &why);
            }
        }
    }
}

#[test]
fn a_directory_that_a_target_climbs_out_of_is_made_with_the_link_or_the_link_fails() {
    // The only file in `d` is damaged, so nobody else makes it.
    let damaged = LaidEntry::stored("d/f", "x").crc32(1);
    let entries = [damaged, LaidEntry::symlink("x", "d/../y")];
    let place = Place::new();
    let report = all(&lay(entries), &place, &partial(Overwrite::Never)).unwrap();
    assert!(matches!(report.outcomes[0], Outcome::Failed(_)));
    assert!(place.at("d").is_dir() && place.at("x").is_symlink());
    let later = all(&archive(&[("d", ".")]), &place, &partial(Overwrite::Always)).unwrap();
    assert_eq!(later.failed, 1, "{later:?}");
    assert_inside(&place, "a link where the directory is");
}

#[test]
fn a_link_that_is_replaced_counts_as_the_new_one_and_one_that_stays_as_the_old_one() {
    let bundle: &[(&str, &str)] =
        &[("v/b/f", ""), ("v/current", "b"), ("f", "v/current/f"), ("g", "f")];
    for (old, overwrite, fails) in [
        ("a", Overwrite::Always, false),
        ("a", Overwrite::Never, false),
        ("../../../outside", Overwrite::Never, true),
        ("../../../outside", Overwrite::Always, true),
    ] {
        let place = Place::new();
        fs::create_dir_all(place.at("v/a")).unwrap();
        symlink(old, place.at("v/current")).unwrap();
        let report = all(&archive(bundle), &place, &partial(overwrite)).unwrap();
        let why = format!("{old}, {overwrite:?}: {report:?}");
        assert_eq!(matches!(report.outcomes[2], Outcome::Failed(_)), fails, "{why}");
        if fails {
            assert_eq!(refusal(&report, 2), LinkRefusal::ThroughRefused, "{why}");
            assert_eq!(refusal(&report, 3), LinkRefusal::ThroughRefused, "{why}");
        }
        place.assert_untouched(&why);
    }
}

#[test]
fn a_link_to_a_file_that_was_to_replace_a_link_fails_where_the_file_does() {
    for (crc, well) in [(None, true), (Some(1), false)] {
        let place = Place::new();
        fs::create_dir(place.destination()).unwrap();
        symlink(place.outside().join("canary"), place.at("f")).unwrap();
        let file = LaidEntry::stored("f", "new");
        let file = if let Some(crc) = crc { file.crc32(crc) } else { file };
        let entries = [file, LaidEntry::symlink("x", "f")];
        let report = all(&lay(entries), &place, &partial(Overwrite::Always)).unwrap();
        assert_eq!((report.written, report.failed), if well { (2, 0) } else { (0, 2) });
        assert_eq!(place.at("x").is_symlink(), well);
        place.assert_untouched("a link that was to be replaced");
    }
}
