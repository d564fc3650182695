//! The central directory: built, walked, and indexed.

pub mod build;
pub mod index;
pub mod member;
pub mod names;
pub mod read;
