//! Which entries of an archive the names on the command line mean.

use std::borrow::Cow;

use pzip::format::error::Category;
use pzip::format::name::Name;
use pzip::format::profile::Relax;
use pzip::io::Source;
use pzip::io::file::FileSource;
use pzip::reader::{Archive, DosZone, EntryRef, Error, Glob, NameCharset, Options};

use crate::args::Input;
use crate::exit::{Failure, Outcome, hint};
use crate::limits::limits;
use crate::open::{AnySource, any, explain, offset_of};
use crate::output::shown;
use crate::password::{ask_for, unlock};

/// One name of the command line.
struct Pattern<'p> {
    text: &'p str,
    glob: Option<Glob>,
    used: bool,
}

impl<'p> Pattern<'p> {
    fn new(text: &'p str) -> Self {
        // A text that is no glob can still be a name.
        Self { text, glob: Glob::new(text).ok(), used: false }
    }

    /// The name itself, everything below it, or what the glob matches. `*` matches `/` too, as
    /// it does for unzip and 7-Zip.
    fn matches(&self, name: &str) -> bool {
        let directory = self.text.trim_end_matches('/');
        name == self.text
            || name.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
            || self.glob.as_ref().is_some_and(|glob| glob.is_match(name))
    }
}

/// Numbers of the entries that the names mean; all of them without names.
pub(crate) fn select<S: Source>(
    archive: &Archive<S>,
    names: &[String],
) -> Result<Vec<usize>, Failure> {
    if names.is_empty() {
        return Ok((0..archive.len()).collect());
    }
    let mut patterns: Vec<_> = names.iter().map(|text| Pattern::new(text)).collect();
    let mut wanted = vec![false; archive.len()];
    let mut mark = |patterns: &mut [Pattern<'_>], spell: fn(&Name<'_>) -> Option<String>| {
        for (entry, wanted) in archive.entries().zip(&mut wanted) {
            let Some(name) = spell(&entry.name()) else { continue };
            for pattern in &mut *patterns {
                if pattern.matches(&name) {
                    pattern.used = true;
                    *wanted = true;
                }
            }
        }
    };
    mark(&mut patterns, |name| name.text().map(Cow::into_owned));
    // What means no name may be what a listing showed of one.
    patterns.sort_by_key(|pattern| pattern.used);
    let unused = patterns.partition_point(|pattern| !pattern.used);
    if unused > 0 {
        mark(patterns.get_mut(..unused).unwrap_or(&mut []), |name| Some(shown(name)));
    }
    let selected = wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(index, _)| index);
    let selected = selected.collect();
    match patterns.iter().find(|pattern| !pattern.used) {
        Some(unused) => Err(Failure::usage(format_args!("no entry matches {}", unused.text))),
        None => Ok(selected),
    }
}

/// The one entry that a name means: as it stands in the archive, or as a listing shows it.
pub(crate) fn one<'a, S: Source>(
    archive: &'a Archive<S>,
    name: &str,
) -> Result<EntryRef<'a, S>, Error> {
    match archive.by_name(name) {
        Err(Error::NotFound(text)) => {
            let same = |entry: &EntryRef<'_, S>| shown(&entry.name()) == name;
            let entry = archive.entries().find(same).ok_or(Error::NotFound(text))?;
            archive.by_name(entry.name().path_bytes())
        }
        found => found,
    }
}

/// Takes out what names, directories or globs say. Those that mean nothing here are no mistake.
pub(crate) fn leave_out<S: Source>(
    archive: &Archive<S>,
    selected: &mut Vec<usize>,
    names: &[String],
) {
    let patterns: Vec<_> = names.iter().map(|text| Pattern::new(text)).collect();
    if patterns.is_empty() {
        return;
    }
    selected.retain(|&index| {
        let name = archive.entry(index).map(|entry| entry.name().to_string()).unwrap_or_default();
        !patterns.iter().any(|pattern| pattern.matches(&name))
    });
}

