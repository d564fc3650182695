//! Which entries of an archive the names on the command line mean.

use globset::{Glob, GlobMatcher};
use pzip::format::error::Category;
use pzip::format::profile::Relax;
use pzip::io::Source;
use pzip::reader::{Archive, NameCharset, Options};

use crate::args::Input;
use crate::exit::{Failure, Outcome};
use crate::open::{AnySource, any, explain, offset_of};
use crate::password::{ask_for, unlock};

/// One name of the command line.
struct Pattern<'p> {
    text: &'p str,
    glob: Option<GlobMatcher>,
    used: bool,
}

impl Pattern<'_> {
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
    let mut patterns = Vec::new();
    for text in names {
        // A text that is no glob can still be a name.
        let glob = Glob::new(text).ok().map(|glob| glob.compile_matcher());
        patterns.push(Pattern { text, glob, used: false });
    }
    let mut selected = Vec::new();
    for entry in archive.entries() {
        let name = entry.name().to_string();
        let mut wanted = false;
        for pattern in &mut patterns {
            if pattern.matches(&name) {
                pattern.used = true;
                wanted = true;
            }
        }
        if wanted {
            selected.push(entry.index());
        }
    }
    match patterns.iter().find(|pattern| !pattern.used) {
        Some(unused) => Err(Failure::usage(format_args!("no entry matches {}", unused.text))),
        None => Ok(selected),
    }
}

/// Options of a reader out of the command line.
pub(crate) fn options(input: &Input) -> Result<Options, Failure> {
    let mut options = Options::default();
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
            text.map(std::borrow::Cow::into_owned)
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
    let mut options = options(input)?;
    options.relax |= also;
    let mut passwords = input.passwords.named()?;
    let source = input.key.open_any(any(&input.archive)?, &passwords, &input.archive)?;
    // All of a sealed archive was encrypted, so what is in it need not be once more.
    let required = input.require_encryption && !source.is_sealed();
    let archive = Archive::new(source.into_any(), options).map_err(|error| {
        explain(&input.archive, offset_of(&error));
        named(input, error.category(), &error)
    })?;
    // Names are never encrypted, so who only looks at them is not asked for a password.
    if also != Relax::LENIENT {
        ask_for(&archive, &mut passwords, &input.archive)?;
    }
    Ok(unlock(archive, passwords, required))
}

/// An error of the whole archive, with its path.
pub(crate) fn named(input: &Input, category: Category, error: &dyn std::error::Error) -> Failure {
    Failure::new(category, format_args!("{}: {error}", input.archive.display()))
}

/// Bytes the selected entries claim to hold: what a progress bar counts up to.
pub(crate) fn contents_size<S: Source>(archive: &Archive<S>, selected: &[usize]) -> u64 {
    selected.iter().filter_map(|&index| archive.entry(index)).map(|entry| entry.size()).sum()
}

/// Complains about each failed entry and returns the exit code that follows.
pub(crate) fn report_failures<E: std::error::Error>(
    input: &Input,
    errors: impl Iterator<Item = (Category, E)>,
) -> Outcome {
    let mut categories = Vec::new();
    for (category, error) in errors {
        crate::output::complain(format_args!("{}: {error}", input.archive.display()));
        categories.push(category);
    }
    if categories.is_empty() {
        return Ok(());
    }
    explain(&input.archive, None);
    Err(Failure::silent(crate::exit::gravest(categories.into_iter())))
}
