//! Behaviour of volumes from outside: one file per topic.

#[cfg(feature = "async")]
mod asynchronous;
mod big;
mod common;
mod faults;
mod files;
mod full;
mod laws;
mod oracle;
mod planned;
mod rewind;
mod rewrite;
mod sink;
mod source;
mod stack;
