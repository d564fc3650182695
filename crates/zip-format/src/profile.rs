//! How strict a reader is: everything that is refused by default and may be asked for by name.
//!
//! Each flag is one thing that real archives show and that different readers understand
//! differently. What is not here (overlapping members, local and central headers that disagree
//! about bytes, name or kind) is an error in every profile.

use alloc::vec::Vec;

use crate::error::{Error, Result};

bitflags::bitflags! {
    /// Deviations a reader puts up with.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Relax: u32 {
        /// Bytes before the first record: self-extractors, zipapps. On by default.
        const PREFIX = 1;
        /// Bytes after the end of central directory record.
        const TRAILING = 1 << 1;
        /// Bytes between records that belong to none: deleted members, padding, hidden files.
        const GAPS = 1 << 2;
        /// Two entries with one name.
        const DUPLICATES = 1 << 3;
        /// A count in the end record that is only right modulo 65,536 (writers without zip64).
        const COUNT = 1 << 4;
        /// An end record signature inside the archive comment, or a second end record.
        const END_IN_COMMENT = 1 << 5;
        /// A data descriptor that differs from the central header, is missing, or has a form
        /// that its headers do not announce.
        const DESCRIPTOR = 1 << 6;
        /// A name flagged as UTF-8 that is none.
        const BAD_UTF8 = 1 << 7;
        /// A deflated entry of size zero without a single payload byte.
        const EMPTY_DEFLATE = 1 << 8;
        /// An AE-2 entry that keeps the CRC-32 of its contents, which AE-2 is there to hide.
        const AE2_CRC = 1 << 9;
    }
}

/// Names of the flags as the command line spells them.
const NAMES: [(Relax, &str); 10] = [
    (Relax::PREFIX, "prefix"),
    (Relax::TRAILING, "trailing"),
    (Relax::GAPS, "gaps"),
    (Relax::DUPLICATES, "duplicates"),
    (Relax::COUNT, "count"),
    (Relax::END_IN_COMMENT, "end-in-comment"),
    (Relax::DESCRIPTOR, "descriptor"),
    (Relax::BAD_UTF8, "bad-utf8"),
    (Relax::EMPTY_DEFLATE, "empty-deflate"),
    (Relax::AE2_CRC, "ae2-crc"),
];

impl Default for Relax {
    fn default() -> Self {
        Self::STRICT
    }
}

impl Relax {
    /// The default of everything that reads contents: only a prefix is accepted.
    pub const STRICT: Self = Self::PREFIX;

    /// The default of listing: everything that can be named is accepted.
    pub const LENIENT: Self = Self::all();

    /// Notes that an archive needs `flag`; an error unless this profile has it.
    ///
    /// # Errors
    /// The given one, when the flag is not set.
    pub fn allow(self, needs: &mut Self, flag: Self, error: Error) -> Result<()> {
        *needs |= flag;
        if self.contains(flag) { Ok(()) } else { Err(error) }
    }

    /// The flag of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, n)| *n == name).map(|(flag, _)| *flag)
    }

    /// The names of the flags that are set, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| *name)
    }
}

/// One thing a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The relaxation that accepts it; empty where none does.
    pub needs: Relax,
    /// What it is, and where.
    pub error: Error,
}

/// Decides what becomes of what a check finds: whether it stops there, or notes it and goes on.
///
/// Checks are generic over this, so that a reader that stops at the first fault and a linter that
/// wants all of them run the same rules.
pub trait Judge {
    /// Takes a finding; an error ends the check.
    ///
    /// # Errors
    /// Where the judge does not go on: mostly the one given.
    fn judge(&mut self, needs: Relax, error: Error) -> Result<()>;
}

/// The judge of readers: goes on with what its profile has, and stops at everything else.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    relax: Relax,
    /// Relaxations that were needed so far.
    pub needs: Relax,
}

impl Gate {
    /// A gate that nothing has passed yet.
    #[must_use]
    pub const fn new(relax: Relax) -> Self {
        Self { relax, needs: Relax::empty() }
    }
}

impl Judge for Gate {
    #[inline]
    fn judge(&mut self, needs: Relax, error: Error) -> Result<()> {
        if needs.is_empty() { Err(error) } else { self.relax.allow(&mut self.needs, needs, error) }
    }
}

/// The judge of linters: everything is noted, nothing stops the check.
impl Judge for Vec<Finding> {
    fn judge(&mut self, needs: Relax, error: Error) -> Result<()> {
        self.push(Finding { needs, error });
        Ok(())
    }
}

/// A judge over a record that starts `by` bytes into the file: what is found there is placed.
pub(crate) struct Placed<'j, J> {
    pub(crate) judge: &'j mut J,
    pub(crate) by: u64,
}

impl<J: Judge> Judge for Placed<'_, J> {
    #[inline]
    fn judge(&mut self, needs: Relax, error: Error) -> Result<()> {
        self.judge.judge(needs, error.offset(self.by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_gate_stops_where_its_profile_ends_and_a_list_never() {
        let error = Error::new(ErrorKind::BadUtf8, 7);
        let mut gate = Gate::new(Relax::GAPS);
        assert_eq!(gate.judge(Relax::GAPS, error), Ok(()));
        assert_eq!(gate.judge(Relax::TRAILING, error), Err(error));
        assert_eq!(gate.needs, Relax::GAPS | Relax::TRAILING);
        assert_eq!(Gate::new(Relax::LENIENT).judge(Relax::empty(), error), Err(error));
        let mut list = Vec::new();
        Placed { judge: &mut list, by: 3 }.judge(Relax::empty(), error).unwrap();
        assert_eq!(list, [Finding { needs: Relax::empty(), error: error.offset(3) }]);
    }

    #[test]
    fn every_flag_has_one_name() {
        let named = NAMES.iter().fold(Relax::empty(), |all, (flag, _)| all | *flag);
        assert_eq!(named, Relax::all());
        assert_eq!(Relax::by_name("gaps"), Some(Relax::GAPS));
        assert!(Relax::STRICT.names().eq(["prefix"]));
    }
}
