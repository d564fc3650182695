//! Which names an archive may hold: none that a reader would have to refuse, none twice.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::item::Item;

/// The names so far.
#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<Box<[u8]>>);

impl Names {
    /// Takes a name, or says why the archive cannot have it.
    pub(crate) fn claim(&mut self, item: &Item<'_>) -> Result<()> {
        check(&item.name)?;
        // `a` and `a/` are one name on disk.
        let key = item.name.strip_suffix(b"/").unwrap_or(&item.name);
        if self.0.insert(key.into()) { Ok(()) } else { Err(Error::DuplicateName) }
    }
}

fn check(name: &[u8]) -> Result<()> {
    let refuse = |why| Err(Error::Name(why));
    match name {
        [] => refuse("it is empty"),
        [b'/', ..] => refuse("it is absolute"),
        _ if name.len() > 65_535 => refuse("it is longer than 65,535 bytes"),
        _ if name.contains(&0) => refuse("it contains a NUL byte"),
        _ if name.split(|&byte| byte == b'/').any(|component| component == b"..") => {
            refuse("it climbs out with `..`")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_refused() {
        let mut names = Names::default();
        let mut claim = |name: &str| names.claim(&Item::bytes(name, ""));
        assert!(claim("a/b").is_ok());
        assert!(matches!(claim("a/b"), Err(Error::DuplicateName)));
        assert!(matches!(claim("a/b/"), Err(Error::DuplicateName)), "a directory of that name");
        for name in ["", "/a", "../a", "a/../b", "a/..", "a\0b"] {
            assert!(matches!(claim(name), Err(Error::Name(_))), "{name:?}");
        }
        assert!(claim("..a/b..").is_ok());
        assert!(claim(&"x".repeat(65_536)).is_err());
    }
}
