//! The encryption of a plan as the rest of the crate sees it. Without the feature `crypto` these
//! are types that nobody can have.
//!
//! ```text
//! payload = salt, verifier | the contents, or what they are compressed to, enciphered | code
//! ```
//!
//! Nothing of it is unknown beforehand but the code at the end: AE-2 keeps no CRC-32, so encrypted
//! entries are stored without a descriptor. Counter mode begins at any byte; the code alone takes
//! all of the payload, which is read for it where a range ends with it.
//!
//! Payloads do not depend on each other, so threads that read ahead also seal whole small ones
//! ([`Early`]); the machine then lays what stands around a body, and passes that on as it is.

/// The salt of an entry, and the number of its password.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "crypto"), expect(dead_code, reason = "there is nothing to be sealed"))]
pub(crate) struct Salted<'s> {
    pub(crate) password: u8,
    pub(crate) salt: &'s [u8],
}

#[cfg(feature = "crypto")]
mod present;
#[cfg(feature = "crypto")]
pub(crate) use present::{Done, Early, Lock, Sealing, Seals};
#[cfg(feature = "crypto")]
pub(crate) use zip_codec::member::planned::Salt;

#[cfg(not(feature = "crypto"))]
mod absent;
#[cfg(not(feature = "crypto"))]
pub(crate) use absent::{Done, Early, Lock, Salt, Sealing, Seals};
