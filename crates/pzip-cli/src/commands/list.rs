//! `pzip list`: what an archive holds, lenient: deviations are noted, not refused.

use std::io::{self, BufWriter, Write};

use pzip::format::attributes::Kind;
use pzip::format::entry::Entry;
use pzip::io::Source;
use pzip::reader::EntryRef;
use serde_json::{Value, json};

use crate::args::{Common, List};
use crate::exit::{Failure, Outcome};
use crate::output::{DateTime, complain, json_line, mode_text, rfc3339, shown};
use crate::select::{open, select};
use crate::zone;

/// Runs the command.
pub(crate) fn run(args: &List, common: &Common) -> Outcome {
    let archive = open(&args.input, true)?;
    let selected = select(&archive, &args.names)?;
    let entries = selected.into_iter().filter_map(|index| archive.entry(index));
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let written = if args.json {
        entries.map(|entry| json_of(&entry)).try_for_each(|line| json_line(&mut out, &line))
    } else {
        table(entries, args.long, &mut out)
    };
    written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))?;
    let unusual = archive.needs();
    if !common.quiet && !unusual.is_empty() {
        let names: Vec<_> = unusual.names().collect();
        complain(format_args!(
            "{}: needs --relax {}",
            args.input.archive.display(),
            names.join(",")
        ));
    }
    Ok(())
}

fn table<'a, S: Source + 'a>(
    entries: impl Iterator<Item = EntryRef<'a, S>>,
    long: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let (mut count, mut total, mut packed) = (0_u64, 0_u64, 0_u64);
    if long {
        writeln!(
            out,
            "mode        {:>12} {:>12} method    crc32    modified            name",
            "size", "compressed"
        )?;
    } else {
        writeln!(out, "{:>12}  modified             name", "size")?;
    }
    for entry in entries {
        count += 1;
        total = total.saturating_add(entry.size());
        packed = packed.saturating_add(entry.compressed_size());
        let name = shown(&entry.name());
        let modified = DateTime(zone::civil(entry.modified().seconds));
        if long {
            let kind = match entry.kind() {
                Kind::Directory => 'd',
                Kind::Symlink => 'l',
                Kind::File => '-',
                _ => '?',
            };
            let mode = mode_text(kind, entry.unix_mode().unwrap_or(0));
            let lock = if entry.is_encrypted() { '*' } else { ' ' };
            writeln!(
                out,
                "{mode} {lock}{:>12} {:>12} {:<9} {:08x} {modified} {}",
                entry.size(),
                entry.compressed_size(),
                entry.method(),
                entry.crc32(),
                name
            )?;
        } else {
            writeln!(out, "{:>12}  {modified}  {name}", entry.size())?;
        }
    }
    let plural = if count == 1 { "entry" } else { "entries" };
    writeln!(out, "{total:>12}  bytes in {count} {plural}, {packed} compressed")
}

fn json_of<S: Source>(entry: &EntryRef<'_, S>) -> Value {
    let name = entry.name();
    let mut line = json!({
        "name": name.to_string(),
        "size": entry.size(),
        "compressed_size": entry.compressed_size(),
        "crc32": format!("{:08x}", entry.crc32()),
        "method": entry.method().to_string(),
        "encrypted": entry.is_encrypted(),
        // As the archive says it, the same wherever it is listed.
        "modified": rfc3339(Entry::modified(&entry)),
        "mode": entry.unix_mode().map(|mode| format!("{mode:o}")),
        "kind": entry.kind().name(),
        "offset": entry.offset(),
    });
    if name.as_str().is_none()
        && let Some(object) = line.as_object_mut()
    {
        let hex: String = entry.raw_name().iter().map(|byte| format!("{byte:02x}")).collect();
        object.insert("name_bytes".into(), hex.into());
    }
    line
}
