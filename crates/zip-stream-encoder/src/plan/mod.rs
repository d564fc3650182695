//! The whole archive before its first byte: length and the place of every record, in O(entries)
//! time and 80 bytes an entry beside the texts.
//!
//! ```text
//! marker?                                of split volumes
//! local header | payload | descriptor?   one after the other, in the order of the entries
//! central headers                        in the same order
//! end records and comment
//! ```
//!
//! Nothing that a plan computes depends on a checksum, so none has to be known.

mod borders;
mod row;

mod layout;
mod volumes;

mod build;

mod bytes;

mod tag;

pub use build::Builder;
pub use layout::{Part, Plan};
