//! From a safe path to its place below the destination.

use std::borrow::Cow;

use zip_format::path::{NamePolicy, SafePath};

use crate::policy::Layout;

/// The layout of one run: [`Layout::Unwrap`] becomes one of the others.
pub(super) fn settle(layout: Layout, names: &[Cow<'_, [u8]>]) -> Layout {
    match layout {
        Layout::Unwrap if have_one_root(names) => Layout::Strip(1),
        Layout::Unwrap => Layout::AsNamed,
        other => other,
    }
}

/// The path of an entry's place; `None` where nothing is left of it.
pub(super) fn place(layout: Layout, path: &[u8], is_directory: bool) -> Option<&[u8]> {
    match layout {
        Layout::AsNamed | Layout::Unwrap => Some(path),
        Layout::Strip(components) => (0..components).try_fold(path, |path, _| rest(path)),
        Layout::Flat if is_directory => None,
        Layout::Flat => path.rsplit(|&byte| byte == b'/').next(),
    }
}

/// A path without its first component; `None` if it has only one.
fn rest(path: &[u8]) -> Option<&[u8]> {
    let slash = path.iter().position(|&byte| byte == b'/')?;
    path.get(slash + 1..).filter(|rest| !rest.is_empty())
}

/// All names begin with one component, which is a directory. Names that are unsafe do not count:
/// they are refused, whatever the layout.
fn have_one_root(names: &[Cow<'_, [u8]>]) -> bool {
    let mut root = None;
    for name in names {
        let Ok(path) = SafePath::check(name, NamePolicy::Unix) else { continue };
        let path = path.as_bytes();
        if path.is_empty() {
            continue;
        }
        let first = path.split(|&byte| byte == b'/').next().unwrap_or(path);
        let is_file = first.len() == path.len() && !name.ends_with(b"/");
        if is_file || *root.get_or_insert(first) != first {
            return false;
        }
    }
    root.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(names: &[&str]) -> Layout {
        let names: Vec<_> = names.iter().map(|name| Cow::Borrowed(name.as_bytes())).collect();
        settle(Layout::Unwrap, &names)
    }

    #[test]
    fn one_root_is_unwrapped_and_nothing_else() {
        for names in [&["a/", "a/b"][..], &["a/b", "a/c/d"], &["./", "./a/b"], &["a/"]] {
            assert_eq!(settled(names), Layout::Strip(1), "{names:?}");
        }
        for names in [&["a/b", "c"][..], &["a"], &["a/b", "b/b"], &[], &["a/b", "ab/c"]] {
            assert_eq!(settled(names), Layout::AsNamed, "{names:?}");
        }
    }

    #[test]
    fn places() {
        assert_eq!(place(Layout::Strip(1), b"a/b/c", false), Some(&b"b/c"[..]));
        assert_eq!(place(Layout::Strip(2), b"a/b/c", false), Some(&b"c"[..]));
        assert_eq!(place(Layout::Strip(3), b"a/b/c", false), None);
        assert_eq!(place(Layout::Strip(usize::MAX), b"a", true), None);
        assert_eq!(place(Layout::Strip(0), b"a", false), Some(&b"a"[..]));
        assert_eq!(place(Layout::Flat, b"a/b/c", false), Some(&b"c"[..]));
        assert_eq!(place(Layout::Flat, b"a/b", true), None);
    }
}
