//! Running the binary.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run gave.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

/// The binary with arguments, in a directory.
pub(crate) fn command<A: AsRef<OsStr>>(directory: &Path, args: &[A]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pzip"));
    command.current_dir(directory).args(args).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn pzip<A: AsRef<OsStr>>(directory: &Path, args: &[A]) -> Run {
    let output = command(directory, args).output().expect("the binary starts");
    Run {
        code: output.status.code(),
        out: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Run {
    /// The exit code, with what was said if it is another one.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "standard error: {}", self.err);
        self
    }

    /// Standard output as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

/// Names of what a directory holds, sorted.
pub(crate) fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
