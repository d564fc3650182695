//! What is created, updated and extracted, and what may be there afterwards.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// What the command line does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Job {
    Create,
    Update,
    Extract,
}

impl Job {
    pub(super) const ALL: [Self; 3] = [Self::Create, Self::Update, Self::Extract];
}

/// Contents by name.
type Files = BTreeMap<String, Vec<u8>>;

/// A tree, an old archive and a new one, made once.
pub(super) struct Scene {
    pzip: PathBuf,
    place: PathBuf,
    tree: Files,
    old: Vec<u8>,
}

/// The names in what a killed run may leave.
const TEMPORARY: &str = ".pzip-";
const FILES: usize = 120;

impl Scene {
    pub(super) fn lay(workspace: &Workspace) -> Result<Self> {
        let built_in = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let pzip = built_in.unwrap_or_else(|| workspace.root.join("target")).join("release/pzip");
        let place = env::temp_dir().join(format!("pzip-faults-{}", std::process::id()));
        let tree: Files = (0..FILES)
            .map(|number| (format!("tree/{}/{number}", number % 7), contents(number)))
            .collect();
        for (name, contents) in &tree {
            write(&place.join(name), contents)?;
        }
        write(&place.join("old/other"), b"the old archive holds this")?;
        write(&place.join("old/tree/0/0"), b"and an older form of that")?;
        let scene = Self { pzip, place, tree, old: Vec::new() };
        scene.must(&["create", "-q", "../old.zip", "."], "old")?;
        scene.must(&["create", "-q", "whole.zip", "tree"], "")?;
        let old = fs::read(scene.place.join("old.zip"))
            .map_err(|source| Failure::read(&scene.place.join("old.zip"), source))?;
        Ok(Self { old, ..scene })
    }

    /// An empty directory for a run, with the old archive where there is to be one.
    pub(super) fn fresh(&self, job: Job) -> Result<PathBuf> {
        let out = self.place.join("out");
        let _ = fs::remove_dir_all(&out);
        make(&out)?;
        if job != Job::Extract {
            write(&out.join("a.zip"), &self.old)?;
        }
        Ok(out)
    }

    /// The run itself, which works in `out`.
    pub(super) fn command(&self, job: Job, out: &Path) -> Command {
        let mut command = Command::new(&self.pzip);
        command.current_dir(&self.place).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let archive = out.join("a.zip");
        match job {
            Job::Create => command.args(["create", "-q"]).arg(archive).arg("tree"),
            Job::Update => command.args(["update", "-q"]).arg(archive).arg("tree"),
            Job::Extract => command.args(["extract", "-q", "-C"]).arg(out).arg("whole.zip"),
        };
        command
    }

    /// The program and its arguments, for a shell: what is extracted, where.
    pub(super) fn archive(&self) -> PathBuf {
        self.place.join("old.zip")
    }

    /// Whether everything in `out` is as it may be; `success` says what the run said of itself.
    /// `Ok(true)` when the job was done.
    pub(super) fn judge(&self, job: Job, out: &Path, success: bool) -> Result<bool> {
        let mut found = Files::new();
        collect(out, out, &mut found)?;
        found.retain(|name, _| !name.contains(TEMPORARY));
        let done = if job == Job::Extract {
            for (name, contents) in &found {
                if self.tree.get(name) != Some(contents) {
                    return wrong(job, &format!("{name} holds {} bytes", contents.len()));
                }
            }
            found.len() == self.tree.len()
        } else {
            let archive = found.remove("a.zip");
            if let Some(name) = found.keys().next() {
                return wrong(job, &format!("{name} is there"));
            }
            match archive {
                Some(bytes) if bytes == self.old => false,
                Some(_) => self.is_new(job, &out.join("a.zip"))?,
                None => return wrong(job, "the old archive is gone"),
            }
        };
        if success && !done { wrong(job, "success was told, and it is not done") } else { Ok(done) }
    }

    /// The archive opens, all of it is right, and it is the new one; anything else is wrong.
    fn is_new(&self, job: Job, archive: &Path) -> Result<bool> {
        let into = self.place.join("checked");
        let _ = fs::remove_dir_all(&into);
        let status = Command::new(&self.pzip)
            .args(["extract", "-q", "-C"])
            .args([&into, archive])
            .stderr(Stdio::null())
            .status()
            .map_err(|source| Failure::read(&self.pzip, source))?;
        let mut found = Files::new();
        collect(&into, &into, &mut found)?;
        let kept = found.remove("other");
        let right =
            status.success() && found == self.tree && kept.is_some() == (job == Job::Update);
        if right { Ok(true) } else { wrong(job, "half an archive has the name") }
    }

    pub(super) fn clear(self) -> Result<()> {
        fs::remove_dir_all(&self.place).map_err(|source| Failure::read(&self.place, source))
    }

    fn must(&self, args: &[&str], below: &str) -> Result<()> {
        let mut command = Command::new(&self.pzip);
        let status = command.args(args).current_dir(self.place.join(below)).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::Command {
                line: format!("pzip {}", args.join(" ")),
                code: status.code(),
            }),
            Err(source) => Err(Failure::read(&self.pzip, source)),
        }
    }
}

fn wrong<T>(job: Job, what: &str) -> Result<T> {
    Err(Failure::Usage(format!("{job:?}: {what}")))
}

/// Text that a coder shortens, of many sizes; one file is large.
fn contents(number: usize) -> Vec<u8> {
    let len = if number == 60 { 3 << 20 } else { 200 + number * 97 % 6_000 };
    let mut state = number as u64 * 0x9e37_79b9 + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b'a' + (state % 23) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn collect(root: &Path, directory: &Path, found: &mut Files) -> Result<()> {
    let listing = fs::read_dir(directory).map_err(|source| Failure::read(directory, source))?;
    for entry in listing.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, found)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            let bytes = fs::read(&path).map_err(|source| Failure::read(&path, source))?;
            found.insert(name, bytes);
        }
    }
    Ok(())
}

fn make(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory).map_err(|source| Failure::read(directory, source))
}

fn write(path: &Path, contents: &[u8]) -> Result<()> {
    path.parent().map_or(Ok(()), make)?;
    fs::write(path, contents).map_err(|source| Failure::read(path, source))
}
