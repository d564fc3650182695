//! The command line as a user meets it.

mod codes;
mod edit;
mod json;
mod round_trip;
mod run;
mod sealed;
mod volumes;
