//! A place to extract to, with canaries around it.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zip_fs::{Error, Policy, Report, Result, extract};
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::lay::{LaidEntry, Lay};

/// What a canary is known by: its contents, and all that `stat` tells of it but the access time.
type Sign = (Vec<u8>, u64, u32, i64, i64, u64);

/// A directory with a destination that does not exist yet, between files that must not change.
pub(crate) struct Place {
    root: TempDir,
    before: BTreeMap<PathBuf, Sign>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let root = TempDir::new().expect("a directory");
        for name in ["evil.txt", "outside/canary", "outside/deep/canary", "pzip-evil.txt"] {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(path, name).expect("a canary");
        }
        fs::create_dir(root.path().join("in")).expect("a directory");
        let mut place = Self { root, before: BTreeMap::new() };
        place.before = place.signs();
        place
    }

    /// Where to extract to: two levels below the canaries. Its parent is there.
    pub(crate) fn destination(&self) -> PathBuf {
        self.root.path().join("in/out")
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.destination().join(name)
    }

    /// A directory full of canaries.
    pub(crate) fn outside(&self) -> PathBuf {
        self.root.path().join("outside")
    }

    fn signs(&self) -> BTreeMap<PathBuf, Sign> {
        let mut signs = BTreeMap::new();
        let mut todo = vec![self.root.path().to_owned()];
        while let Some(path) = todo.pop() {
            if path == self.destination() || path == self.root.path().join("in") {
                continue;
            }
            let stat = fs::symlink_metadata(&path).expect("it is there");
            let contents = if stat.is_dir() {
                todo.extend(fs::read_dir(&path).expect("readable").map(|e| e.expect("e").path()));
                Vec::new()
            } else if stat.is_symlink() {
                fs::read_link(&path).expect("readable").into_os_string().into_encoded_bytes()
            } else {
                fs::read(&path).expect("readable")
            };
            let sign =
                (contents, stat.ino(), stat.mode(), stat.mtime(), stat.mtime_nsec(), stat.nlink());
            signs.insert(path, sign);
        }
        signs
    }

    /// Panics if anything outside of the destination is not as it was.
    pub(crate) fn assert_untouched(&self, why: &str) {
        assert_eq!(
            self.signs(),
            self.before,
            "{why}: something outside of the destination changed"
        );
        let beside: Vec<_> = fs::read_dir(self.root.path().join("in"))
            .expect("readable")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| *path != self.destination())
            .collect();
        assert!(beside.is_empty(), "{why}: made {beside:?}");
        assert!(!Path::new("/pzip-hostile-escape").exists(), "{why}: made something in the root");
    }

    /// Takes the state of now as the one that must not change.
    pub(crate) fn remember(&mut self) {
        self.before = self.signs();
    }
}

pub(crate) fn open(bytes: Vec<u8>) -> Archive<Vec<u8>> {
    Archive::new(bytes, Options::default()).expect("a valid archive")
}

pub(crate) fn lay(entries: impl IntoIterator<Item = LaidEntry>) -> Archive<Vec<u8>> {
    open(Lay::of(entries).build())
}

/// Extracts all entries on two threads.
pub(crate) fn all(archive: &Archive<Vec<u8>>, place: &Place, policy: &Policy) -> Result<Report> {
    let indices: Vec<usize> = (0..archive.len()).collect();
    extract(archive, &indices, &place.destination(), policy, Parallel::threads(2))
}

/// The same, where all must go well.
pub(crate) fn well(archive: &Archive<Vec<u8>>, place: &Place, policy: &Policy) -> Report {
    let report = all(archive, place, policy).expect("nothing is refused");
    assert_eq!(report.worst(), None, "{report:?}");
    report
}

/// What one entry failed with.
pub(crate) fn failure(report: &Report, slot: usize) -> &Error {
    match report.failures().find(|(failed, _)| *failed == slot) {
        Some((_, error)) => error,
        None => panic!("entry {slot} did not fail: {report:?}"),
    }
}

/// Everything below a directory, by its path in it. Links are not followed.
pub(crate) fn walk(directory: &Path) -> Vec<(PathBuf, Metadata)> {
    let mut found = Vec::new();
    let mut todo = vec![directory.to_owned()];
    while let Some(path) = todo.pop() {
        let Ok(entries) = fs::read_dir(&path) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            let stat = fs::symlink_metadata(&path).expect("it is there");
            if stat.is_dir() {
                todo.push(path.clone());
            }
            found.push((path.strip_prefix(directory).expect("below it").to_owned(), stat));
        }
    }
    found
}

/// Names below a directory, sorted, with `/` after directories and `@` after links.
pub(crate) fn listing(directory: &Path) -> Vec<String> {
    let mark = |stat: &Metadata| match (stat.is_dir(), stat.is_symlink()) {
        (true, _) => "/",
        (_, true) => "@",
        _ => "",
    };
    let found = walk(directory);
    let mut names: Vec<_> =
        found.iter().map(|(path, stat)| format!("{}{}", path.display(), mark(stat))).collect();
    names.sort();
    names
}
