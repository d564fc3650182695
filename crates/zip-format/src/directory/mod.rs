//! The central directory: built, walked, and indexed.

pub mod build;
pub mod carry;
pub mod index;
pub mod names;
pub mod read;
