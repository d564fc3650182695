//! `pzip rename`: an entry, or a directory with all below it, under another name.

use pzip::writer::Options;

use crate::args::Common;
use crate::commands::edit::{carry, open_to_change, rewrite, summarise};
use crate::edit_args::Rename;
use crate::exit::{Failure, Outcome};

/// Runs the command.
pub(crate) fn run(args: &Rename, common: &Common) -> Outcome {
    let archive = open_to_change(&args.input)?;
    let (from, to) = (args.from.trim_end_matches('/'), args.to.trim_end_matches('/'));
    if from.is_empty() || to.is_empty() {
        return Err(Failure::usage("a name is empty"));
    }
    let (mut items, mut renamed) = (Vec::new(), 0);
    for entry in archive.entries() {
        let name = entry.name().to_string();
        let mut item = carry(&archive, &entry)?;
        // The name itself, with or without the `/` of a directory, and what is below it.
        let rest = name.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        if let Some(rest) = rest {
            item = item.with_name(format!("{to}{rest}"));
            renamed += 1;
        }
        items.push(item);
    }
    if renamed == 0 {
        return Err(Failure::usage(format_args!("no entry is called {}", args.from)));
    }
    let path = &args.input.archive;
    let report = rewrite(path, Some(&archive), items, &Options::default(), common)?;
    summarise(path, common, &report, &format!("{renamed} renamed"))
}
