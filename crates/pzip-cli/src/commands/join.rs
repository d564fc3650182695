//! `pzip join`: the volumes of an archive anew as one file.

use std::path::Path;

use pzip::format::error::Category;
use pzip::io::file::FileSink;
use pzip::segment::files::{ArchiveFile, open};

use crate::args::{Common, Join};
use crate::commands::rewrite::Rewrite;
use crate::exit::{Failure, Outcome};

/// Runs the command.
pub(crate) fn run(args: &Join, common: &Common) -> Outcome {
    let Join { input, output, check } = args;
    if is_volume_of(output, &input.archive) {
        let text = "this is a volume of the archive itself: choose another name";
        return Err(Failure::usage(format_args!("{}: {text}", output.display())));
    }
    let rewrite =
        Rewrite { input, output, drop_prefix: false, drop_signature: false, check: *check };
    rewrite.run(common, || {
        FileSink::create(output).map_err(|error| Failure::new(Category::Io, error).about(output))
    })
}

/// The file at `path` is there, and one of the volumes of an archive.
fn is_volume_of(path: &Path, archive: &Path) -> bool {
    let (Ok(path), Ok(ArchiveFile::Volumes(volumes))) = (path.canonicalize(), open(archive)) else {
        return false;
    };
    let siblings = volumes.volume_list().iter().map(|volume| archive.with_file_name(&volume.name));
    siblings.filter_map(|sibling| sibling.canonicalize().ok()).any(|sibling| sibling == path)
}
