//! Keys and ciphers of ZIP archives.
//!
//! Feature `sealed`: [`sealed`](mod@sealed), a whole archive as frames of AES-256-GCM, above any
//! sink and any source of `zip-io`.

#[cfg(feature = "sealed")]
pub mod sealed;
