//! Where passwords come from: a file, the environment, the terminal; or the command line, with a
//! warning.

use std::convert::Infallible;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;
use pzip::format::error::Category;
use pzip::io::Source;
use pzip::reader::{Archive, Password, Passwords};
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::output::complain;

/// Passwords of the command line. Several may be given for reading; all are tried.
#[derive(Args, Debug, Default)]
pub(crate) struct PasswordArgs {
    /// Take passwords from a file, one a line
    #[arg(long, value_name = "FILE")]
    password_file: Vec<PathBuf>,
    /// Take a password from an environment variable
    #[arg(long, value_name = "NAME")]
    password_env: Vec<String>,
    /// A password. Whoever may list processes sees it: use the others
    #[arg(long, value_name = "PASSWORD", value_parser = taken)]
    password: Vec<Password>,
}

fn taken(text: &str) -> Result<Password, Infallible> {
    Ok(Password::new(text))
}

impl PasswordArgs {
    /// Whether any was named.
    pub(crate) const fn is_given(&self) -> bool {
        !(self.password.is_empty() && self.password_env.is_empty() && self.password_file.is_empty())
    }

    /// All that were named. Nobody is asked.
    pub(crate) fn named(&self) -> Result<Vec<Password>, Failure> {
        let mut passwords = self.password.clone();
        if !passwords.is_empty() {
            complain("--password can be seen by others; --password-file and --password-env cannot");
        }
        for name in &self.password_env {
            let value = std::env::var_os(name).ok_or_else(|| {
                Failure::usage(format_args!("the environment has no variable {name}"))
            })?;
            passwords.push(Password::new(value.into_encoded_bytes()));
        }
        for path in &self.password_file {
            passwords.extend(lines(path)?);
        }
        Ok(passwords)
    }

    /// The password for something new: the one that was named, or else the one that whoever sits
    /// at the terminal types twice. `None` where there is neither.
    pub(crate) fn for_new(&self) -> Result<Option<Password>, Failure> {
        let mut passwords = self.named()?;
        if passwords.len() > 1 {
            return Err(Failure::usage("several passwords; what is written takes one"));
        }
        let password = match passwords.pop() {
            Some(password) => password,
            None => {
                let Some(first) = typed("New password: ")? else { return Ok(None) };
                let again = typed("The same again: ")?;
                if again.as_ref() != Some(&first) {
                    return Err(Failure::usage("the two passwords differ"));
                }
                Password::new(first.as_bytes())
            }
        };
        if password.is_empty() {
            return Err(Failure::usage("an empty password protects nothing"));
        }
        Ok(Some(password))
    }
}

impl PasswordArgs {
    /// The password of new entries.
    pub(crate) fn for_entries(&self) -> Result<Password, Failure> {
        let password = self.for_new()?.ok_or_else(|| {
            Failure::usage("nothing to encrypt with; give a password: --password-file FILE")
        })?;
        Ok(password)
    }
}

/// Asks whoever sits at the terminal for the password of something; `None` where nobody does.
pub(crate) fn ask(of: impl std::fmt::Display) -> Result<Option<Password>, Failure> {
    Ok(typed(&format!("Password for {of}: "))?.map(|answer| Password::new(answer.as_bytes())))
}

/// Asks for the password of an archive's entries, if none was named and some are encrypted.
pub(crate) fn ask_for<S: Source>(
    archive: &Archive<S>,
    passwords: &mut Vec<Password>,
    path: &Path,
) -> Result<(), Failure> {
    if passwords.is_empty() && archive.entries().any(|entry| entry.is_encrypted()) {
        passwords.extend(ask(format_args!("the entries of {}", path.display()))?);
    }
    Ok(())
}

/// The archive with passwords for its entries.
pub(crate) fn unlock<S: Source>(
    archive: Archive<S>,
    passwords: Vec<Password>,
    required: bool,
) -> Archive<S> {
    let passwords = Passwords::list(passwords);
    archive.with_passwords(if required { passwords.require_encryption() } else { passwords })
}

/// A line from the terminal, without echo.
fn typed(question: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    match rpassword::prompt_password(question) {
        Ok(answer) => Ok(Some(Zeroizing::new(answer))),
        Err(error) => Err(Failure::new(Category::Io, format_args!("terminal: {error}"))),
    }
}

/// The lines of a file, without their ends; empty ones are none.
fn lines(path: &Path) -> Result<Vec<Password>, Failure> {
    let failed = |what: &dyn std::fmt::Display| {
        Failure::new(Category::Io, format_args!("{}: {what}", path.display()))
    };
    let bytes = Password::new(std::fs::read(path).map_err(|error| failed(&error))?);
    let passwords = bytes.lines();
    if passwords.is_empty() {
        return Err(failed(&"no password in it"));
    }
    Ok(passwords)
}
