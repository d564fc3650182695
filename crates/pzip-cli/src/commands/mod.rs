//! One file per command.

pub mod cat;
pub mod create;
pub mod extract;
pub mod list;
pub mod test;
