//! `pzip cat`: the contents of one entry to standard output.

use std::io::{self, Write};

use pzip::reader::Parallel;

use crate::args::Cat;
use crate::exit::{Failure, Outcome};
use crate::output::complain;
use crate::select::{named, one, open};

/// Runs the command.
pub(crate) fn run(args: &Cat) -> Outcome {
    let archive = open(&args.input, false)?;
    let entry =
        one(&archive, &args.name).map_err(|error| named(&args.input, error.category(), &error))?;
    if archive.all_by_name(entry.name().path_bytes()).nth(1).is_some() {
        complain(format_args!("{}: several entries of this name; the first is shown", args.name));
    }
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
