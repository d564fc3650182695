//! Lower errors with the path on disk, and the reasons why an entry is not written.

use std::fmt;
use std::io;
use std::path::PathBuf;

use zip_format::error::Category;
use zip_format::path::Refusal;

/// Why two entries cannot both be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Collision {
    /// They have one name.
    Duplicate,
    /// Their names are one to a file system that folds case, composes letters, or strips dots and
    /// spaces at the end.
    Alias,
    /// One is a directory, the other is not.
    FileAndDirectory,
    /// One is a file, and the other lies below it.
    BelowFile,
    /// One is a symbolic link, and the other lies below it.
    BelowLink,
    /// One is a symbolic link, and the other has its name.
    SameAsLink,
}

impl fmt::Display for Collision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Duplicate => "has the name of",
            Self::Alias => "is on some systems the same file as",
            Self::FileAndDirectory => "is of another kind than",
            Self::BelowFile => "lies below a file,",
            Self::BelowLink => "lies below a symbolic link,",
            Self::SameAsLink => "has the name of a symbolic link, or is one:",
        })
    }
}

/// Why a symbolic link is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkRefusal {
    /// The target is empty.
    Empty,
    /// The target is longer than 4,096 bytes, which no system takes.
    TooLong,
    /// The target contains a NUL byte.
    Nul,
    /// The target is absolute.
    Absolute,
    /// The target contains a backslash, a separator on Windows.
    Backslash,
    /// The target begins with a drive letter.
    Drive,
    /// The target leaves the destination.
    Outside,
    /// The target leads through another link that is refused, or that is there already and leads
    /// out.
    ThroughRefused,
    /// The target climbs with `..` out of a link, or of what is no directory yet: where that
    /// leads may change later.
    ClimbsFromLink,
    /// The target leads through links in a circle, or through more than 40.
    TooManyLinks,
}

impl fmt::Display for LinkRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "its target is empty",
            Self::TooLong => "its target is too long",
            Self::Nul => "its target contains a NUL byte",
            Self::Absolute => "its target is absolute",
            Self::Backslash => "its target contains a backslash",
            Self::Drive => "its target begins with a drive letter",
            Self::Outside => "its target leaves the destination",
            Self::ThroughRefused => {
                "its target leads through a link that is refused, or is there and leads out"
            }
            Self::ClimbsFromLink => {
                "its target climbs with `..` out of a link, or of what is no directory yet"
            }
            Self::TooManyLinks => "its target leads through a circle of links, or too many",
        })
    }
}

