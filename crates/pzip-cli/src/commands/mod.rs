//! One file per command.

pub(crate) mod cat;
pub(crate) mod create;
pub(crate) mod extract;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod manual;
pub(crate) mod print;
pub(crate) mod test;
