//! Everything that touches the disk below the destination: one component at a time, relative to
//! the handle of its directory, and never through a symbolic link.
//!
//! No function here takes a path, but for [`Directory::open`], which is given the destination by
//! the caller. Names are components of a checked path: not empty, no `/`, neither `.` nor `..`.

#[cfg(any(not(unix), test))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use portable::{Directory, apply, is_root, name_to_path, open_files_limit, umask};
#[cfg(unix)]
pub(crate) use unix::{Directory, apply, is_root, name_to_path, open_files_limit, umask};

use crate::metadata::Time;

/// What a name stands for on disk, links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) is_symlink: bool,
    pub(crate) is_directory: bool,
    pub(crate) modified: Time,
}
