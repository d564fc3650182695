//! The grammar of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::password::PasswordArgs;
use crate::volume_args::{Volumes, size};

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
  pzip create --segment-size fat32 backup.zip documents
  pzip list --long backup.zip
  pzip cat backup.zip documents/todo.txt | less
  head -c 32 /dev/urandom > backup.key
  pzip create --seal --key-file backup.key backup.pzs documents
  pzip list --key-file backup.key backup.pzs";

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

impl Common {
    /// `--threads`, or as many as the machine has.
    pub(crate) fn resolved_threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, Into::into),
            threads => threads.into(),
        }
    }
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
    /// Encrypt a whole archive, names included
    Seal(Seal),
    /// Decrypt a sealed archive into the archive it was
    Unseal(Unseal),
    /// Write an archive anew in volumes, without recompressing it
    Split(Split),
    /// Write the volumes of an archive anew as one file, without recompressing it
    Join(Join),
}

/// What opens and seals sealed archives.
#[derive(Args, Debug)]
pub(crate) struct Key {
    /// File with the key of a sealed archive: 32 random bytes, or 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
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
    /// Seal the archive: encrypt all of it, names included, with the key of --key-file or a password
    #[arg(long)]
    pub seal: bool,
    /// What to seal with
    #[command(flatten)]
    pub key: Key,
    /// The same, where it is a password
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    /// Whether and how it is cut into volumes
    #[command(flatten)]
    pub volumes: Volumes,
    /// Report as one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// What commands that read an archive share.
#[derive(Args, Debug)]
pub(crate) struct Input {
    /// The archive to read; of one in volumes, any volume
    pub archive: PathBuf,
    /// Accept named deviations: prefix, trailing, gaps, duplicates, count, end-in-comment,
    /// descriptor, bad-utf8, empty-deflate, ae2-crc
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub relax: Vec<String>,
    /// Encoding of names that do not tell theirs: shift_jis, gbk, windows-1252, ...
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// What opens it, if it is sealed
    #[command(flatten)]
    pub key: Key,
    /// What opens encrypted entries, and what is sealed with a password
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    /// Refuse entries that are not encrypted, unless the whole archive is sealed
    #[arg(long)]
    pub(crate) require_encryption: bool,
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

/// `pzip seal`
#[derive(Args, Debug)]
pub(crate) struct Seal {
    /// The archive to seal; any file will do
    pub archive: PathBuf,
    /// The sealed archive to write; `-` for standard output
    pub out: PathBuf,
    /// What to seal with
    #[command(flatten)]
    pub key: Key,
    /// The same, where it is a password
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    /// Bytes that are decrypted together, 64 to 16777216
    #[arg(long, default_value_t = 65_536, value_name = "BYTES")]
    #[arg(value_parser = clap::value_parser!(u32).range(64..=16_777_216))]
    pub frame_size: u32,
}

/// `pzip unseal`
#[derive(Args, Debug)]
pub(crate) struct Unseal {
    /// The sealed archive
    pub archive: PathBuf,
    /// The archive to write; `-` for standard output, where a damaged place ends what was written
    pub out: PathBuf,
    /// What opens it
    #[command(flatten)]
    pub key: Key,
    /// The same, where it is a password
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

/// `pzip split`
#[derive(Args, Debug)]
pub(crate) struct Split {
    /// Where from
    #[command(flatten)]
    pub(crate) input: Input,
    /// The archive to write: its name ends in .zip, and its other volumes are named after it
    pub(crate) output: PathBuf,
    /// Size of the volumes: bytes, or with K, M, G, T (1024) or KB, MB, GB, TB (1000); or cd, dvd,
    /// bluray, fat32, floppy
    #[arg(short, long, value_name = "SIZE", value_parser = size)]
    pub(crate) segment_size: u64,
    /// Cut a plain archive where a volume is full: a.zip.001, a.zip.002, ...
    #[arg(long)]
    pub(crate) raw_volumes: bool,
    /// Leave out what stands before the archive: the program of a self-extractor
    #[arg(long)]
    pub(crate) drop_prefix: bool,
    /// Decode everything and check it first
    #[arg(long)]
    pub(crate) check: bool,
}

/// `pzip join`
#[derive(Args, Debug)]
pub(crate) struct Join {
    /// Where from
    #[command(flatten)]
    pub(crate) input: Input,
    /// The archive to write
    pub(crate) output: PathBuf,
    /// Decode everything and check it first
    #[arg(long)]
    pub(crate) check: bool,
}
