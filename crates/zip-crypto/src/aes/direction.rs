//! Which of the two bytes, before the cipher and after it, are the ciphertext.

/// Towards the ciphertext, or back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Seal,
    Open,
}
