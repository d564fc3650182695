//! One file per command.

pub(crate) mod cat;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod extract;
pub(crate) mod join;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod manual;
pub(crate) mod merge;
pub(crate) mod print;
pub(crate) mod rename;
pub(crate) mod rewrite;
pub(crate) mod seal;
#[cfg(all(feature = "serve", unix))]
pub(crate) mod serve;
pub(crate) mod split;
pub(crate) mod stream;
pub(crate) mod test;
pub(crate) mod unseal;
pub(crate) mod update;
