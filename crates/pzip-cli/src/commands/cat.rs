//! `pzip cat`: contents to standard output; of one entry, of several, or of all files.

use std::io::{self, Write};

use pzip::reader::{Error, Parallel};

use crate::args::Cat;
use crate::exit::{Failure, Outcome};
use crate::output::complain;
use crate::select::{named, one, open, select};

/// Runs the command.
pub(crate) fn run(args: &Cat) -> Outcome {
    let archive = open(&args.input, false)?;
    let (entry, name) = match args.names.as_slice() {
        [name] => match one(&archive, name) {
            // A pattern, or a mistake.
            Err(Error::NotFound(_)) => {
                return super::print::run(&args.input, &archive, &select(&archive, &args.names)?);
            }
            found => (
                found.map_err(|error| named(&args.input, error.category(), &error))?,
                name.as_str(),
            ),
        },
        names => return super::print::run(&args.input, &archive, &select(&archive, names)?),
    };
    if archive.all_by_name(entry.name().path_bytes()).nth(1).is_some() {
        complain(format_args!("{name}: several entries of this name; the first is shown"));
    }
    // One entry is one thread's work; small ones are proven right before a byte is shown.
    let results = archive.visit(&[entry.index()], Parallel::threads(1), |visit| {
        visit.copy_to(&mut |bytes| io::stdout().lock().write_all(bytes))
    });
    for result in results {
        match result {
            Err(error) => match error.cause() {
                Error::Write(error) => return Err(Failure::output(error)),
                _ => return Err(named(&args.input, error.category(), &error)),
            },
            Ok(()) => io::stdout().flush().map_err(|error| Failure::output(&error))?,
        }
    }
    Ok(())
}
