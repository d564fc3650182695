//! Every hostile archive of the testkit: nothing outside of the destination is ever touched, and
//! nothing at all is written where extraction is refused.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use zip_format::error::Category;
use zip_format::path::{NamePolicy, SafePath};
use zip_format::profile::Relax;
use zip_fs::policy::{OnRefusal, Overwrite, Symlinks};
use zip_fs::{Error, Policy};
use zip_mmap_reader::{Archive, Options};
use zip_testkit::hostile::{self, Expect, Hostile};

use crate::common::{Place, all, walk};

/// Rows we judge otherwise, and why.
const DEVIATIONS: &[(&str, Expect, &str)] = &[
    (
        "p_win_star",
        Expect::Accept,
        "characters that no Windows file can have lead nowhere: creating it fails there",
    ),
    ("p_slash_only", Expect::RejectEntry, "it has contents: p_dir_with_data"),
];

fn expected(row: &Hostile) -> Expect {
    let deviation = DEVIATIONS.iter().find(|(name, ..)| *name == row.name);
    deviation.map_or(row.expect, |(_, expect, _)| *expect)
}

#[test]
fn verdicts_and_contents_by_default() {
    for row in hostile::small() {
        let place = Place::new();
        let said = Archive::new(row.bytes.clone(), Options::default())
            .map_err(Error::from)
            .and_then(|archive| all(&archive, &place, &Policy::default()));
        place.assert_untouched(row.name);
        check_disk(&row, &place.destination());
        match (expected(&row), &said) {
            (Expect::Accept, Ok(report)) if report.worst().is_none() => {
                check_contents(&row, &place.destination());
            }
            (Expect::Accept, Ok(report))
                if row.needs.is_some() && report.worst() == Some(Category::NotBuiltIn) => {}
            (Expect::Accept, other) => panic!("{row:?}: {other:?}"),
            (Expect::RefuseExtract, Err(error @ Error::Refused { .. })) => {
                assert!(
                    matches!(error.category(), Category::Unsafe),
                    "{row:?}: {error}, {:?}",
                    error.category()
                );
            }
            (Expect::RefuseExtract, other) => panic!("{row:?}: {other:?}"),
            (_, Ok(report)) => assert!(report.failed > 0, "{row:?}: {report:?}"),
            (_, Err(_)) => {}
        }
        if said.is_err() {
            assert!(!place.destination().exists(), "{row:?}: something was written");
        }
    }
}

#[test]
fn nothing_escapes_under_the_laxest_policy() {
    let options = Options { relax: Relax::all(), ..Options::default() };
    for overwrite in [Overwrite::Never, Overwrite::Always] {
        let policy = Policy {
            on_refusal: OnRefusal::Partial,
            names: NamePolicy::Unix,
            symlinks: Symlinks::All,
            overwrite,
            duplicates: true,
            case_collisions: true,
            ..Policy::default()
        };
        for row in hostile::small() {
            let Ok(archive) = Archive::new(row.bytes.clone(), options.clone()) else { continue };
            let place = Place::new();
            let report = all(&archive, &place, &policy).expect("entries fail on their own");
            place.assert_untouched(row.name);
            assert_eq!(report.outcomes.len(), archive.len());
            check_modes(&row, &place.destination());
        }
    }
}

#[test]
fn refused_entries_fail_alone_where_that_was_asked_for() {
    let policy = Policy { on_refusal: OnRefusal::Partial, ..Policy::default() };
    for row in hostile::small() {
        if expected(&row) != Expect::RefuseExtract {
            continue;
        }
        let archive = Archive::new(row.bytes.clone(), Options::default()).expect("it opens");
        let place = Place::new();
        let report = all(&archive, &place, &policy).expect("entries fail on their own");
        place.assert_untouched(row.name);
        assert!(report.failed > 0 && report.worst() == Some(Category::Unsafe), "{row:?}");
        check_disk(&row, &place.destination());
        let left = walk(&place.destination()).into_iter().filter(|(_, stat)| !stat.is_dir());
        assert!(left.count() <= report.written, "{row:?}: more than was reported");
    }
}

#[test]
fn two_thousand_files_two_hundred_levels_deep() {
    let row = hostile::named("b_deep_dirs_quadratic").expect("a row");
    let archive = Archive::new(row.bytes, Options::default()).expect("it opens");
    let place = Place::new();
    let report = all(&archive, &place, &Policy::default()).expect("nothing is refused");
    assert_eq!(report.written, 2000, "{:?}", report.worst());
}

#[test]
fn ten_thousand_duplicates() {
    let row = hostile::named("n_dup_10000").expect("a row");
    let options = Options { relax: Relax::DUPLICATES, ..Options::default() };
    let archive = Archive::new(row.bytes, options).expect("it opens");
    let place = Place::new();
    match all(&archive, &place, &Policy::default()) {
        Err(Error::Refused { more: 9_998, .. }) => {}
        other => panic!("{:?}", other.map(|report| report.written)),
    }
    let policy = Policy { duplicates: true, ..Policy::default() };
    let report = all(&archive, &place, &policy).expect("nothing is refused");
    assert_eq!((report.written, report.skipped), (1, 9_999));
    place.assert_untouched("duplicates");
}

/// The files of an accepted archive are there, and hold what they should.
fn check_contents(row: &Hostile, destination: &Path) {
    let archive = Archive::new(row.bytes.clone(), Options::default()).expect("it opened before");
    for (entry, (_, contents)) in archive.entries().zip(&row.entries) {
        let name = entry.name().path_bytes();
        let path = SafePath::check(&name, NamePolicy::Portable).expect("it was accepted");
        let path = destination.join(OsStr::from_bytes(path.as_bytes()));
        match entry.kind().name() {
            "file" => {
                let stat = fs::symlink_metadata(&path).expect("written");
                assert!(stat.is_file() && stat.nlink() == 1, "{row:?}: {}", path.display());
                // Some modes shut out their owner, unless that is root.
                fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("ours");
                assert_eq!(fs::read(&path).expect("written"), *contents, "{row:?}");
            }
            "symlink" => {
                let target = fs::read_link(&path).expect("written").into_os_string();
                assert_eq!(target.into_encoded_bytes(), *contents, "{row:?}");
            }
            _ => assert!(path.is_dir(), "{row:?}: {}", path.display()),
        }
    }
}

/// No link below the destination leads out of it, and modes are plain.
fn check_disk(row: &Hostile, destination: &Path) {
    let Ok(root) = destination.canonicalize() else { return };
    for (path, _) in walk(destination).iter().filter(|(_, stat)| stat.is_symlink()) {
        // Dangling links have no canonical form, and lead nowhere yet.
        if let Ok(target) = destination.join(path).canonicalize() {
            assert!(target.starts_with(&root), "{row:?}: leads to {}", target.display());
        }
        let target = fs::read_link(destination.join(path)).expect("a link");
        assert!(target.is_relative(), "{row:?}: leads to {}", target.display());
    }
    check_modes(row, destination);
}

fn check_modes(row: &Hostile, destination: &Path) {
    for (path, stat) in walk(destination) {
        let name = path.display();
        assert_eq!(stat.mode() & 0o7000, 0, "{row:?}: special bits on {name}");
        let is_plain = stat.is_file() || stat.is_dir() || stat.is_symlink();
        assert!(is_plain, "{row:?}: {name} is a special file");
        assert!(!name.to_string().contains(".pzip-"), "{row:?}: {name} was left behind");
    }
}
