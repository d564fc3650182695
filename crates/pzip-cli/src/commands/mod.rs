//! One file per command.

pub(crate) mod cat;
pub(crate) mod create;
pub(crate) mod extract;
pub(crate) mod join;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod rewrite;
pub(crate) mod seal;
pub(crate) mod split;
pub(crate) mod test;
pub(crate) mod unseal;
