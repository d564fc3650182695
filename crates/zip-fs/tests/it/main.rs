//! Behaviour on a real file system.
#![cfg(all(unix, feature = "extract", feature = "collect"))]

mod cancel;
mod collect;
mod common;
mod existing;
#[cfg(target_os = "linux")]
mod full;
mod hostile;
#[cfg(unix)]
mod killed;
mod layout;
mod limits;
mod links;
mod links_again;
mod metadata;
mod plain;
mod race;
mod staging;
