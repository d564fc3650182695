//! Behaviour of the stream encoder from outside: one file per topic.

mod ahead;
mod archive;
mod border_tools;
mod borders;
#[cfg(feature = "crypto")]
mod encrypted;
mod faults;
mod foreign;
mod laws;
mod many;
mod open_ended;
mod oracle;
#[cfg(feature = "crypto")]
mod passwords;
mod resume;

#[cfg(feature = "async")]
mod asynchronous;
