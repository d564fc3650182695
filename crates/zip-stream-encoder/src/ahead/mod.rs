//! Contents read and summed before their turn, by as many threads as the caller has.
//!
//! ```text
//! Jobs::next ──> Job::read, into a Chunk ──> Joiner::push ──> Sink
//! one at a time     on any thread            in the order of the jobs
//! ```
//!
//! A chunk is up to 1 MiB of contents: many small entries, or a part of a large one. What is left
//! for the thread whose turn it is are headers and writing, and the encryption of large entries. Nothing is started here, so the memory
//! is that of the chunks that the caller keeps. The bytes are those of every other face.

mod chunk;
mod job;
mod join;
mod place;

pub use chunk::Chunk;
pub use job::{Job, Jobs};
pub use join::Joiner;
