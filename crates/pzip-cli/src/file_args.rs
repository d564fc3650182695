//! Options of `create` and `extract` that are about files.

use std::path::PathBuf;

use clap::Args;

/// Which files go in, and how.
#[derive(Args, Debug)]
#[command(next_help_heading = "Files")]
pub(crate) struct Gathering {
    /// Leave out what matches, as in .gitignore: `*.o`, `cache/`, `/top`, `!keep`; repeatable
    #[arg(short = 'x', long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// Leave out what .gitignore files leave out, and .git
    #[arg(long)]
    pub(crate) gitignore: bool,
    /// Take the paths in a file, one a line; `-` for standard input. Directories in it stand for
    /// themselves, not for what they hold
    #[arg(short = 'T', long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// The paths in that file end with NUL bytes, as `find -print0` prints them
    #[arg(short = '0', long, requires = "files_from")]
    pub(crate) null: bool,
    /// Name of the entry that holds standard input, which the path `-` stands for
    #[arg(long, default_value = "stdin", value_name = "NAME")]
    pub(crate) stdin_name: String,
    /// Keep owners
    #[arg(long = "owners")]
    pub(crate) keep_owners: bool,
}

/// Which entries come out, and where they go.
#[derive(Args, Debug)]
#[command(next_help_heading = "Files")]
pub(crate) struct Placing {
    /// Leave out entries that match: names, directories or globs; repeatable
    #[arg(short = 'x', long, value_name = "NAME")]
    pub(crate) exclude: Vec<String>,
    /// Leave out so many components at the front of each name; shorter names are skipped
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    #[arg(conflicts_with_all = ["flatten", "unwrap"])]
    pub(crate) strip_components: usize,
    /// All files into the directory itself, without their own directories; refused if names meet
    #[arg(long, conflicts_with = "unwrap")]
    pub(crate) flatten: bool,
    /// If everything lies in one directory, leave that out
    #[arg(long)]
    pub(crate) unwrap: bool,
    /// Write the contents to standard output, one after the other, and no files
    #[arg(short = 'p', long)]
    #[arg(conflicts_with_all = ["directory", "overwrite", "json"])]
    pub(crate) to_stdout: bool,
    /// Set owners, if run by root
    #[arg(long = "owners")]
    pub(crate) set_owners: bool,
}
