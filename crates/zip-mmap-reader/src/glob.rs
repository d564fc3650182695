//! Entries by a pattern: `documents/*.txt`.

use globset::GlobMatcher;
use zip_io::Source;

use crate::archive::Archive;
use crate::entry::EntryRef;
use crate::error::{Error, Result};

/// A pattern of names.
///
/// `?` is any character, `*` any number of them, `[a-z]` one of a set, `{a,b}` one of several,
/// and a backslash takes what follows as it is. As for unzip and 7-Zip, `*` and `?` match `/` too.
///
/// *Limits*: matching takes time linear in the name, whatever the pattern is.
#[derive(Clone, Debug)]
pub struct Glob(GlobMatcher);

impl Glob {
    /// The pattern that `text` is.
    ///
    /// # Errors
    /// [`Error::Pattern`] where a set or a choice is not closed, and the like.
    pub fn new(text: &str) -> Result<Self> {
        let glob = globset::GlobBuilder::new(text).backslash_escape(true).build();
        let glob = glob.map_err(|error| Error::Pattern {
            pattern: text.to_owned(),
            reason: error.kind().to_string(),
        })?;
        Ok(Self(glob.compile_matcher()))
    }

    /// Whether all of `name` is what the pattern says.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

impl<S: Source> Archive<S> {
    /// The entries whose names match, in the directory's order. A name that is no text is matched
    /// as [`Display`](std::fmt::Display) shows it.
    pub fn matching<'a>(
        &'a self,
        glob: &'a Glob,
    ) -> impl Iterator<Item = EntryRef<'a, S>> + use<'a, S> {
        self.entries().filter(|entry| {
            let name = entry.name();
            match name.text() {
                Some(text) => glob.is_match(&text),
                None => glob.is_match(&name.to_string()),
            }
        })
    }
}
