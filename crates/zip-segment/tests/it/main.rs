//! Behaviour of volumes from outside: one file per topic.

mod common;
mod faults;
mod files;
mod laws;
mod oracle;
mod rewrite;
mod sink;
mod source;
