//! The grammar of `extract`.

use std::path::PathBuf;

use clap::Args;

use crate::file_args::Placing;
use crate::input_args::Input;

const EXTRACT_EXAMPLES: &str = "\
Examples:
  pzip extract backup.zip
  pzip extract backup.zip -C restored 'documents/*.txt' -x '*/drafts'
  pzip extract project-1.2.zip -C project --unwrap
  pzip extract -p logs.zip 'logs/*.log' | grep error
  curl -s https://example.org/a.zip | pzip extract - -C a

Existing files stay as they are unless --overwrite says otherwise.
Extended attributes and ACLs are neither stored nor restored.";

/// `pzip extract`
#[derive(Args, Debug)]
#[command(after_help = EXTRACT_EXAMPLES)]
pub(crate) struct Extract {
    /// Where from
    #[command(flatten)]
    pub input: Input,
    /// Names, directories or globs to extract; everything by default
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Directory to extract into; made if it is not there
    #[arg(short = 'C', visible_short_alias = 'd', long, default_value = ".", value_name = "DIR")]
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
    /// Which entries, and where to
    #[command(flatten)]
    pub(crate) files: Placing,
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
