//! `pzip merge`: the entries of several archives in one.

use std::collections::HashMap;

use pzip::writer::Options;

use crate::args::{Common, Input, Key};
use crate::commands::edit::{carry, open_to_carry, rewrite, summarise};
use crate::edit_args::{Keep, Merge};
use crate::exit::{Failure, Outcome};
use crate::password::PasswordArgs;

/// Runs the command.
pub(crate) fn run(args: &Merge, common: &Common) -> Outcome {
    let mut archives = Vec::new();
    for archive in &args.archives {
        let (archive, relax) = (archive.clone(), args.relax.clone());
        let input = Input {
            archive,
            relax,
            limit: Vec::new(),
            encoding: None,
            key: Key { key_file: None },
            passwords: PasswordArgs::default(),
            require_encryption: false,
        };
        archives.push(open_to_carry(&input)?);
    }
    let mut items: Vec<Option<pzip::writer::Item<'_>>> = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    for archive in &archives {
        for entry in archive.entries() {
            let name = entry.raw_name().to_vec();
            let is_directory = name.ends_with(b"/");
            match (places.get(&name), args.keep) {
                (Some(_), Some(Keep::First)) => continue,
                // The same directory in two archives is no conflict.
                (Some(_), None) if is_directory => continue,
                (Some(_), None) => {
                    return Err(Failure::usage(format_args!(
                        "{}: more than one archive has it; say `--keep first` or `--keep last`",
                        entry.name()
                    )));
                }
                (Some(&place), Some(Keep::Last)) => {
                    if let Some(slot) = items.get_mut(place) {
                        *slot = None;
                    }
                }
                (None, _) => {}
            }
            places.insert(name, items.len());
            items.push(Some(carry(archive, &entry)?));
        }
    }
    let items = items.into_iter().flatten().collect();
    // Comment and prefix are those of the first.
    let report = rewrite(&args.archive, archives.first(), items, &Options::default(), common)?;
    summarise(&args.archive, common, &report, &format!("{} merged", archives.len()))
}
