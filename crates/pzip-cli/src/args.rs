//! The grammar of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::password::PasswordArgs;

/// Create, extract, list, test and read ZIP archives, on all cores.
#[derive(Debug, Parser)]
#[command(name = "pzip", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// What all commands share
    #[command(flatten)]
    pub common: Common,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  done, but some items failed; each is named on standard error
  2  wrong usage
  3  not a ZIP archive
  4  damaged archive
  5  unsupported, or not in this build
  6  password missing or wrong
  7  a limit was reached
  8  refused as unsafe
  9  input or output failed
130  cancelled

Examples:
  pzip create backup.zip documents photos
  pzip extract backup.zip -C restored 'documents/*.txt'
  pzip list --long backup.zip
  pzip cat backup.zip documents/todo.txt | less";

/// Options of every command.
#[derive(Args, Debug)]
pub(crate) struct Common {
    /// Threads; 0 for as many as the machine has
    #[arg(short = 'j', long, global = true, default_value_t = 0, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=256))]
    pub threads: u16,
    /// No progress, no notes; errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write files and directories into a new archive
    #[command(visible_alias = "c")]
    Create(Create),
    /// Write the entries of an archive to a directory
    #[command(visible_alias = "x")]
    Extract(Extract),
    /// Show what an archive holds
    #[command(visible_alias = "l")]
    List(List),
    /// Decode everything and check it, writing nothing
    #[command(visible_alias = "t")]
    Test(Test),
    /// Show every deviation from the format, and what it takes to accept it
    Lint(Lint),
    /// Write the contents of one entry to standard output
    Cat(Cat),
}

/// `pzip create`
#[derive(Args, Debug)]
pub(crate) struct Create {
    /// The archive to write; `-` for standard output
    pub archive: PathBuf,
    /// Files and directories to put in
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
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
    /// Archive comment
    #[arg(long, default_value = "", hide_default_value = true)]
    pub comment: String,
    /// Give up when an input cannot be read, instead of leaving it out
    #[arg(long)]
    pub stop_on_error: bool,
    /// Report as one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// What commands that read an archive share.
#[derive(Args, Debug)]
pub(crate) struct Input {
    /// The archive to read
    pub archive: PathBuf,
    /// Accept named deviations: prefix, trailing, gaps, duplicates, count, end-in-comment,
    /// descriptor, bad-utf8, empty-deflate, ae2-crc
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub relax: Vec<String>,
    /// Encoding of names that do not tell theirs: shift_jis, gbk, windows-1252, ...
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// What opens encrypted entries
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

/// `pzip extract`
#[derive(Args, Debug)]
pub(crate) struct Extract {
    /// Where from
    #[command(flatten)]
    pub input: Input,
    /// Names, directories or globs to extract; everything by default
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Directory to extract into; made if it is not there
    #[arg(short = 'C', long, default_value = ".", value_name = "DIR")]
    pub directory: PathBuf,
    /// What happens to files that exist already
    #[arg(long, value_enum, default_value_t = Overwrite::Never, value_name = "WHEN")]
    pub overwrite: Overwrite,
    /// Which names are fit: those every system reads alike, or all that Unix does
    #[arg(long = "names", value_enum, default_value_t = Names::Portable, value_name = "WHICH")]
    pub(crate) names_fit: Names,
    /// Let later entries replace earlier ones of the same name
    #[arg(long)]
    pub(crate) allow_duplicates: bool,
    /// Allow names that differ in case only
    #[arg(long)]
    pub(crate) allow_case_collisions: bool,
    /// Write what can be written when some entries are refused, instead of nothing
    #[arg(long)]
    pub(crate) partial: bool,
    /// Which symbolic links are made
    #[arg(long, value_enum, default_value_t = Symlinks::Inside, value_name = "WHICH")]
    pub symlinks: Symlinks,
    /// Report as JSON, one object a line, on standard output
    #[arg(long)]
    pub json: bool,
}

/// `--overwrite`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Overwrite {
    /// They stay, and the entry fails
    Never,
    /// They are replaced
    Always,
    /// They are replaced by entries that are newer
    Newer,
}

/// `--names`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Names {
    /// No name that Windows or macOS would misread
    Portable,
    /// Devices, colons, trailing dots and the like are names too
    Unix,
}

/// `--symlinks`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Symlinks {
    /// None; they are left out
    None,
    /// Those that stay inside the directory
    Inside,
    /// All, wherever they point
    All,
}

/// `pzip list`
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Where from
    #[command(flatten)]
    pub input: Input,
    /// Names, directories or globs to show; everything by default
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Mode, method, compressed size and CRC-32 as well
    #[arg(short, long)]
    pub long: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// `pzip test`
#[derive(Args, Debug)]
pub(crate) struct Test {
    /// Where from
    #[command(flatten)]
    pub input: Input,
    /// Names, directories or globs to test; everything by default
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Report as JSON, one object a line, on standard output
    #[arg(long)]
    pub json: bool,
}

/// `pzip lint`
#[derive(Args, Debug)]
pub(crate) struct Lint {
    /// Where from
    #[command(flatten)]
    pub input: Input,
    /// One JSON object a finding
    #[arg(long)]
    pub json: bool,
}

/// `pzip cat`
#[derive(Args, Debug)]
pub(crate) struct Cat {
    /// Where from
    #[command(flatten)]
    pub input: Input,
    /// Name of the entry
    pub name: String,
}
