//! What lies next to a file.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

/// Names of the files next to `path`.
pub(super) fn listing(path: &Path) -> io::Result<Vec<OsString>> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::read_dir(parent)?.map(|file| Ok(file?.file_name())).collect()
}
