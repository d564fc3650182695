//! From an error's category to an exit code: one table, documented in `pzip --help`.

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

/// The code for a run in which items failed: the gravest category among them.
pub(crate) fn gravest(categories: impl Iterator<Item = Category>) -> u8 {
    const ORDER: [Category; 8] = [
        Category::Cancelled,
        Category::Io,
        Category::Unsafe,
        Category::Damaged,
        Category::Limit,
        Category::Password,
        Category::NotBuiltIn,
        Category::Unsupported,
    ];
    let rank = |category: Category| ORDER.iter().position(|&known| known == category);
    let gravest = categories.filter_map(rank).min().and_then(|rank| ORDER.get(rank));
    gravest.map_or(SOME_FAILED, |&category| code_of(category))
}
