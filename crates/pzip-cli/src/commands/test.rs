//! `pzip test`: decode everything, compare everything, write nothing.

use std::io::{self, BufWriter, Write};

use pzip::reader::Parallel;
use serde_json::json;

use crate::args::{Common, Test};
use crate::exit::{Failure, Outcome};
use crate::output::json_line;
use crate::progress::{Progress, cancel_on_interrupt};
use crate::select::{contents_size, open, report_failures, select};

/// Runs the command.
pub(crate) fn run(args: &Test, common: &Common) -> Outcome {
    let archive = open(&args.input, false)?;
    let selected = select(&archive, &args.names)?;
    let total = contents_size(&archive, &selected);
    let cancel = cancel_on_interrupt();
    let progress = Progress::new(total, common.quiet);
    let parallel =
        Parallel { threads: common.threads.into(), cancel: Some(&cancel), observer: &progress };
    let results = archive.test(&selected, parallel);
    drop(progress);
    if cancel.is_cancelled() {
        return Err(pzip::reader::Error::Cancelled.into());
    }
    let failed = results.iter().filter(|result| result.is_err()).count();
    if args.json {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = selected.iter().zip(&results).try_for_each(|(&index, result)| {
            let name = archive.entry(index).map(|entry| entry.name().to_string());
            let error = result.as_ref().err().map(ToString::to_string);
            json_line(&mut out, &json!({ "name": name, "ok": error.is_none(), "error": error }))
        });
        written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))?;
    } else if !common.quiet {
        let (count, path) = (results.len(), args.input.archive.display());
        let verdict =
            if failed == 0 { "all right".into() } else { format!("{failed} damaged or refused") };
        println_checked(format_args!("{path}: {count} entries, {total} bytes, {verdict}"))?;
    }
    let errors = results.iter().filter_map(|result| result.as_ref().err());
    report_failures(&args.input, errors.map(|error| (error.category(), error)))
}

fn println_checked(line: std::fmt::Arguments<'_>) -> Outcome {
    writeln!(io::stdout().lock(), "{line}").map_err(|error| Failure::output(&error))
}
