//! From a path on disk to the name of an entry.

use std::ffi::OsStr;
use std::path::{Component, Path};

use crate::error::{Error, Result};

/// The name of a path that the caller gave: relative, without `.`; empty for `.` and `/`.
pub(super) fn of_argument(path: &Path) -> Result<Vec<u8>> {
    let mut name = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
            Component::ParentDir => return Err(Error::Parent { path: path.to_owned() }),
            Component::Normal(component) => name = below(&name, component, path)?,
        }
    }
    Ok(name)
}

/// The name of what is called `component` in the directory of the name `parent`.
pub(super) fn below(parent: &[u8], component: &OsStr, path: &Path) -> Result<Vec<u8>> {
    let component = bytes(component).ok_or_else(|| Error::NotUnicode { path: path.to_owned() })?;
    let mut name = Vec::with_capacity(parent.len() + 1 + component.len());
    if !parent.is_empty() {
        name.extend_from_slice(parent);
        name.push(b'/');
    }
    name.extend_from_slice(component);
    Ok(name)
}

/// The name of an entry as a path, for patterns. Where bytes are no text, only Unix has them.
pub(super) fn as_path(name: &[u8]) -> &Path {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Path::new(OsStr::from_bytes(name))
    }
    #[cfg(not(unix))]
    Path::new(std::str::from_utf8(name).unwrap_or_default())
}

/// The bytes that stand for a name in an archive: all of them on Unix, UTF-8 elsewhere.
#[cfg(unix)]
pub(super) fn bytes(name: &OsStr) -> Option<&[u8]> {
    use std::os::unix::ffi::OsStrExt;
    Some(name.as_bytes())
}

#[cfg(not(unix))]
pub(super) fn bytes(name: &OsStr) -> Option<&[u8]> {
    name.to_str().map(str::as_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_become_relative() {
        for (path, name) in [
            ("a", "a"),
            ("a/b", "a/b"),
            ("./a", "a"),
            ("a/./b//c/", "a/b/c"),
            ("/etc/passwd", "etc/passwd"),
            (".", ""),
            ("/", ""),
        ] {
            assert_eq!(of_argument(Path::new(path)).unwrap(), name.as_bytes(), "{path}");
        }
        for path in ["..", "../a", "a/../b"] {
            assert!(matches!(of_argument(Path::new(path)), Err(Error::Parent { .. })), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn any_bytes_are_kept() {
        use std::os::unix::ffi::OsStrExt;
        let name = OsStr::from_bytes(b"x\xff\\y");
        assert_eq!(below(b"d", name, Path::new("d")).unwrap(), b"d/x\xff\\y");
    }
}
