//! The encryption of items as the rest of the crate sees it. Without the feature `crypto` these
//! are types that nobody can have, and what is done with them compiles to nothing.

#[cfg(feature = "crypto")]
mod present;
#[cfg(feature = "crypto")]
pub(crate) use present::{Seal, append, described};
#[cfg(feature = "crypto")]
pub(crate) use zip_codec::member::Encryption;

#[cfg(not(feature = "crypto"))]
mod absent;
#[cfg(not(feature = "crypto"))]
pub(crate) use absent::{Encryption, Seal, append, described};
