//! A seeded directory tree on disk: what collecting and extracting are tested with.

use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Kind, Rng, payload};

/// What a tree looks like.
#[derive(Clone, Debug)]
pub struct TreeSpec {
    /// Seed of names, sizes, contents, modes and times.
    pub seed: u64,
    /// Regular files.
    pub files: usize,
    /// Smallest file, in bytes. Apart from this, one file in `empty_every` is empty.
    pub min_size: usize,
    /// Largest file, in bytes. Sizes are spread evenly over the powers of two between the two.
    pub max_size: usize,
    /// One file in this many is empty; 0 for none.
    pub empty_every: usize,
    /// Directories below the root.
    pub directories: usize,
    /// Deepest nesting of directories.
    pub depth: usize,
    /// Symbolic links, half to files and half to directories, all relative and inside. None where the system has none.
    pub symlinks: usize,
    /// Files get one of 0o644, 0o755, 0o600, 0o444; directories 0o755 or 0o700. Only on Unix.
    pub modes: bool,
    /// Files and directories get whole-second times between 2000 and 2030, directories after their contents.
    pub times: bool,
}

impl Default for TreeSpec {
    /// 60 files of up to 64 KiB in 10 directories, every tenth empty, with links, modes and times.
    fn default() -> Self {
        Self {
            seed: 1,
            files: 60,
            min_size: 1,
            max_size: 64 << 10,
            empty_every: 10,
            directories: 10,
            depth: 4,
            symlinks: 6,
            modes: true,
            times: true,
        }
    }
}

/// What [`tree`] made: paths relative to the root.
#[derive(Clone, Debug, Default)]
pub struct Planted {
    /// Directories, parents first.
    pub directories: Vec<PathBuf>,
    /// Regular files.
    pub files: Vec<PathBuf>,
    /// Symbolic links.
    pub symlinks: Vec<PathBuf>,
    /// Bytes in all files together.
    pub bytes: u64,
}

/// Makes the tree below `root`, which is created if need be, and tells what was made.
///
/// # Errors
/// Those of the file system.
pub fn tree(root: &Path, spec: &TreeSpec) -> io::Result<Planted> {
    let mut rng = Rng::new(spec.seed);
    let mut planted = Planted::default();
    fs::create_dir_all(root)?;
    make_directories(root, spec, &mut rng, &mut planted)?;
    make_files(root, spec, &mut rng, &mut planted)?;
    make_symlinks(root, spec, &mut rng, &mut planted)?;
    dress(root, spec, &mut rng, &planted)?;
    Ok(planted)
}

fn make_directories(
    root: &Path,
    spec: &TreeSpec,
    rng: &mut Rng,
    planted: &mut Planted,
) -> io::Result<()> {
    for index in 0..spec.directories {
        let parents: Vec<&PathBuf> =
            planted.directories.iter().filter(|d| d.components().count() < spec.depth).collect();
        let pick = rng.below(parents.len() as u64 + 1) as usize;
        let parent = parents.get(pick).map_or(Path::new(""), |p| p.as_path());
        let path = parent.join(name("dir", index, rng));
        fs::create_dir(root.join(&path))?;
        planted.directories.push(path);
    }
    Ok(())
}

fn make_files(
    root: &Path,
    spec: &TreeSpec,
    rng: &mut Rng,
    planted: &mut Planted,
) -> io::Result<()> {
    for index in 0..spec.files {
        let path = somewhere(planted, rng).join(name("file", index, rng));
        let size = if spec.empty_every != 0 && index % spec.empty_every == spec.empty_every - 1 {
            0
        } else {
            size_between(spec.min_size, spec.max_size, rng)
        };
        let kind = Kind::ALL[rng.below(Kind::ALL.len() as u64) as usize];
        fs::write(root.join(&path), payload(kind, size, rng.next_u64()))?;
        planted.bytes += size as u64;
        planted.files.push(path);
    }
    Ok(())
}

#[cfg(unix)]
fn make_symlinks(
    root: &Path,
    spec: &TreeSpec,
    rng: &mut Rng,
    planted: &mut Planted,
) -> io::Result<()> {
    for index in 0..spec.symlinks {
        let targets = if index % 2 == 0 || planted.directories.is_empty() {
            &planted.files
        } else {
            &planted.directories
        };
        if targets.is_empty() {
            continue;
        }
        let target = targets[rng.below(targets.len() as u64) as usize].clone();
        let parent = somewhere(planted, rng);
        let mut relative: PathBuf = parent.components().map(|_| "..").collect();
        relative.push(target);
        let path = parent.join(name("link", index, rng));
        std::os::unix::fs::symlink(relative, root.join(&path))?;
        planted.symlinks.push(path);
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_symlinks(_: &Path, _: &TreeSpec, _: &mut Rng, _: &mut Planted) -> io::Result<()> {
    Ok(())
}

/// Times first, then modes, and directories last and deepest first: each step would undo or forbid the one before.
fn dress(root: &Path, spec: &TreeSpec, rng: &mut Rng, planted: &Planted) -> io::Result<()> {
    for path in &planted.files {
        let path = root.join(path);
        if spec.times {
            set_time(&path, rng)?;
        }
        if spec.modes {
            set_mode(&path, [0o644, 0o755, 0o600, 0o444][rng.below(4) as usize])?;
        }
    }
    for path in planted.directories.iter().rev() {
        let path = root.join(path);
        if spec.times {
            set_time(&path, rng)?;
        }
        if spec.modes {
            set_mode(&path, [0o755, 0o700][rng.below(2) as usize])?;
        }
    }
    Ok(())
}

fn set_time(path: &Path, rng: &mut Rng) -> io::Result<()> {
    let seconds = rng.between(946_684_800, 1_893_456_000);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    // A directory cannot be opened this way on every system; its time is then left alone.
    match File::options().read(true).write(!path.is_dir()).open(path) {
        Ok(file) => file.set_times(FileTimes::new().set_modified(time)),
        Err(_) if path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

fn somewhere(planted: &Planted, rng: &mut Rng) -> PathBuf {
    let pick = rng.below(planted.directories.len() as u64 + 1) as usize;
    planted.directories.get(pick).cloned().unwrap_or_default()
}

/// Names with a space, a dot and non-ASCII letters among them. The index keeps them apart on any file system.
fn name(stem: &str, index: usize, rng: &mut Rng) -> String {
    let tail = ["", ".txt", " copy", ".tar.gz", "-\u{e4}\u{f6}", "\u{65e5}\u{672c}"];
    format!("{stem}{index:04}{}", tail[rng.below(6) as usize])
}

fn size_between(min: usize, max: usize, rng: &mut Rng) -> usize {
    let (low, high) = (min.max(1).ilog2(), max.max(1).ilog2());
    let power = 1u64 << rng.between(low.into(), high.into());
    (rng.between(power, power * 2 - 1) as usize).clamp(min, max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::tree_digest;

    #[test]
    fn same_spec_same_tree() {
        let (a, b) =
            (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("another"));
        let spec = TreeSpec::default();
        let planted = tree(a.path(), &spec).expect("a tree");
        tree(b.path(), &spec).expect("its twin");
        let digest = tree_digest(a.path()).expect("readable");
        assert_eq!(digest, tree_digest(b.path()).expect("readable"), "same seed");
        assert_eq!(planted.files.len(), 60);
        assert_eq!(
            digest.len(),
            planted.files.len() + planted.directories.len() + planted.symlinks.len(),
            "nothing else is there"
        );
    }
}
