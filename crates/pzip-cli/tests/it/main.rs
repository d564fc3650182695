//! The command line as a user meets it.

mod codes;
mod json;
mod passwords;
mod round_trip;
mod run;
mod sealed;
mod volumes;
