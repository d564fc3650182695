//! The central directory: built, walked, indexed, and the index saved.

pub mod build;
pub mod ending;
pub mod index;
pub mod names;
mod prefix;
pub mod read;
pub mod saved;
mod signing;
