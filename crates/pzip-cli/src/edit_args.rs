//! The grammar of the commands that change archives.

use std::path::PathBuf;

use clap::Args;

use crate::encrypt_args::Encrypt;
use crate::input_args::Input;

/// `pzip update`
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// The archive to change; made if it is not there
    #[command(flatten)]
    pub input: Input,
    /// Files and directories to put in, in place of entries of the same names
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Only what is newer than its entry, or has none
    #[arg(short = 'n', long)]
    pub newer: bool,
    /// Compression level, 0 (stored) to 9 (smallest)
    #[arg(short, long, default_value_t = 6, value_name = "0-9")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=9))]
    pub level: u8,
    /// Follow symbolic links instead of storing them as links
    #[arg(long)]
    pub dereference: bool,
    /// No times, no owners, plain modes. Not for what is encrypted: salts are new
    #[arg(long)]
    pub reproducible: bool,
    /// Whether new entries are encrypted; those that stay are not touched
    #[command(flatten)]
    pub(crate) encrypt: Encrypt,
}

/// `pzip delete`
#[derive(Args, Debug)]
pub(crate) struct Delete {
    /// The archive to change
    #[command(flatten)]
    pub input: Input,
    /// Names, directories or globs to leave out
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
}

/// `pzip rename`
#[derive(Args, Debug)]
pub(crate) struct Rename {
    /// The archive to change
    #[command(flatten)]
    pub input: Input,
    /// Name of an entry, or of a directory with all below it
    pub from: String,
    /// Its new name
    pub to: String,
}

/// `pzip merge`
#[derive(Args, Debug)]
pub(crate) struct Merge {
    /// The archive to write; may be one of those merged
    pub archive: PathBuf,
    /// The archives to merge, in this order
    #[arg(required = true)]
    pub archives: Vec<PathBuf>,
    /// Which entry stays where several have one name; none: that is an error
    #[arg(long, value_enum, value_name = "WHICH")]
    pub keep: Option<Keep>,
    /// Accept named deviations, as for `pzip test`
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub relax: Vec<String>,
}

/// `--keep`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Keep {
    /// That of the first archive
    First,
    /// That of the last archive
    Last,
}
