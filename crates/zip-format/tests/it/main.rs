//! Behaviour of the records from outside: one file per topic.

mod build;
mod carry;
mod compare;
mod displaced;
mod ends;
mod hostile;
mod index;
mod locate;
mod lookalike;
mod member;
mod names;
mod records;
mod sealed;
mod split_zip64;
mod volumes;
