//! Commands, printed before they run. None of them gets the terminal's input.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};

/// A command line with its environment, not yet started.
pub(crate) struct Cmd {
    program: String,
    args: Vec<String>,
    env: Vec<(&'static str, String)>,
    /// Like `env`, but not printed: the machine's own and nothing to repeat.
    quiet_env: Vec<(&'static str, OsString)>,
}

impl Cmd {
    /// Words are separated by single spaces; `arg` adds those that may hold one.
    pub(crate) fn new(line: &str) -> Self {
        let mut words = line.split(' ').map(str::to_owned);
        let program = words.next().expect("split yields at least one word");
        Self { program, args: words.collect(), env: Vec::new(), quiet_env: Vec::new() }
    }

    pub(crate) fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    pub(crate) fn args<A: Into<String>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    pub(crate) fn env_os(mut self, name: &'static str, value: OsString) -> Self {
        self.quiet_env.push((name, value));
        self
    }

    /// Prints the command, runs it in `dir` and waits for it.
    pub(crate) fn run(&self, dir: &Path) -> Result<()> {
        println!("$ {self}");
        let status = self.command(dir).status().map_err(|source| self.not_started(source))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::Command { line: self.to_string(), code: status.code() })
        }
    }

    /// What the command prints on its standard output, or `None` where it cannot run or fails.
    /// For questions only ("is it installed?"), hence not printed.
    pub(crate) fn ask(&self, dir: &Path) -> Option<String> {
        let output = self.command(dir).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, dir: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(dir).stdin(Stdio::null());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.envs(self.quiet_env.iter().map(|(name, value)| (name, value)));
        command
    }

    fn not_started(&self, source: std::io::Error) -> Failure {
        Failure::Io { what: format!("cannot start `{}`", self.program), source }
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.env {
            write!(f, "{name}={value} ")?;
        }
        f.write_str(&self.program)?;
        for arg in &self.args {
            if arg.is_empty() || arg.contains(char::is_whitespace) {
                write!(f, " '{arg}'")?;
            } else {
                write!(f, " {arg}")?;
            }
        }
        Ok(())
    }
}

/// Where a command lies on the search path, if it does.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_prints_as_it_would_be_typed() {
        let cmd =
            Cmd::new("cargo doc --no-deps").arg("two words").env("RUSTDOCFLAGS", "-Dwarnings");
        assert_eq!(cmd.to_string(), "RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps 'two words'");
    }

    #[test]
    fn a_question_to_an_absent_command_has_no_answer() {
        assert_eq!(Cmd::new("no-such-command-anywhere --version").ask(Path::new(".")), None);
        assert_eq!(find("no-such-command-anywhere"), None);
    }
}
