//! What became of each entry.

use zip_format::attributes::Kind;
use zip_format::error::Category;

use crate::error::Error;

/// Why an entry was left out without being at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// It stands for the destination itself (`./`), which stays as it is.
    Root,
    /// The layout leaves nothing of its name, or it is a directory where all files go to one.
    Layout,
    /// It is a symbolic link, and the policy makes none.
    Symlink,
    /// What is there is not older.
    NotOlder,
    /// A later entry has its name, and the policy takes the last.
    Superseded,
    /// The run was cancelled before the entry was complete. Nothing of it is left.
    Cancelled,
}

/// What became of an entry.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It is on disk, complete.
    Written(Kind),
    /// It was left out.
    Skipped(Skip),
    /// It failed. A file whose contents were complete, and whose mode or time could not be set,
    /// stays; of others nothing is left.
    Failed(Error),
}

/// What became of all entries of a run.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// One for each entry, in the order of the selection.
    pub outcomes: Vec<Outcome>,
    /// Number of entries written.
    pub written: usize,
    /// Number of entries skipped.
    pub skipped: usize,
    /// Number of entries that failed.
    pub failed: usize,
    /// The run was cancelled before its end.
    pub cancelled: bool,
}

impl Report {
    pub(super) fn new(outcomes: Vec<Outcome>, cancelled: bool) -> Self {
        let count =
            |is: fn(&Outcome) -> bool| outcomes.iter().filter(|&outcome| is(outcome)).count();
        Self {
            written: count(|outcome| matches!(outcome, Outcome::Written(_))),
            skipped: count(|outcome| matches!(outcome, Outcome::Skipped(_))),
            failed: count(|outcome| matches!(outcome, Outcome::Failed(_))),
            cancelled,
            outcomes,
        }
    }

    /// The failures, each with the position of its entry in the selection.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Error)> {
        self.outcomes.iter().enumerate().filter_map(|(slot, outcome)| match outcome {
            Outcome::Failed(error) => Some((slot, error)),
            _ => None,
        })
    }

    /// The class of the gravest failure; [`Category::Cancelled`] where there is none but the run
    /// was cancelled, `None` where all went well.
    #[must_use]
    pub fn worst(&self) -> Option<Category> {
        let failed = self.failures().map(|(_, error)| error.category());
        Category::gravest(failed).or(self.cancelled.then_some(Category::Cancelled))
    }
}
