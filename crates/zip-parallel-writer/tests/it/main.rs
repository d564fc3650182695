//! Behaviour of the writer from outside.
