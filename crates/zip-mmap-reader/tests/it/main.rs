//! Behaviour of the reader from outside.