/// Options of a reader out of the command line.
pub(crate) fn options(input: &Input) -> Result<Options, Failure> {
    let zone = Some(DosZone::new(crate::zone::to_unix));
    let mut options = Options { limits: limits(&input.limit)?, zone, ..Options::default() };
    for name in &input.relax {
        let flag = Relax::by_name(name)
            .ok_or_else(|| Failure::usage(format_args!("no relaxation is named {name}")))?;
        options.relax |= flag;
    }
    if let Some(label) = &input.encoding {
        // The labels of the WHATWG Encoding Standard.
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes())
            .ok_or_else(|| Failure::usage(format_args!("no encoding is called {label}")))?;
        options.charset = Some(NameCharset::new(move |raw: &[u8]| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(raw);
            text.map(Cow::into_owned)
        }));
    }
    Ok(options)
}

/// Opens the archive of a command, naming it in errors.
pub(crate) fn open(input: &Input, lenient: bool) -> Result<Archive<AnySource>, Failure> {
    let also = if lenient { Relax::LENIENT } else { Relax::empty() };
    open_relaxed(input, also)
}

/// The same, with deviations that another option accepts.
pub(crate) fn open_relaxed(input: &Input, also: Relax) -> Result<Archive<AnySource>, Failure> {
    try_open(input, also)?.map_err(|error| not_opened(input, &error))
}

/// The same; what is wrong with the archive itself is the inner error.
pub(crate) fn try_open(
    input: &Input,
    also: Relax,
) -> Result<Result<Archive<AnySource>, Error>, Failure> {
    let mut options = options(input)?;
    options.relax |= also;
    let source = source_of(input)?;
    let mut passwords = input.passwords.named()?;
    let source = input.key.open_any(source, &passwords, &input.archive)?;
    // All of a sealed archive was encrypted, so what is in it need not be once more.
    let required = input.require_encryption && !source.is_sealed();
    let archive = match Archive::new(source.into_any(), options) {
        Ok(archive) => archive,
        Err(error) => return Ok(Err(error)),
    };
    // Names are never encrypted, so who only looks at them is not asked for a password.
    if also != Relax::LENIENT {
        ask_for(&archive, &mut passwords, &input.archive)?;
    }
    Ok(Ok(unlock(archive, passwords, required)))
}

/// The bytes of a command's archive, sealed or not.
pub(crate) fn source_of(input: &Input) -> Result<AnySource, Failure> {
    if input.archive != std::path::Path::new("-") {
        return any(&input.archive);
    }
    let file = crate::spooled::standard_input().and_then(FileSource::new);
    Ok(Box::new(file.map_err(|error| named(input, Category::Io, &error))?))
}

/// What is said when the archive as a whole is refused.
pub(crate) fn not_opened(input: &Input, error: &Error) -> Failure {
    explain(&input.archive, offset_of(error));
    let hint = hint(error);
    Failure::new(error.category(), format_args!("{}: {error}{hint}", input.archive.display()))
}

/// An error of the whole archive, with its path.
pub(crate) fn named(
    input: &Input,
    category: Category,
    error: &(dyn std::error::Error + 'static),
) -> Failure {
    let hint = hint(error);
    Failure::new(category, format_args!("{}: {error}{hint}", input.archive.display()))
}

/// Bytes the selected entries claim to hold: what a progress bar counts up to.
pub(crate) fn contents_size<S: Source>(archive: &Archive<S>, selected: &[usize]) -> u64 {
    let sizes = selected.iter().filter_map(|&index| archive.entry(index)).map(|e| e.size());
    sizes.fold(0, u64::saturating_add)
}

/// Complains about each failed entry and returns the exit code that follows.
pub(crate) fn report_failures<'e, E: std::error::Error + 'static>(
    input: &Input,
    errors: impl Iterator<Item = (Category, &'e E)>,
) -> Outcome {
    let mut categories = Vec::new();
    for (category, error) in errors {
        crate::output::complain(format_args!(
            "{}: {error}{}",
            input.archive.display(),
            hint(error)
        ));
        categories.push(category);
    }
    if categories.is_empty() {
        return Ok(());
    }
    explain(&input.archive, None);
    Err(Failure::silent(crate::exit::gravest(categories.into_iter())))
}
