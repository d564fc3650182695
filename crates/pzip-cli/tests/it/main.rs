//! The command line as a user meets it.

mod codes;
mod files;
mod json;
mod round_trip;
mod run;
