//! The command line as a user meets it.

mod clients;
mod codes;
mod crash;
mod edit;
mod encrypt;
mod files;
mod json;
mod limits;
mod passwords;
mod round_trip;
mod run;
mod sealed;
#[cfg(all(feature = "serve", unix))]
mod serve;
mod stream;
#[cfg(unix)]
mod system;
mod terminal;
mod times;
mod volumes;
