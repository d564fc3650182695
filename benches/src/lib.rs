//! What the bench files share.
