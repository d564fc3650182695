//! The central directory: built, walked, indexed, and the index saved.

pub mod build;
pub mod carry;
pub mod ending;
pub mod index;
pub mod member;
pub mod names;
mod prefix;
pub mod read;
pub mod saved;
mod signing;
