//! The central directory: built, walked, indexed, and the index saved.

pub mod build;
pub mod carry;
pub mod ending;
mod headers;
pub mod index;
pub mod lookalike;
pub mod member;
pub mod names;
mod order;
mod prefix;
pub mod read;
mod record;
pub mod saved;
mod signing;
