//! What commands that read an archive share, as the command line has it.

use std::path::PathBuf;

use clap::Args;

use crate::password::PasswordArgs;

/// What commands that read an archive share.
#[derive(Args, Debug)]
pub(crate) struct Input {
    /// The archive to read; of one in volumes, any volume; `-` for standard input, which is
    /// spooled to a temporary file
    pub archive: PathBuf,
    /// Accept named deviations: prefix, trailing, gaps, duplicates, count, end-in-comment,
    /// descriptor, bad-utf8, empty-deflate, ae2-crc
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub relax: Vec<String>,
    /// Raise or lower a limit: entries, directory, name, entry, total, ratio, window; sizes with
    /// K, M, G. `none` as a value switches one off, alone all of them
    #[arg(long, value_delimiter = ',', value_name = "NAME=VALUE")]
    pub(crate) limit: Vec<String>,
    /// Encoding of names that do not tell theirs: shift_jis, gbk, windows-1252, ...
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// What opens it, if it is sealed
    #[command(flatten)]
    pub(crate) key: Key,
    /// What opens encrypted entries, and what is sealed with a password
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    /// Refuse entries that are not encrypted, unless the whole archive is sealed
    #[arg(long)]
    pub(crate) require_encryption: bool,
}

/// What opens and seals sealed archives.
#[derive(Args, Debug)]
pub(crate) struct Key {
    /// File with the key of a sealed archive: 32 random bytes, or 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}
