//! Behaviour of the writer from outside.

mod faults;
mod oracle;
mod output;
