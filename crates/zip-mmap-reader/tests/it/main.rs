//! Behaviour of the reader from outside: one file per topic.

mod common;
mod sha256;

#[cfg(feature = "async")]
mod asynchronous;
mod audit;
mod changed;
mod contents;
mod corrupt;
#[cfg(feature = "crypto")]
mod encrypted;
#[cfg(feature = "crypto")]
mod encrypted_tools;
mod faults;
mod hostile;
#[cfg(feature = "crypto")]
mod keys;
mod methods;
mod names;
mod oddities;
mod open;
mod oracle;
mod order;
#[cfg(feature = "rayon")]
mod pools;
mod saved;
#[cfg(feature = "crypto")]
mod sealing;
mod shared_set;
mod stored;
mod zip64;
