//! The grammar of `create`.

use std::path::PathBuf;

use clap::Args;

use crate::encrypt_args::Encrypt;
use crate::file_args::Gathering;
use crate::input_args::Key;
use crate::password::PasswordArgs;
use crate::volume_args::Volumes;

const CREATE_EXAMPLES: &str = "\
Examples:
  pzip create backup.zip documents photos
  pzip create src.zip . --gitignore -x '*.log'
  find . -newer stamp -print0 | pzip create new.zip -0 -T -
  mysqldump shop | pzip create dump.zip - --stdin-name shop.sql
  pzip create - documents | ssh host 'cat > documents.zip'";

/// `pzip create`
#[derive(Args, Debug)]
#[command(after_help = CREATE_EXAMPLES)]
pub(crate) struct Create {
    /// The archive to write; `-` for standard output
    pub archive: PathBuf,
    /// Files and directories to put in; `-` for standard input
    #[arg(required_unless_present = "files_from")]
    pub paths: Vec<PathBuf>,
    /// Which files, and how
    #[command(flatten)]
    pub(crate) files: Gathering,
    /// Compression level, 0 (stored) to 9 (smallest)
    #[arg(short, long, default_value_t = 6, value_name = "0-9")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=9))]
    pub level: u8,
    /// Store without compression, as level 0
    #[arg(long, conflicts_with = "level")]
    pub store: bool,
    /// Follow symbolic links instead of storing them as links
    #[arg(long)]
    pub dereference: bool,
    /// No times, no owners, plain modes: the same files give the same bytes anywhere.
    /// SOURCE_DATE_EPOCH is honoured with and without. Not for what is encrypted: salts are new
    #[arg(long)]
    pub reproducible: bool,
    /// Archive comment
    #[arg(long, default_value = "", hide_default_value = true)]
    pub comment: String,
    /// Give up when an input cannot be read, instead of leaving it out
    #[arg(long)]
    pub stop_on_error: bool,
    /// Which entries are encrypted, and how
    #[command(flatten)]
    pub(crate) encrypt: Encrypt,
    /// Seal the archive: encrypt all of it, names included, with the key of --key-file or a password
    #[arg(long, conflicts_with_all = ["encrypt", "insecure_traditional"])]
    pub seal: bool,
    /// What to seal with
    #[command(flatten)]
    pub key: Key,
    /// What to seal with, or to encrypt with
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    /// Whether and how it is cut into volumes
    #[command(flatten)]
    pub volumes: Volumes,
    /// Report as one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}
