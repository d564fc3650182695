//! What a machine and its driver say to each other.

use zip_format::position::Span;

/// What a machine needs before it can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Bytes of the archive are in [`super::Machine::ready`]; after delivery, [`super::Machine::took`].
    Take,
    /// The contents of an entry, from byte `span.start` on: then [`super::Machine::opened`], or
    /// [`super::Machine::open_failed`]. Bytes at `span.end` and behind are read only to see that there
    /// are none, and only if the span ends with the contents.
    Open {
        /// Number of the entry.
        entry: usize,
        /// Bytes that are needed, of what [`crate::Contents::read_size`] counts.
        span: Span,
    },
    /// The next bytes of what is open, to [`super::Machine::feed`]; no bytes at its end. At most `most`
    /// are taken, which is never zero.
    Input {
        /// Bytes.
        most: u64,
    },
    /// What is open is not needed any more; then [`super::Machine::closed`].
    Close,
    /// Nothing: the range is complete.
    Done,
}

/// What became of the bytes that were fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// The first so many are the next bytes of the archive, as they are.
    Pass(usize),
    /// The first so many were taken in, and are not to be delivered.
    Used(usize),
}
