//! The central directory: built, walked, indexed, and the index saved.

pub mod build;
pub mod ending;
pub mod index;
pub mod names;
pub mod read;
pub mod saved;
