//! Behaviour of the stream encoder from outside: one file per topic.

mod archive;
mod borders;
#[cfg(feature = "crypto")]
mod encrypted;
mod faults;
mod laws;
mod many;
mod open_ended;
mod oracle;
mod resume;

#[cfg(feature = "async")]
mod asynchronous;
