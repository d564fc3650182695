//! The command line as a user meets it.

mod codes;
mod json;
mod round_trip;
mod run;
#[cfg(all(feature = "serve", unix))]
mod serve;
mod stream;
