//! How strict a reader is: everything that is refused by default and may be asked for by name.
//!
//! Each flag is one thing that real archives show and that different readers understand
//! differently. What is not here (overlapping members, local and central headers that disagree
//! about bytes, name or kind) is an error in every profile.

use alloc::vec::Vec;

use crate::error::{Error, Result};

pub use crate::relax::Relax;

impl Relax {
    /// Notes that an archive needs `flag`; an error unless this profile has it.
    ///
    /// # Errors
    /// The given one, with the flag, when that is not set.
    pub fn allow(self, needs: &mut Self, flag: Self, error: Error) -> Result<()> {
        *needs |= flag;
        if self.contains(flag) { Ok(()) } else { Err(error.needing(flag)) }
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
        let refused = gate.judge(Relax::TRAILING, error).unwrap_err();
        assert_eq!((refused.kind, refused.needs), (error.kind, Relax::TRAILING));
        assert_eq!(gate.needs, Relax::GAPS | Relax::TRAILING);
        assert_eq!(Gate::new(Relax::LENIENT).judge(Relax::empty(), error), Err(error));
        let mut list = Vec::new();
        Placed { judge: &mut list, by: 3 }.judge(Relax::empty(), error).unwrap();
        assert_eq!(list, [Finding { needs: Relax::empty(), error: error.offset(3) }]);
    }
}
