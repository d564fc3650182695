//! The grammar of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use crate::create_args::Create;
use crate::edit_args;
use crate::encrypt_args::Aes;
pub(crate) use crate::extract_args::{Extract, Names, Overwrite, Symlinks};
pub(crate) use crate::input_args::{Input, Key};
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
Where entries fail for several reasons, the first of these decides: 8, 4, 3, 7, 9, 6, 5.

Examples:
  pzip create backup.zip documents photos
  pzip extract backup.zip -C restored 'documents/*.txt'
  pzip create --segment-size fat32 backup.zip documents
  pzip list --long backup.zip
  pzip cat backup.zip documents/todo.txt | less
  head -c 32 /dev/urandom > backup.key
  pzip create --encrypt backup.zip documents
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
    /// Write the contents of entries to standard output
    Cat(Cat),
    /// Encrypt a whole archive, names included
    Seal(Seal),
    /// Decrypt a sealed archive into the archive it was
    Unseal(Unseal),
    /// Write an archive anew in volumes, without recompressing it
    Split(Split),
    /// Write the volumes of an archive anew as one file, without recompressing it
    Join(Join),
    /// Put files into an archive, in place of entries of the same names
    #[command(visible_alias = "u")]
    Update(edit_args::Update),
    /// Take entries out of an archive
    #[command(visible_alias = "d")]
    Delete(edit_args::Delete),
    /// Give an entry, or a directory of entries, another name
    Rename(edit_args::Rename),
    /// Write the entries of several archives into one
    Merge(edit_args::Merge),
    /// Write a new archive forwards only, of a size that is known before the first byte
    Stream(Stream),
    /// Show a directory over HTTP, and give any selection of it as a ZIP
    #[cfg(all(feature = "serve", unix))]
    Serve(Serve),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page, in roff
    Man,
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
    /// Names, directories or globs to write, one behind the other; all files by default
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
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
    /// Leave out an APK Signing Block, which would not vouch for the volumes
    #[arg(long)]
    pub(crate) drop_signature: bool,
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

/// `pzip stream`
#[derive(Args, Debug)]
pub(crate) struct Stream {
    /// The archive to write; `-` for standard output
    pub archive: PathBuf,
    /// Files and directories to put in
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Say the size first, of all volumes together: on standard output, or on standard error if the
    /// archive goes there
    #[arg(long)]
    pub size: bool,
    /// Store files as they are; by default as stored blocks of deflate, which readers of pipes
    /// understand too
    #[arg(long)]
    pub store: bool,
    /// Only these bytes of the archive: FIRST-LAST, FIRST- or -COUNT
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true, conflicts_with = "segment_size")]
    pub range: Option<String>,
    /// What is done about a file that cannot be read; `placeholder` puts a text behind all entries
    /// for each that was found. Unless it is `stop`, no size can be promised, and entries are stored
    /// blocks of deflate with descriptors; volumes are raw ones then
    #[arg(long, value_enum, default_value_t = Failing::Stop, value_name = "WHAT")]
    #[arg(conflicts_with_all = ["size", "range", "store", "encrypt"])]
    pub(crate) on_failure: Failing,
    /// Replace an archive that is there
    #[arg(short, long, conflicts_with = "segment_size")]
    pub force: bool,
    /// Volumes
    #[command(flatten)]
    pub(crate) volumes: Volumes,
    /// Follow symbolic links instead of storing them as links
    #[arg(long)]
    pub dereference: bool,
    /// Archive comment
    #[arg(long, default_value = "", hide_default_value = true)]
    pub comment: String,
    /// Encrypt the contents of all entries with AES (AE-2) and a password; names, sizes and times
    /// stay readable. Each run has salts of its own, so ranges of two runs do not fit together
    #[arg(long, conflicts_with = "range")]
    pub(crate) encrypt: bool,
    /// Length of the AES key
    #[arg(long, value_enum, default_value_t = Aes::Aes256, value_name = "WHICH", requires = "encrypt")]
    pub(crate) encryption: Aes,
    /// The password
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

/// `--on-failure`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Failing {
    /// The archive ends there, and is not complete
    Stop,
    /// It is left out, and named at the end
    Skip,
    /// At the archive's end stands a text that says why, NAME.error.txt
    Placeholder,
}

/// `pzip serve`
#[cfg(all(feature = "serve", unix))]
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The directory to show
    pub directory: PathBuf,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: std::net::SocketAddr,
    /// Show names that begin with a dot
    #[arg(long)]
    pub hidden: bool,
    /// Downloads at once; more are told to come again
    #[arg(long, default_value_t = 64, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_downloads: u32,
    /// Entries of one archive; a selection of more is refused
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    pub max_entries: usize,
    /// Seconds without a byte taken after which a client is given up
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub idle_timeout: u64,
    /// Seconds that running downloads have to end after an interrupt
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    pub grace: u64,
}

/// `pzip completions`
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// Which shell
    pub(crate) shell: clap_complete::Shell,
}
