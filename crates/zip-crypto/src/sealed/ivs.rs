//! Which pairs of key and IV this process has sealed with.
//!
//! Only pairs whose IV the caller chose: an IV drawn from the system does not come twice. Two
//! processes do not know of each other, so the documentation of the one way to choose an IV warns
//! as well.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::sealed::error::{Error, Result};

/// Fingerprints, 32 bytes for each archive that was sealed with a chosen IV.
static USED: Mutex<BTreeSet<[u8; 32]>> = Mutex::new(BTreeSet::new());

/// Notes a pair by its fingerprint; an error if it was noted before. There is no way to take a
/// pair back: a run that failed may have written frames under it.
pub(crate) fn claim(fingerprint: [u8; 32]) -> Result<()> {
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    if used.insert(fingerprint) { Ok(()) } else { Err(Error::IvReused) }
}
