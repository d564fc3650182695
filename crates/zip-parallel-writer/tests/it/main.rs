//! Behaviour of the writer from outside.

#[cfg(feature = "async")]
mod asynchronous;
mod carried;
mod common;
#[cfg(feature = "crypto")]
mod encrypted;
mod events;
mod examples;
mod faults;
mod large;
mod laws;
mod methods;
mod oracle;
mod order;
mod output;
mod queue;
mod scarce;
mod takeover;
mod writes;
