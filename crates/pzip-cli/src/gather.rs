//! What `create` puts in: paths of the command line, of a list, and standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use pzip::fs::collect::{CollectOptions, Collected, FileId, Patterns, collect};
use pzip::writer::Item;

use crate::args::Create;
use crate::exit::Failure;

/// The items, in the order of the paths, then of the list; the archive itself, if it lies there,
/// is not one of them.
pub(crate) fn gather(args: &Create) -> Result<Collected, Failure> {
    let options = CollectOptions {
        follow: args.dereference,
        exclude: Patterns::new(&args.files.exclude)
            .map_err(|error| Failure::new(error.category(), error))?,
        gitignore: args.files.gitignore,
        owners: args.files.keep_owners,
        // An archive that is there already; a new one does not lie there yet.
        exclude_file: FileId::of(&args.archive).ok(),
        ..CollectOptions::default()
    };
    let listed = args.files.files_from.as_deref();
    let is_input = |path: &Path| path == Path::new("-");
    let inputs = args.paths.iter().filter(|path| is_input(path)).count();
    if inputs + usize::from(listed.is_some_and(is_input)) > 1 {
        return Err(Failure::usage("standard input can be read only once"));
    }
    let at = args.paths.iter().position(|path| is_input(path)).unwrap_or(args.paths.len());
    let (before, after) = args.paths.split_at(at);
    let mut collected = collect(before, &options);
    if inputs > 0 {
        collected.items.push(standard_input(&args.files.stdin_name));
    }
    collected.append(collect(after.get(1..).unwrap_or(&[]), &options));
    if let Some(listed) = listed {
        let paths = list(listed, args.files.null)?;
        collected.append(collect(&paths, &CollectOptions { shallow: true, ..options }));
    }
    Ok(collected)
}

/// Standard input as an entry, of now.
fn standard_input(name: &str) -> Item<'static> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut item = Item::read(name, io::stdin());
    item.modified = now.ok().and_then(|now| i64::try_from(now.as_secs()).ok());
    item
}

/// The paths in a list. Empty ones are none.
fn list(path: &Path, null: bool) -> Result<Vec<PathBuf>, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        let text = format!("{}: {error}", path.display());
        Failure::new(pzip::format::error::Category::Io, text)
    })?;
    let end = if null { 0 } else { b'\n' };
    let lines = bytes.split(|&byte| byte == end).filter(|line| !line.is_empty());
    lines.map(path_of).collect()
}

#[cfg(unix)]
fn path_of(line: &[u8]) -> Result<PathBuf, Failure> {
    use std::os::unix::ffi::OsStrExt;
    Ok(std::ffi::OsStr::from_bytes(line).into())
}

#[cfg(not(unix))]
fn path_of(line: &[u8]) -> Result<PathBuf, Failure> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line);
    text.map(PathBuf::from).map_err(|_| Failure::usage("a path in the list is no UTF-8"))
}
