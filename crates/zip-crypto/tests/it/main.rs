//! Payloads of other tools, and everything that must not open; whole archives, sealed.

mod round_trip;
#[cfg(feature = "sealed")]
mod sealed;
mod vectors;
