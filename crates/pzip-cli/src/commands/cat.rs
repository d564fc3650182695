//! `pzip cat`: the contents of one entry to standard output.

use std::io::{self, Write};

use pzip::reader::Parallel;

use crate::args::Cat;
use crate::exit::{Failure, Outcome};
use crate::output::complain;
use crate::select::{named, open};

/// Runs the command.
pub(crate) fn run(args: &Cat) -> Outcome {
    let archive = open(&args.input, false)?;
    let mut same = archive.all_by_name(&args.name);
    let first = same.next();
    if same.next().is_some() {
        complain(format_args!("{}: several entries of this name; the first is shown", args.name));
    }
    let Some(entry) = first else {
        return Err(Failure::usage(format_args!(
            "{}: no entry named {}",
            args.input.archive.display(),
            args.name
        )));
    };
    // One entry is one thread's work; small ones are proven right before a byte is shown.
    let results = archive.visit(&[entry.index()], Parallel::threads(1), |visit| {
        visit.copy_to(&mut |bytes| io::stdout().lock().write_all(bytes))
    });
    for result in results {
        match result {
            Err(error) => match error.cause() {
                pzip::reader::Error::Write(error) => return Err(Failure::output(error)),
                _ => return Err(named(&args.input, error.category(), &error)),
            },
            Ok(()) => io::stdout().flush().map_err(|error| Failure::output(&error))?,
        }
    }
    Ok(())
}
