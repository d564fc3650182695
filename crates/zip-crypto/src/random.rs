//! Where salts come from: the generator of the operating system, and nowhere else.

use crate::error::{Error, Result};

/// Fills `bytes` from the system's generator.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(Error::Random)
}
