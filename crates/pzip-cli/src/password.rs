//! Where passwords come from: a file, the environment, the terminal; or the command line, with a
//! warning.

use std::convert::Infallible;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;
use pzip::format::error::Category;
use pzip::io::Source;
use pzip::reader::{Archive, Password, Passwords};

use crate::exit::Failure;
use crate::output::complain;

/// Passwords of the command line. Several may be given; each entry is tried with all.
#[derive(Args, Debug)]
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
    /// Refuse entries that are not encrypted
    #[arg(long)]
    require_encryption: bool,
}

fn taken(text: &str) -> Result<Password, Infallible> {
    Ok(Password::new(text))
}

/// Gives an archive its passwords. If none were named, entries are encrypted and `asks` is set,
/// whoever sits at the terminal is asked, without echo; without a terminal nobody is.
pub(crate) fn unlock<S: Source>(
    archive: Archive<S>,
    (args, path): (&PasswordArgs, &Path),
    asks: bool,
) -> Result<Archive<S>, Failure> {
    let mut passwords = args.password.clone();
    if !passwords.is_empty() {
        complain("--password can be seen by others; --password-file and --password-env cannot");
    }
    for name in &args.password_env {
        let value = std::env::var_os(name).ok_or_else(|| {
            Failure::usage(format_args!("the environment has no variable {name}"))
        })?;
        passwords.push(Password::new(value.into_encoded_bytes()));
    }
    for path in &args.password_file {
        passwords.extend(lines(path)?);
    }
    let encrypted = || archive.entries().any(|entry| entry.is_encrypted());
    if passwords.is_empty() && asks && io::stdin().is_terminal() && encrypted() {
        let question = format!("Password for {}: ", path.display());
        let answer = rpassword::prompt_password(question)
            .map_err(|error| Failure::new(Category::Io, format_args!("terminal: {error}")))?;
        passwords.push(Password::new(answer));
    }
    let passwords = Passwords::list(passwords);
    let passwords =
        if args.require_encryption { passwords.require_encryption() } else { passwords };
    Ok(archive.with_passwords(passwords))
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
