//! `pzip delete`: an archive without some of its entries.

use std::collections::HashSet;

use pzip::writer::Options;

use crate::args::Common;
use crate::commands::edit::{carry, open_to_change, rewrite, summarise};
use crate::edit_args::Delete;
use crate::exit::Outcome;
use crate::select::select;

/// Runs the command.
pub(crate) fn run(args: &Delete, common: &Common) -> Outcome {
    let archive = open_to_change(&args.input)?;
    let gone: HashSet<usize> = select(&archive, &args.names)?.into_iter().collect();
    let kept = archive.entries().filter(|entry| !gone.contains(&entry.index()));
    let items = kept.map(|entry| carry(&archive, &entry)).collect::<Result<Vec<_>, _>>()?;
    let path = &args.input.archive;
    let report = rewrite(path, Some(&archive), items, &Options::default(), common)?;
    summarise(path, common, &report, &format!("{} deleted", gone.len()))
}
