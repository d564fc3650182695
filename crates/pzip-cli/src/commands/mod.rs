//! One file per command.

pub(crate) mod cat;
pub(crate) mod create;
pub(crate) mod extract;
pub(crate) mod lint;
pub(crate) mod list;
#[cfg(all(feature = "serve", unix))]
pub(crate) mod serve;
pub(crate) mod stream;
pub(crate) mod test;
