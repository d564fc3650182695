//! Which files are left out: patterns of the caller's, and those of `.gitignore` files.
//!
//! Both are written and mean what git's documentation says of its own (`gitignore(5)`): `*.o` at
//! any depth, `/top` at the top, `cache/` for directories, `!keep` to take one back from an earlier
//! pattern. Deeper files have the last word over those above. What either the caller's patterns or
//! the files leave out is left out, and what is in such a directory is not looked at.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::error::{Error, Result};

/// Name of the files with rules.
const RULES: &str = ".gitignore";

/// Rules of one directory, and of those above it.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    own: Gitignore,
    above: Option<Arc<Rules>>,
}

impl Rules {
    /// Is something left out? `None`: no rule speaks of it.
    fn verdict(&self, path: &Path, is_directory: bool) -> Option<bool> {
        let mut rules = Some(self);
        while let Some(some) = rules {
            match some.own.matched(path, is_directory) {
                Match::Ignore(_) => return Some(true),
                Match::Whitelist(_) => return Some(false),
                Match::None => rules = some.above.as_deref(),
            }
        }
        None
    }
}

/// The caller's patterns, compiled. None of them leave out anything by default.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Option<Gitignore>);

impl Patterns {
    /// These patterns, later ones with the last word. They are matched against names as they
    /// will stand in the archive.
    ///
    /// # Errors
    /// [`Error::Pattern`]: one of them is none.
    pub fn new(patterns: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut builder = GitignoreBuilder::new("");
        let bad = |pattern: &str, error: ignore::Error| Error::Pattern {
            pattern: pattern.to_owned(),
            reason: error.to_string(),
        };
        for pattern in patterns {
            let pattern = pattern.as_ref();
            builder.add_line(None, pattern).map_err(|error| bad(pattern, error))?;
        }
        Ok(Self(Some(builder.build().map_err(|error| bad("all together", error))?)))
    }

    /// True if what has this name is to be left out.
    pub(super) fn exclude(&self, name: &Path, is_directory: bool) -> bool {
        self.0.as_ref().is_some_and(|rules| rules.matched(name, is_directory).is_ignore())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(Gitignore::is_empty)
    }
}

/// True if `.gitignore` files leave it out. Git's own directory never counts as a part of the tree.
pub(super) fn ignored(rules: Option<&Rules>, path: &Path, is_directory: bool) -> bool {
    if is_directory && path.file_name().is_some_and(|name| name == ".git") {
        return true;
    }
    rules.and_then(|rules| rules.verdict(path, is_directory)).unwrap_or(false)
}

/// The rules that hold in `directory`: those above it, and its own if it has any. A file that
/// cannot be read as rules is told and holds as far as it can be.
pub(super) fn enter(
    directory: &Path,
    above: Option<&Arc<Rules>>,
) -> (Option<Arc<Rules>>, Option<(PathBuf, Error)>) {
    let path = directory.join(RULES);
    if !path.is_file() {
        return (above.cloned(), None);
    }
    let (own, error) = Gitignore::new(&path);
    let failure = error.map(|error| {
        let reason = error.to_string();
        (path.clone(), Error::Pattern { pattern: path.display().to_string(), reason })
    });
    (Some(Arc::new(Rules { own, above: above.cloned() })), failure)
}

/// The rules above an argument, up to the root of the work tree it lies in; none where it lies in
/// none.
pub(super) fn above(path: &Path) -> Option<Arc<Rules>> {
    let inside: Vec<&Path> = path.ancestors().skip(1).collect();
    let root = inside.iter().position(|directory| directory.join(".git").exists())?;
    let mut rules = None;
    for directory in inside.get(..=root)?.iter().rev() {
        // What is wrong with a file above is not about what is collected.
        rules = enter(directory, rules.as_ref()).0;
    }
    rules
}
