//! Everything that is unusual about an archive, found without decoding a payload.
//!
//! The engine of a linter, and the answer to "would a stricter reader take this?". The rules are
//! those of reading, [`zip_format::audit`] and [`Entry::examine`]; here they are judged by a list
//! that notes everything, so that nothing hides behind the first fault.
//!
//! [`Entry::examine`]: zip_format::entry::Entry::examine

use zip_format::profile::{Finding as FormatFinding, Relax};
use zip_io::Source;

use crate::archive::Archive;
use crate::error::{Error, Result};
use crate::member::{Scratch, Window};
use crate::options::Parallel;
use crate::plan::{Item, Plan, Work};

/// One thing that is wrong with an archive, or that not every reader takes.
#[derive(Debug)]
pub struct Finding {
    /// Number of the entry, where it is about one.
    pub entry: Option<usize>,
    /// Offset in the file of the record that shows it.
    pub at: u64,
    /// The relaxation that accepts it; empty where it is an error in every profile.
    pub needs: Relax,
    /// What it is, with the values that disagree.
    pub error: Error,
}

impl Finding {
    /// Whether a reader of this profile goes on.
    #[must_use]
    pub const fn is_accepted(&self, relax: Relax) -> bool {
        !self.needs.is_empty() && relax.contains(self.needs)
    }
}

/// What an audit found: nothing in an archive that every profile takes.
///
/// Findings about the archive come first, then those about entries, by number.
#[derive(Debug, Default)]
pub struct Audit {
    /// Everything, whatever the archive was opened to accept.
    pub findings: Vec<Finding>,
}

impl Audit {
    /// The least a profile must have for this archive; more does not help if there are findings
    /// that need nothing, because nothing accepts them.
    #[must_use]
    pub fn needs(&self) -> Relax {
        self.findings.iter().fold(Relax::empty(), |needs, finding| needs | finding.needs)
    }

    /// The findings that stop a reader of this profile.
    pub fn refused(&self, relax: Relax) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| !finding.is_accepted(relax))
    }
}

impl<S: Source> Archive<S> {
    /// Checks every record of the archive and notes everything unusual: the trailer, bytes before
    /// and after, names that stand twice, and of each member local header, descriptor and end.
    /// Decodes nothing.
    ///
    /// Small members are read with their neighbours, of larger ones the headers only. The archive
    /// must have been opened, so [`Options::lenient`](crate::Options::lenient) shows most.
    ///
    /// *Limits*: some 80 bytes a finding, 48 an entry while it runs. The observer of `parallel`
    /// is not told.
    ///
    /// # Errors
    /// [`Error::Cancelled`]. What is wrong with the archive is in the findings, and so is what the
    /// source says.
    pub fn audit(&self, parallel: Parallel<'_>) -> Result<Audit> {
        let mut findings = self.audit_frame();
        let first = findings.len();
        findings.extend(self.repeated_names().map(|(index, error)| Finding {
            entry: Some(index),
            at: error.at,
            needs: Relax::DUPLICATES,
            error: error.into(),
        }));
        let is_cancelled = || parallel.cancel.is_some_and(zip_io::CancelToken::is_cancelled);
        let threads = parallel.resolved_threads();
        let plan = Plan::new(self, 0..self.len(), Work::Check, threads);
        let found = self.run(&plan, threads, |item, _, window, scratch, found| {
            if !is_cancelled() {
                self.audit_member(item, window, scratch, found);
            }
        });
        if is_cancelled() {
            return Err(Error::Cancelled);
        }
        findings.extend(found.into_iter().flatten());
        if let Some(entries) = findings.get_mut(first..) {
            entries.sort_by_key(|finding| finding.entry);
        }
        Ok(Audit { findings })
    }

    /// What opening needed: for each relaxation, the error that it silenced.
    fn audit_frame(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for needs in self.needs().iter() {
            if let Err(error) = self.opened().reopen(Relax::LENIENT - needs) {
                // Where the file changed meanwhile this may be another error than the silenced one.
                let (at, needs) = match &error {
                    Error::Format(error) => (error.at, needs),
                    Error::Io { at, .. } => (*at, Relax::empty()),
                    _ => (0, Relax::empty()),
                };
                findings.push(Finding { entry: None, at, needs, error });
            }
        }
        findings
    }

    fn audit_member(
        &self,
        item: &Item,
        window: Option<Window<'_>>,
        scratch: &mut Scratch,
        found: &mut Vec<Finding>,
    ) {
        // The plan was made of entries that are there.
        let Some(entry) = self.entry(item.index) else { return };
        let target = entry.target_at(item.at, item.limit);
        let mut noted: Vec<FormatFinding> = Vec::new();
        let (options, source) = (self.options(), self.source());
        let outcome = match window {
            Some(window) => target.examine_in(window, options, &mut noted),
            None => target.examine_by_reads(source, &mut scratch.head, options, &mut noted),
        };
        let entry = Some(item.index);
        found.extend(noted.into_iter().map(|FormatFinding { needs, error }| Finding {
            entry,
            at: error.at,
            needs,
            error: error.into(),
        }));
        if let Err(error) = outcome {
            let at = match &error {
                Error::Format(error) => error.at,
                Error::Io { at, .. } => *at,
                _ => item.at,
            };
            found.push(Finding { entry, at, needs: Relax::empty(), error });
        }
    }
}
