//! `pzip extract -p`: contents to standard output, one after the other.

use std::io::{self, Write};

use pzip::format::attributes::Kind;
use pzip::io::Source;
use pzip::reader::{Archive, Error, Parallel};

use crate::args::Input;
use crate::exit::{Failure, Outcome};
use crate::progress::cancel_on_interrupt;
use crate::select::{named, report_failures};

/// Writes the files among the selected entries, in the order of the archive. Small ones are
/// proven right before a byte of them is shown; of large ones a failure shows at the end.
pub(crate) fn run<S: Source>(input: &Input, archive: &Archive<S>, selected: &[usize]) -> Outcome {
    let is_file = |&index: &usize| archive.entry(index).is_some_and(|e| e.kind() == Kind::File);
    let files: Vec<usize> = selected.iter().copied().filter(is_file).collect();
    let cancel = cancel_on_interrupt();
    let parallel = Parallel { cancel: Some(&cancel), ..Parallel::threads(1) };
    let results = archive.visit(&files, parallel, |visit| {
        visit.copy_to(&mut |bytes| {
            let written = io::stdout().lock().write_all(bytes);
            // Nobody listens: the rest need not be decoded.
            written.inspect_err(|_| cancel.cancel())
        })
    });
    io::stdout().flush().map_err(|error| Failure::output(&error))?;
    let errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
    for error in &errors {
        if let Error::Write(error) = error.cause() {
            return Err(Failure::output(error));
        }
    }
    if cancel.is_cancelled() {
        return Err(named(input, Error::Cancelled.category(), &Error::Cancelled));
    }
    report_failures(input, errors.iter().map(|error| (error.category(), error)))
}
