//! The laws across crates.
