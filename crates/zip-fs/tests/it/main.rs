//! Behaviour on a real file system.
#![cfg(all(unix, feature = "extract", feature = "collect"))]

mod cancel;
mod collect;
mod common;
mod existing;
mod hostile;
mod limits;
mod links;
mod metadata;
mod plain;
mod race;
