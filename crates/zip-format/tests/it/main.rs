//! Behaviour of the crate from outside, against bytes laid by hand.
