//! Public behaviour of zip-codec, one file per topic.

mod common;

mod coders;
mod fixtures;
mod member;
