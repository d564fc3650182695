//! What `split`, `join` and writing in volumes share.

use std::path::Path;

use pzip::io::Sink;
use pzip::reader::{Archive, Parallel};
use pzip::segment::files::FileVolumes;
use pzip::segment::rewrite::{Options, Summary, rewrite};
use pzip::segment::{Error, Policy, SegmentedSink};

use crate::args::{Common, Input};
use crate::exit::{Failure, Outcome};
use crate::open::{any, explain};
use crate::output::complain;
use crate::password::{ask_for, unlock};
use crate::progress::{Progress, cancel_on_interrupt};
use crate::select::{options, report_failures};

/// A sink whose volumes are files next to `path`.
pub(crate) fn sink_of_volumes(
    path: &Path,
    policy: Policy,
) -> Result<SegmentedSink<FileVolumes<'static>>, Failure> {
    let failure =
        |error: Error| Failure::new(error.category(), format_args!("{}: {error}", path.display()));
    let volumes = FileVolumes::create(path, policy.kind()).map_err(failure)?;
    SegmentedSink::new(volumes, policy).map_err(|error| failure(error.into()))
}

/// How an archive is written anew.
pub(crate) struct Rewrite<'r> {
    pub(crate) input: &'r Input,
    pub(crate) output: &'r Path,
    pub(crate) drop_prefix: bool,
    pub(crate) drop_signature: bool,
    pub(crate) check: bool,
}

impl Rewrite<'_> {
    /// Writes the archive to the sink that `open` gives once the archive was looked at.
    pub(crate) fn run<S: Sink>(
        &self,
        common: &Common,
        open: impl FnOnce() -> Result<S, Failure>,
    ) -> Outcome {
        let source = any(&self.input.archive)?;
        let relax = options(self.input)?.relax;
        let cancel = cancel_on_interrupt();
        if self.check {
            let archive = Archive::new(&source, options(self.input)?)
                .map_err(|error| Failure::from(error).about(&self.input.archive))?;
            let mut passwords = self.input.passwords.named()?;
            ask_for(&archive, &mut passwords, &self.input.archive)?;
            let archive = unlock(archive, passwords, self.input.require_encryption);
            let all: Vec<usize> = (0..archive.len()).collect();
            let parallel = Parallel {
                threads: common.threads.into(),
                cancel: Some(&cancel),
                ..Parallel::default()
            };
            let results = archive.test(&all, parallel);
            let errors = results.iter().filter_map(|result| result.as_ref().err());
            report_failures(self.input, errors.map(|error| (error.category(), error)))?;
        }
        let progress = Progress::new(source.len(), common.quiet);
        let mut sink = open()?;
        let options = Options {
            relax,
            drop_prefix: self.drop_prefix,
            drop_signature: self.drop_signature,
            cancel: Some(&cancel),
            observer: &progress,
            ..Options::default()
        };
        let written = rewrite(&source, &mut sink, &options);
        drop(progress);
        match written {
            Ok(Summary { entries, bytes }) => {
                if !common.quiet {
                    let path = self.output.display();
                    complain(format_args!("{path}: {entries} entries, {bytes} bytes"));
                }
                Ok(())
            }
            Err(error) => {
                let at = if let Error::Format(error) = &error { Some(error.at) } else { None };
                explain(&self.input.archive, at);
                Err(Failure::new(error.category(), &error).about(&self.input.archive))
            }
        }
    }
}
