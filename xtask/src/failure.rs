//! Why a verb failed: the facts that `main` prints before it exits.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) type Result<T> = std::result::Result<T, Failure>;

#[derive(Debug)]
pub(crate) enum Failure {
    /// A command ran and did not succeed; `code` is absent where a signal ended it.
    Command { line: String, code: Option<i32> },
    /// A command could not be started, or a file not be read.
    Io { what: String, source: io::Error },
    /// A file is there but does not say what it should.
    Malformed { path: PathBuf, why: String },
    /// A check printed this many findings.
    Findings { verb: &'static str, count: usize },
    /// These steps of `test` failed, each with its own failure printed.
    Steps(Vec<&'static str>),
    /// The command line was not understood, or asks for what is not there.
    Usage(String),
}

impl Failure {
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Failure::Io { what: format!("cannot read {}", path.display()), source }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Command { line, code: Some(code) } => {
                write!(f, "`{line}` ended with exit code {code}")
            }
            Failure::Command { line, code: None } => write!(f, "`{line}` was ended by a signal"),
            Failure::Io { what, source } => write!(f, "{what}: {source}"),
            Failure::Malformed { path, why } => write!(f, "{}: {why}", path.display()),
            Failure::Findings { verb, count: 1 } => write!(f, "{verb}: 1 finding"),
            Failure::Findings { verb, count } => write!(f, "{verb}: {count} findings"),
            Failure::Steps(names) => write!(f, "failed: {}", names.join(", ")),
            Failure::Usage(text) => f.write_str(text),
        }
    }
}
