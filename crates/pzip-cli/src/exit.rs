//! From an error's category to an exit code: one table, documented in `pzip --help`.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use pzip::format::error::Category;

/// Done, but some items failed.
pub(crate) const SOME_FAILED: u8 = 1;

/// Why a command ended.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub code: u8,
    /// What to print; nothing if it was printed already.
    pub message: String,
}

/// What a command returns.
pub(crate) type Outcome = Result<(), Failure>;

/// The code of a category.
pub(crate) const fn code_of(category: Category) -> u8 {
    match category {
        Category::NotZip => 3,
        Category::Damaged => 4,
        Category::Unsupported | Category::NotBuiltIn => 5,
        Category::Password => 6,
        Category::Limit => 7,
        Category::Unsafe => 8,
        Category::Io => 9,
        Category::Cancelled => 130,
        // `Usage`, and what later versions may add.
        _ => 2,
    }
}

impl Failure {
    /// A failure of a category.
    pub(crate) fn new(category: Category, message: impl fmt::Display) -> Self {
        Self { code: code_of(category), message: message.to_string() }
    }

    /// A failure whose items were named already.
    pub(crate) const fn silent(code: u8) -> Self {
        Self { code, message: String::new() }
    }

    /// Wrong usage.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Category::Usage, message)
    }

    /// The same, with the file it is about.
    pub(crate) fn about(mut self, path: &Path) -> Self {
        self.message = format!("{}: {}", path.display(), self.message);
        self
    }

    /// The archive cannot be written: to its file or volumes, or to standard output for `-`.
    pub(crate) fn not_written(error: &std::io::Error, archive: &Path) -> Self {
        if archive == Path::new("-") {
            return Self::output(error);
        }
        Self::new(Category::Io, error).about(archive)
    }

    /// Standard output failed. A reader that went away (`| head`) is no failure.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::silent(0);
        }
        Self::new(Category::Io, format_args!("standard output: {error}"))
    }

    /// The process's exit code.
    pub(crate) fn exit(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl From<pzip::reader::Error> for Failure {
    fn from(error: pzip::reader::Error) -> Self {
        Self::new(error.category(), error)
    }
}

impl From<pzip::crypto::sealed::Error> for Failure {
    fn from(error: pzip::crypto::sealed::Error) -> Self {
        Self::new(error.category(), error)
    }
}

impl From<pzip::writer::Error> for Failure {
    fn from(error: pzip::writer::Error) -> Self {
        Self::new(error.category(), error)
    }
}

impl From<pzip::stream::Error> for Failure {
    fn from(error: pzip::stream::Error) -> Self {
        Self::new(error.category(), error)
    }
}

/// What would accept an error: `" (--relax gaps accepts this)"`, or nothing. Refusals of
/// extraction name its options, not those that write to other places than the archive says.
pub(crate) fn hint(error: &(dyn Error + 'static)) -> String {
    let mut next = Some(error);
    while let Some(error) = next {
        let needs = match error.downcast_ref() {
            Some(pzip::fs::Error::Refused { first, .. }) => return hint(&**first),
            Some(pzip::fs::Error::Archive(error)) => Some(error.needs()),
            Some(error) => match refusal_option(error) {
                Some(option) => return format!(" ({option} accepts this)"),
                None => None,
            },
            _ => error.downcast_ref::<pzip::reader::Error>().map(pzip::reader::Error::needs),
        };
        if let Some(needs) = needs {
            let names: Vec<_> = needs.names().collect();
            let names = names.join(",");
            return if names.is_empty() {
                names
            } else {
                format!(" (--relax {names} accepts this)")
            };
        }
        next = error.source();
    }
    String::new()
}

/// The option of `extract` that accepts what it refused.
const fn refusal_option(error: &pzip::fs::Error) -> Option<&'static str> {
    use pzip::format::path::Refusal;
    use pzip::fs::Error;
    use pzip::fs::error::{Collision, LinkRefusal};
    match error {
        // What only Windows misreads; there it is refused in any case.
        Error::Name {
            refusal:
                Refusal::Backslash
                | Refusal::Colon
                | Refusal::Device
                | Refusal::TrailingDotOrSpace
                | Refusal::ShortName,
            ..
        } if cfg!(unix) => Some("--names unix"),
        Error::Collision { collision: Collision::Duplicate, .. } => Some("--allow-duplicates"),
        Error::Collision { collision: Collision::Alias, .. } => Some("--allow-case-collisions"),
        Error::Link {
            refusal: LinkRefusal::Empty | LinkRefusal::Nul | LinkRefusal::TooLong,
            ..
        } => Some("--symlinks none"),
        Error::Link { .. } => Some("--symlinks none or all"),
        _ => None,
    }
}

/// The code for a run in which items failed: that of the gravest category among them.
pub(crate) fn gravest(categories: impl Iterator<Item = Category>) -> u8 {
    match Category::gravest(categories) {
        None | Some(Category::Usage) => SOME_FAILED,
        Some(category) => code_of(category),
    }
}
