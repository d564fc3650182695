//! Public behaviour of zip-codec, one file per topic.

mod common;

#[cfg(any(feature = "zlib-rs", feature = "miniz_oxide"))]
mod chunk;
mod coders;
mod fixtures;
mod member;
