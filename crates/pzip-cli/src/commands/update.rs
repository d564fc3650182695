//! `pzip update`: files into an archive that is there, in place of entries of the same names.

use std::collections::HashMap;

use pzip::codec::level::Level;
use pzip::fs::collect::{CollectOptions, FileId, collect};
use pzip::writer::{Item, Options};

use crate::args::Common;
use crate::commands::edit::{carry, open_to_change, rewrite, summarise};
use crate::edit_args::Update;
use crate::exit::{Failure, Outcome, SOME_FAILED};
use crate::output::complain;
use crate::reproducible::{settle, without_encryption};

/// Runs the command.
pub(crate) fn run(args: &Update, common: &Common) -> Outcome {
    let path = &args.input.archive;
    if args.input.passwords.is_given() && !args.encrypt.is_asked_for() {
        // Entries that stay are carried over as they are, without a password.
        return Err(Failure::usage(
            "a password, and nothing to use it for; add --encrypt to encrypt what is put in",
        ));
    }
    without_encryption(args.reproducible, args.encrypt.is_asked_for())?;
    let encryption = args.encrypt.encryption(&args.input.passwords)?;
    let old = if path.exists() { Some(open_to_change(&args.input)?) } else { None };
    let options = CollectOptions {
        follow: args.dereference,
        exclude_file: FileId::of(path).ok(),
        ..CollectOptions::default()
    };
    let mut collected = collect(&args.paths, &options);
    for (path, error) in &collected.failures {
        complain(format_args!("{}: {error}", path.display()));
    }
    if !collected.failures.is_empty() {
        // An entry whose file cannot be read must neither vanish nor grow old in silence.
        return Err(Failure::silent(SOME_FAILED));
    }
    settle(&mut collected.items, args.reproducible)?;
    let mut fresh: HashMap<Vec<u8>, usize> = HashMap::new();
    for (place, item) in collected.items.iter().enumerate() {
        fresh.insert(item.name.clone(), place);
    }
    let mut new: Vec<Option<Item<'_>>> = collected.items.into_iter().map(Some).collect();
    let mut items = Vec::new();
    let mut replaced = 0;
    for entry in old.iter().flat_map(|old| old.entries().map(move |entry| (old, entry))) {
        let (old, entry) = entry;
        let slot = fresh.get(entry.raw_name()).and_then(|&place| new.get_mut(place));
        let stays = args.newer
            && slot.as_ref().is_some_and(|slot| {
                let time = slot.as_ref().and_then(|item| item.modified);
                // DOS times have steps of two seconds; a second entry does not make a file newer.
                time.is_none_or(|time| time <= entry.modified().seconds + 1)
            });
        match slot {
            Some(slot) if !stays => {
                // In its old place; a name that stands twice is replaced once.
                items.extend(slot.take());
                replaced += 1;
            }
            slot => {
                if let Some(slot) = slot {
                    *slot = None;
                }
                items.push(carry(old, &entry)?);
            }
        }
    }
    let before = items.len();
    items.extend(new.into_iter().flatten());
    let added = items.len() - before;
    let level = Level::try_from(args.level).map_err(Failure::usage)?;
    let options = Options { level, encryption, ..Options::default() };
    let report = rewrite(path, old.as_ref(), items, &options, common)?;
    summarise(path, common, &report, &format!("{replaced} replaced, {added} added"))
}