/// What went wrong between an archive and a directory tree.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The entry's name is no safe path.
    #[error("{name}: name refused, {refusal}")]
    Name {
        /// Number of the entry in the directory.
        index: usize,
        /// Its name, escaped where it is no text.
        name: String,
        /// The reason.
        refusal: Refusal,
    },
    /// The name has more components than the policy allows.
    #[error("{name}: name refused, more than {limit} components")]
    TooDeep {
        /// Number of the entry in the directory.
        index: usize,
        /// Its name, escaped where it is no text.
        name: String,
        /// The policy's limit.
        limit: usize,
    },
    /// Only directories may have a name that ends in `/`.
    #[error("{name}: refused, a {kind} with the name of a directory")]
    NamedAsDirectory {
        /// Number of the entry in the directory.
        index: usize,
        /// Its name, escaped where it is no text.
        name: String,
        /// What it is instead.
        kind: &'static str,
    },
    /// The entry meets another one.
    #[error("{name}: refused, it {collision} {other}")]
    Collision {
        /// Number of the entry in the directory.
        index: usize,
        /// Its name, escaped where it is no text.
        name: String,
        /// How they meet.
        collision: Collision,
        /// The name of the other one.
        other: String,
    },
    /// The symbolic link is refused.
    #[error("{name}: symbolic link refused, {refusal}")]
    Link {
        /// Number of the entry in the directory.
        index: usize,
        /// Its name, escaped where it is no text.
        name: String,
        /// The reason.
        refusal: LinkRefusal,
    },
    /// The entry is a device or socket.
    #[error("{name}: refused, a device or socket (mode {mode:o})")]
    Special {
        /// Number of the entry in the directory.
        index: usize,
        /// Its name, escaped where it is no text.
        name: String,
        /// Its Unix mode.
        mode: u32,
    },
    /// Something was refused, and so nothing was written.
    #[error("{first}{}; nothing was written", others(*.more))]
    Refused {
        /// The first refusal, in the order of the selection.
        #[source]
        first: Box<Error>,
        /// How many more there are, as far as the search went.
        more: usize,
    },
    /// There is something of this name already, and it was left as it is.
    #[error("{} exists already", .path.display())]
    Exists {
        /// Its path.
        path: PathBuf,
    },
    /// A symbolic link stands where a directory is needed. It is not followed.
    #[error("{} is a symbolic link, which is not followed", .path.display())]
    LinkInTheWay {
        /// Its path.
        path: PathBuf,
    },
    /// Something else than a directory stands where one is needed.
    #[error("{} is no directory", .path.display())]
    NotADirectory {
        /// Its path.
        path: PathBuf,
    },
    /// The path to be collected has a component `..`, which no name in an archive may have.
    #[error("{} has a component `..`", .path.display())]
    Parent {
        /// The path.
        path: PathBuf,
    },
    /// A pattern that says what to leave out cannot be understood.
    #[error("pattern {pattern}: {reason}")]
    Pattern {
        /// The pattern, or the file it stands in.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A device, FIFO or socket: there is nothing to be collected.
    #[error("{} is a device, FIFO or socket", .path.display())]
    SpecialFile {
        /// Its path.
        path: PathBuf,
    },
    /// A followed link leads back to a directory above it.
    #[error("{} leads back to a directory above it", .path.display())]
    Loop {
        /// The path of the link.
        path: PathBuf,
    },
    /// The name has no form in UTF-8.
    #[error("the name of {} is no Unicode", .path.display())]
    NotUnicode {
        /// The path.
        path: PathBuf,
    },
    /// The system refused to do something.
    #[error("{action} {}: {source}", .path.display())]
    Io {
        /// What was tried, as in "writing".
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// More entries than can be extracted in one run.
    #[error("limit reached: {found} entries in one run, at most {limit} allowed")]
    TooMany {
        /// The limit.
        limit: usize,
        /// Number of entries selected.
        found: usize,
    },
    /// The archive, or the entry, is wrong.
    #[cfg(feature = "extract")]
    #[error(transparent)]
    Archive(#[from] zip_mmap_reader::Error),
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

fn others(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" (and {more} more)") }
}

impl Error {
    /// The class of this error.
    #[must_use]
    pub fn category(&self) -> Category {
        match self {
            Self::Name { .. }
            | Self::NamedAsDirectory { .. }
            | Self::Collision { .. }
            | Self::Link { .. }
            | Self::Special { .. }
            | Self::LinkInTheWay { .. } => Category::Unsafe,
            Self::TooDeep { .. } | Self::TooMany { .. } => Category::Limit,
            Self::Parent { .. } | Self::NotUnicode { .. } | Self::Pattern { .. } => Category::Usage,
            Self::SpecialFile { .. } => Category::Unsupported,
            Self::Refused { first, .. } => first.category(),
            Self::Exists { .. }
            | Self::NotADirectory { .. }
            | Self::Loop { .. }
            | Self::Io { .. } => Category::Io,
            #[cfg(feature = "extract")]
            Self::Archive(error) => error.category(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_the_class_of_its_first_reason_and_counts_the_rest() {
        let name = || Error::Name { index: 3, name: "../x".to_owned(), refusal: Refusal::Parent };
        let none = Error::Refused { first: Box::new(name()), more: 0 };
        assert_eq!(none.category(), Category::Unsafe);
        assert_eq!(
            none.to_string(),
            "../x: name refused, it climbs out with `..`; nothing was written"
        );
        let two = Error::Refused { first: Box::new(name()), more: 2 };
        assert!(two.to_string().contains("`..` (and 2 more);"), "{two}");
    }
}
