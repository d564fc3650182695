//! Which names an archive may hold: none that a reader would have to refuse, none twice.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use crate::error::{Error, Result};

/// The names so far, as 128 bits each: two keyed hashes whose keys nobody outside knows. Among
/// a million names, one in 10^26 runs would refuse a name that is new.
#[derive(Debug, Default)]
pub(crate) struct Names {
    keys: [RandomState; 2],
    hashes: HashSet<u128, BuildHasherDefault<Hashed>>,
}

/// The hash of what is a keyed hash already: half of it.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
    fn write(&mut self, bytes: &[u8]) {
        // Nobody asks for it.
        self.0 = bytes.iter().fold(self.0, |hash, &byte| hash.rotate_left(8) ^ u64::from(byte));
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

impl Names {
    /// Takes names in their order, and says of each why the archive cannot have it.
    ///
    /// The set of a million names is in no cache. Asked for in a row, with nothing in between, they
    /// are waited for together.
    pub(crate) fn claim<'n>(&mut self, names: impl Iterator<Item = &'n [u8]>) -> Vec<Result<()>> {
        let Self { keys, hashes } = self;
        let wanted: Vec<Result<u128>> = names
            .map(|name| {
                check(name)?;
                // `a` and `a/` are one name on disk.
                let key = name.strip_suffix(b"/").unwrap_or(name);
                let [high, low] = keys.each_ref().map(|state| u128::from(state.hash_one(key)));
                Ok(high << 64 | low)
            })
            .collect();
        let mut claim = |hash| if hashes.insert(hash) { Ok(()) } else { Err(Error::DuplicateName) };
        wanted.into_iter().map(|hash| hash.and_then(&mut claim)).collect()
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
        let mut claim = |name: &str| names.claim(std::iter::once(name.as_bytes())).remove(0);
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
