//! `pzip extract -p` and `pzip cat`: contents to standard output, one after the other.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use pzip::format::attributes::Kind;
use pzip::io::Source;
use pzip::reader::{Archive, Error, Parallel};

use crate::args::Input;
use crate::exit::{Failure, Outcome};
use crate::output::block_stdout;
use crate::progress::cancel_on_interrupt;
use crate::select::{named, report_failures};

/// Writes the files among the selected entries, in the order of the archive. Small ones are
/// proven right before a byte of them is shown; of large ones a failure shows at the end.
pub(crate) fn run<S: Source>(input: &Input, archive: &Archive<S>, selected: &[usize]) -> Outcome {
    let is_file = |&index: &usize| archive.entry(index).is_some_and(|e| e.kind() == Kind::File);
    let files: Vec<usize> = selected.iter().copied().filter(is_file).collect();
    let cancel = cancel_on_interrupt();
    let parallel = Parallel { cancel: Some(&cancel), ..Parallel::threads(1) };
    let out = block_stdout().map_err(|error| Failure::output(&error))?;
    // One thread writes; the lock is for those who see only that it might be several.
    let out = Mutex::new(out);
    let results = archive.visit(&files, parallel, |visit| {
        visit.copy_to(&mut |bytes| {
            let written = out.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes);
            // Nobody listens: the rest need not be decoded.
            written.inspect_err(|_| cancel.cancel())
        })
    });
    let flushed = out.lock().unwrap_or_else(PoisonError::into_inner).flush();
    flushed.map_err(|error| Failure::output(&error))?;
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
