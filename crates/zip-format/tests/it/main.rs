//! Behaviour of the records from outside: one file per topic.

mod build;
mod index;
mod locate;
mod member;
mod names;
mod records;
mod volumes;
